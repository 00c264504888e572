#include "treadle/operators/rows.h"

#include <algorithm>

#include "treadle/device/pool.h"
#include "treadle/operators/copy_run.h"
#include "treadle/operators/elementwise.h"

namespace treadle {

void copy_rows(DType type, Rows to, Rows from, int64_t count, int64_t elements, Request request,
               Pool& pool) {
  if (request == Request::null || elements == 0) return;
  const int64_t size = int64_t(size_of(type));
  const Identity identity;
  const auto copy_range = [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      char* const out = static_cast<char*>(to.first) + row * to.pitch * size;
      const char* const in = static_cast<const char*>(from.first) + row * from.pitch * size;
      if (request == Request::write) {
        copy_run(out, in, size_t(elements * size));
        continue;
      }
      TileRun run;
      run.function = &detail::tile_function<Identity, 1>;
      run.functor = &identity;
      run.type = type;
      run.out = out;
      run.request = request;
      run.inputs.array[0] = in;
      run.elements = elements;
      run_tiles(run, nullptr);
    }
  };
  const int64_t grain = std::max<int64_t>(1, (int64_t(1) << 16) / (elements * size));
  pool.parallel_for(0, count, grain, copy_range);
}

}  // namespace treadle
