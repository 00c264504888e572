#include "treadle/operators/sequence/rnn_loops.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "treadle/device/pool.h"
#include "treadle/operators/blas/gemm.h"
#include "treadle/operators/isa.h"
#include "treadle/operators/math.h"

namespace treadle::ops {
namespace {

using blas::gemm;
using blas::row_major;
using blas::transposed;

// One direction of one layer: its parameters, and where its steps lie in the reserve.
template <class T, class R>
struct Lane {
  int64_t inputs, layer, direction;
  const T *input_weight, *state_weight, *projection, *input_bias, *state_bias;
  const T *first_state, *first_cell;
  R *gates, *extra, *states;

  Lane(const RnnShape& s, const RnnInputs<T>& in, int64_t layer, int64_t direction, R* reserve)
      : inputs(s.inputs_of(layer)), layer(layer), direction(direction) {
    input_weight = in.parameters + s.weight(layer, direction);
    state_weight = input_weight + s.width() * inputs;
    projection = state_weight + s.width() * s.recurrent();
    input_bias = in.parameters + s.bias(layer, direction);
    state_bias = input_bias + s.width();
    const int64_t samples_before = (layer * s.directions + direction) * s.batch;
    first_state = in.state + samples_before * s.recurrent();
    first_cell = in.cell ? in.cell + samples_before * s.hidden : nullptr;
    gates = reserve;
    extra = gates + s.rows() * s.width();
    states = extra + s.rows() * s.hidden;
  }
  // The step that is taken `k`-th, and the one before it.
  int64_t step(const RnnShape& s, int64_t k) const { return direction == 0 ? k : s.steps - 1 - k; }
  const T* state_before(const RnnShape& s, int64_t k) const {
    return k == 0 ? first_state : states + step(s, k - 1) * s.batch * s.recurrent();
  }
  const T* cell_before(const RnnShape& s, int64_t k) const {
    return k == 0 ? first_cell : extra + step(s, k - 1) * s.batch * s.hidden;
  }
};

template <class T>
bool counts(const RnnInputs<T>& in, int64_t step, int64_t sample) {
  return in.lengths.empty() || step < in.lengths[size_t(sample)];
}

// Calls f(sample) for each sample, in parallel where there is much to do.
template <class F>
void for_samples(Pool& pool, const RnnShape& s, const F& f) {
  pool.parallel_for(0, s.batch, std::max<int64_t>(1, 8192 / s.width()),
                    [&](int64_t begin, int64_t end) {
                      run_for_best_isa([&] {
                        for (int64_t n = begin; n < end; ++n) f(n);
                      });
                    });
}

// Between what cells are brought; NaN, which nothing is less or more than, where they are not.
template <class T>
std::pair<T, T> bounds_of(const RnnShape& s) {
  constexpr T none = std::numeric_limits<T>::quiet_NaN();
  return s.clips ? std::pair(T(s.least), T(s.most)) : std::pair(none, none);
}

// One sample's step: `x` holds what the input adds to the gates, `h` what the state adds; on return
// x holds the gates.
template <class T, class R>
inline void run_cell(const RnnShape& s, const Lane<T, R>& lane, R* x, const R* h, const T* before,
                     const T* cell_before, R* extra, R* state) {
  const int64_t n = s.hidden;
  const T *bx = lane.input_bias, *bh = lane.state_bias;
  const auto both = [&](int64_t i) { return x[i] + h[i] + bx[i] + bh[i]; };
  const auto [least, most] = bounds_of<T>(s);
  const T of_nan = s.clips_nan ? least : std::numeric_limits<T>::quiet_NaN();
  switch (s.mode) {
    case RnnMode::lstm:
      TREADLE_INDEPENDENT
      for (int64_t j = 0; j < n; ++j) {
        const T in = math::sigmoid(both(j)), forget = math::sigmoid(both(n + j));
        const T fresh = math::tanh(both(2 * n + j)), out = math::sigmoid(both(3 * n + j));
        const T whole = forget * cell_before[j] + in * fresh;
        const T cell = whole != whole  ? of_nan
                       : whole < least ? least
                       : whole > most  ? most
                                       : whole;
        x[j] = in, x[n + j] = forget, x[2 * n + j] = fresh, x[3 * n + j] = out;
        extra[j] = cell;
        state[j] = out * math::tanh(cell);
      }
      return;
    case RnnMode::gru:
      TREADLE_INDEPENDENT
      for (int64_t j = 0; j < n; ++j) {
        const T reset = math::sigmoid(both(j)), keep = math::sigmoid(both(n + j));
        const T from_state = h[2 * n + j] + bh[2 * n + j];
        const T fresh = math::tanh(x[2 * n + j] + bx[2 * n + j] + reset * from_state);
        x[j] = reset, x[n + j] = keep, x[2 * n + j] = fresh;
        extra[j] = from_state;
        state[j] = (T(1) - keep) * fresh + keep * before[j];
      }
      return;
    case RnnMode::rnn_relu:
      for (int64_t j = 0; j < n; ++j) state[j] = x[j] = std::max(both(j), T(0));
      return;
    case RnnMode::rnn_tanh:
      TREADLE_INDEPENDENT
      for (int64_t j = 0; j < n; ++j) state[j] = x[j] = math::tanh(both(j));
      return;
  }
}

// The same backwards: from dh, the gradient of the new state, and dc, that of the new cell, to
// those of what the input (dx) and the state (ds) add to the gates; dh becomes what of it goes
// straight to the state before, and dc the gradient of the cell before.
template <class T>
inline void run_cell_gradient(const RnnShape& s, const T* gates, const T* extra, const T* before,
                              const T* cell_before, T* dh, T* dc, T* dx, T* ds) {
  const int64_t n = s.hidden;
  const auto [least, most] = bounds_of<T>(s);
  switch (s.mode) {
    case RnnMode::lstm:
      TREADLE_INDEPENDENT
      for (int64_t j = 0; j < n; ++j) {
        const T in = gates[j], forget = gates[n + j], fresh = gates[2 * n + j],
                out = gates[3 * n + j];
        const T cell = math::tanh(extra[j]);
        const bool is_clipped = extra[j] <= least || extra[j] >= most;
        const T dcell = is_clipped ? T(0) : dc[j] + dh[j] * out * (T(1) - cell * cell);
        dx[j] = dcell * fresh * in * (T(1) - in);
        dx[n + j] = dcell * cell_before[j] * forget * (T(1) - forget);
        dx[2 * n + j] = dcell * in * (T(1) - fresh * fresh);
        dx[3 * n + j] = dh[j] * cell * out * (T(1) - out);
        dc[j] = dcell * forget;
        dh[j] = 0;
      }
      std::memcpy(ds, dx, size_t(4 * n) * sizeof(T));
      return;
    case RnnMode::gru:
      TREADLE_INDEPENDENT
      for (int64_t j = 0; j < n; ++j) {
        const T reset = gates[j], keep = gates[n + j], fresh = gates[2 * n + j];
        const T dfresh = dh[j] * (T(1) - keep) * (T(1) - fresh * fresh);
        dx[j] = ds[j] = dfresh * extra[j] * reset * (T(1) - reset);
        dx[n + j] = ds[n + j] = dh[j] * (before[j] - fresh) * keep * (T(1) - keep);
        dx[2 * n + j] = dfresh;
        ds[2 * n + j] = dfresh * reset;
        dh[j] *= keep;
      }
      return;
    case RnnMode::rnn_relu:
    case RnnMode::rnn_tanh:
      for (int64_t j = 0; j < n; ++j) {
        const T slope =
            s.mode == RnnMode::rnn_tanh ? T(1) - gates[j] * gates[j] : T(gates[j] > T(0));
        dx[j] = ds[j] = dh[j] * slope;
        dh[j] = 0;
      }
      return;
  }
}

// What of a number between layers is passed on: 0 or 1 / (share that is kept).
template <class T>
T passed(const RnnShape& s, const RnnInputs<T>& in, int64_t layer, int64_t i) {
  if (in.dropped <= 0) return T(1);
  const float kept = 1 - in.dropped;
  const uint64_t number = uint64_t(layer * s.rows() * s.out_width() + i);
  return uniform_at(in.random, number) < kept ? T(1) / T(kept) : T(0);
}

// Calls put(i, value) with the output (rows, directions * hidden) of a layer.
template <class T, class R, class Put>
void layer_output(Pool& pool, const RnnShape& s, const RnnInputs<T>& in, int64_t layer, R* reserve,
                  int64_t part, const Put& put) {
  const bool is_last = layer + 1 == s.layers;
  pool.parallel_for(0, s.rows(), std::max<int64_t>(1, 8192 / s.out_width()),
                    [&](int64_t begin, int64_t end) {
                      for (int64_t row = begin; row < end; ++row) {
                        const bool is_there = counts(in, row / s.batch, row % s.batch);
                        for (int64_t d = 0; d < s.directions; ++d) {
                          const Lane<T, R> lane(s, in, layer, d, reserve + d * part);
                          for (int64_t j = 0; j < s.recurrent(); ++j) {
                            const int64_t i = row * s.out_width() + d * s.recurrent() + j;
                            T value = is_there ? lane.states[row * s.recurrent() + j] : T(0);
                            if (!is_last) value *= passed(s, in, layer, i);
                            put(i, value);
                          }
                        }
                      }
                    });
}

// `unprojected`: batch * hidden numbers of scratch memory for an lstm that projects.
template <class T>
void run_lane(Pool& pool, const RnnShape& s, const RnnInputs<T>& in, const Lane<T, T>& lane,
              const T* x, T* from_state, T* unprojected) {
  const int64_t width = s.width(), hidden = s.hidden, recurrent = s.recurrent();
  gemm(pool, s.rows(), width, lane.inputs, row_major(x, lane.inputs),
       transposed(lane.input_weight, lane.inputs), lane.gates, width, false);
  for (int64_t k = 0; k < s.steps; ++k) {
    const int64_t t = lane.step(s, k);
    const T* const before = lane.state_before(s, k);
    const T* const cell_before = s.mode == RnnMode::lstm ? lane.cell_before(s, k) : nullptr;
    gemm(pool, s.batch, width, recurrent, row_major(before, recurrent),
         transposed(lane.state_weight, recurrent), from_state, width, false);
    T* const states = lane.states + t * s.batch * recurrent;
    T* const made = s.projected > 0 ? unprojected : states;
    for_samples(pool, s, [&](int64_t n) {
      const int64_t row = t * s.batch + n;
      T* const extra = lane.extra + row * hidden;
      run_cell(s, lane, lane.gates + row * width, from_state + n * width, before + n * recurrent,
               cell_before ? cell_before + n * hidden : nullptr, extra, made + n * hidden);
      if (!counts(in, t, n) && cell_before) std::copy_n(cell_before + n * hidden, hidden, extra);
    });
    if (s.projected > 0) {
      gemm(pool, s.batch, recurrent, hidden, row_major<T>(made, hidden),
           transposed(lane.projection, hidden), states, recurrent, false);
    }
    for (int64_t n = 0; n < s.batch; ++n) {
      if (counts(in, t, n)) continue;
      std::copy_n(before + n * recurrent, recurrent, states + n * recurrent);
    }
  }
}

// to[k] += sum of the rows of `from` (rows, width), column by column in order.
template <class T>
void add_columns(Pool& pool, const T* from, int64_t rows, int64_t width, T* to) {
  constexpr int64_t stretch = 64;
  pool.parallel_for(0, (width + stretch - 1) / stretch, 1, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block * stretch, count = std::min(stretch, width - first);
      T sums[stretch] = {};
      for (int64_t row = 0; row < rows; ++row) {
        for (int64_t i = 0; i < count; ++i) sums[i] += from[row * width + first + i];
      }
      for (int64_t i = 0; i < count; ++i) to[first + i] += sums[i];
    }
  });
}

