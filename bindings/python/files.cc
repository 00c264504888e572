#include "treadle/bindings/python/module.h"
#include "treadle/serialization/array_file.h"

namespace treadle::python {
namespace {

// Arrays, None where the file has MXNet's "none", and their names.
nb::tuple as_tuple(const ArrayFile& file) {
  nb::list arrays;
  for (const Array& array : file.arrays) {
    arrays.append(array.is_valid() ? nb::cast(array) : nb::none());
  }
  return nb::make_tuple(arrays, file.names);
}

template <class Read>
nb::tuple read_file(const Read& read) {
  ArrayFile file;
  {
    const OthersRun others_run;
    file = read();
  }
  return as_tuple(file);
}

}  // namespace

void bind_files(nb::module_& module) {
  module.def(
      "save_arrays",
      [](const std::string& uri, const std::vector<Array>& arrays,
         const std::vector<std::string>& names) { save_arrays(uri, arrays, names); },
      ReleaseGil());
  module.def("load_arrays",
             [](const std::string& uri) { return read_file([&] { return load_arrays(uri); }); });
  module.def("arrays_from_bytes", [](const nb::bytes& bytes) {
    const std::string_view text(bytes.c_str(), bytes.size());
    return read_file([&] { return arrays_from_bytes(text); });
  });
  module.def("array_to_bytes", [](const Array& array) {
    std::string bytes;
    {
      const OthersRun others_run;
      bytes = array_to_bytes(array);
    }
    return nb::bytes(bytes.data(), bytes.size());
  });
  module.def("array_from_bytes", [](const nb::bytes& bytes) {
    return array_from_bytes(std::string_view(bytes.c_str(), bytes.size()));
  });
}

}  // namespace treadle::python
