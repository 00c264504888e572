// Elementwise arithmetic of symbols: what is written is a graph, computed when it is run.
#include <treadle/treadle.h>

#include "check.h"

using namespace treadle;

int main() {
  const Symbol a = Symbol::variable("a"), b = Symbol::variable("b");
  const Symbol c = a + b;
  const Symbol d = 2.0 * c / (a - 1.0) - b;

  Executor exec = d.simple_bind(cpu(), {{"a", {2, 2}}, {"b", {2, 2}}});
  exec.argument("a").fill(3);
  exec.argument("b").fill(5);
  exec.forward(Mode::train);
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>(4, 2 * 8 / 2.0f - 5));

  // The gradient of sum(d), since the head gradient is 1 everywhere.
  const Array ones[] = {Array::full({2, 2}, 1)};
  exec.backward(ones);
  CHECK(exec.gradient("a").to_vector<float>() == std::vector<float>(4, 2 / 2.0f - 2 * 8 / 4.0f));
  CHECK(exec.gradient("b").to_vector<float>() == std::vector<float>(4, 2 / 2.0f - 1));
}