// What an lstm's projection is fed in every step (rows, hidden), and the gradient of what it gives
// (rows, projected).
template <class T>
struct Projected {
  T *fed = nullptr, *heads = nullptr;
};

// The gradients of one lane's parameters, from those of its gates.
template <class T>
void add_parameter_gradients(Pool& pool, const RnnShape& s, const Lane<T, const T>& lane,
                             const T* x, const T* dx, const T* ds, const Projected<T>& projected,
                             T* parameters) {
  const int64_t width = s.width(), recurrent = s.recurrent(), step = s.batch * recurrent;
  T* const input_weight = parameters + s.weight(lane.layer, lane.direction);
  T* const state_weight = input_weight + width * lane.inputs;
  T* const input_bias = parameters + s.bias(lane.layer, lane.direction);
  gemm(pool, width, lane.inputs, s.rows(), transposed(dx, width), row_major(x, lane.inputs),
       input_weight, lane.inputs, true);
  // The states before: the first ones, and those of all steps but the last one taken.
  const int64_t first = lane.step(s, 0);
  gemm(pool, width, recurrent, s.batch, transposed(ds + first * s.batch * width, width),
       row_major(lane.first_state, recurrent), state_weight, recurrent, true);
  if (s.steps > 1) {
    const bool is_forward = lane.direction == 0;
    gemm(pool, width, recurrent, s.rows() - s.batch,
         transposed(ds + (is_forward ? s.batch * width : 0), width),
         row_major(lane.states + (is_forward ? 0 : step), recurrent), state_weight, recurrent,
         true);
  }
  if (s.projected > 0) {
    gemm(pool, s.projected, s.hidden, s.rows(), transposed<T>(projected.heads, s.projected),
         row_major<T>(projected.fed, s.hidden), state_weight + width * recurrent, s.hidden, true);
  }
  add_columns(pool, dx, s.rows(), width, input_bias);
  add_columns(pool, ds, s.rows(), width, input_bias + width);
}

