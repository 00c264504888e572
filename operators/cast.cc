#include "treadle/operators/cast.h"

#include <algorithm>

#include "treadle/device/pool.h"
#include "treadle/operators/view.h"
#include "treadle/tensor/convert.h"

namespace treadle {

void cast_array(const Tensor& from, const Tensor& to, Request request, Pool& pool) {
  if (request == Request::null) return;
  constexpr int64_t grain = 1 << 15, tile = 1024;
  const int64_t from_size = int64_t(size_of(from.type())), to_size = int64_t(size_of(to.type()));
  const char* const source = from.as<char>();
  char* const target = to.as<char>();
  if (request == Request::write && source == target && from.type() == to.type()) return;
  pool.parallel_for(0, to.elements(), grain, [&](int64_t begin, int64_t end) {
    if (request == Request::write) {
      return convert(source + begin * from_size, from.type(), target + begin * to_size, to.type(),
                     end - begin);
    }
    alignas(64) char converted[tile * 8];
    for (int64_t i = begin; i < end; i += tile) {
      const int64_t count = std::min(tile, end - i);
      convert(source + i * from_size, from.type(), converted, to.type(), count);
      Axes axes;
      axes.add(count, 1);
      copy_to_view(to.type(), converted, target + i * to_size, axes, Request::add, pool);
    }
  });
}

}  // namespace treadle
