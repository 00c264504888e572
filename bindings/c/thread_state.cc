#include "treadle/bindings/c/thread_state.h"

#include <array>
#include <new>

namespace treadle::c {
namespace {

thread_local ThreadState own_state;
thread_local ThreadState* current_state = &own_state;

}  // namespace

ThreadState& thread_state() { return *current_state; }

CallbackScope::CallbackScope() : outer_(current_state) { current_state = &state_; }
CallbackScope::~CallbackScope() { current_state = outer_; }

void ThreadState::set_error(const char* sentence) noexcept {
  try {
    error_text = sentence;
    error = error_text.c_str();
  } catch (const std::bad_alloc&) {
    error = "A call failed, and memory ran out while its error was kept.";
  }
}

std::span<const char* const> Results::strings(std::vector<std::string> strings) {
  texts_ = std::move(strings);
  pointers_.clear();
  for (const std::string& text : texts_) pointers_.push_back(text.c_str());
  return pointers_;
}

std::span<const TreadlePair> Results::pairs(
    const std::vector<std::pair<std::string, std::string>>& pairs) {
  texts_.clear();
  for (const auto& [key, value] : pairs) {
    texts_.push_back(key);
    texts_.push_back(value);
  }
  pairs_.clear();
  for (size_t i = 0; i < texts_.size(); i += 2) {
    pairs_.push_back({texts_[i].c_str(), texts_[i + 1].c_str()});
  }
  return pairs_;
}

std::span<const TreadleNodeAttribute> Results::attributes(
    std::vector<std::array<std::string, 3>> triples) {
  texts_.clear();
  for (auto& triple : triples) {
    for (std::string& text : triple) texts_.push_back(std::move(text));
  }
  attributes_.clear();
  for (size_t i = 0; i < texts_.size(); i += 3) {
    attributes_.push_back({texts_[i].c_str(), texts_[i + 1].c_str(), texts_[i + 2].c_str()});
  }
  return attributes_;
}

std::span<const TreadleShape> Results::shapes(std::vector<Shape> shapes) {
  extents_ = std::move(shapes);
  shapes_.clear();
  for (const Shape& shape : extents_) {
    shapes_.push_back({shape.empty() ? nullptr : shape.begin(), shape.ndim()});
  }
  return shapes_;
}

std::span<const TreadleDType> Results::types(std::span<const DType> types) {
  types_.clear();
  for (DType type : types) types_.push_back(TreadleDType(type));
  return types_;
}

std::span<const TreadleNamedArray> Results::named_arrays(std::vector<TreadleNDArray*> handles,
                                                         std::vector<std::string> names) {
  texts_ = std::move(names);
  named_.clear();
  for (size_t i = 0; i < handles.size(); ++i) {
    named_.push_back({texts_.empty() ? nullptr : texts_[i].c_str(), handles[i]});
  }
  return named_;
}

}  // namespace treadle::c
