#include "treadle/graph/scope.h"

#include "treadle/core/error.h"

namespace treadle {
namespace {

thread_local NameManager* current_manager = nullptr;
thread_local AttrScope* current_scope = nullptr;

}  // namespace

NameManager::NameManager() : outer_(current_manager) { current_manager = this; }
NameManager::~NameManager() { current_manager = outer_; }

NameManager& NameManager::current() {
  if (!current_manager) {
    // The outermost manager of a thread lives as long as the thread: its count never restarts.
    thread_local NameManager root;
    current_manager = &root;
  }
  return *current_manager;
}

std::string NameManager::get(std::string_view name, std::string_view hint) {
  if (!name.empty()) return std::string(name);
  auto it = counts_.find(hint);
  if (it == counts_.end()) it = counts_.emplace(hint, 0).first;
  return concat(hint, it->second++);
}

std::string Prefix::get(std::string_view name, std::string_view hint) {
  return prefix_ + NameManager::get(name, hint);
}

AttrScope::AttrScope(ParamText attributes)
    : outer_(current_scope), attributes_(std::move(attributes)) {
  if (outer_) attributes_.insert(outer_->attributes_.begin(), outer_->attributes_.end());
  current_scope = this;
}

AttrScope::~AttrScope() { current_scope = outer_; }

ParamText AttrScope::merge(const ParamText& given) {
  ParamText merged = given;
  if (current_scope) {
    merged.insert(current_scope->attributes_.begin(), current_scope->attributes_.end());
  }
  return merged;
}

}  // namespace treadle
