// Symbols as JSON, in the form of MXNet 1.9.1. docs/architecture/files.md describes it.
#pragma once

#include <string>
#include <string_view>

#include "treadle/graph/symbol.h"

namespace treadle {

// The text that MXNet 1.9.1 would write for the same graph, and reads with the same meaning. Plain
// attributes that a user gave to operators, which 1.9.1 refuses, stand together under one reserved
// key. Throws Error for an empty symbol and for names that are not UTF-8.
std::string to_json(const Symbol& symbol);

// Reads what any MXNet from 0.8 on wrote, or this library. Throws Error for everything that is not
// a complete, acyclic graph of operators that exist, with the JSON path ("nodes[3].inputs[0]") or,
// where the text is no JSON, the byte offset; `name` is what errors call the text. An unknown key
// of an operator becomes a user's attribute; one that is close to a parameter's name also warns.
Symbol symbol_from_json(std::string_view json, std::string_view name = "symbol JSON");

}  // namespace treadle
