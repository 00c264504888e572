#include "treadle/serialization/stream.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <thread>

#include "treadle/tests/serialization/data.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace fs = std::filesystem;

TEST_CASE("texts are written and read by path and by file URI", "[serialization]") {
  const ScratchFolder folder("stream_text");
  write_text(folder / "a.txt", "one");
  REQUIRE(read_text(folder / "a.txt") == "one");
  write_text("file://" + (folder / "a.txt"), "two");
  REQUIRE(read_text("file://" + (folder / "a.txt")) == "two");
  REQUIRE(read_text("FILE://localhost" + (folder / "a.txt")) == "two");
  write_text(folder / "empty", "");
  REQUIRE(read_text(folder / "empty").empty());
  REQUIRE(folder.num_files() == 2);
}

TEST_CASE("a sink that is not committed leaves the old file and nothing else", "[serialization]") {
  const ScratchFolder folder("stream_abandoned");
  write_text(folder / "a", "old");
  {
    const auto sink = open_sink(folder / "a");
    sink->write("new and long", 12);
    REQUIRE(folder.num_files() == 2);  // the temporary is in the same folder
    REQUIRE(read_text(folder / "a") == "old");
  }
  REQUIRE(folder.num_files() == 1);
  REQUIRE(read_text(folder / "a") == "old");
  {
    const auto sink = open_sink(folder / "b");
  }
  REQUIRE_FALSE(fs::exists(folder / "b"));
}

TEST_CASE("a write that fails half-way leaves the old file and nothing else", "[serialization]") {
  const ScratchFolder folder("stream_full");
  write_text(folder / "a", "old");
  // The kernel refuses to let any file grow beyond this, as a full disk does.
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit old_limit{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  struct rlimit limit = old_limit;
  limit.rlim_cur = 1000;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  std::string words;
  try {
    write_text(folder / "a", std::string(5000, 'x'));
  } catch (const Error& error) {
    words = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
  REQUIRE(words.find("cannot be written: File too large.") != std::string::npos);
  REQUIRE(read_text(folder / "a") == "old");
  REQUIRE(folder.num_files() == 1);
}

TEST_CASE("replacing a file keeps its permissions and links", "[serialization]") {
  const ScratchFolder folder("stream_links");
  write_text(folder / "real", "old");
  fs::permissions(folder / "real", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("real", folder / "link");
  write_text(folder / "link", "new");
  REQUIRE(fs::is_symlink(folder / "link"));
  REQUIRE(read_text(folder / "real") == "new");
  REQUIRE(fs::status(folder / "real").permissions() ==
          (fs::perms::owner_read | fs::perms::owner_write));
  const std::string longest(250, 'n');  // as long as names may be, so the temporary's is shorter
  write_text(folder / longest, "x");
  REQUIRE(read_text(folder / longest) == "x");
}

TEST_CASE("pipes are read to their end and devices written directly", "[serialization]") {
  const ScratchFolder folder("stream_pipe");
  const std::string pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const std::string sent(300'000, 'p');
  std::thread writer([&] { write_text(pipe, sent); });
  REQUIRE(read_text(pipe) == sent);
  writer.join();
  REQUIRE_NOTHROW(write_text("/dev/null", "gone"));
  REQUIRE(fs::is_character_file("/dev/null"));
  require_error_matches([] { read_text("/dev/zero"); }, "/dev/zero cannot be read: it is a device");
}

TEST_CASE("each name that leads nowhere is refused in a sentence", "[serialization]") {
  const ScratchFolder folder("stream_refused");
  const auto refuse_both = [](const std::string& uri, std::string_view words) {
    CAPTURE(uri);
    require_error_matches([&] { read_text(uri); }, words);
    require_error_matches([&] { write_text(uri, "x"); }, words);
  };
  refuse_both("s3://bucket", "s3://bucket: s3://bucket/key is expected");
  require_error_matches([] { write_text("HTTP://host/net.json", "x"); },
                        "HTTP://host/net.json cannot be written: a web server's files can only");
  refuse_both("hdfs://host/net.json",
              "there is no scheme 'hdfs'. A path, file:///path, s3://bucket/key or http(s)");
  refuse_both("file://net.json", "a file URI has a full path");
  refuse_both("", "is empty.");
  refuse_both(std::string("a\0b", 3), "holds a zero byte after 'a'");
  refuse_both(folder / "none/a", "none/a cannot be ");
  require_error_matches([&] { read_text(folder / "none"); },
                        {"none cannot be read: No such file or directory."});
  require_error_matches([&] { read_text(folder.path()); }, "cannot be read: it is a folder");
  require_error_matches([&] { write_text(folder.path(), "x"); },
                        "cannot be written: Is a directory.");
  require_error_matches([&] { write_text(folder / "a/", "x"); }, "cannot be written");
  REQUIRE(folder.num_files() == 0);
}

TEST_CASE("a source says where and what is missing", "[serialization]") {
  const std::string bytes = "12345678";
  const auto source = memory_source(bytes, "memory");
  char target[8];
  source->read(target, 5, "the head");
  REQUIRE(source->position() == 5);
  REQUIRE(source->left() == 3);
  REQUIRE(error_of([&] { source->read(target, 4, "the tail"); }) ==
          "memory: byte 5: the tail: 4 bytes are expected, 3 are left: the file is cut short or "
          "damaged.");
  REQUIRE_THROWS_AS(source->read(target, UINT64_MAX, "all"), Error);
  source->read(target, 3, "the rest");
  REQUIRE(std::string(target, 3) == "678");

  const ScratchFolder folder("stream_shrinks");
  write_text(folder / "a", std::string(100, 'x'));
  const auto file = open_source(folder / "a");
  fs::resize_file(folder / "a", 10);
  std::vector<char> all(100);
  require_error_matches([&] { file->read(all.data(), 100, "all"); },
                        "byte 10: the file became shorter while it was read.");
}

}  // namespace treadle::testing
