// Where an array lives and a kernel runs: a kind of device and its number.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace treadle {

// Values are those of the files MXNet writes.
enum class DeviceKind : int32_t { cpu = 1, gpu = 2, cpu_pinned = 3, cpu_shared = 5 };

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int32_t id = 0;

  friend auto operator<=>(const Device&, const Device&) = default;
};

// The host's processors. The id only names a placement group; every cpu device shares one pool.
inline Device cpu(int32_t id = 0) { return {DeviceKind::cpu, id}; }
// Accelerator number `id`; whether it exists is checked when memory is asked of it.
inline Device gpu(int32_t id = 0) { return {DeviceKind::gpu, id}; }

// "cpu(0)", "gpu(1)": MXNet's form.
std::string to_string(Device device);
std::string_view to_string(DeviceKind kind);
std::ostream& operator<<(std::ostream& out, Device device);

}  // namespace treadle

template <>
struct std::hash<treadle::Device> {
  size_t operator()(treadle::Device device) const noexcept {
    return std::hash<int64_t>()((int64_t(device.kind) << 32) | uint32_t(device.id));
  }
};
