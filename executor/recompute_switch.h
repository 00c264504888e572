// MXNet's switch of recomputation. Internal to executor/.
#pragma once

namespace treadle {

// Whether $MXNET_BACKWARD_DO_MIRROR asks to recompute what is cheap.
bool is_recompute_asked();

}  // namespace treadle
