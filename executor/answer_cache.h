// Answers that were worked out before, by their question.
#pragma once

#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "treadle/device/fork.h"

namespace treadle {

// The answers to the `most` questions that were asked last. Thread-safe, and goes on in the child
// of a fork. A Question has `size_t hash() const` and ==.
template <class Question, class Answer>
class AnswerCache : ForkAware {
 public:
  using Pointer = std::shared_ptr<const Answer>;

  explicit AnswerCache(size_t most) : most_(most) {}

  // Null when it is not known.
  Pointer find(const Question& question) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(&question);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front().second;
  }

  // Of two answers to one question the first is kept.
  void keep(Question question, Pointer answer) {
    Entries gone;  // after the lock, since that may take long
    const std::lock_guard lock(mutex_);
    if (places_.contains(&question)) return;
    entries_.emplace_front(std::move(question), std::move(answer));
    places_.emplace(&entries_.front().first, entries_.begin());
    if (entries_.size() <= most_) return;
    places_.erase(&entries_.back().first);
    gone.splice(gone.begin(), entries_, std::prev(entries_.end()));
  }

  size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  using Entries = std::list<std::pair<Question, Pointer>>;
  struct Hash {
    size_t operator()(const Question* question) const { return question->hash(); }
  };
  struct Equal {
    bool operator()(const Question* a, const Question* b) const { return *a == *b; }
  };

  void before_fork() noexcept override { mutex_.lock(); }
  void after_fork_parent() noexcept override { mutex_.unlock(); }
  void after_fork_child() noexcept override { mutex_.unlock(); }

  const size_t most_;
  mutable std::mutex mutex_;
  Entries entries_;  // the latest use first
  std::unordered_map<const Question*, typename Entries::iterator, Hash, Equal> places_;
};

}  // namespace treadle
