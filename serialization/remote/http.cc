#include "treadle/serialization/remote/http.h"

#ifdef TREADLE_WITH_CURL
#include <curl/curl.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

#include "treadle/core/error.h"
#include "treadle/core/text.h"

namespace treadle::remote {

std::string percent_encode(std::string_view text, bool keeps_slashes) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos || (keeps_slashes && c == '/')) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return encoded;
}

#ifdef TREADLE_WITH_CURL
namespace {

constexpr int most_attempts = 5;

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// Where libcurl's callbacks put an answer; they must not throw.
struct Receiver {
  HttpResponse response;
  uint64_t most_bytes = UINT64_MAX;
  bool is_too_large = false;
  bool is_out_of_memory = false;
};

size_t receive_body(char* data, size_t size, size_t count, void* to) noexcept {
  auto& receiver = *static_cast<Receiver*>(to);
  std::string& body = receiver.response.body;
  if (size * count > receiver.most_bytes - std::min<uint64_t>(body.size(), receiver.most_bytes)) {
    receiver.is_too_large = true;
    return 0;  // libcurl ends the transfer
  }
  try {
    body.append(data, size * count);
  } catch (const std::bad_alloc&) {
    receiver.is_out_of_memory = true;
    return 0;
  }
  return size * count;
}

size_t receive_header(char* data, size_t size, size_t count, void* to) noexcept {
  auto& response = static_cast<Receiver*>(to)->response;
  const std::string_view line(data, size * count);
  try {
    if (line.starts_with("HTTP/")) {
      response.headers.clear();  // of the answer before, a redirect
    } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
      const std::string_view value = line.substr(colon + 1);
      const size_t first = value.find_first_not_of(" \t");
      const size_t last = value.find_last_not_of(" \t\r\n");
      response.headers[to_lower(line.substr(0, colon))] =
          first == std::string_view::npos ? std::string()
                                          : std::string(value.substr(first, last - first + 1));
    }
  } catch (const std::bad_alloc&) {
    static_cast<Receiver*>(to)->is_out_of_memory = true;
    return 0;
  }
  return size * count;
}

long timeout_seconds() {
  const char* text = std::getenv("TREADLE_HTTP_TIMEOUT");
  const long seconds = text != nullptr ? std::strtol(text, nullptr, 10) : 0;
  return seconds > 0 ? seconds : 30;
}

struct Attempt {
  CURLcode code = CURLE_OK;
  std::string reason;  // libcurl's words where code is not CURLE_OK
  Receiver receiver;
};

Attempt try_once(const HttpRequest& request, uint64_t most_bytes) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, CurlDeleter> owner(curl_easy_init());
  CURL* const curl = owner.get();
  if (curl == nullptr) throw std::bad_alloc();

  std::unique_ptr<curl_slist, CurlDeleter> headers;
  const auto add_header = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)headers.release();
    headers.reset(longer);
  };
  for (const std::string& line : request.headers) add_header(line);

  Attempt attempt;
  attempt.receiver.most_bytes = most_bytes;
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);  // a key may hold "..", and is signed as it is
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request.follows_redirects ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  // A server that does not answer "100 Continue" costs a second otherwise. (An empty "Expect:"
  // header would do as well, but libcurl 7.88 signs it and does not send it.)
  curl_easy_setopt(curl, CURLOPT_EXPECT_100_TIMEOUT_MS, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, std::min(timeout_seconds(), 10L));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, timeout_seconds());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "treadle");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &attempt.receiver);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &attempt.receiver);
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  const std::string provider = "aws:amz:" + request.signature.region + ":s3";
  if (!request.signature.key.empty()) {
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, provider.c_str());
    curl_easy_setopt(curl, CURLOPT_USERNAME, request.signature.key.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request.signature.secret.c_str());
  }
  attempt.code = curl_easy_perform(curl);
  if (attempt.receiver.is_out_of_memory) throw std::bad_alloc();
  if (attempt.code != CURLE_OK) {
    attempt.reason = reason[0] != '\0' ? reason : curl_easy_strerror(attempt.code);
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  attempt.receiver.response.status = int(status);
  return attempt;
}

bool may_pass(const Attempt& attempt) {
  switch (attempt.code) {
    case CURLE_OK: {
      const int status = attempt.receiver.response.status;
      return status == 429 || status >= 500;
    }
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR: return true;
    default: return false;
  }
}

}  // namespace

HttpResponse send(const HttpRequest& request, std::string_view name, std::string_view verb,
                  uint64_t most_bytes) {
  auto pause = std::chrono::milliseconds(100);
  for (int number = 1;; ++number) {
    Attempt attempt = try_once(request, most_bytes);
    if (attempt.receiver.is_too_large) {
      throw Error(name, " cannot be ", verb, ": the server sends more than the ", most_bytes,
                  " bytes that were asked for.");
    }
    const bool is_last = !request.retries || number == most_attempts || !may_pass(attempt);
    if (is_last && attempt.code == CURLE_OK) return std::move(attempt.receiver.response);
    if (is_last) {
      std::string_view hint = " Check the address and the network.";
      if (attempt.code == CURLE_OPERATION_TIMEDOUT) {
        hint = " The server is too slow; TREADLE_HTTP_TIMEOUT says how many seconds to wait.";
      }
      throw Error(name, " cannot be ", verb, ": ", attempt.reason,
                  number > 1 ? concat(" (tried ", number, " times)") : std::string(), ".", hint);
    }
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

#else  // without libcurl

HttpResponse send(const HttpRequest&, std::string_view name, std::string_view verb, uint64_t) {
  throw Error(name, " cannot be ", verb,
              ": this build has no libcurl, so it knows local files only. Copy the file here and "
              "give its path, or build with libcurl (Debian: libcurl4-openssl-dev).");
}

#endif

}  // namespace treadle::remote
