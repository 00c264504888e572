// Compiling within a budget of memory: which plan of recomputation is taken.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <utility>

#include "treadle/executor/compiler.h"
#include "treadle/executor/recompute_switch.h"

namespace treadle {

void ProgramCompiler::recompute() {
  program_->has_marked_nodes_ = has_marked_nodes(graph(), num_forward_nodes_);
  if (!policy_ || int(graph().nodes.size()) == num_forward_nodes_) return;
  const Annotations before = std::move(program_->annotations_);
  double arithmetic = 0;
  for (int n = 0; n < int(graph().nodes.size()); ++n)
    arithmetic += arithmetic_of(graph(), n, before);
  RecomputedGraph made =
      treadle::recompute(graph(), num_forward_nodes_,
                         choose_recomputed(graph(), num_forward_nodes_, before, *policy_));

  Annotations annotations;
  Recomputation& recomputation = program_->recomputation_;
  for (size_t n = 0; n < made.graph.nodes.size(); ++n) {
    const int origin = made.origin_of[n];
    for (int i = 0; i < made.graph.nodes[n].num_outputs; ++i) {
      const size_t from = size_t(graph().entry_id({origin, i}));
      annotations.shapes.push_back(before.shapes[from]);
      annotations.types.push_back(before.types[from]);
    }
    if (made.node_of[size_t(origin)] == int(n)) continue;
    ++recomputation.nodes;
    recomputation.share += arithmetic_of(graph(), origin, before) / arithmetic;
  }
  for (int& head : head_nodes_) {
    if (head >= 0) head = made.node_of[size_t(head)];
  }
  for (Entry& gradient : gradient_of_argument_) {
    if (gradient.is_valid()) gradient.node = made.node_of[size_t(gradient.node)];
  }
  program_->annotations_ = std::move(annotations);
  graph() = std::move(made.graph);
}

bool is_recompute_asked() {
  const char* const value = std::getenv("MXNET_BACKWARD_DO_MIRROR");
  return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

namespace {

using Scope = RecomputePolicy::Scope;

// Tries one policy after the other and keeps the Program that needs the least memory.
class Search {
 public:
  Search(const Symbol& symbol, const ProgramOptions& options)
      : symbol_(symbol), options_(options), best_(ProgramCompiler(options).run(symbol)) {}

  const std::shared_ptr<const Program>& best() const { return best_; }
  int64_t least() const { return best_->memory_plan().total_bytes; }

  int64_t attempt(const RecomputePolicy& policy) {
    std::shared_ptr<const Program> made = ProgramCompiler(options_, policy).run(symbol_);
    const int64_t bytes = made->memory_plan().total_bytes;
    if (bytes < least()) best_ = std::move(made);
    return bytes;
  }

  // Finer and finer segments, until `enough` or until it becomes worse again; then numbers between
  // those beside the best. What is recomputed grows with their number, so the first that suffices
  // computes the least.
  void refine(Scope scope, int64_t enough) {
    constexpr std::array counts = {2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96};
    int64_t least_here = std::numeric_limits<int64_t>::max();
    size_t best = 0;
    for (size_t i = 0, worse = 0; i < counts.size() && worse < 3; ++i) {
      if (least() <= enough) return;
      const int64_t bytes = attempt({scope, counts[i]});
      worse = bytes < least_here ? 0 : worse + 1;
      if (worse == 0) best = i;
      least_here = std::min(least_here, bytes);
    }
    constexpr int between = 8;
    const int from = counts[best == 0 ? 0 : best - 1],
              to = counts[std::min(best + 1, counts.size() - 1)];
    for (int i = 1; i < between && enough > 0; ++i) {
      if (least() <= enough) return;
      const int segments = from + (to - from) * i / between;
      if (std::ranges::count(counts, segments) == 0) attempt({scope, segments});
    }
  }

 private:
  const Symbol& symbol_;
  const ProgramOptions& options_;
  std::shared_ptr<const Program> best_;
};

}  // namespace

std::shared_ptr<const Program> Program::compile(const Symbol& symbol,
                                                const ProgramOptions& options) {
  Search search(symbol, options);
  const int64_t budget = options.memory_budget;
  if (search.best()->has_gradients() && options.reuses_memory) {
    if (search.best()->has_marked_nodes()) search.attempt({Scope::marked});
    if (budget > 0) {
      search.refine(Scope::cheap, budget);
      search.refine(Scope::all, budget);
    } else if (is_recompute_asked()) {
      search.refine(Scope::cheap, 0);
    }
  }
  if (budget > 0 && search.least() > budget) {
    throw Error("The memory budget of ", budget,
                " bytes cannot be met: internal memory takes at "
                "least ",
                search.least(),
                " bytes, with everything recomputed that helps. Raise "
                "memory_budget to that, or bind a smaller batch.");
  }
  return search.best();
}

}  // namespace treadle
