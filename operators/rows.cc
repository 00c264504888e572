#include "treadle/operators/rows.h"

#include <algorithm>

#include "treadle/device/pool.h"
#include "treadle/operators/copy_run.h"
#include "treadle/operators/elementwise.h"

namespace treadle {
namespace {

// What a piece of a parallel copy has at least, and of one row at most.
constexpr int64_t piece_bytes = int64_t{1} << 16;

}  // namespace

void copy_rows(DType type, Rows to, Rows from, int64_t count, int64_t elements, Request request,
               Pool& pool) {
  if (request == Request::null || elements == 0) return;
  const int64_t size = int64_t(size_of(type));
  const Identity identity;
  // Long rows are cut, so that few of them are copied in parallel too.
  const int64_t parts = (elements * size + piece_bytes - 1) / piece_bytes;
  const int64_t length = (elements + parts - 1) / parts;
  const auto copy_range = [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t row = piece / parts, first = piece % parts * length;
      const int64_t width = std::min(length, elements - first);
      if (width <= 0) continue;
      char* const out = static_cast<char*>(to.first) + (row * to.pitch + first) * size;
      const char* const in =
          static_cast<const char*>(from.first) + (row * from.pitch + first) * size;
      if (request == Request::write) {
        copy_run(out, in, size_t(width * size));
        continue;
      }
      TileRun run;
      run.function = &detail::tile_function<Identity, 1>;
      run.functor = &identity;
      run.type = type;
      run.out = out;
      run.request = request;
      run.inputs.array[0] = in;
      run.elements = width;
      run_tiles(run, nullptr);
    }
  };
  const int64_t grain = std::max<int64_t>(1, piece_bytes / (length * size));
  pool.parallel_for(0, count * parts, grain, copy_range);
}

}  // namespace treadle
