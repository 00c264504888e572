// One HTTP request at a time, through libcurl. Internal to serialization.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace treadle::remote {

// How a request to S3 is signed (AWS Signature Version 4); unsigned when `key` is empty.
struct Signature {
  std::string region;
  std::string key, secret;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers = {};  // "name: value"
  std::span<const char> body = {};
  Signature signature = {};
  bool follows_redirects = false;
  // Whether to send it again after a failure of the connection or of the server. All that is sent
  // here may be: a second PUT of the same bytes changes nothing.
  bool retries = true;
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string_view header(const std::string& name) const {
    const auto it = headers.find(name);
    return it == headers.end() ? std::string_view() : std::string_view(it->second);
  }
};

// Sends the request and gives the answer, whatever its status; up to five times, with growing
// pauses, while the connection fails or the server answers 429 or 5xx. Throws Error, as
// "NAME cannot be <verb>: …", when no answer comes: the host is unknown, nobody listens, the
// connection ends early, or less than a byte a second arrives for TREADLE_HTTP_TIMEOUT seconds
// (30). An answer larger than `most_bytes` is an Error too.
HttpResponse send(const HttpRequest& request, std::string_view name, std::string_view verb,
                  uint64_t most_bytes = UINT64_MAX);

// `text` as a part of a URL: all but letters, digits and -_.~ as %XX; '/' stays if `keeps_slashes`.
std::string percent_encode(std::string_view text, bool keeps_slashes);

}  // namespace treadle::remote
