// Writing one number of a kernel's output as its request says, for loops of an operator's own.
#pragma once

#include "treadle/operators/kernel.h"

namespace treadle {

// place = value, or place += value when the request is add; `value` is of the type computed in.
// Not for a request that is null.
template <class T, class C>
inline void store(T& place, C value, Request request) {
  place = request == Request::add ? T(C(place) + value) : T(value);
}

}  // namespace treadle
