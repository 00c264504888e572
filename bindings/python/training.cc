#include "treadle/bindings/python/module.h"
#include "treadle/io/array_iterator.h"
#include "treadle/io/csv.h"
#include "treadle/operators/random.h"
#include "treadle/training/initializer.h"

namespace treadle::python {

void bind_training(nb::module_& module) {
  module.def(
      "initialize",
      [](const std::string& text, const std::string& name, const Array& array) {
        Initializer::parse(text)->fill(name, array, next_random_key());
      },
      ReleaseGil(), "Writes the values that an `__init__` attribute of this text gives an array.");
  module.def("gather_rows", &gather_rows, ReleaseGil(), "Queues a copy of some rows of an array.");
  module.def(
      "read_csv",
      [](const std::string& path) {
        const CsvTable table = read_csv(path);
        return Array::from(table.values, {table.rows, table.columns});
      },
      ReleaseGil(), "A file of numbers as an array (rows, columns).");
}

}  // namespace treadle::python
