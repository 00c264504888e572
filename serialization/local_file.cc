#include "treadle/serialization/local_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>

#include "treadle/core/error.h"

namespace treadle {
namespace {

// "PATH cannot be <verb>: No such file or directory."
[[noreturn]] void system_failure(const std::string& path, std::string_view verb, int code) {
  throw Error(path, " cannot be ", verb, ": ", std::generic_category().message(code), ".");
}

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  // The error of close() is the last word of some network file systems on a write.
  int close() { return ::close(std::exchange(number_, -1)); }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

Descriptor open_file(const std::string& path, int flags, mode_t mode = 0) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

// Bytes read, fewer than asked for only at the end.
size_t read_fully(const Descriptor& file, const std::string& path, char* target, size_t bytes) {
  // One call moves at most 2 GiB; asking for less keeps the arithmetic plain.
  constexpr size_t most = size_t(1) << 30;
  size_t done = 0;
  while (done < bytes) {
    const ssize_t got = ::read(file.number(), target + done, std::min(bytes - done, most));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) system_failure(path, "read", errno);
    if (got == 0) break;
    done += size_t(got);
  }
  return done;
}

class FileSource final : public ByteSource {
 public:
  FileSource(Descriptor file, const std::string& path, uint64_t size)
      : ByteSource(path, size), file_(std::move(file)) {}

 private:
  void read_exactly(char* target, size_t bytes) override {
    const size_t done = read_fully(file_, name(), target, bytes);
    if (done < bytes) fail("the file became shorter while it was read.", position() + done);
  }

  Descriptor file_;
};

class OwningSource final : public ByteSource {
 public:
  OwningSource(std::string bytes, const std::string& path)
      : ByteSource(path, bytes.size()), bytes_(std::move(bytes)) {}

 private:
  void read_exactly(char* target, size_t bytes) override {
    std::copy_n(bytes_.data() + position(), bytes, target);
  }

  std::string bytes_;
};

class FileSink final : public ByteSink {
 public:
  explicit FileSink(const std::string& path) : path_(path) {
    struct stat status{};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) system_failure(path, "written", EISDIR);
    if (exists && !S_ISREG(status.st_mode)) {
      file_ = open_file(path, O_WRONLY);
      if (!file_.is_open()) system_failure(path, "written", errno);
      return;
    }
    // Through a symbolic link the file it points to is replaced, not the link.
    std::error_code ignored;
    if (exists) path_ = std::filesystem::canonical(path, ignored).string();
    if (path_.empty()) path_ = path;
    open_temporary();
    if (exists && ::fchmod(file_.number(), status.st_mode & 07777) != 0) {
      const int code = errno;
      ::unlink(temporary_.c_str());
      system_failure(path, "written", code);
    }
  }

  ~FileSink() override {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  void write(const void* data, size_t bytes) override {
    const char* from = static_cast<const char*>(data);
    while (bytes > 0) {
      const ssize_t done = ::write(file_.number(), from, std::min(bytes, size_t(1) << 30));
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) system_failure(path_, "written", errno);
      from += done;
      bytes -= size_t(done);
    }
  }

  void commit() override {
    if (temporary_.empty()) return;
    if (::fsync(file_.number()) != 0 || file_.close() != 0) system_failure(path_, "written", errno);
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
      system_failure(path_, "written", errno);
    temporary_.clear();
    // The new name is durable once its folder is; where folders cannot be synced there is no
    // better.
    const Descriptor folder = open_file(folder_of(path_), O_RDONLY | O_DIRECTORY);
    if (folder.is_open()) ::fsync(folder.number());
  }

 private:
  static std::string folder_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
  }

  // In the same folder, because a rename cannot cross file systems; with a short name of its own,
  // because the target's may be as long as names can be.
  void open_temporary() {
    static std::atomic<unsigned> count{0};
    for (int attempt = 0; attempt < 100 && !file_.is_open(); ++attempt) {
      temporary_ = concat(folder_of(path_), "/.treadle-", ::getpid(), "-", count++, ".tmp");
      file_ = open_file(temporary_, O_WRONLY | O_CREAT | O_EXCL, 0666);
      if (!file_.is_open() && errno != EEXIST) break;
    }
    if (!file_.is_open()) {
      const int code = errno;
      temporary_.clear();
      system_failure(path_, "written", code);
    }
  }

  std::string path_;
  std::string temporary_;  // empty once there is nothing to take away
  Descriptor file_;
};

}  // namespace

std::unique_ptr<ByteSource> open_local_source(const std::string& path) {
  Descriptor file = open_file(path, O_RDONLY);
  struct stat status{};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0) system_failure(path, "read", errno);
  if (S_ISREG(status.st_mode)) {
    return std::make_unique<FileSource>(std::move(file), path, uint64_t(status.st_size));
  }
  if (!S_ISFIFO(status.st_mode)) {
    throw Error(path, " cannot be read: it is ", S_ISDIR(status.st_mode) ? "a folder" : "a device",
                "; a file is expected.");
  }
  std::string bytes;
  size_t done = 0;
  do {
    bytes.resize(std::max<size_t>(size_t(1) << 16, done * 2));
    done += read_fully(file, path, bytes.data() + done, bytes.size() - done);
  } while (done == bytes.size());
  bytes.resize(done);
  return std::make_unique<OwningSource>(std::move(bytes), path);
}

std::unique_ptr<ByteSink> open_local_sink(const std::string& path) {
  return std::make_unique<FileSink>(path);
}

}  // namespace treadle
