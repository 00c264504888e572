// Running other programs, without a shell.
#pragma once

#include <string>
#include <vector>

namespace demo {

struct Finished {
  bool was_found = true;  // false: there is no such program
  int status = 0;         // its exit status; 128 + n when signal n ended it
  std::string output;     // what it wrote to standard output
};

// Runs `command` (its first word is looked up in PATH) and waits for its end.
Finished run_program(const std::vector<std::string>& command);

// The file of the running program.
std::string own_program();

}  // namespace demo
