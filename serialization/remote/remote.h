// Objects of S3 and of web servers as streams. Internal to serialization.
#pragma once

#include <memory>
#include <string_view>

#include "treadle/serialization/stream.h"

namespace treadle::remote {

// s3://bucket/key, http://… or https://…, read in pieces of 8 MiB as they are asked for; that the
// object has been replaced meanwhile is an Error.
std::unique_ptr<ByteSource> open_source(std::string_view uri);

// s3://bucket/key. Up to 8 MiB are one request; more becomes an upload in parts, which commit()
// completes. Without commit() the upload is aborted and there is no object.
std::unique_ptr<ByteSink> open_s3_sink(std::string_view uri);

}  // namespace treadle::remote
