#include "treadle/operators/reduce.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "treadle/device/pool.h"
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/dispatch.h"

namespace treadle {
namespace {

constexpr int64_t tile_size = 1024;
// Elements that one task folds: what is larger is cut here, whatever the number of threads.
constexpr int64_t chunk_size = 1 << 16;
// Columns that are folded side by side.
constexpr int64_t block_width = 512;

template <Fold fold, class A>
struct Step {
  static A identity() {
    constexpr bool is_wide = std::is_floating_point_v<A>;
    using Limits = std::numeric_limits<A>;
    switch (fold) {
      case Fold::sum: return A(0);
      case Fold::product: return A(1);
      case Fold::max: return is_wide ? -Limits::infinity() : Limits::lowest();
      case Fold::min: return is_wide ? Limits::infinity() : Limits::max();
    }
  }
  static A apply(A a, A b) {
    switch (fold) {
      case Fold::sum: return Add()(a, b);
      case Fold::product: return Multiply()(a, b);
      case Fold::max: return b > a || b != b ? b : a;
      case Fold::min: return b < a || b != b ? b : a;
    }
  }
};

template <class To, class From>
void convert(const void* from, void* to, int64_t count) {
  const From* x = static_cast<const From*>(from);
  To* y = static_cast<To*>(to);
  run_for_best_isa([=] {
    for (int64_t i = 0; i < count; ++i) y[i] = To(x[i]);
  });
}

// Reads the numbers that are folded, a tile at a time.
template <class A>
class Source {
 public:
  // `order`: the axes of the shape in the order in which they are walked.
  Source(const Reduction& reduction, const std::vector<int>& order) : r_(reduction) {
    for (int i = 0; i < r_.map->num_inputs; ++i) {
      Axes reordered;
      const Axes given = full_axes(r_.axes[size_t(i)]);
      for (int axis : order) reordered.add(given.extent(axis), given.stride(axis));
      axes_[i] = reordered.collapsed();
    }
    half_ = r_.type == DType::f16 || r_.type == DType::bf16;
    computed_ = half_ ? DType::f32 : r_.type;
    loop_ = r_.map->loops[int(best_isa())][TileFunction::index(computed_)];
    TREADLE_INVARIANT(loop_, "a reduction's functor is not made for ", r_.type,
                      "; the operator's `types` should have refused it");
  }

  // Numbers first … first + count - 1 of the walk, at most a tile of them.
  void read(int64_t first, int64_t count, A* to) const {
    alignas(64) char buffers[4][tile_size * 8];
    alignas(64) char stored[tile_size * 8];
    const void* inputs[4];
    const size_t size = size_of(r_.type);
    for (int i = 0; i < r_.map->num_inputs; ++i) {
      const void* data = r_.inputs[size_t(i)];
      if (const void* there = in_place(data, i, first, count, size)) {
        inputs[i] = there;
      } else {
        char* const moved = half_ ? stored : buffers[i];
        gather(size, data, axes_[i], first, count, moved);
        inputs[i] = moved;
      }
      if (half_) {
        widen(inputs[i], buffers[i], count);
        inputs[i] = buffers[i];
      }
    }
    loop_(r_.functor, stored, inputs, count);
    switch (computed_) {
      case DType::f32: return convert<A, float>(stored, to, count);
      case DType::f64: return convert<A, double>(stored, to, count);
      case DType::u8: return convert<A, uint8_t>(stored, to, count);
      case DType::i8: return convert<A, int8_t>(stored, to, count);
      case DType::i32: return convert<A, int32_t>(stored, to, count);
      case DType::i64: return convert<A, int64_t>(stored, to, count);
      default: return convert<A, bool>(stored, to, count);
    }
  }

 private:
  // The view's axes, one for each of the shape's: a view may have joined them.
  Axes full_axes(const Axes& given) const {
    if (given.count() == r_.shape.ndim()) {
      bool is_same = true;
      for (int i = 0; i < given.count(); ++i) is_same &= given.extent(i) == r_.shape[i];
      if (is_same) return given;
    }
    int64_t strides[Axes::max_count] = {};
    int axis = given.count() - 1;
    int64_t inner = 1;  // of the joined axis, how much is taken
    for (int i = r_.shape.ndim() - 1; i >= 0; --i) {
      if (r_.shape[i] == 1) continue;
      strides[i] = given.stride(axis) * inner;
      inner *= r_.shape[i];
      if (inner == given.extent(axis)) --axis, inner = 1;
    }
    Axes made;
    for (int i = 0; i < r_.shape.ndim(); ++i) made.add(r_.shape[i], strides[i]);
    return made;
  }

  const void* in_place(const void* data, int i, int64_t first, int64_t count, size_t size) const {
    const Axes& axes = axes_[i];
    const int last = axes.count() - 1;
    if (last < 0 || axes.stride(last) != 1) return nullptr;
    if (first % axes.extent(last) + count > axes.extent(last)) return nullptr;
    return static_cast<const char*>(data) + axes.offset(first) * int64_t(size);
  }

