// The graph as text after each pass, for people. Internal to executor/.
#pragma once

#include <string>
#include <string_view>

#include "treadle/graph/graph.h"

namespace treadle {

// The files of one compilation, FOLDER/PROGRAM-STEP-PASS.txt, where $TREADLE_DUMP_PASSES names the
// folder; a pass found what the file before its own says. Nothing otherwise.
class PassDump {
 public:
  PassDump();

  bool is_on() const { return !folder_.empty(); }
  // Writes the file of the next pass. A file that cannot be written is an Error.
  void write(std::string_view pass, const std::string& text) const;

 private:
  std::string folder_;
  uint64_t program_ = 0;
  mutable int steps_ = 0;
};

}  // namespace treadle
