#pragma once

#include "treadle/graph/symbol.h"

namespace demo {

// The classic LeNet for 28x28 images: two convolutions with tanh and max pooling, two layers of
// neurons, softmax over the ten digits.
treadle::Symbol lenet();

}  // namespace demo
