// RNN: a stack of recurrent layers over a whole sequence.
#include "treadle/operators/elementwise.h"
#include "treadle/operators/nn/computed.h"
#include "treadle/operators/number_at.h"
#include "treadle/operators/sequence/rnn_loops.h"

namespace treadle::ops {
namespace {

struct Rnn {
  static constexpr auto name = "RNN";
  static constexpr auto doc =
      "Recurrent layers over data (step, batch, input): rnn with relu or tanh, lstm or gru, in one "
      "or both directions. All weights and biases lie in one vector, parameters.";
  static constexpr bool has_effects = true;

  struct Params {
    int state_size = 0;
    int num_layers = 0;
    bool bidirectional = false;
    RnnMode mode = RnnMode::lstm;
    float p = 0;
    bool state_outputs = false;
    std::optional<int> projection_size;
    std::optional<double> lstm_state_clip_min, lstm_state_clip_max;
    bool lstm_state_clip_nan = false;
    bool use_sequence_length = false;
    static constexpr auto fields = reflect(
        field("state_size", &Params::state_size, required, at_least(1), "Numbers of a state."),
        field("num_layers", &Params::num_layers, required, at_least(1), "Layers."),
        field("bidirectional", &Params::bidirectional,
              "Run each layer in both directions and join their outputs."),
        field("mode", &Params::mode, required, "The kind of cell."),
        field("p", &Params::p, between(0, 1),
              "Share of the numbers between layers that are dropped in training."),
        field("state_outputs", &Params::state_outputs, "Give the last states as outputs."),
        field("projection_size", &Params::projection_size, at_least(1),
              "Size that an lstm's states are projected to in every step; None: they are not."),
        field("lstm_state_clip_min", &Params::lstm_state_clip_min,
              "The least a cell of an lstm may be, in every step; with lstm_state_clip_max."),
        field("lstm_state_clip_max", &Params::lstm_state_clip_max,
              "The most a cell of an lstm may be; with lstm_state_clip_min."),
        field("lstm_state_clip_nan", &Params::lstm_state_clip_nan,
              "Whether a cell that is NaN becomes lstm_state_clip_min, where cells are clipped."),
        field("use_sequence_length", &Params::use_sequence_length,
              "Whether an input sequence_length says how many steps of each sample count."));

    bool is_lstm() const { return mode == RnnMode::lstm; }
    int lengths() const { return is_lstm() ? 4 : 3; }  // index of the input
    int num_results() const { return !state_outputs ? 1 : is_lstm() ? 3 : 2; }
  };

  static std::vector<std::string> inputs(const Params& p) {
    std::vector<std::string> made{"data", "parameters", "state"};
    if (p.is_lstm()) made.push_back("state_cell");
    if (p.use_sequence_length) made.push_back("sequence_length");
    return made;
  }
  // The last one, hidden, is what backward needs of forward.
  static std::vector<std::string> outputs(const Params& p) {
    std::vector<std::string> made{"output", "state_output", "statecell_output"};
    made.resize(size_t(p.num_results()));
    made.push_back("reserve");
    return made;
  }
  static int num_visible(const Params& p) { return p.num_results(); }

  static RnnShape shape_of(const Params& p, const Shape& data) {
    return {.mode = p.mode,
            .layers = p.num_layers,
            .directions = p.bidirectional ? 2 : 1,
            .steps = data[0],
            .batch = data[1],
            .inputs = data[2],
            .hidden = p.state_size,
            .projected = p.projection_size.value_or(0),
            .clips = p.lstm_state_clip_min.has_value(),
            .clips_nan = p.lstm_state_clip_nan,
            .least = p.lstm_state_clip_min.value_or(0),
            .most = p.lstm_state_clip_max.value_or(0)};
  }

