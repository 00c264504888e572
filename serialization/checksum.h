// The checksums of our files, which other readers of MXNet's formats pass over. Internal to
// serialization; docs/architecture/files.md says where they stand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace treadle {

// CRC-32 of what was added so far: any change of up to 32 bits in a row is found.
class Checksum {
 public:
  void add(const void* data, size_t bytes);
  void add(std::string_view text) { add(text.data(), text.size()); }
  uint32_t value() const { return value_; }

 private:
  uint32_t value_ = 0;
};

// "0x1a2b3c4d".
std::string to_hex(uint32_t checksum);

// The text of a symbol with the checksum of all of it in its last attribute.
std::string with_checksum(std::string json);
// Throws Error when `json` is laid out as with_checksum leaves it and was changed since. Other
// texts pass: those without checksum, and those that another program has written anew.
void verify_checksum(std::string_view json, std::string_view name);

}  // namespace treadle
