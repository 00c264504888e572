// Checkpoints: a model's graph and its arrays under one prefix, in MXNet's two files.
#pragma once

#include <string>
#include <string_view>

#include "treadle/graph/symbol.h"
#include "treadle/tensor/array.h"

namespace treadle {

struct Checkpoint {
  Symbol symbol;
  ArrayMap arguments;
  ArrayMap auxiliaries;
};

// Writes PREFIX-symbol.json and PREFIX-%04d.params (names "arg:NAME" and "aux:NAME"), each at once
// or not at all, the graph first. An empty symbol leaves the graph's file as it is. Throws Error
// for a negative epoch and where writing fails.
void save_checkpoint(std::string_view prefix, int epoch, const Symbol& symbol,
                     const ArrayMap& arguments, const ArrayMap& auxiliaries);

// Reads both files. Arrays whose names have no "arg:" or "aux:" in front, as some tools write them,
// are sorted by what the symbol lists as auxiliary states. More or fewer arrays than the symbol
// lists are fine; binding says what is missing.
Checkpoint load_checkpoint(std::string_view prefix, int epoch);

// The names of the two files.
std::string checkpoint_symbol_file(std::string_view prefix);
std::string checkpoint_array_file(std::string_view prefix, int epoch);

}  // namespace treadle
