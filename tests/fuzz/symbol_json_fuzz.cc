// Any text is a symbol, or an Error says why not. What is read can be written, inferred and read
// again.
#include <cstdio>
#include <cstdlib>

#include "treadle/core/error.h"
#include "treadle/core/log.h"
#include "treadle/graph/symbol.h"
#include "treadle/serialization/symbol_json.h"
#include "treadle/tests/graph/operators.h"

using namespace treadle;

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  set_log_sink([](std::string_view) {});  // warnings would fill the disk
  testing::register_test_operators();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Symbol symbol;
  try {
    symbol = symbol_from_json({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const Error&) {
    return 0;
  }
  const std::string written = to_json(symbol);
  const std::string again = to_json(symbol_from_json(written, "written"));
  if (again != written) {
    std::fprintf(stderr, "written:\n%s\nread and written again:\n%s\n", written.c_str(),
                 again.c_str());
    std::abort();
  }
  try {
    symbol.infer_shape({}, true);
    symbol.infer_type({});
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
