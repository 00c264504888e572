#include "treadle/serialization/remote/sha256.h"

#ifdef TREADLE_WITH_CURL
#include <openssl/evp.h>
#endif

#include "treadle/core/error.h"

namespace treadle::remote {

std::string sha256_hex([[maybe_unused]] std::span<const char> bytes) {
  std::string text;
#ifdef TREADLE_WITH_CURL
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1) {
    throw InternalError("OpenSSL gives no SHA-256.");
  }
  constexpr char digits[] = "0123456789abcdef";
  for (unsigned i = 0; i < size; ++i) text += {digits[digest[i] >> 4], digits[digest[i] & 15]};
#endif
  return text;
}

}  // namespace treadle::remote