  static void check_clip(const Params& p, ShapeInference& s) {
    const auto &least = p.lstm_state_clip_min, &most = p.lstm_state_clip_max;
    if (!least && !most) return;
    if (!p.is_lstm()) {
      s.fail(concat(least ? "lstm_state_clip_min" : "lstm_state_clip_max", " is ",
                    least ? *least : *most, ", but only an lstm has cells; None is expected."));
    }
    if (!least || !most) {
      s.fail(concat(least ? "lstm_state_clip_min" : "lstm_state_clip_max", " is ",
                    least ? *least : *most,
                    ", but the other bound is None; both or neither are expected."));
    }
    if (!(*least <= *most)) {
      s.fail(concat("lstm_state_clip_min is ", *least, " and lstm_state_clip_max ", *most,
                    "; the upper one may not be less."));
    }
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_clip(p, s);
    if (p.projection_size && !p.is_lstm()) {
      s.fail(concat("projection_size is ", *p.projection_size,
                    ", but only an lstm projects its states; None is expected."));
    }
    if (p.projection_size && *p.projection_size > p.state_size) {
      s.fail(concat("projection_size is ", *p.projection_size, ", but state_size is ", p.state_size,
                    "; a projection does not make states larger."));
    }
    const Shape data = s.shape(in(0));
    if (!data.empty() && data.ndim() != 3) {
      s.fail(concat("data has shape ", data, "; (step, batch, input) is expected."));
    }
    const int64_t directions = p.bidirectional ? 2 : 1, slots_of_state = p.num_layers * directions;
    const auto because = [&] {
      return concat("data is ", data, ", num_layers is ", p.num_layers, ", state_size is ",
                    p.state_size, p.bidirectional ? " and bidirectional is True" : "",
                    p.projection_size ? concat(" and projection_size is ", *p.projection_size)
                                      : std::string());
    };
    int64_t batch = data.empty() ? 0 : data[1];
    if (batch == 0 && s.shape(in(2)).ndim() == 3) batch = s.shape(in(2))[1];
    const int recurrent = p.projection_size.value_or(p.state_size);
    const Shape state{slots_of_state, batch, recurrent}, cell{slots_of_state, batch, p.state_size};
    s.set(in(2), state, because);
    if (p.is_lstm()) s.set(in(3), cell, because);
    if (p.use_sequence_length) s.set(in(p.lengths()), {batch}, because);
    for (int i = 1; i < p.num_results(); ++i) s.set(out(i), i == 1 ? state : cell, because);
    if (data.empty()) return;
    s.set(in(0), {0, batch, 0});
    s.set(out(0), {data[0], batch, directions * recurrent}, because);
    const RnnShape shape = shape_of(p, data);
    if (shape.inputs > 0) s.set(in(1), {shape.parameters()}, because);
    if (data.is_known()) s.set(out(p.num_results()), {shape.reserve()});
  }

  static void infer_type(const Params& p, TypeInference& t) {
    DType type = DType::unknown;
    for (int i = 0; i < p.lengths() && type == DType::unknown; ++i) type = t.type(in(i));
    if (type == DType::unknown) type = t.type(out(0));
    if (type == DType::unknown) return;
    for (int i = 0; i < p.lengths(); ++i) t.set(in(i), type);
    for (int i = 0; i < p.num_results(); ++i) t.set(out(i), type);
    // As wide as what is computed in.
    t.set(out(p.num_results()), type == DType::f64 ? DType::f64 : DType::f32);
    if (p.use_sequence_length && !t.is_known(in(p.lengths()))) t.set(in(p.lengths()), type);
  }

  static constexpr TypeSet types = all_types;  // of sequence_length
  static std::string refuse(const Params& p, const KernelQuery& query) {
    KernelQuery floating = query;
    std::vector<TensorSpec> kept;
    // The lengths are the last input forward, and before the reserve in backward.
    const size_t size = query.inputs.size();
    const size_t behind = is_backward(query) ? 2 : 1;
    for (size_t i = 0; i < size; ++i) {
      const bool is_length = p.use_sequence_length && i + behind == size;
      if (!is_length) kept.push_back(query.inputs[i]);
    }
    floating.inputs = kept;
    floating.outputs = query.outputs.first(1);
    return detail::refuse_types(floating_types, floating);
  }

  static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }
  // The loops' own scratch memory comes first; then copies of arrays in other types.
  static size_t own_scratch(const RnnShape& shape, bool is_backward, bool has_reserve, bool keeps,
                            size_t size) {
    int64_t numbers = is_backward ? shape.backward_scratch() : shape.forward_scratch();
    if (!is_backward && !has_reserve) {
      numbers += keeps ? shape.reserve() : shape.directions * shape.reserve_part();
    }
    return aligned(size_t(numbers) * size);
  }
  static bool is_backward(const KernelQuery& query) {
    const auto& p = *static_cast<const Params*>(query.params);
    return query.inputs.size() > inputs(p).size();
  }
  static size_t scratch_bytes(const KernelQuery& query) {
    const auto& p = *static_cast<const Params*>(query.params);
    const bool backward = is_backward(query);
    const Shape& data = backward ? query.outputs[0].shape : query.inputs[0].shape;
    const DType type = backward ? query.outputs[0].type : query.inputs[0].type;
    if (!floating_types.contains(type)) return 0;
    const size_t size = type == DType::f64 ? sizeof(double) : sizeof(float);
    const Request request = backward ? Request::write : query.requests[size_t(p.num_results())];
    return own_scratch(shape_of(p, data), backward, request == Request::write,
                       request == Request::add, size) +
           computed_scratch(query);
  }

