#include "treadle/bindings/python/module.h"
#include "treadle/io/array_iterator.h"
#include "treadle/io/csv.h"
#include "treadle/operators/random.h"
#include "treadle/training/initializer.h"

namespace treadle::python {
namespace {

template <class T>
Array numbers_of(const std::string& path) {
  const TableOf<T> table = read_csv_as<T>(path);
  return Array::from(table.values, {table.rows, table.columns});
}

// Read as the type they are asked in where that can be, so that no digit is lost on the way.
Array read_numbers(const std::string& path, DType type) {
  switch (type) {
    case DType::i32: return numbers_of<int32_t>(path);
    case DType::i64: return numbers_of<int64_t>(path);
    case DType::f64: return numbers_of<double>(path);
    case DType::f32: return numbers_of<float>(path);
    default: return numbers_of<float>(path).as_type(type);
  }
}

}  // namespace

void bind_training(nb::module_& module) {
  module.def(
      "initialize",
      [](const std::string& text, const std::string& name, const Array& array) {
        Initializer::parse(text)->fill(name, array, next_random_key());
      },
      ReleaseGil(), "Writes the values that an `__init__` attribute of this text gives an array.");
  module.def("gather_rows", &gather_rows, ReleaseGil(), "Queues a copy of some rows of an array.");
  module.def("read_csv", read_numbers, ReleaseGil(),
             "A file of numbers as an array (rows, columns) of a type.");
}

}  // namespace treadle::python
