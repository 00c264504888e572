#include "treadle/engine/closure.h"

#include <array>
#include <memory>
#include <new>

#include "treadle/tests/support/catch.h"

using namespace treadle;

namespace {

struct Counted {
  explicit Counted(int& alive) : alive(&alive) { ++*this->alive; }
  Counted(const Counted& other) : alive(other.alive) { ++*alive; }
  Counted(Counted&& other) noexcept : alive(other.alive) { ++*alive; }
  ~Counted() { --*alive; }
  int* alive;
};

}  // namespace

TEST_CASE("a closure owns what it captures, inside or on the heap", "[engine]") {
  int alive = 0;
  int called = 0;
  const auto use = [&](auto padding) {
    const Counted counted(alive);
    Closure closure = [counted, padding, &called] { called += padding[0] != 99; };
    REQUIRE(alive == 2);
    Closure moved = std::move(closure);
    REQUIRE_FALSE(bool(closure));
    REQUIRE(alive == 2);
    moved();
    closure = std::move(moved);
    closure();
    closure = [] {};
    REQUIRE(alive == 1);
  };
  use(std::array<char, 8>{});
  use(std::array<char, 200>{});
  REQUIRE(alive == 0);
  REQUIRE(called == 4);
}

TEST_CASE("a closure may capture what can only be moved", "[engine]") {
  auto value = std::make_unique<int>(7);
  int seen = 0;
  Closure closure = [value = std::move(value), &seen] { seen = *value; };
  Closure other(std::move(closure));
  other();
  REQUIRE(seen == 7);
  REQUIRE_FALSE(bool(Closure()));
}

TEST_CASE("closures of up to 64 bytes need no heap", "[engine]") {
  const auto small = [data = std::array<char, 64>{}] { (void)data; };
  const auto large = [data = std::array<char, 65>{}] { (void)data; };
  REQUIRE(Closure(small).operations().size == 64);
  REQUIRE(Closure(large).operations().size == sizeof(void*));
}

TEST_CASE("a closure can be moved to foreign storage", "[engine]") {
  int alive = 0;
  Closure closure = [counted = Counted(alive)] { (void)counted; };
  alignas(16) std::byte storage[Closure::inline_size];
  const auto* operations = closure.release_to(storage);
  REQUIRE_FALSE(bool(closure));
  REQUIRE(alive == 1);
  operations->invoke(storage);
  operations->destroy(storage);
  REQUIRE(alive == 0);
}
