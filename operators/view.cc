#include "treadle/operators/view.h"

#include <algorithm>
#include <cstring>

#include "treadle/core/error.h"
#include "treadle/device/pool.h"
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/copy_run.h"
#include "treadle/operators/dispatch.h"
#include "treadle/operators/turn.h"

namespace treadle {
namespace {

// Elements that a piece of a parallel copy has at least.
constexpr int64_t grain = 1 << 15;

// Walks row-major positions [first, first + count) run by run along the innermost axis:
// visit(offset of the run, its length); consecutive elements lie `stride` apart.
template <class Visit>
void for_each_run(const Axes& axes, int64_t first, int64_t count, const Visit& visit) {
  const int n = axes.count();
  if (count == 0) return;
  if (n == 0) return visit(int64_t(0), int64_t(1));
  int64_t index[Axes::max_count];
  int64_t rest = first, offset = 0;
  for (int i = n - 1; i >= 0; --i) {
    index[i] = rest % axes.extent(i);
    rest /= axes.extent(i);
    offset += index[i] * axes.stride(i);
  }
  const int last = n - 1;
  const int64_t extent = axes.extent(last), stride = axes.stride(last);
  while (true) {
    // Whole runs along the axis before the last one, which are most, need no carrying.
    int64_t runs = 1, length = std::min(extent - index[last], count);
    if (last > 0 && length == extent) {
      runs = std::min(axes.extent(last - 1) - index[last - 1], count / extent);
    }
    const int64_t step = last > 0 ? axes.stride(last - 1) : 0;
    for (int64_t run = 0; run < runs; ++run) visit(offset + run * step, length);
    count -= runs * length;
    if (count == 0) return;
    offset += (runs - 1) * step - index[last] * stride;
    if (last > 0) index[last - 1] += runs - 1;
    index[last] = 0;
    for (int i = last - 1; i >= 0; --i) {
      offset += axes.stride(i);
      if (++index[i] < axes.extent(i)) break;
      offset -= axes.extent(i) * axes.stride(i);
      index[i] = 0;
    }
  }
}

template <class U>
void gather_as(const U* data, const Axes& axes, int64_t first, int64_t count, U* to) {
  const int64_t stride = axes.count() > 0 ? axes.stride(axes.count() - 1) : 1;
  for_each_run(axes, first, count, [&](int64_t offset, int64_t length) {
    const U* const from = data + offset;
    if (length == 1) {
      *to = *from;
    } else if (stride == 1) {
      copy_run(to, from, size_t(length) * sizeof(U));
    } else if (stride == 0) {
      std::fill_n(to, length, *from);
    } else {
      for (int64_t i = 0; i < length; ++i) to[i] = from[i * stride];
    }
    to += length;
  });
}

template <class T, bool adds>
void scatter_as(const T* from, T* data, const Axes& axes, int64_t first, int64_t count) {
  const int64_t stride = axes.count() > 0 ? axes.stride(axes.count() - 1) : 1;
  for_each_run(axes, first, count, [&](int64_t offset, int64_t length) {
    T* const to = data + offset;
    if constexpr (adds) {
      using C = std::conditional_t<std::is_same_v<T, f16> || std::is_same_v<T, bf16>, float, T>;
      for (int64_t i = 0; i < length; ++i) {
        to[i * stride] = T(Add()(C(to[i * stride]), C(from[i])));
      }
    } else if (stride == 1) {
      copy_run(to, from, size_t(length) * sizeof(T));
    } else {
      for (int64_t i = 0; i < length; ++i) to[i * stride] = from[i];
    }
    from += length;
  });
}

}  // namespace

int64_t Axes::elements() const {
  int64_t product = 1;
  for (int i = 0; i < count_; ++i) product *= extent_[i];
  return product;
}

void Axes::add(int64_t extent, int64_t stride) {
  if (count_ == max_count)
    throw Error("arrays of more than ", max_count, " axes are not supported");
  extent_[count_] = extent;
  stride_[count_] = stride;
  ++count_;
}

int64_t Axes::offset(int64_t position) const {
  int64_t offset = 0;
  for (int i = count_ - 1; i >= 0; --i) {
    offset += position % extent_[i] * stride_[i];
    position /= extent_[i];
  }
  return offset;
}

Axes Axes::collapsed() const {
  Axes made;
  for (int i = 0; i < count_; ++i) {
    if (extent_[i] == 1) continue;
    const int last = made.count_ - 1;
    if (last >= 0 && made.stride_[last] == extent_[i] * stride_[i]) {
      made.extent_[last] *= extent_[i];
      made.stride_[last] = stride_[i];
    } else {
      made.add(extent_[i], stride_[i]);
    }
  }
  return made;
}

void row_major_strides(const Shape& shape, int64_t* strides) {
  int64_t stride = 1;
  for (int i = shape.ndim() - 1; i >= 0; --i) {
    strides[i] = stride;
    stride *= shape[i];
  }
}

Axes contiguous_axes(const Shape& shape) {
  Axes made;
  made.add(shape.elements(), 1);
  return made;
}

Axes broadcast_axes(const Shape& from, const Shape& to) {
  Axes made;
  const int missing = to.ndim() - from.ndim();
  for (int i = 0; i < to.ndim(); ++i) {
    const bool repeats = i < missing || from[i - missing] == 1;
    made.add(to[i], repeats ? 0 : from.elements(i - missing + 1, from.ndim()));
  }
  return made;
}

void gather(size_t size, const void* data, const Axes& axes, int64_t first, int64_t count,
            void* to) {
  with_size(size, [&](auto unit) {
    using U = decltype(unit);
    gather_as(static_cast<const U*>(data), axes, first, count, static_cast<U*>(to));
  });
}

void copy_from_view(DType type, const void* from, const Axes& axes, void* to, Request request,
                    Pool& pool) {
  if (request == Request::null) return;
  const Axes simple = axes.collapsed();
  const size_t size = size_of(type);
  if (request == Request::write && is_turned(simple)) {
    return copy_turned(size, from, simple, to, pool);
  }
  pool.parallel_for(0, axes.elements(), grain, [&](int64_t begin, int64_t end) {
    if (request == Request::write) {
      return gather(size, from, simple, begin, end - begin,
                    static_cast<char*>(to) + begin * int64_t(size));
    }
    with_type(type, [&](auto value) {
      using T = decltype(value);
      constexpr int64_t tile = 512;
      T moved[tile];
      Axes contiguous;
      contiguous.add(tile, 1);
      for (int64_t i = begin; i < end; i += tile) {
        const int64_t count = std::min(tile, end - i);
        gather(size, from, simple, i, count, moved);
        scatter_as<T, true>(moved, static_cast<T*>(to) + i, contiguous, 0, count);
      }
    });
  });
}

void copy_to_view(DType type, const void* from, void* to, const Axes& axes, Request request,
                  Pool& pool) {
  if (request == Request::null) return;
  const Axes simple = axes.collapsed();
  pool.parallel_for(0, axes.elements(), grain, [&](int64_t begin, int64_t end) {
    if (request == Request::add) {
      with_type(type, [&](auto value) {
        using T = decltype(value);
        scatter_as<T, true>(static_cast<const T*>(from) + begin, static_cast<T*>(to), simple, begin,
                            end - begin);
      });
    } else {
      with_size(size_of(type), [&](auto unit) {
        using U = decltype(unit);
        scatter_as<U, false>(static_cast<const U*>(from) + begin, static_cast<U*>(to), simple,
                             begin, end - begin);
      });
    }
  });
}

void fill_view(DType type, const void* element, void* to, const Axes& axes, Pool& pool) {
  const Axes simple = axes.collapsed();
  const int64_t stride = simple.count() > 0 ? simple.stride(simple.count() - 1) : 1;
  with_size(size_of(type), [&](auto unit) {
    using U = decltype(unit);
    const U value = *static_cast<const U*>(element);
    pool.parallel_for(0, axes.elements(), grain, [&](int64_t begin, int64_t end) {
      for_each_run(simple, begin, end - begin, [&](int64_t offset, int64_t length) {
        U* const first = static_cast<U*>(to) + offset;
        for (int64_t i = 0; i < length; ++i) first[i * stride] = value;
      });
    });
  });
}

}  // namespace treadle
