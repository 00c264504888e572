// Kernels of the host on accelerators whose streams run such: "device kernels compiled for the
// host".
#pragma once

#include "treadle/operators/kernel.h"

namespace treadle {

// A kernel that queues `inner`, which was prepared for the host, on the stream it is given.
std::unique_ptr<const Kernel> launch_on(Device device, std::unique_ptr<const Kernel> inner,
                                        const KernelQuery& query, std::string name);

}  // namespace treadle
