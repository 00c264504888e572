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

thread_local RandomScope* scope = nullptr;

}  // namespace

void seed_random(uint64_t seed) {
  const std::lock_guard lock(state().mutex);
  state().next = {seed, 0};
}

RandomScope::RandomScope(RandomKey key, uint64_t use) : outer_(scope) {
  // A seed of its own: a number that nothing else draws, from the far end of the key's sequence.
  const RandomBlock block = philox(key, ~use);
  next_.seed = uint64_t(block.word[0]) << 32 | block.word[1];
  scope = this;
}
RandomScope::~RandomScope() { scope = outer_; }

RandomKey next_random_key() {
  if (scope != nullptr) {
    const RandomKey key = scope->next_;
    ++scope->next_.stream;
    return key;
  }
  const std::lock_guard lock(state().mutex);
  const RandomKey key = state().next;
  ++state().next.stream;
  return key;
}

}  // namespace treadle
