#include "treadle/serialization/checkpoint.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "treadle/core/error.h"
#include "treadle/serialization/array_file.h"

namespace treadle {

std::string checkpoint_symbol_file(std::string_view prefix) {
  return concat(prefix, "-symbol.json");
}

std::string checkpoint_array_file(std::string_view prefix, int epoch) {
  if (epoch < 0) throw Error("A checkpoint's epoch is ", epoch, "; at least 0 is expected.");
  char number[16];
  std::snprintf(number, sizeof number, "%04d", epoch);
  return concat(prefix, "-", number, ".params");
}

void save_checkpoint(std::string_view prefix, int epoch, const Symbol& symbol,
                     const ArrayMap& arguments, const ArrayMap& auxiliaries) {
  const std::string array_file = checkpoint_array_file(prefix, epoch);
  std::vector<std::string> names;
  std::vector<Array> arrays;
  const auto add = [&](std::string_view kind, const ArrayMap& from) {
    for (const auto& [name, array] : from) {
      names.push_back(concat(kind, name));
      arrays.push_back(array);
    }
  };
  add("arg:", arguments);
  add("aux:", auxiliaries);
  if (!symbol.is_empty()) symbol.save(checkpoint_symbol_file(prefix));
  save_arrays(array_file, arrays, names);
}

Checkpoint load_checkpoint(std::string_view prefix, int epoch) {
  const std::string array_file = checkpoint_array_file(prefix, epoch);
  Checkpoint checkpoint;
  checkpoint.symbol = Symbol::load(checkpoint_symbol_file(prefix));
  ArrayFile file = load_arrays(array_file);
  if (file.names.empty() && !file.arrays.empty()) {
    throw Error(array_file, ": the file holds ", file.arrays.size(),
                " arrays without names; a checkpoint's arrays are called arg:NAME and aux:NAME.");
  }
  const std::vector<std::string> states = checkpoint.symbol.list_auxiliary_states();
  for (size_t i = 0; i < file.arrays.size(); ++i) {
    std::string_view name = file.names[i];
    bool is_auxiliary = name.starts_with("aux:");
    if (is_auxiliary || name.starts_with("arg:")) {
      name.remove_prefix(4);
    } else {
      is_auxiliary = std::ranges::count(states, name) > 0;
    }
    ArrayMap& map = is_auxiliary ? checkpoint.auxiliaries : checkpoint.arguments;
    if (!map.emplace(name, file.arrays[i]).second) {
      throw Error(array_file, ": there are two arrays '", file.names[i], "'; one is expected.");
    }
  }
  return checkpoint;
}

}  // namespace treadle