  void widen(const void* from, void* to, int64_t count) const {
    r_.type == DType::f16 ? convert<float, f16>(from, to, count)
                          : convert<float, bf16>(from, to, count);
  }

  const Reduction& r_;
  Axes axes_[4];
  bool half_ = false;
  DType computed_ = DType::f32;
  TileLoop loop_ = nullptr;
};

template <Fold fold, class A>
A fold_run(const A* x, int64_t n) {
  using F = Step<fold, A>;
  A result = F::identity();
  run_for_best_isa([&] {
    constexpr int lanes = 16;
    const int64_t whole = n / lanes * lanes;
    if (whole > 0) {
      A lane[lanes];
      for (int k = 0; k < lanes; ++k) lane[k] = x[k];
      for (int64_t i = lanes; i < whole; i += lanes) {
        for (int k = 0; k < lanes; ++k) lane[k] = F::apply(lane[k], x[i + k]);
      }
      for (int k = 0; k < lanes; ++k) result = F::apply(result, lane[k]);
    }
    for (int64_t i = whole; i < n; ++i) result = F::apply(result, x[i]);
  });
  return result;
}

// sums[j] = fold of sums[j] and column j of `rows` rows.
template <Fold fold, class A>
void fold_rows(const A* x, int64_t rows, int64_t width, A* sums) {
  run_for_best_isa([&] {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < width; ++j) {
        sums[j] = Step<fold, A>::apply(sums[j], x[i * width + j]);
      }
    }
  });
}

template <class A>
void store(const Reduction& r, const A* values, int64_t first, int64_t count) {
  with_type(r.out_type, [&](auto stored) {
    using T = decltype(stored);
    T* const out = static_cast<T*>(r.out) + first;
    for (int64_t i = 0; i < count; ++i) {
      A value = values[i];
      if (r.folding.divisor != 1) value = Divide()(value, A(r.folding.divisor));
      if (r.folding.is_root) value = A(std::sqrt(double(value)));
      using C = std::conditional_t<std::is_integral_v<T>, int64_t, double>;
      out[i] = T(r.request == Request::add ? Add()(C(out[i]), C(value)) : C(value));
    }
  });
}

template <Fold fold, class A>
class Reducer {
 public:
  Reducer(const Reduction& r, Pool& pool) : r_(r), pool_(pool) {}

  void run() {
    const int n = r_.shape.ndim();
    std::vector<int> outer, folded, inner;
    bool is_inner = true;
    for (int i = n - 1; i >= 0; --i) {
      if (r_.shape[i] == 1) continue;
      const bool is_kept = r_.kept[i] != 1;
      is_inner &= is_kept;
      (is_inner ? inner : is_kept ? outer : folded).push_back(i);
    }
    std::vector<int> order;
    for (const std::vector<int>* group : {&outer, &folded, &inner}) {
      order.insert(order.end(), group->rbegin(), group->rend());
    }
    outer_ = extent_of(outer);
    folded_ = extent_of(folded);
    inner_ = extent_of(inner);
    if (r_.shape.elements() == 0) return store_identity();
    const Source<A> source(r_, order);
    inner_ == 1 ? along_rows(source) : along_columns(source);
  }

 private:
  int64_t extent_of(const std::vector<int>& axes) const {
    int64_t product = 1;
    for (int axis : axes) product *= r_.shape[axis];
    return product;
  }

  void store_identity() {
    const std::vector<A> values(size_t(r_.kept.elements()), Step<fold, A>::identity());
    store(r_, values.data(), 0, int64_t(values.size()));
  }

