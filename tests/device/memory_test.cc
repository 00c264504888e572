#include "treadle/device/memory.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <thread>
#include <vector>

#include "treadle/tests/support/catch.h"

using namespace treadle;
using treadle::testing::require_error_matches;

TEST_CASE("blocks are aligned, large enough and separate", "[memory]") {
  MemoryPool pool(cpu());
  std::vector<Block> blocks;
  for (const size_t size : {1, 63, 64, 65, 1000, 4096, 100000, 3000001}) {
    const Block block = pool.allocate(size);
    REQUIRE(block.size == size);
    REQUIRE(block.capacity >= size);
    REQUIRE(reinterpret_cast<uintptr_t>(block.data) % memory_alignment == 0);
    std::memset(block.data, int(blocks.size()), size);
    blocks.push_back(block);
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    const auto* bytes = static_cast<const unsigned char*>(blocks[i].data);
    REQUIRE(bytes[0] == i);
    REQUIRE(bytes[blocks[i].size - 1] == i);
    pool.free(blocks[i]);
  }
}

TEST_CASE("an empty block costs nothing", "[memory]") {
  MemoryPool pool(cpu());
  const Block block = pool.allocate(0);
  REQUIRE(block.data == nullptr);
  REQUIRE(pool.statistics().live_bytes == 0);
  REQUIRE(pool.statistics().allocations == 1);
  REQUIRE(pool.statistics().system_allocations == 0);
  pool.free(block);
  pool.free({});
}

TEST_CASE("statistics count what is live, to the byte, and the peak", "[memory]") {
  MemoryPool pool(cpu());
  const Block a = pool.allocate(1000);
  const Block b = pool.allocate(3001);
  REQUIRE(pool.statistics().live_bytes == 4001);
  pool.free(a);
  REQUIRE(pool.statistics().live_bytes == 3001);
  REQUIRE(pool.statistics().peak_bytes == 4001);
  pool.reset_peak();
  REQUIRE(pool.statistics().peak_bytes == 3001);
  pool.free(b);
  REQUIRE(pool.statistics().live_bytes == 0);
  REQUIRE(pool.statistics().allocations == 2);
  pool.trim();
  REQUIRE(pool.statistics().cached_bytes == 0);
}

namespace {

// A system that counts and can be made to refuse.
struct Counting {
  int open = 0;
  size_t bytes = 0;
  bool refuse = false;
  bool throws = false;

  Allocator allocator() {
    return {[this](size_t size) -> void* {
              if (throws) throw std::bad_alloc();
              if (refuse) return nullptr;
              ++open;
              bytes += size;
              return std::aligned_alloc(memory_alignment, size);
            },
            [this](void* data, size_t size) {
              --open;
              bytes -= size;
              std::free(data);
            }};
  }
};

bool caches() {
  MemoryPool pool(cpu());
  pool.free(pool.allocate(64));
  return pool.statistics().cached_bytes != 0;
}

}  // namespace

TEST_CASE("a freed block is used again for the same class of sizes", "[memory]") {
  if (!caches()) return;  // under AddressSanitizer every block is new
  Counting system;
  {
    MemoryPool pool(cpu(), system.allocator());
    const Block a = pool.allocate(1000);
    pool.free(a);
    REQUIRE(pool.statistics().cached_bytes == a.capacity);
    const Block b = pool.allocate(1010);
    REQUIRE(b.data == a.data);
    REQUIRE(pool.statistics().cached_bytes == 0);
    REQUIRE(pool.statistics().system_allocations == 1);
    pool.free(b);
    REQUIRE(pool.trim() == a.capacity);
    REQUIRE(system.open == 0);
    pool.free(pool.allocate(1000));
    REQUIRE(system.open == 1);
  }
  REQUIRE(system.open == 0);  // the pool gives back what it has cached
  REQUIRE(system.bytes == 0);
}

TEST_CASE("the cache never holds more than was needed at once", "[memory]") {
  Counting system;
  MemoryPool pool(cpu(), system.allocator());
  for (size_t size = 1000; size < 2000000; size += size / 4) pool.free(pool.allocate(size));
  REQUIRE(pool.statistics().cached_bytes <= pool.statistics().peak_bytes * 9 / 8 + 64);
}

