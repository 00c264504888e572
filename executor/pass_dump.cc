#include "treadle/executor/pass_dump.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "treadle/core/error.h"

namespace treadle {

PassDump::PassDump() {
  const char* const folder = std::getenv("TREADLE_DUMP_PASSES");
  if (folder == nullptr || *folder == '\0') return;
  static std::atomic<uint64_t> programs = 0;
  folder_ = folder;
  program_ = programs.fetch_add(1);
}

void PassDump::write(std::string_view pass, const std::string& text) const {
  char number[48];
  std::snprintf(number, sizeof number, "%04llu-%02d-", static_cast<unsigned long long>(program_),
                steps_++);
  const std::filesystem::path path =
      std::filesystem::path(folder_) / (number + std::string(pass) + ".txt");
  std::error_code failure;  // the stream says whether it matters
  std::filesystem::create_directories(folder_, failure);
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) {
    throw Error("TREADLE_DUMP_PASSES: '", path.string(),
                "' cannot be written; name a folder that can be, or unset the variable.");
  }
}

}  // namespace treadle
