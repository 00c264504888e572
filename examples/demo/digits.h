// The handwritten digits as LeNet wants them.
#pragma once

#include <string>

#include "treadle/tensor/array.h"

namespace demo {

struct Images {
  treadle::Array pixels;  // (examples, 1, 28, 28), 0 to 1
  treadle::Array labels;  // (examples)

  int64_t count() const { return labels.shape()[0]; }
};

// A fifth of the images is held out: never trained on, and nothing is chosen by looking at it.
struct Digits {
  Images training, held_out;
};

// Reads the 8x8 images, upscales them to 28x28 and splits them. The order is a fixed permutation;
// its first 359 of 1,797 images are held out.
Digits load_digits(const std::string& path);

// One fold of `count`: every image of `images` is held out in exactly one fold.
Digits make_fold(const Images& images, int fold, int count);

}  // namespace demo
