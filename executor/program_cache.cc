// Binding a symbol again: what it was compiled to lately is kept with it.
#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include "treadle/executor/program.h"
#include "treadle/executor/recompute_switch.h"

namespace treadle {
namespace {

// All that a compilation depends on besides the symbol's structure, which never changes.
struct Question {
  ProgramOptions options;
  uint64_t attribute_changes = 0;
  bool recomputes = false;

  friend bool operator==(const Question&, const Question&) = default;
};

Question question_of(const ProgramOptions& options) {
  return {options, Symbol::attribute_changes(), is_recompute_asked()};
}

// What a symbol was compiled to, the latest use first.
using Kept = std::vector<std::pair<Question, std::shared_ptr<const Program>>>;

// With the memo's lock held.
Kept& kept_in(SymbolMemo& memo) {
  if (!memo.value) memo.value = std::make_shared<Kept>();
  return *static_cast<Kept*>(memo.value.get());
}

std::shared_ptr<const Program> find_kept(SymbolMemo& memo, const Question& question) {
  const std::lock_guard lock(memo.mutex);
  Kept& kept = kept_in(memo);
  const auto found =
      std::ranges::find_if(kept, [&](const auto& each) { return each.first == question; });
  if (found == kept.end()) return nullptr;
  std::rotate(kept.begin(), found, found + 1);
  return kept.front().second;
}

void keep(SymbolMemo& memo, const Question& question, std::shared_ptr<const Program> program) {
  Kept gone;  // after the lock, since that may take long
  const std::lock_guard lock(memo.mutex);
  Kept& kept = kept_in(memo);
  const auto drop = [&](Kept::iterator from) {
    gone.insert(gone.end(), std::make_move_iterator(from), std::make_move_iterator(kept.end()));
    kept.erase(from, kept.end());
  };
  // What was compiled before an attribute changed is of no use any more, nor is another thread's
  // answer to the same question.
  drop(std::stable_partition(kept.begin(), kept.end(), [&](const auto& each) {
    return each.first.attribute_changes == question.attribute_changes && each.first != question;
  }));
  if (kept.size() == Program::programs_per_symbol) drop(kept.end() - 1);
  kept.insert(kept.begin(), {question, std::move(program)});
}

}  // namespace

std::shared_ptr<const Program> Program::find(const Symbol& symbol, const ProgramOptions& options) {
  return symbol.memo() == nullptr ? nullptr : find_kept(*symbol.memo(), question_of(options));
}

std::shared_ptr<const Program> Program::get(const Symbol& symbol, const ProgramOptions& options) {
  const Question question = question_of(options);
  if (symbol.memo() != nullptr) {
    if (auto found = find_kept(*symbol.memo(), question)) return found;
  }
  // Without the lock: others may bind meanwhile, a custom operator even this very symbol.
  std::shared_ptr<const Program> made = compile(symbol, options);
  if (!made->has_bound_state()) keep(*symbol.memo(), question, made);
  return made;
}

}  // namespace treadle
