// A mark of operators whose kernels hold what belongs to one bind, as Custom's do.
#pragma once

namespace treadle {

// An attribute of OpRecord. A Program with such a node serves one executor: binding again compiles
// it anew.
struct HasBoundState {};

}  // namespace treadle