TEST_CASE("when the system has no more, the cache is given back first", "[memory]") {
  if (!caches()) return;
  size_t limit = 100000;
  size_t used = 0;
  MemoryPool pool(cpu(), {[&](size_t size) -> void* {
                            if (used + size > limit) return nullptr;
                            used += size;
                            return std::aligned_alloc(memory_alignment, size);
                          },
                          [&](void* data, size_t size) {
                            used -= size;
                            std::free(data);
                          }});
  pool.free(pool.allocate(60000));
  const Block other = pool.allocate(80000);
  REQUIRE(other.data != nullptr);
  REQUIRE(pool.statistics().cached_bytes == 0);
  pool.free(other);
}

TEST_CASE("out of memory is an error that says how much was live", "[memory]") {
  Counting system;
  MemoryPool pool(gpu(3), system.allocator());
  const Block kept = pool.allocate(500);
  (GENERATE(false, true) ? system.refuse : system.throws) = true;
  require_error_matches<OutOfMemory>(
      [&] { pool.allocate(12345); },
      {"Memory(gpu(3)): no room for 12345 bytes", "500 bytes are live", "smaller batch"});
  REQUIRE(pool.statistics().live_bytes == 500);
  pool.free(kept);
}

TEST_CASE("sizes beyond the address space are refused", "[memory]") {
  MemoryPool pool(cpu());
  const size_t most = std::numeric_limits<size_t>::max();
  require_error_matches<OutOfMemory>([&] { pool.allocate(most); }, "no machine can address");
  require_error_matches<OutOfMemory>([&] { pool.allocate(most / 2 + 1); }, "no machine can");
  REQUIRE(array_bytes(0, 8) == 0);
  REQUIRE(array_bytes(10, 8) == 80);
  require_error_matches([&] { array_bytes(-1, 4); }, "an array of -1 elements of 4 bytes");
  require_error_matches([&] { array_bytes(std::numeric_limits<int64_t>::max(), 4); },
                        "check the shape");
}

TEST_CASE("the n-th allocation fails on request, once", "[memory]") {
  MemoryPool pool(cpu(2));
  require_error_matches([&] { pool.fail_after(0); }, "fail_after(0)");
  for (uint64_t n = 1; n < 6; ++n) {
    pool.fail_after(n);
    for (uint64_t i = 1; i <= 8; ++i) {
      if (i == n) {
        require_error_matches<OutOfMemory>([&] { pool.allocate(64); },
                                           {"Memory(cpu(2))", "the failure is injected"});
      } else {
        pool.free(pool.allocate(64));
      }
    }
  }
  pool.fail_after(1);
  pool.fail_never();
  pool.free(pool.allocate(64));
  REQUIRE(pool.statistics().live_bytes == 0);
}

TEST_CASE("a pool may be used by many threads", "[memory]") {
  MemoryPool pool(cpu());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&pool, t] {
      std::vector<Block> mine;
      for (size_t i = 0; i < 2000; ++i) {
        Block block = pool.allocate(100 + i % 7 * 300);
        std::memset(block.data, t, block.size);
        mine.push_back(block);
        if (i % 3 == 0) {
          pool.free(mine.back());
          mine.pop_back();
        }
      }
      for (const Block& block : mine) pool.free(block);
    });
  }
  for (std::thread& t : threads) t.join();
  REQUIRE(pool.statistics().live_bytes == 0);
  REQUIRE(pool.statistics().allocations == 8000);
}

TEST_CASE("Memory owns its block", "[memory]") {
  MemoryPool pool(cpu());
  {
    Memory a(pool, 100);
    REQUIRE(a.size() == 100);
    Memory b = std::move(a);
    REQUIRE(a.data() == nullptr);
    REQUIRE(b.data() != nullptr);
    a = Memory(pool, 50);
    REQUIRE(pool.statistics().live_bytes == 150);
    a = std::move(b);
    REQUIRE(a.size() == 100);
    REQUIRE(pool.statistics().live_bytes == 100);
  }
  REQUIRE(pool.statistics().live_bytes == 0);
}

TEST_CASE("every cpu device shares one pool and a device that is not there is an error",
          "[memory]") {
  REQUIRE(&memory_pool(cpu(0)) == &memory_pool(cpu(7)));
  REQUIRE(&memory_pool({DeviceKind::cpu_pinned, 0}) == &memory_pool(cpu(0)));
  require_error_matches([] { memory_pool(gpu(62)); }, "gpu(62): there is no such device");
  require_error_matches([] { Memory(gpu(63), 100); }, "gpu(63)");
}
