#include "treadle/executor/program.h"

#include <algorithm>
#include <sstream>

#include "treadle/core/text.h"
#include "treadle/executor/compiler.h"

namespace treadle {

std::shared_ptr<const Program> Program::compile(const Symbol& symbol,
                                                const ProgramOptions& options) {
  return ProgramCompiler(options).run(symbol);
}

std::string Program::debug_str() const {
  std::ostringstream text;
  text << dump(graph_, &annotations_);
  for (const Step& step : steps_) {
    text << step.op << '(' << step.name << "): " << step.choice.implementation;
    for (const std::string& refusal : step.choice.refusals) text << "; not " << refusal;
    text << '\n';
  }
  text << "memory: " << plan_.summary() << '\n';
  return std::move(text).str();
}

}  // namespace treadle
