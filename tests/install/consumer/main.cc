// What a program that embeds Treadle sees: installed headers and one library.
#include <treadle/core/error.h>
#include <treadle/core/shape.h>

#include <iostream>
#include <stdexcept>

int main() {
  const treadle::Shape shape{2, 3};
  try {
    throw treadle::Error("a shape of ", shape);
  } catch (const std::runtime_error& error) {
    std::cout << error.what() << '\n';
    return shape.elements() == 6 ? 0 : 1;
  }
}