  template <class T, DeviceKind D>
  static RnnInputs<T> read_inputs(const Params& p, const Call<D>& call, Computed<T, D>& arrays,
                                  const RnnShape& shape) {
    RnnInputs<T> made;
    made.data = arrays.read(in(0));
    made.parameters = arrays.read(in(1));
    made.state = arrays.read(in(2));
    if (p.is_lstm()) made.cell = arrays.read(in(3));
    if (p.use_sequence_length) {
      const Tensor lengths = call.read(in(p.lengths()));
      for (int64_t n = 0; n < shape.batch; ++n) {
        const double steps = number_at(lengths, n);
        made.lengths.push_back(steps >= double(shape.steps) ? shape.steps
                               : steps > 0                  ? int64_t(steps)
                                                            : 0);
      }
    }
    if (call.mode() == Mode::train) made.dropped = p.p;
    made.random = call.random();
    return made;
  }

  template <class W>
  static auto putter(const W& written) {
    using T = std::remove_pointer_t<decltype(written.data)>;
    return written ? RnnPut<T>([written](int64_t i, T value) { written.put(i, value); })
                   : RnnPut<T>();
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const RnnShape shape = shape_of(p, call.read(in(0)).shape());
    const Slot reserve_slot = out(p.num_results());
    const Request request = call.request(reserve_slot);
    in_compute_type(call.read(in(0)).type(), [&](auto zero) {
      using T = decltype(zero);
      T* const scratch = static_cast<T*>(call.scratch());
      const bool has_reserve = request == Request::write, keeps = request != Request::null;
      Computed<T, D> arrays(call, static_cast<char*>(call.scratch()) +
                                      own_scratch(shape, false, has_reserve, keeps, sizeof(T)));
      const RnnInputs<T> inputs = read_inputs<T>(p, call, arrays, shape);
      T* const reserve = has_reserve ? call.write(reserve_slot).template as<T>()
                                     : scratch + shape.forward_scratch();
      RnnPut<T> results[3];
      for (int i = 0; i < p.num_results(); ++i) results[i] = putter(arrays.write(out(i)));
      rnn_forward(call.pool(), shape, inputs, reserve, keeps, scratch, results[0], results[1],
                  results[2]);
      if (request == Request::add) {
        T* const sums = call.write(reserve_slot).template as<T>();
        for (int64_t i = 0; i < shape.reserve(); ++i) sums[i] += reserve[i];
      }
      arrays.finish();
    });
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    std::vector<Slot> made;
    for (int i = 0; i < p.num_results(); ++i) made.push_back(out_grad(i));
    for (int i = 0; i < p.lengths() + p.use_sequence_length; ++i) made.push_back(in(i));
    made.push_back(out(p.num_results()));
    return made;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (p.use_sequence_length) elementwise(call, in_grad(p.lengths()), Fill{0});
    const RnnShape shape = shape_of(p, call.read(in(0)).shape());
    in_compute_type(call.read(in(0)).type(), [&](auto zero) {
      using T = decltype(zero);
      T* const scratch = static_cast<T*>(call.scratch());
      Computed<T, D> arrays(call, static_cast<char*>(call.scratch()) +
                                      own_scratch(shape, true, true, true, sizeof(T)));
      const RnnInputs<T> inputs = read_inputs<T>(p, call, arrays, shape);
      RnnGradients<T> gradients;
      gradients.out = arrays.read(out_grad(0));
      if (p.state_outputs) gradients.state = arrays.read(out_grad(1));
      if (p.num_results() == 3) gradients.cell = arrays.read(out_grad(2));
      gradients.data = arrays.sums(in_grad(0));
      gradients.parameters = arrays.sums(in_grad(1));
      gradients.first_state = putter(arrays.write(in_grad(2)));
      if (p.is_lstm()) gradients.first_cell = putter(arrays.write(in_grad(3)));
      rnn_backward(call.pool(), shape, inputs,
                   call.read(out(p.num_results())).template as<const T>(), scratch, gradients);
      arrays.finish();
    });
  }
};
TREADLE_REGISTER_OP(Rnn);

}  // namespace
}  // namespace treadle::ops
