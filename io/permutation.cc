#include "treadle/io/permutation.h"

#include <cstddef>
#include <numeric>
#include <utility>

namespace treadle {

std::vector<int64_t> random_permutation(int64_t n, RandomKey key) {
  std::vector<int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), int64_t(0));
  for (uint64_t i = uint64_t(n); i-- > 1;) {
    const RandomBlock block = philox(key, i);
    const uint64_t number = (uint64_t(block.word[0]) << 32) | block.word[1];
    std::swap(order[i], order[number % (i + 1)]);
  }
  return order;
}

}  // namespace treadle
