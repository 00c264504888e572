#include "digits.h"

#include <algorithm>
#include <span>
#include <vector>

#include "treadle/core/error.h"
#include "treadle/io/csv.h"
#include "treadle/io/permutation.h"

namespace demo {
namespace {

constexpr int source_size = 8, target_size = 28;
constexpr float brightest = 16;

// The year of the data set. Written down before the first run and not changed since.
constexpr treadle::RandomKey split_key = {.seed = 1998, .stream = 0};

// Between which two source pixels a target pixel's centre lies, and how near to the second.
struct Tap {
  int first;
  float share;
};

std::vector<Tap> make_taps() {
  std::vector<Tap> taps;
  for (int i = 0; i < target_size; ++i) {
    const float centre = (float(i) + 0.5f) * source_size / target_size - 0.5f;
    const float inside = std::clamp(centre, 0.0f, float(source_size - 1));
    const int first = std::min(int(inside), source_size - 2);
    taps.push_back({first, inside - float(first)});
  }
  return taps;
}

// Bilinear interpolation between the centres of the pixels.
void upscale(const float* source, float* target, const std::vector<Tap>& taps) {
  for (const Tap& y : taps) {
    for (const Tap& x : taps) {
      const float* at = source + y.first * source_size + x.first;
      const float upper = at[0] * (1 - x.share) + at[1] * x.share;
      const float lower = at[source_size] * (1 - x.share) + at[source_size + 1] * x.share;
      *target++ = (upper * (1 - y.share) + lower * y.share) / brightest;
    }
  }
}

Images make_images(const treadle::CsvTable& table, std::span<const int64_t> rows) {
  const std::vector<Tap> taps = make_taps();
  constexpr size_t image_size = size_t(target_size) * target_size;
  std::vector<float> pixels(rows.size() * image_size), labels(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const float* row = table.row(rows[i]);
    upscale(row, pixels.data() + i * image_size, taps);
    labels[i] = row[source_size * source_size];
  }
  const int64_t count = int64_t(rows.size());
  return {treadle::Array::from(pixels, {count, 1, target_size, target_size}),
          treadle::Array::from(labels, {count})};
}

// The images [begin, end) and [begin2, end2).
Images join(const Images& images, int64_t begin, int64_t end, int64_t begin2, int64_t end2) {
  const auto join_rows = [&](const treadle::Array& rows, const treadle::Shape& shape) {
    std::vector<float> values = rows.slice(begin, end).to_vector<float>();
    const std::vector<float> rest = rows.slice(begin2, end2).to_vector<float>();
    values.insert(values.end(), rest.begin(), rest.end());
    return treadle::Array::from(values, shape);
  };
  const int64_t count = end - begin + end2 - begin2;
  return {join_rows(images.pixels, {count, 1, target_size, target_size}),
          join_rows(images.labels, {count})};
}

}  // namespace

Digits make_fold(const Images& images, int fold, int count) {
  const int64_t begin = images.count() * fold / count;
  const int64_t end = images.count() * (fold + 1) / count;
  return {.training = join(images, 0, begin, end, images.count()),
          .held_out = join(images, begin, end, end, end)};
}

Digits load_digits(const std::string& path) {
  const treadle::CsvTable table = treadle::read_csv(path);
  constexpr int64_t columns = source_size * source_size + 1;
  if (table.columns != columns || table.rows < 10) {
    throw treadle::Error(
        "The file '", path, "' has ", table.rows, " rows of ", table.columns,
        " numbers, expected digits: 64 pixels and a label in each of at least 10 rows.");
  }
  const std::vector<int64_t> order = treadle::random_permutation(table.rows, split_key);
  const std::span<const int64_t> all(order);
  const size_t held_out = order.size() / 5;
  return {.training = make_images(table, all.subspan(held_out)),
          .held_out = make_images(table, all.first(held_out))};
}

}  // namespace demo