// One step back through an lstm's projection: from dr, the gradient of what it gave, to dh, that of
// what it was fed; of samples that the step counts for, dr becomes 0, all of it having gone
// through.
template <class T>
void unproject(Pool& pool, const RnnShape& s, const RnnInputs<T>& in, const Lane<T, const T>& lane,
               int64_t t, T* dr, T* dh, const Projected<T>& projected) {
  T* const heads = projected.heads + t * s.batch * s.projected;
  T* const fed = projected.fed + t * s.batch * s.hidden;
  for (int64_t n = 0; n < s.batch; ++n) {
    T* const head = heads + n * s.projected;
    if (!counts(in, t, n)) {
      std::fill_n(head, s.projected, T(0));
      std::fill_n(fed + n * s.hidden, s.hidden, T(0));
      continue;
    }
    std::copy_n(dr + n * s.projected, s.projected, head);
    std::fill_n(dr + n * s.projected, s.projected, T(0));
    const int64_t row = t * s.batch + n;
    const T* const gate = lane.gates + row * s.width() + 3 * s.hidden;
    const T* const cell = lane.extra + row * s.hidden;
    for (int64_t j = 0; j < s.hidden; ++j) {
      fed[n * s.hidden + j] = gate[j] * math::tanh(cell[j]);
    }
  }
  gemm(pool, s.batch, s.hidden, s.projected, row_major<T>(heads, s.projected),
       row_major(lane.projection, s.hidden), dh, s.hidden, false);
}

}  // namespace

