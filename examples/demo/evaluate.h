// A saved model, loaded and judged.
#pragma once

#include "options.h"

namespace demo {

// Loads the model of `options.evaluate` and prints its accuracy on the held-out images. With
// `options.predictions` also writes the file of that name: `data`, `label` and `probabilities`.
void evaluate(const Options& options);

}  // namespace demo
