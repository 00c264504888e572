#include <algorithm>
#include <utility>
#include <vector>

#include "treadle/core/error.h"
#include "treadle/core/text.h"
#include "treadle/serialization/remote/remote.h"
#include "treadle/serialization/remote/s3.h"

namespace treadle::remote {
namespace {

constexpr size_t first_part_bytes = size_t(8) << 20;
// S3 takes 10,000 parts; with parts that grow, that is 5 TiB, the largest object there is.
constexpr size_t parts_per_size = 1000;

class S3Sink final : public ByteSink {
 public:
  explicit S3Sink(std::string_view uri) : object_(uri) {}

  ~S3Sink() override {
    if (upload_.empty()) return;
    try {
      object_.send("DELETE", "uploadId=" + upload_, {}, {}, "written", UINT64_MAX, {404});
    } catch (...) {
      // The parts stay until the bucket's rules remove them; there is no object in any case.
    }
  }

  void write(const void* data, size_t bytes) override {
    const char* from = static_cast<const char*>(data);
    while (bytes > 0) {
      // A full part is sent when more follows, so that the last one is never empty.
      if (part_.size() == part_bytes()) send_part();
      const size_t now = std::min(bytes, part_bytes() - part_.size());
      part_.insert(part_.end(), from, from + now);
      from += now;
      bytes -= now;
    }
  }

  void commit() override {
    if (upload_.empty()) {
      object_.send("PUT", "", part_, {"Content-Type: application/octet-stream"}, "written");
      return;
    }
    send_part();
    std::string list = "<CompleteMultipartUpload>";
    for (size_t i = 0; i < tags_.size(); ++i) {
      list +=
          concat("<Part><PartNumber>", i + 1, "</PartNumber><ETag>", tags_[i], "</ETag></Part>");
    }
    list += "</CompleteMultipartUpload>";
    const HttpResponse response = object_.send("POST", "uploadId=" + upload_, list,
                                               {"Content-Type: application/xml"}, "written");
    // Completing may take so long that the server says 200 first and means it or not later.
    if (xml_value(response.body, "ETag").empty()) object_.refuse(response, "written");
    upload_.clear();
  }

 private:
  size_t part_bytes() const {
    return first_part_bytes << std::min<size_t>(tags_.size() / parts_per_size, 8);
  }

  void send_part() {
    if (upload_.empty()) {
      const HttpResponse response = object_.send(
          "POST", "uploads=", {}, {"Content-Type: application/octet-stream"}, "written");
      upload_ = percent_encode(xml_value(response.body, "UploadId"), false);
      if (upload_.empty()) object_.refuse(response, "written");
    }
    const HttpResponse response =
        object_.send("PUT", concat("partNumber=", tags_.size() + 1, "&uploadId=", upload_), part_,
                     {"Content-Type: application/octet-stream"}, "written");
    tags_.emplace_back(response.header("etag"));
    part_.clear();
  }

  S3Object object_;
  std::string upload_;             // the upload's id, encoded; empty before the first part
  std::vector<std::string> tags_;  // of the parts sent
  std::vector<char> part_;
};

}  // namespace

std::unique_ptr<ByteSink> open_s3_sink(std::string_view uri) {
  return std::make_unique<S3Sink>(uri);
}

}  // namespace treadle::remote