template <class T>
void rnn_forward(Pool& pool, const RnnShape& s, const RnnInputs<T>& in, T* reserve, bool keeps,
                 T* scratch, const RnnPut<T>& out, const RnnPut<T>& state, const RnnPut<T>& cell) {
  T* const from_state = scratch;
  T* const unprojected = from_state + s.batch * s.width();
  T* const first_buffer = unprojected + s.batch * s.hidden;
  T* const buffers[2] = {first_buffer, first_buffer + s.rows() * s.out_width()};
  const T* x = in.data;
  const int64_t part = s.reserve_part();
  const int64_t states = s.batch * s.recurrent(), cells = s.batch * s.hidden;
  for (int64_t layer = 0; layer < s.layers; ++layer) {
    T* const own = reserve + (keeps ? layer * s.directions * part : 0);
    for (int64_t d = 0; d < s.directions; ++d) {
      const Lane<T, T> lane(s, in, layer, d, own + d * part);
      run_lane(pool, s, in, lane, x, from_state, unprojected);
      const int64_t last = lane.step(s, s.steps - 1), index = layer * s.directions + d;
      for (int64_t i = 0; state && i < states; ++i) {
        state(index * states + i, lane.states[last * states + i]);
      }
      for (int64_t i = 0; cell && i < cells; ++i) {
        cell(index * cells + i, lane.extra[last * cells + i]);
      }
    }
    if (layer + 1 == s.layers) {
      if (out) layer_output(pool, s, in, layer, own, part, out);
    } else {
      T* const y = buffers[layer % 2];
      layer_output(pool, s, in, layer, own, part, [y](int64_t i, T value) { y[i] = value; });
      x = y;
    }
  }
}

