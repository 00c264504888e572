// What the C interface keeps for each thread: the last error, and the texts and lists that the last
// call gave.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "treadle/c_api.h"
#include "treadle/core/dtype.h"
#include "treadle/core/shape.h"

namespace treadle::c {

// Memory that lasts until the thread's next call that gives something of the kind.
class Results {
 public:
  const char* text(std::string text) {
    texts_.clear();
    return texts_.emplace_back(std::move(text)).c_str();
  }
  std::span<const char* const> strings(std::vector<std::string> strings);
  std::span<const TreadlePair> pairs(const std::vector<std::pair<std::string, std::string>>& pairs);
  std::span<const TreadleNodeAttribute> attributes(std::vector<std::array<std::string, 3>> triples);
  std::span<const TreadleShape> shapes(std::vector<Shape> shapes);
  std::span<const TreadleDType> types(std::span<const DType> types);
  // Of handles that the caller owns.
  std::span<TreadleNDArray* const> arrays(std::vector<TreadleNDArray*> handles) {
    return handles_ = std::move(handles);
  }
  std::span<const TreadleNamedArray> named_arrays(std::vector<TreadleNDArray*> handles,
                                                  std::vector<std::string> names);

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
  std::vector<TreadlePair> pairs_;
  std::vector<TreadleNodeAttribute> attributes_;
  std::vector<Shape> extents_;
  std::vector<TreadleShape> shapes_;
  std::vector<TreadleDType> types_;
  std::vector<TreadleNDArray*> handles_;
  std::vector<TreadleNamedArray> named_;
};

struct ThreadState {
  std::string error_text;
  const char* error = "";  // error_text's, or a literal where memory ran out

  Results results;

  void set_error(const char* sentence) noexcept;
};

// Of the calling thread.
ThreadState& thread_state();

// While a callback of the program runs, the thread has another state: it may run inside of a call
// that waits, whose caller still uses what it was given before.
class CallbackScope {
 public:
  CallbackScope();
  ~CallbackScope();
  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;

  const char* error() const { return state_.error; }

 private:
  ThreadState state_;
  ThreadState* const outer_;
};

}  // namespace treadle::c
