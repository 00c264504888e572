#include "evaluate.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "digits.h"
#include "train.h"
#include "treadle/core/error.h"
#include "treadle/io/array_iterator.h"
#include "treadle/serialization/array_file.h"

namespace demo {
namespace {

using namespace treadle;

// The largest NNNN of the files PREFIX-NNNN.params.
int newest_epoch(const std::string& prefix) {
  const std::filesystem::path path(prefix);
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const std::string start = path.filename().string() + "-", end = ".params";
  int newest = -1;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    const std::string name = entry.path().filename().string();
    if (name.size() != start.size() + 4 + end.size() || !name.starts_with(start) ||
        !name.ends_with(end))
      continue;
    const std::string digits = name.substr(start.size(), 4);
    if (digits.find_first_not_of("0123456789") == std::string::npos)
      newest = std::max(newest, std::atoi(digits.c_str()));
  }
  if (newest < 0) {
    throw Error("There is no file '", prefix,
                "-NNNN.params'; give --evaluate the prefix of a saved model, such as "
                "demo-output/lenet.");
  }
  return newest;
}

}  // namespace

void evaluate(const Options& options) {
  const int epoch =
      options.evaluated_epoch >= 0 ? options.evaluated_epoch : newest_epoch(options.evaluate);
  const Digits digits = load_digits(options.data);
  Model model = Model::load(options.evaluate, epoch);
  std::printf("%s\n", to_string(score(model, digits.held_out)).c_str());
  if (options.predictions.empty()) return;
  ArrayIterator data({{"data", digits.held_out.pixels}}, {},
                     {.batch_size = digits.held_out.count()});
  save_arrays(options.predictions, {{"data", digits.held_out.pixels},
                                    {"label", digits.held_out.labels},
                                    {"probabilities", model.predict(data)[0]}});
}

}  // namespace demo