  // Each result folds numbers that follow each other in the walk.
  void along_rows(const Source<A>& source) {
    if (folded_ <= chunk_size) {
      const int64_t together = std::max<int64_t>(1, tile_size / folded_);
      const int64_t groups = (outer_ + together - 1) / together;
      const int64_t grain = std::max<int64_t>(1, chunk_size / 2 / (together * folded_));
      pool_.parallel_for(0, groups, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t first = i * together;
          fold_group(source, first, std::min(together, outer_ - first));
        }
      });
      return;
    }
    const int64_t chunks = (folded_ + chunk_size - 1) / chunk_size;
    std::vector<A> parts(size_t(outer_ * chunks));
    pool_.parallel_for(0, outer_ * chunks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t first = i % chunks * chunk_size;
        parts[size_t(i)] =
            fold_range(source, i / chunks * folded_ + first, std::min(chunk_size, folded_ - first));
      }
    });
    for (int64_t i = 0; i < outer_; ++i) {
      const A result = fold_run<fold, A>(&parts[size_t(i * chunks)], chunks);
      store(r_, &result, i, 1);
    }
  }

  A fold_range(const Source<A>& source, int64_t first, int64_t count) const {
    alignas(64) A tile[tile_size];
    A result = Step<fold, A>::identity();
    for (int64_t i = 0; i < count; i += tile_size) {
      const int64_t n = std::min(tile_size, count - i);
      source.read(first + i, n, tile);
      result = Step<fold, A>::apply(result, fold_run<fold, A>(tile, n));
    }
    return result;
  }

  void fold_group(const Source<A>& source, int64_t first, int64_t count) const {
    if (folded_ > tile_size) {
      const A result = fold_range(source, first * folded_, folded_);
      return store(r_, &result, first, 1);
    }
    alignas(64) A tile[tile_size];
    A results[tile_size];
    source.read(first * folded_, count * folded_, tile);
    for (int64_t i = 0; i < count; ++i) results[i] = fold_run<fold, A>(tile + i * folded_, folded_);
    store(r_, results, first, count);
  }

  // Results lie side by side, and so do the numbers of each row that is folded into them.
  void along_columns(const Source<A>& source) {
    const int64_t blocks = (inner_ + block_width - 1) / block_width;
    const int64_t width = std::min(block_width, inner_);
    const int64_t rows = std::max<int64_t>(1, chunk_size / width);
    const int64_t chunks = (folded_ + rows - 1) / rows;
    const int64_t places = outer_ * blocks;
    std::vector<A> parts(chunks > 1 ? size_t(places * chunks * width) : 0);
    const int64_t grain = std::max<int64_t>(1, chunk_size / 2 / (width * std::min(rows, folded_)));
    pool_.parallel_for(0, places * chunks, grain, [&](int64_t begin, int64_t end) {
      A local[block_width];
      for (int64_t i = begin; i < end; ++i) {
        A* const sums = chunks > 1 ? &parts[size_t(i * width)] : local;
        const int64_t place = i / chunks, row = i % chunks * rows;
        const int64_t column = place % blocks * block_width;
        const int64_t used = std::min(block_width, inner_ - column);
        fold_block(source, place / blocks, row, std::min(rows, folded_ - row), column, used, sums);
        if (chunks == 1) store(r_, sums, place / blocks * inner_ + column, used);
      }
    });
    if (chunks == 1) return;
    for (int64_t place = 0; place < places; ++place) {
      A* const sums = &parts[size_t(place * chunks * width)];
      const int64_t column = place % blocks * block_width;
      const int64_t used = std::min(block_width, inner_ - column);
      fold_rows<fold, A>(sums + width, chunks - 1, width, sums);
      store(r_, sums, place / blocks * inner_ + column, used);
    }
  }

  void fold_block(const Source<A>& source, int64_t outer, int64_t row, int64_t rows, int64_t column,
                  int64_t width, A* sums) const {
    alignas(64) A tile[tile_size];
    std::fill_n(sums, std::min(block_width, inner_), Step<fold, A>::identity());
    // Whole rows follow each other; parts of rows do not.
    const int64_t together = width == inner_ ? std::max<int64_t>(1, tile_size / width) : 1;
    for (int64_t i = 0; i < rows; i += together) {
      const int64_t n = std::min(together, rows - i);
      source.read((outer * folded_ + row + i) * inner_ + column, n * width, tile);
      fold_rows<fold, A>(tile, n, width, sums);
    }
  }

  const Reduction& r_;
  Pool& pool_;
  int64_t outer_ = 1, folded_ = 1, inner_ = 1;
};

template <class A>
void run_as(const Reduction& r, Pool& pool) {
  switch (r.folding.fold) {
    case Fold::sum: return Reducer<Fold::sum, A>(r, pool).run();
    case Fold::product: return Reducer<Fold::product, A>(r, pool).run();
    case Fold::max: return Reducer<Fold::max, A>(r, pool).run();
    case Fold::min: return Reducer<Fold::min, A>(r, pool).run();
  }
}

// Each number stands alone.
void run_without_folding(const Reduction& r, Pool& pool) {
  TileRun run;
  run.function = r.map;
  run.functor = r.functor;
  run.type = r.type;
  run.out = r.out;
  run.request = r.request;
  run.elements = r.shape.elements();
  Axes axes[4];
  for (size_t i = 0; i < size_t(r.map->num_inputs); ++i) {
    run.inputs.array[i] = r.inputs[i];
    axes[i] = r.axes[i].collapsed();
    const bool is_plain = axes[i].count() == 0 || (axes[i].count() == 1 && axes[i].stride(0) == 1);
    run.inputs.axes[i] = is_plain ? nullptr : &axes[i];
  }
  run_tiles(run, &pool);
}

}  // namespace

void run_reduction(const Reduction& reduction, Pool& pool) {
  const Folding& folding = reduction.folding;
  const bool converts = reduction.type != reduction.out_type;
  if (reduction.kept == reduction.shape && !converts && folding.divisor == 1 && !folding.is_root) {
    return run_without_folding(reduction, pool);
  }
  is_floating(reduction.type) ? run_as<double>(reduction, pool) : run_as<int64_t>(reduction, pool);
}

Shape with_leading_ones(const Shape& from, int ndim) {
  Shape made = Shape::filled(ndim, 1);
  for (int i = 0; i < from.ndim(); ++i) made[ndim - from.ndim() + i] = from[i];
  return made;
}

}  // namespace treadle
