#include "treadle/operators/random.h"

#include <mutex>

namespace treadle {
namespace {

struct RandomState {
  std::mutex mutex;
  RandomKey next;
};

RandomState& state() {
  static RandomState instance;
  return instance;
}

}  // namespace

void seed_random(uint64_t seed) {
  const std::lock_guard lock(state().mutex);
  state().next = {seed, 0};
}

RandomKey next_random_key() {
  const std::lock_guard lock(state().mutex);
  const RandomKey key = state().next;
  ++state().next.stream;
  return key;
}

}  // namespace treadle
