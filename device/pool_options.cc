#include "treadle/device/pool_options.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "treadle/core/error.h"

namespace treadle::detail {
namespace {

constexpr int most_threads = 1024;

void check(int threads, const char* what) {
  if (threads < 0 || threads > most_threads) {
    throw Error("Pool: ", what, " is ", threads, "; expected 1 to ", most_threads,
                " threads, or 0 for as many as the machine has.");
  }
}

int from_environment() {
  for (const char* name : {"TREADLE_NUM_THREADS", "MXNET_CPU_WORKER_NTHREADS", "OMP_NUM_THREADS"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string_view text = value;
    // OpenMP allows a list, one number per level of nesting; the first is the outermost.
    if (std::string_view(name) == "OMP_NUM_THREADS") text = text.substr(0, text.find(','));
    int threads = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
    if (error != std::errc() || end != text.data() + text.size() || threads < 1 ||
        threads > most_threads) {
      throw Error("Pool: the environment variable ", name, " is '", value,
                  "'; expected a number of threads from 1 to ", most_threads,
                  ". Correct it or unset it.");
    }
    return threads;
  }
  return std::max(1, int(std::thread::hardware_concurrency()));
}

}  // namespace

PoolOptions resolve(PoolOptions options) {
  check(options.concurrency, "concurrency");
  check(options.kernel_width, "kernel_width");
  if (options.concurrency == 0) options.concurrency = from_environment();
  if (options.kernel_width == 0) options.kernel_width = options.concurrency;
  return options;
}

}  // namespace treadle::detail
