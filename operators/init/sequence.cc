#include "treadle/operators/init/sequence.h"

#include "treadle/device/pool.h"
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/dispatch.h"

namespace treadle {

void write_sequence(const Tensor& made, double start, double step, int64_t repeat, Request request,
                    Pool& pool) {
  if (request == Request::null) return;
  with_type(made.type(), [&](auto value) {
    using T = decltype(value);
    using C = std::conditional_t<std::is_integral_v<T>, T, double>;
    T* const to = made.as<T>();
    pool.parallel_for(0, made.elements(), 1 << 14, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const C number = saturate<C>(start + double(i / repeat) * step);
        to[i] = T(request == Request::add ? Add()(C(to[i]), number) : number);
      }
    });
  });
}

}  // namespace treadle
