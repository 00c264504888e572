// The discrete Fourier transform of rows: what fft and ifft share. T is float or double.
#pragma once

#include <complex>
#include <numbers>
#include <vector>

#include "treadle/operators/nn/computed.h"

namespace treadle::ops {

// Transforms rows of `size` numbers; neither direction divides by anything. Rows of a power of two
// take size * log(size) operations, others size^2.
template <class T>
class Fourier {
 public:
  using Complex = std::complex<T>;

  Fourier(int64_t size, bool is_inverse) : size_(size), factors_(size_t(size)) {
    for (int64_t k = 0; k < size; ++k) {
      const double angle = 2 * std::numbers::pi * double(k) / double(size);
      factors_[size_t(k)] = {T(std::cos(angle)),
                             T(is_inverse ? std::sin(angle) : -std::sin(angle))};
    }
  }

  void transform(std::vector<Complex>& row) const {
    (size_ & (size_ - 1)) == 0 ? halve(row) : sum(row);
  }

 private:
  void sum(std::vector<Complex>& row) const {
    std::vector<Complex> made(row.size());
    for (int64_t k = 0; k < size_; ++k) {
      for (int64_t j = 0; j < size_; ++j) {
        // k * j stays below 2^63 for any row that fits into memory.
        made[size_t(k)] += row[size_t(j)] * factors_[size_t(k * j % size_)];
      }
    }
    row.swap(made);
  }
  void halve(std::vector<Complex>& row) const {
    for (int64_t i = 1, reversed = 0; i < size_; ++i) {
      int64_t bit = size_ >> 1;
      for (; reversed & bit; bit >>= 1) reversed ^= bit;
      reversed ^= bit;
      if (i < reversed) std::swap(row[size_t(i)], row[size_t(reversed)]);
    }
    for (int64_t width = 2; width <= size_; width *= 2) {
      for (int64_t first = 0; first < size_; first += width) {
        for (int64_t k = 0; k < width / 2; ++k) {
          Complex& low = row[size_t(first + k)];
          Complex& high = row[size_t(first + k + width / 2)];
          const Complex turned = high * factors_[size_t(k * (size_ / width))];
          high = low - turned;
          low += turned;
        }
      }
    }
  }

  int64_t size_;
  std::vector<Complex> factors_;
};

// to (rows, 2 * size): real and imaginary parts side by side, of the transform of from (rows,
// size).
template <DeviceKind D>
void transform_real(Call<D>& call, Slot from_slot, Slot to_slot) {
  if (!call.is_wanted(to_slot)) return;
  const Shape shape = call.read(from_slot).shape();
  const int64_t size = shape.back(), rows = shape.elements() / size;
  with_computed(call, call.read(from_slot).type(), [&](auto& arrays, auto zero) {
    using T = decltype(zero);
    const T* const x = arrays.read(from_slot);
    const auto to = arrays.write(to_slot);
    const Fourier<T> fourier(size, false);
    for_each(call.pool(), rows, size * 32, [&](int64_t row) {
      std::vector<std::complex<T>> numbers(x + row * size, x + (row + 1) * size);
      fourier.transform(numbers);
      for (int64_t k = 0; k < size; ++k) {
        to.put((row * size + k) * 2, numbers[size_t(k)].real());
        to.put((row * size + k) * 2 + 1, numbers[size_t(k)].imag());
      }
    });
  });
}

// The way back: to (rows, size), the real parts of the inverse transform of from (rows, 2 * size).
template <DeviceKind D>
void transform_to_real(Call<D>& call, Slot from_slot, Slot to_slot) {
  if (!call.is_wanted(to_slot)) return;
  const Shape shape = call.read(from_slot).shape();
  const int64_t size = shape.back() / 2, rows = shape.elements() / shape.back();
  with_computed(call, call.read(from_slot).type(), [&](auto& arrays, auto zero) {
    using T = decltype(zero);
    const T* const x = arrays.read(from_slot);
    const auto to = arrays.write(to_slot);
    const Fourier<T> fourier(size, true);
    for_each(call.pool(), rows, size * 32, [&](int64_t row) {
      std::vector<std::complex<T>> numbers(static_cast<size_t>(size));
      for (int64_t k = 0; k < size; ++k) {
        const T* const number = x + (row * size + k) * 2;
        numbers[size_t(k)] = {number[0], number[1]};
      }
      fourier.transform(numbers);
      for (int64_t k = 0; k < size; ++k) to.put(row * size + k, numbers[size_t(k)].real());
    });
  });
}

struct FourierParams {
  int compute_size = 128;
  static constexpr auto fields = reflect(field("compute_size", &FourierParams::compute_size,
                                               at_least(1), "A hint for GPUs; changes no result."));
};

}  // namespace treadle::ops
