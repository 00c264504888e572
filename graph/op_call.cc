#include "treadle/graph/op_call.h"

namespace treadle {

OpCall& OpCall::input(const Symbol& symbol) {
  positional_.push_back(symbol);
  return *this;
}

OpCall& OpCall::inputs(std::span<const Symbol> symbols) {
  positional_.insert(positional_.end(), symbols.begin(), symbols.end());
  return *this;
}

OpCall& OpCall::input(std::string_view name, const Symbol& symbol) {
  if (!symbol.is_empty()) named_.emplace(name, symbol);
  return *this;
}

OpCall& OpCall::set(std::string_view name, std::string text, std::string_view default_text) {
  if (text != default_text) params_.emplace(name, std::move(text));
  return *this;
}

Symbol OpCall::compose(std::string_view name, const Attributes& attributes) const {
  return treadle::compose(op_, params_, positional_, named_, name, attributes);
}

}  // namespace treadle
