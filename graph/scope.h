// Scopes of composition: which names and attributes new nodes receive. Both are per thread.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "treadle/core/reflect.h"

namespace treadle {

// Gives names to nodes without one: "convolution0", "convolution1", … Construct one to start a
// fresh count until it goes out of scope; subclass it to name differently. Scopes nest.
class NameManager {
 public:
  NameManager();
  virtual ~NameManager();
  NameManager(const NameManager&) = delete;
  NameManager& operator=(const NameManager&) = delete;

  // The manager in force on this thread.
  static NameManager& current();

  // `name`, or if it is empty one made from `hint` (the operator in lower case).
  virtual std::string get(std::string_view name, std::string_view hint);

 private:
  NameManager* const outer_;
  std::map<std::string, int, std::less<>> counts_;
};

// A NameManager that puts `prefix` before every name, given ones too.
class Prefix : public NameManager {
 public:
  explicit Prefix(std::string prefix) : prefix_(std::move(prefix)) {}
  std::string get(std::string_view name, std::string_view hint) override;

 private:
  std::string prefix_;
};

// Adds attributes to every node composed while it lives; inner scopes win.
class AttrScope {
 public:
  explicit AttrScope(ParamText attributes);
  // AttrScope({{"group", "4"}}): without it, one pair in braces would be ambiguous.
  explicit AttrScope(std::initializer_list<ParamText::value_type> attributes)
      : AttrScope(ParamText(attributes)) {}
  ~AttrScope();
  AttrScope(const AttrScope&) = delete;
  AttrScope& operator=(const AttrScope&) = delete;

  // `given` with the attributes of the scopes in force behind it.
  static ParamText merge(const ParamText& given);

 private:
  AttrScope* const outer_;
  ParamText attributes_;  // outer ones included
};

}  // namespace treadle
