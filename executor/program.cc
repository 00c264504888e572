#include "treadle/executor/program.h"

#include <algorithm>
#include <sstream>

#include "treadle/core/text.h"

namespace treadle {

std::string Program::debug_str() const {
  std::ostringstream text;
  text << dump(graph_, &annotations_);
  for (const Step& step : steps_) {
    text << step.op << '(' << step.name << "): " << step.choice.implementation;
    for (const std::string& refusal : step.choice.refusals) text << "; not " << refusal;
    text << '\n';
  }
  text << "memory: " << plan_.summary() << '\n';
  if (recomputation_.nodes > 0) {
    text << "recomputed: " << recomputation_.nodes << " nodes, " << 100 * recomputation_.share
         << " % more arithmetic\n";
  }
  return std::move(text).str();
}

}  // namespace treadle
