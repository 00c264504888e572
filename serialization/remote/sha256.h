// SHA-256 by OpenSSL. Internal to serialization.
#pragma once

#include <span>
#include <string>

namespace treadle::remote {

// The digest of `bytes` in 64 hexadecimal digits, as S3 wants it in x-amz-content-sha256.
std::string sha256_hex(std::span<const char> bytes);

}  // namespace treadle::remote
