#include "treadle/serialization/remote/s3.h"

#include <algorithm>
#include <cstdlib>

#include "treadle/core/error.h"
#include "treadle/core/text.h"
#include "treadle/serialization/remote/sha256.h"

namespace treadle::remote {
namespace {

// The first of the environment's variables that is set and not empty.
std::string environment(std::initializer_list<const char*> names, std::string_view otherwise = {}) {
  for (const char* name : names) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  }
  return std::string(otherwise);
}

bool is_bucket_name(std::string_view name) {
  constexpr std::string_view legal =
      "abcdefghijklmnopqrstuvwxyz0123456789.-_ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !name.empty() && name.find_first_not_of(legal) == std::string_view::npos;
}

}  // namespace

std::string_view xml_value(std::string_view xml, std::string_view name) {
  const std::string open = concat("<", name, ">"), close = concat("</", name, ">");
  const size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return {};
  const size_t end = xml.find(close, begin);
  if (end == std::string_view::npos) return {};
  return xml.substr(begin + open.size(), end - begin - open.size());
}

S3Object::S3Object(std::string_view uri) : uri_(uri) {
  constexpr size_t scheme = std::string_view("s3://").size();
  const std::string_view path = uri.substr(scheme);
  const size_t slash = path.find('/');
  const std::string_view key =
      slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  bucket_ = path.substr(0, slash);
  if (!is_bucket_name(bucket_) || key.empty()) {
    throw Error(uri, ": s3://bucket/key is expected, as in s3://models/net-0001.params.");
  }

  signature_.region = environment({"AWS_REGION", "AWS_DEFAULT_REGION", "S3_REGION"}, "us-east-1");
  signature_.key = environment({"AWS_ACCESS_KEY_ID"});
  signature_.secret = environment({"AWS_SECRET_ACCESS_KEY"});
  session_token_ = environment({"AWS_SESSION_TOKEN"});
  if (signature_.key.empty() != signature_.secret.empty()) {
    const bool has_key = !signature_.key.empty();
    throw Error(uri, ": ", has_key ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                " is set in the environment, ",
                has_key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
                " is not; set both, or none for objects that anybody may read.");
  }

  std::string endpoint = environment({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "S3_ENDPOINT"});
  const bool is_amazon = endpoint.empty();
  if (is_amazon) endpoint = concat("https://s3.", signature_.region, ".amazonaws.com");
  if (endpoint.find("://") == std::string::npos) endpoint.insert(0, "https://");
  while (endpoint.ends_with('/')) endpoint.pop_back();
  if (!endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
    throw Error(uri, ": the server's address is '", endpoint,
                "' (AWS_ENDPOINT_URL or S3_ENDPOINT), expected http://… or https://….");
  }
  const std::string style = environment({"AWS_S3_ADDRESSING_STYLE"}, "auto");
  if (style != "path" && style != "virtual" && style != "auto") {
    throw Error(uri, ": AWS_S3_ADDRESSING_STYLE is '", style, "', expected path, virtual or auto.");
  }
  // A certificate for *.s3.amazonaws.com does not cover a bucket with a dot in its name.
  const bool is_virtual = style == "virtual" ||
                          (style == "auto" && is_amazon && bucket_.find('.') == std::string::npos);
  const std::string encoded = percent_encode(key, true);
  if (is_virtual) {
    const size_t host = endpoint.find("://") + 3;
    url_ = concat(endpoint.substr(0, host), bucket_, ".", endpoint.substr(host), "/", encoded);
  } else {
    url_ = concat(endpoint, "/", bucket_, "/", encoded);
  }
}

HttpResponse S3Object::send(std::string method, const std::string& query,
                            std::span<const char> body, std::vector<std::string> headers,
                            std::string_view verb, uint64_t most_bytes,
                            std::initializer_list<int> accepted) const {
  headers.push_back("x-amz-content-sha256: " + sha256_hex(body));
  if (!session_token_.empty()) headers.push_back("x-amz-security-token: " + session_token_);
  HttpResponse response = remote::send({.method = std::move(method),
                                        .url = query.empty() ? url_ : url_ + "?" + query,
                                        .headers = std::move(headers),
                                        .body = body,
                                        .signature = signature_},
                                       uri_, verb, most_bytes);
  const bool is_fine = response.status / 100 == 2 || std::find(accepted.begin(), accepted.end(),
                                                               response.status) != accepted.end();
  if (!is_fine) refuse(response, verb);
  return response;
}

void S3Object::refuse(const HttpResponse& response, std::string_view verb) const {
  const std::string_view code = xml_value(response.body, "Code");
  const std::string_view message = xml_value(response.body, "Message");
  std::string hint;
  if (code == "NoSuchBucket") {
    hint = concat(" Is '", bucket_, "' the bucket's name?");
  } else if (response.status == 404) {
    hint = " Is the key spelt as it is stored?";
  } else if (const std::string_view region = response.header("x-amz-bucket-region");
             !region.empty() && region != signature_.region) {
    hint = concat(" The bucket is in ", region, "; set AWS_REGION to it, it is ", signature_.region,
                  " now.");
  } else if (response.status == 401 || response.status == 403) {
    hint = signature_.key.empty()
               ? " The request was not signed: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
               : concat(" Check AWS_ACCESS_KEY_ID (", signature_.key.substr(0, 4),
                        "…), AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and the bucket's policy.");
  }
  throw Error(uri_, " cannot be ", verb, ": the server answers ", response.status,
              code.empty() ? std::string() : concat(" ", code),
              message.empty() ? std::string() : concat(", ", message), ".", hint);
}

}  // namespace treadle::remote