template <class T>
void rnn_backward(Pool& pool, const RnnShape& s, const RnnInputs<T>& in, const T* reserve,
                  T* scratch, const RnnGradients<T>& g) {
  const int64_t width = s.width(), hidden = s.hidden, part = s.reserve_part();
  const int64_t recurrent = s.recurrent(), states = s.batch * recurrent, cells = s.batch * hidden;
  const int64_t outputs = s.rows() * s.out_width();
  T* const dx = scratch;  // of what the input adds to the gates
  T* const ds = dx + s.rows() * width;
  T* const x_buffer = ds + s.rows() * width;
  T* const heads[2] = {x_buffer + outputs, x_buffer + 2 * outputs};
  T* const dr = heads[1] + outputs;  // of the state, projected where it is
  T* const dc = dr + states;
  T* const dh = s.projected > 0 ? dc + cells : dr;
  const Projected<T> projected{dc + 2 * cells, dc + 2 * cells + s.rows() * hidden};
  const T* dy = g.out;
  for (int64_t layer = s.layers - 1; layer >= 0; --layer) {
    const T* x = in.data;
    if (layer > 0) {
      const T* const below = reserve + (layer - 1) * s.directions * part;
      layer_output(pool, s, in, layer - 1, below, part,
                   [x_buffer](int64_t i, T value) { x_buffer[i] = value; });
      x = x_buffer;
    }
    T* const input_grad = layer > 0 ? heads[layer % 2] : g.data;
    for (int64_t d = 0; d < s.directions; ++d) {
      const int64_t index = layer * s.directions + d;
      const Lane<T, const T> lane(s, in, layer, d, reserve + index * part);
      for (int64_t i = 0; i < states; ++i) dr[i] = g.state ? g.state[index * states + i] : T(0);
      for (int64_t i = 0; i < cells; ++i) dc[i] = g.cell ? g.cell[index * cells + i] : T(0);
      for (int64_t k = s.steps - 1; k >= 0; --k) {
        const int64_t t = lane.step(s, k);
        const T* const before = lane.state_before(s, k);
        const T* const cell_before = s.mode == RnnMode::lstm ? lane.cell_before(s, k) : nullptr;
        for (int64_t n = 0; n < s.batch; ++n) {
          if (!counts(in, t, n)) continue;
          const T* const head = dy + (t * s.batch + n) * s.out_width() + d * recurrent;
          for (int64_t j = 0; j < recurrent; ++j) dr[n * recurrent + j] += head[j];
        }
        if (s.projected > 0) unproject(pool, s, in, lane, t, dr, dh, projected);
        for_samples(pool, s, [&](int64_t n) {
          const int64_t row = t * s.batch + n;
          T* const to_input = dx + row * width;
          T* const to_state = ds + row * width;
          if (!counts(in, t, n)) {
            std::fill_n(to_input, width, T(0));
            std::fill_n(to_state, width, T(0));
            return;
          }
          run_cell_gradient(s, lane.gates + row * width, lane.extra + row * hidden,
                            before + n * recurrent,
                            cell_before ? cell_before + n * hidden : nullptr, dh + n * hidden,
                            dc + n * hidden, to_input, to_state);
        });
        gemm(pool, s.batch, recurrent, width, row_major<T>(ds + t * s.batch * width, width),
             row_major(lane.state_weight, recurrent), dr, recurrent, true);
      }
      for (int64_t i = 0; g.first_state && i < states; ++i) {
        g.first_state(index * states + i, dr[i]);
      }
      for (int64_t i = 0; g.first_cell && i < cells; ++i) g.first_cell(index * cells + i, dc[i]);
      if (g.parameters) {
        add_parameter_gradients<T>(pool, s, lane, x, dx, ds, projected, g.parameters);
      }
      if (input_grad) {
        gemm(pool, s.rows(), lane.inputs, width, row_major<T>(dx, width),
             row_major(lane.input_weight, lane.inputs), input_grad, lane.inputs,
             layer == 0 || d > 0);
      }
    }
    if (layer == 0) break;
    // Through the dropout, to the layer below.
    for (int64_t i = 0; in.dropped > 0 && i < outputs; ++i) {
      input_grad[i] *= passed(s, in, layer - 1, i);
    }
    dy = input_grad;
  }
}

#define TREADLE_RNN_FOR(T)                                                                 \
  template void rnn_forward<T>(Pool&, const RnnShape&, const RnnInputs<T>&, T*, bool, T*,  \
                               const RnnPut<T>&, const RnnPut<T>&, const RnnPut<T>&);      \
  template void rnn_backward<T>(Pool&, const RnnShape&, const RnnInputs<T>&, const T*, T*, \
                                const RnnGradients<T>&);
TREADLE_RNN_FOR(float)
TREADLE_RNN_FOR(double)
#undef TREADLE_RNN_FOR

}  // namespace treadle::ops
