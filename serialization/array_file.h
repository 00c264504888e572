// Arrays in files: the `.params` lists that MXNet writes, of every era, and single arrays.
// docs/architecture/files.md has the byte layout.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/tensor/array.h"

namespace treadle {

struct ArrayFile {
  std::vector<Array> arrays;       // an invalid Array stands for MXNet's "none"
  std::vector<std::string> names;  // one per array, or empty when a list without names was saved
};

// Waits for the arrays and writes them as MXNet 1.9.1 does, with names when some are given (one per
// array). Scalars and empty arrays take the form that MXNet writes with NumPy shapes switched on.
// The checksum that follows is nothing to other readers. The file at `uri` is replaced at once or,
// when an Error is thrown, left as it was.
void save_arrays(std::string_view uri, std::span<const Array> arrays,
                 std::span<const std::string> names = {});
void save_arrays(std::string_view uri, const ArrayMap& arrays);

// Reads what any MXNet since the first wrote; arrays of a GPU come to the CPU. Throws Error with
// the byte offset for a damaged file, of ours after a change of any byte, and for sparse arrays; no
// length is believed before it is checked against what is left of the file.
ArrayFile load_arrays(std::string_view uri);

// The same bytes in memory; `name` is what errors call them.
std::string arrays_to_bytes(std::span<const Array> arrays, std::span<const std::string> names = {});
ArrayFile arrays_from_bytes(std::string_view bytes, std::string_view name = "array list");

// One array without list and names, as pickles hold it.
std::string array_to_bytes(const Array& array);
Array array_from_bytes(std::string_view bytes, std::string_view name = "array");

}  // namespace treadle
