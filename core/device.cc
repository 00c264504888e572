#include "treadle/core/device.h"

#include <ostream>

#include "treadle/core/error.h"

namespace treadle {

std::string_view to_string(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::cpu: return "cpu";
    case DeviceKind::gpu: return "gpu";
    case DeviceKind::cpu_pinned: return "cpu_pinned";
    case DeviceKind::cpu_shared: return "cpu_shared";
  }
  return "unknown";
}

std::string to_string(Device device) { return concat(to_string(device.kind), "(", device.id, ")"); }

std::ostream& operator<<(std::ostream& out, Device device) { return out << to_string(device); }

}  // namespace treadle
