#include "treadle/tensor/convert.h"

#include <algorithm>
#include <cstring>

#include "treadle/core/error.h"

namespace treadle {
namespace {

// Calls visit(T{}) with the C++ type of `type`.
template <class Visit>
void with_type(DType type, Visit&& visit) {
  switch (type) {
    case DType::f32: return visit(float{});
    case DType::f64: return visit(double{});
    case DType::f16: return visit(f16{});
    case DType::bf16: return visit(bf16{});
    case DType::u8: return visit(uint8_t{});
    case DType::i8: return visit(int8_t{});
    case DType::i32: return visit(int32_t{});
    case DType::i64: return visit(int64_t{});
    case DType::boolean: return visit(bool{});
    case DType::unknown: break;
  }
  TREADLE_INVARIANT(false, "An array of unknown type reached a kernel");
}

template <class T>
constexpr bool is_half = std::is_same_v<T, f16> || std::is_same_v<T, bf16>;

template <class To, class From>
To cast(From value) {
  if constexpr (is_half<From>) {
    return cast<To>(float(value));
  } else if constexpr (is_half<To>) {
    return To(float(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_floating_point_v<From> && sizeof(To) < 8 && std::is_integral_v<To>) {
    // By way of 64 bits, where every value that fits To is defined; others wrap as integers do.
    return To(static_cast<int64_t>(value));
  } else {
    return To(value);
  }
}

}  // namespace

void convert(const void* source, DType source_type, void* target, DType target_type,
             int64_t count) {
  if (source_type == target_type) {
    if (count > 0 && source != target)
      std::memcpy(target, source, size_t(count) * size_of(source_type));
    return;
  }
  with_type(source_type, [&](auto from) {
    with_type(target_type, [&](auto to) {
      using From = decltype(from);
      using To = decltype(to);
      const From* in = static_cast<const From*>(source);
      std::transform(in, in + count, static_cast<To*>(target),
                     [](From value) { return cast<To>(value); });
    });
  });
}

void fill(void* target, DType type, int64_t count, double value) {
  with_type(type, [&](auto to) {
    using To = decltype(to);
    std::fill_n(static_cast<To*>(target), count, cast<To>(value));
  });
}

}  // namespace treadle
