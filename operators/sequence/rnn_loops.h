// Recurrent layers as matrix products and loops over gates: the arithmetic of RNN. T is float or
// double; bits do not depend on the number of threads.
#pragma once

#include <functional>
#include <vector>

#include "treadle/core/value_type.h"
#include "treadle/operators/philox.h"

namespace treadle {
class Pool;
}

namespace treadle::ops {

enum class RnnMode : uint8_t { gru, lstm, rnn_relu, rnn_tanh };
inline EnumNames describe(RnnMode) {
  return enum_names("RnnMode", "gru", "lstm", "rnn_relu", "rnn_tanh");
}

// Data are (steps, batch, inputs), states (layers * directions, batch, recurrent), cells the same
// with hidden, the output (steps, batch, directions * recurrent); recurrent is hidden, or, where an
// lstm projects what it gives, the projection's size. Parameters are one vector: for each layer and
// direction the weights of the input (gates * hidden, inputs), of the state (gates * hidden,
// recurrent) and of the projection (projected, hidden), then for each of them the two biases (gates
// * hidden). Gates are in the order i f g o for lstm and r z n for gru.
struct RnnShape {
  RnnMode mode = RnnMode::lstm;
  int64_t layers = 1, directions = 1, steps = 0, batch = 0, inputs = 0, hidden = 0;
  int64_t projected = 0;  // 0: not at all
  // An lstm's cells are brought between the two after each step; a NaN becomes the least one if so
  // said.
  bool clips = false, clips_nan = false;
  double least = 0, most = 0;

  int64_t gates() const { return mode == RnnMode::lstm ? 4 : mode == RnnMode::gru ? 3 : 1; }
  int64_t width() const { return gates() * hidden; }
  int64_t rows() const { return steps * batch; }
  int64_t recurrent() const { return projected > 0 ? projected : hidden; }
  int64_t out_width() const { return directions * recurrent(); }
  int64_t inputs_of(int64_t layer) const { return layer == 0 ? inputs : out_width(); }

  int64_t weight(int64_t layer, int64_t direction) const {
    int64_t offset = 0;
    for (int64_t l = 0; l < layer; ++l) offset += directions * weights_of(l);
    return offset + direction * weights_of(layer);
  }
  int64_t weights_of(int64_t layer) const {
    return width() * (inputs_of(layer) + recurrent()) + projected * hidden;
  }
  int64_t bias(int64_t layer, int64_t direction) const {
    return weight(layers, 0) + (layer * directions + direction) * 2 * width();
  }
  int64_t parameters() const { return bias(layers, 0); }

  // What backward needs of one direction of one layer: gates, cells (lstm) or what the state adds
  // to the new gate (gru), and states, of every step.
  int64_t reserve_part() const { return rows() * (width() + hidden + recurrent()); }
  int64_t reserve() const { return layers * directions * reserve_part(); }
  // Numbers of scratch memory.
  int64_t forward_scratch() const { return batch * (width() + hidden) + 2 * rows() * out_width(); }
  int64_t backward_scratch() const {
    return 2 * rows() * width() + 3 * rows() * out_width() + batch * (recurrent() + 2 * hidden) +
           (projected > 0 ? rows() * (projected + hidden) : 0);
  }
};

template <class T>
struct RnnInputs {
  const T* data = nullptr;
  const T* parameters = nullptr;
  const T* state = nullptr;
  const T* cell = nullptr;  // lstm only
  // Steps that count, per sample; empty: all. Beyond them the output is 0 and states stay.
  std::vector<int64_t> lengths = {};
  float dropped = 0;  // share of the numbers between layers that are set to 0
  RandomKey random = {};
};

// Where results go: element i gets `value`, by the request of the array.
template <class T>
using RnnPut = std::function<void(int64_t i, T value)>;

// `reserve` has shape.reserve() numbers, or, where `keeps` is false, one part for each direction
// that is used over and over. Null functions: results nobody wants.
template <class T>
void rnn_forward(Pool& pool, const RnnShape& shape, const RnnInputs<T>& inputs, T* reserve,
                 bool keeps, T* scratch, const RnnPut<T>& out, const RnnPut<T>& state,
                 const RnnPut<T>& cell);

template <class T>
struct RnnGradients {
  const T* out = nullptr;    // of the output
  const T* state = nullptr;  // of the last states; null: 0
  const T* cell = nullptr;
  T* data = nullptr;        // added to; null: not wanted
  T* parameters = nullptr;  // added to; null: not wanted
  RnnPut<T> first_state, first_cell;
};
template <class T>
void rnn_backward(Pool& pool, const RnnShape& shape, const RnnInputs<T>& inputs, const T* reserve,
                  T* scratch, const RnnGradients<T>& gradients);

}  // namespace treadle::ops
