// Slots: an operator's way to name one of its arrays, in any of its functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace treadle {

struct Slot {
  enum class Kind : uint8_t { in, aux, out, out_grad, in_grad };
  Kind kind;
  // Position within its kind; `every` stands for all of them.
  int16_t index;
  static constexpr int16_t every = -1;

  friend constexpr bool operator==(Slot, Slot) = default;
};

inline namespace slots {
constexpr Slot in(int i) { return {Slot::Kind::in, int16_t(i)}; }
constexpr Slot aux(int i) { return {Slot::Kind::aux, int16_t(i)}; }
constexpr Slot out(int i) { return {Slot::Kind::out, int16_t(i)}; }
constexpr Slot out_grad(int i) { return {Slot::Kind::out_grad, int16_t(i)}; }
constexpr Slot in_grad(int i) { return {Slot::Kind::in_grad, int16_t(i)}; }
constexpr Slot every_in() { return {Slot::Kind::in, Slot::every}; }
constexpr Slot every_in_grad() { return {Slot::Kind::in_grad, Slot::every}; }
}  // namespace slots

// "`written` may lie in the memory of `read`": the kernel reads each element before it writes it.
struct Share {
  Slot read;
  Slot written;
};

// Which arrays backward reads: reads(out_grad(0), out(0)).
template <class... Slots>
constexpr auto reads(Slots... slots) {
  return std::array<Slot, sizeof...(Slots)>{slots...};
}
// Which outputs may overwrite which inputs: shares(share(in(0), out(0))).
constexpr Share share(Slot read, Slot written) { return {read, written}; }
template <class... Shares>
constexpr auto shares(Shares... each) {
  return std::array<Share, sizeof...(Shares)>{each...};
}

}  // namespace treadle
