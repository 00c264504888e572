#include "treadle/io/random_shift.h"

#include <set>
#include <utility>

#include "treadle/io/array_iterator.h"
#include "treadle/tests/support/catch.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

constexpr int64_t height = 5, width = 7;

// Image i is black but for one pixel of value i + 1 in its middle.
ArrayIterator dots(int64_t count, int64_t batch_size) {
  std::vector<float> pixels(size_t(count * height * width), 0), labels;
  for (int64_t i = 0; i < count; ++i) {
    pixels[size_t((i * height + height / 2) * width + width / 2)] = float(i + 1);
    labels.push_back(float(i));
  }
  return ArrayIterator({{"data", Array::from(pixels, {count, 1, height, width})}},
                       {{"label", Array::from(labels, {count})}}, {.batch_size = batch_size});
}

// How far each dot of an epoch has moved; a dot must be whole and alone in its image.
std::vector<std::pair<int64_t, int64_t>> read_shifts(DataIterator& iterator) {
  std::vector<std::pair<int64_t, int64_t>> shifts;
  while (const auto batch = iterator.next()) {
    const auto pixels = batch->data[0].to_vector<float>();
    const auto labels = batch->labels[0].to_vector<float>();
    for (size_t i = 0; i < labels.size(); ++i) {
      int dots = 0;
      for (int64_t y = 0; y < height; ++y) {
        for (int64_t x = 0; x < width; ++x) {
          const float pixel = pixels[(i * height + size_t(y)) * width + size_t(x)];
          if (pixel == 0) continue;
          CHECK(pixel == labels[i] + 1);
          ++dots;
          shifts.emplace_back(y - height / 2, x - width / 2);
        }
      }
      CHECK(dots == 1);
    }
  }
  return shifts;
}

}  // namespace

TEST_CASE("images move by every distance up to the given one", "[io]") {
  ArrayIterator source = dots(400, 50);
  RandomShift moved(source, {.pixels = 2, .seed = 3});
  CHECK(moved.num_batches() == 8);
  CHECK(moved.batch_size() == 50);
  const auto shifts = read_shifts(moved);
  REQUIRE(shifts.size() == 400);
  const std::set<std::pair<int64_t, int64_t>> seen(shifts.begin(), shifts.end());
  CHECK(seen.size() == 25);
  for (const auto& [down, right] : seen) {
    CHECK(std::abs(down) <= 2);
    CHECK(std::abs(right) <= 2);
  }
}

TEST_CASE("shifts depend on the seed and the epoch alone", "[io]") {
  ArrayIterator source = dots(60, 20), again = dots(60, 15), other = dots(60, 20);
  RandomShift a(source, {.seed = 7}), b(again, {.seed = 7}), c(other, {.seed = 8});
  const auto first = read_shifts(a);
  CHECK(read_shifts(b) == first);  // whatever the size of a batch
  CHECK(read_shifts(c) != first);
  a.reset();
  a.reset();  // at the start of an epoch already: nothing happens
  b.reset();
  const auto second = read_shifts(a);
  CHECK(second != first);
  CHECK(read_shifts(b) == second);
}

TEST_CASE("what is no image passes through a shift", "[io]") {
  const Array pixels = Array::from(std::vector<float>(4 * 1 * 3 * 3, 1.0f), {4, 1, 3, 3});
  const Array extra = Array::from(std::vector<float>{1, 2, 3, 4}, {4});
  ArrayIterator source({{"data", pixels}, {"extra", extra}}, {}, {.batch_size = 4});
  RandomShift moved(source, {.pixels = 1, .fill = 9});
  const auto batch = moved.next();
  REQUIRE(batch);
  CHECK(batch->data[1].to_vector<float>() == std::vector<float>{1, 2, 3, 4});
  for (const float pixel : batch->data[0].to_vector<float>()) CHECK((pixel == 1 || pixel == 9));
  CHECK_FALSE(moved.next());
}

TEST_CASE("a shift of nothing gives the images themselves", "[io]") {
  ArrayIterator source = dots(4, 2);
  RandomShift moved(source, {.pixels = 0});
  for (const auto& shift : read_shifts(moved)) CHECK(shift == std::pair<int64_t, int64_t>{0, 0});
}

TEST_CASE("a shift that cannot be is refused", "[io]") {
  ArrayIterator source = dots(4, 2);
  require_error_matches([&] { RandomShift(source, {.pixels = -1}); }, "pixels is -1");
  require_error_matches([&] { RandomShift(source, {.pixels = 5}); },
                        "pixels is 5, but the images of 'data' are (2, 1, 5, 7); expected less "
                        "than 5");
  ArrayIterator flat({{"data", Array::from(std::vector<float>{1, 2}, {2})}}, {}, {.batch_size = 1});
  require_error_matches([&] { RandomShift(flat, {}); }, "the source has no images");
}
