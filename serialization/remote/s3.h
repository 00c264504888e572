// Requests to S3 and to servers that speak its protocol. Internal to serialization.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/serialization/remote/http.h"

namespace treadle::remote {

// An object of S3 with what the environment says about its server:
//   AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or S3_ENDPOINT   another server than Amazon's
//   AWS_REGION, AWS_DEFAULT_REGION or S3_REGION            us-east-1
//   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN   unsigned requests without them
//   AWS_S3_ADDRESSING_STYLE   "path" or "virtual"; else virtual at Amazon's, path elsewhere
class S3Object {
 public:
  // Throws Error where `uri` is not s3://bucket/key or the environment makes no sense.
  explicit S3Object(std::string_view uri);

  // Sends METHOD with the query, already encoded as k=v&k=v in order of the keys. `verb` ("read")
  // is for errors. An answer that is neither 2xx nor in `accepted` is an Error.
  HttpResponse send(std::string method, const std::string& query, std::span<const char> body,
                    std::vector<std::string> headers, std::string_view verb,
                    uint64_t most_bytes = UINT64_MAX,
                    std::initializer_list<int> accepted = {}) const;

  const std::string& uri() const { return uri_; }
  // Throws the Error for an answer that says no.
  [[noreturn]] void refuse(const HttpResponse& response, std::string_view verb) const;

 private:
  std::string uri_;
  std::string url_;  // of the object
  std::string bucket_;
  Signature signature_;
  std::string session_token_;
};

// The text between <name> and </name>, or empty. S3's answers are flat enough for it.
std::string_view xml_value(std::string_view xml, std::string_view name);

}  // namespace treadle::remote
