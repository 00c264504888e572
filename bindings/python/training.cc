#include "treadle/bindings/python/module.h"
#include "treadle/io/array_iterator.h"
#include "treadle/io/csv.h"
#include "treadle/operators/random.h"
#include "treadle/training/initializer.h"
#include "treadle/training/tally.h"

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

// A batch: labels may be missing; `class_axes` are those of each of the predictions.
void add(Tally& tally, const std::vector<Array>& labels, const std::vector<Array>& predictions,
         const std::vector<std::optional<int>>& class_axes) {
  std::vector<LabelledOutput> outputs;
  for (size_t i = 0; i < predictions.size(); ++i) {
    outputs.push_back({labels.empty() ? Array() : labels.at(i), predictions[i], class_axes.at(i)});
  }
  tally.add(outputs);
}

void bind_tally(nb::module_& module) {
  const auto of_two_classes = [](measure::TwoClassScore score) {
    return [score](const std::vector<double>& counts) { return score(counts); };
  };
  nb::class_<Findings>(module, "Findings", "What measuring found in some batches.")
      .def("onto", &Findings::onto, nb::arg("start"),
           "A sum to which those of the batches are added.")
      .def_ro("count", &Findings::count)
      .def_ro("table", &Findings::table);
  nb::class_<Tally>(module, "Tally", "Running sums, to which tasks of the engine add batches.")
      .def("add", &add, nb::arg("labels"), nb::arg("predictions"), nb::arg("class_axes"),
           ReleaseGil(), "Queues the measuring of a batch.")
      .def("take", &Tally::take, ReleaseGil(), "Waits, and gives what was found since.")
      .def("reset", &Tally::reset, ReleaseGil(), "Forgets all batches and their errors.")
      .def_static("accuracy", [] { return Tally(measure::accuracy()); })
      .def_static("top_k", [](int64_t k) { return Tally(measure::top_k(k)); })
      .def_static("cross_entropy",
                  [](double epsilon) { return Tally(measure::cross_entropy(epsilon)); })
      .def_static(
          "perplexity",
          [](std::optional<int64_t> ignored) { return Tally(measure::perplexity(ignored)); },
          nb::arg("ignored").none())
      .def_static("absolute_error", [] { return Tally(measure::absolute_error()); })
      .def_static("squared_error", [] { return Tally(measure::squared_error()); })
      .def_static("root_squared_error", [] { return Tally(measure::root_squared_error()); })
      .def_static("total", [] { return Tally(measure::total()); })
      .def_static("correlation", [] { return Tally(measure::correlation()); })
      .def_static("f1", [] { return Tally(measure::two_classes(measure::f1_score)); })
      .def_static("matthews", [] { return Tally(measure::two_classes(measure::matthews_score)); })
      .def_static("two_class_counts", [] { return Tally(measure::two_class_counts()); })
      .def_static("confusion", [] { return Tally(measure::confusion()); });
  module.def("f1_score", of_two_classes(measure::f1_score),
             "Of hits, false alarms, rejections and misses.");
  module.def("matthews_score", of_two_classes(measure::matthews_score),
             "Of hits, false alarms, rejections and misses.");
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
  bind_tally(module);
}

}  // namespace treadle::python
