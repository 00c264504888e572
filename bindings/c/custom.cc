// Operators whose work C callbacks do, over operators/custom/custom.h.
#include "treadle/operators/custom/custom.h"

#include "treadle/bindings/c/call.h"
#include "treadle/executor/autograd.h"

namespace treadle::c {
namespace {

// What a program has registered. Operators keep it, so its data goes with the last of them.
struct Registration {
  std::string name;
  TreadleCustomOperator custom;

  Registration(std::string given_name, const TreadleCustomOperator& given)
      : name(std::move(given_name)), custom(given) {}
  ~Registration() {
    if (custom.free_data == nullptr) return;
    const CallbackScope scope;
    custom.free_data(custom.data);
  }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  // Runs a callback and throws what it reports.
  template <class Callback>
  void call(const char* which, const Callback& callback) const {
    const CallbackScope scope;
    const TreadleStatus status = callback();
    if (status == TREADLE_OK) return;
    std::string sentence = scope.error();
    if (sentence.empty()) {
      sentence = concat("the callback returned ", status,
                        " and gave no reason; treadle_set_error sets one.");
    }
    sentence = concat(name, ".", which, ": ", sentence);
    if (status == TREADLE_OUT_OF_MEMORY) throw OutOfMemory(sentence);
    if (status == TREADLE_CANCELLED) throw Cancelled(sentence);
    throw Error(sentence);
  }
};

// What a callback made, freed by another one.
class Made {
 public:
  Made(void* made, void (*free)(void*)) : made_(made), free_(free) {}
  ~Made() {
    if (free_ == nullptr) return;
    const CallbackScope scope;
    free_(made_);
  }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  void* get() const { return made_; }

 private:
  void* made_;
  void (*free_)(void*);
};

struct Operator {
  std::shared_ptr<const Registration> registration;
  Made op;

  Operator(std::shared_ptr<const Registration> from, void* made, void (*free)(void*))
      : registration(std::move(from)), op(made, free) {}
};

// The calls of a callback belong to its run, not to whatever the thread did before.
class RunScope {
 public:
  explicit RunScope(Mode mode)
      : recorded_(set_recording(false)), trained_(set_training(mode == Mode::train)) {}
  ~RunScope() {
    set_recording(recorded_);
    set_training(trained_);
  }
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;

 private:
  bool recorded_, trained_;
};

// Handles that are dead when the run ends.
class Lent {
 public:
  explicit Lent(const std::vector<Array>& arrays) {
    for (const Array& array : arrays) made_.add(array);
    handles_ = made_.handles();
  }
  TreadleNDArray* const* data() const { return handles_.data(); }
  size_t size() const { return handles_.size(); }

 private:
  NewArrays made_;
  std::span<TreadleNDArray* const> handles_;
};

class CKernel final : public CustomKernel {
 public:
  CKernel(std::shared_ptr<const Operator> op, void* use, void (*free_use)(void*))
      : op_(std::move(op)), use_(use, free_use) {}

  void forward(const CustomRun& run) override {
    work("forward", op_->registration->custom.forward, run);
  }
  void backward(const CustomRun& run) override {
    const Registration& registration = *op_->registration;
    if (registration.custom.backward == nullptr) {
      throw Error(registration.name,
                  ": the operator has no backward; register one, or bind with "
                  "gradient requests 'null'.");
    }
    work("backward", registration.custom.backward, run);
  }

 private:
  void work(const char* which, TreadleStatus (*callback)(void*, const TreadleCustomRun*),
            const CustomRun& run) const {
    std::vector<TreadleRequest> requests;
    for (Request request : run.requests) requests.push_back(to_c(request));
    const Lent inputs(run.inputs), outputs(run.outputs), states(run.states);
    const Lent out_grads(run.out_grads), in_grads(run.in_grads);
    TreadleCustomRun given = {};
    given.struct_size = sizeof given;
    given.is_train = run.mode == Mode::train;
    given.requests = requests.data();
    given.num_requests = requests.size();
    given.inputs = inputs.data(), given.num_inputs = inputs.size();
    given.outputs = outputs.data(), given.num_outputs = outputs.size();
    given.states = states.data(), given.num_states = states.size();
    given.out_grads = out_grads.data(), given.num_out_grads = out_grads.size();
    given.in_grads = in_grads.data(), given.num_in_grads = in_grads.size();
    const RunScope scope(run.mode);
    op_->registration->call(which, [&] { return callback(use_.get(), &given); });
  }

  std::shared_ptr<const Operator> op_;  // before the use, which may refer to it
  Made use_;
};

// The lists of a shape inference that a callback works on.
struct ShapeLists {
  std::vector<Shape>*arguments, *outputs, *states;
};

}  // namespace

template <>
struct Held<TreadleShapeInference> {
  using Type = ShapeLists;
  static constexpr auto kind = HandleKind::shape_inference;
};

namespace {

class COperator final : public CustomOperator {
 public:
  COperator(const std::shared_ptr<const Registration>& registration, const ParamText& params)
      : op_(make(registration, params)),
        arguments_(names("list_arguments", custom().list_arguments, {"data"})),
        outputs_(names("list_outputs", custom().list_outputs, {"output"})),
        states_(names("list_states", custom().list_states, {})) {
    if (custom().reads_out_grads == nullptr) return;
    const CallbackScope scope;
    reads_out_grads_ = custom().reads_out_grads(op_->op.get()) != 0;
  }

  std::vector<std::string> arguments() const override { return arguments_; }
  std::vector<std::string> outputs() const override { return outputs_; }
  std::vector<std::string> states() const override { return states_; }
  bool reads_out_grads() const override { return reads_out_grads_; }

  void infer_shape(std::vector<Shape>& arguments, std::vector<Shape>& outputs,
                   std::vector<Shape>& states) const override {
    const std::unique_ptr<TreadleShapeInference, void (*)(TreadleShapeInference*)> lists(
        make_handle<TreadleShapeInference>({&arguments, &outputs, &states}),
        [](TreadleShapeInference* lent) { free_handle(lent); });
    op_->registration->call("infer_shape",
                            [&] { return custom().infer_shape(op_->op.get(), lists.get()); });
  }

  void infer_type(std::vector<DType>& arguments, std::vector<DType>& outputs,
                  std::vector<DType>& states) const override {
    if (custom().infer_type == nullptr) {
      return CustomOperator::infer_type(arguments, outputs, states);
    }
    std::vector<TreadleDType> lists[3];
    const std::vector<DType>* const known[] = {&arguments, &outputs, &states};
    for (int i = 0; i < 3; ++i) {
      for (DType type : *known[i]) lists[i].push_back(TreadleDType(type));
    }
    op_->registration->call("infer_type", [&] {
      return custom().infer_type(op_->op.get(), lists[0].data(), lists[0].size(), lists[1].data(),
                                 lists[1].size(), lists[2].data(), lists[2].size());
    });
    std::vector<DType>* const found[] = {&arguments, &outputs, &states};
    for (int i = 0; i < 3; ++i) {
      for (size_t k = 0; k < lists[i].size(); ++k) {
        const TreadleDType type = lists[i][k];
        if (type != TREADLE_UNKNOWN_TYPE && !is_type_flag(type)) {
          throw Error(op_->registration->name, ".infer_type: there is no element type ", type,
                      "; see TreadleDType.");
        }
        (*found[i])[k] = DType(type);
      }
    }
  }

  std::shared_ptr<CustomKernel> bind(Device device,
                                     std::span<const TensorSpec> arguments) const override {
    if (custom().bind == nullptr) {
      return std::make_shared<CKernel>(op_, op_->op.get(), nullptr);
    }
    std::vector<TreadleShape> shapes;
    std::vector<TreadleDType> types;
    for (const TensorSpec& spec : arguments) {
      shapes.push_back({spec.shape.begin(), spec.shape.ndim()});
      types.push_back(TreadleDType(spec.type));
    }
    void* use = nullptr;
    op_->registration->call("bind", [&] {
      return custom().bind(op_->op.get(), to_c(device), shapes.data(), types.data(), shapes.size(),
                           &use);
    });
    return std::make_shared<CKernel>(op_, use, custom().free_use);
  }

 private:
  static std::shared_ptr<const Operator> make(
      const std::shared_ptr<const Registration>& registration, const ParamText& params) {
    const TreadleCustomOperator& custom = registration->custom;
    if (custom.make == nullptr) {
      if (!params.empty()) {
        throw Error(registration->name, ": the operator takes no parameters; '",
                    params.begin()->first, "' is given.");
      }
      return std::make_shared<const Operator>(registration, custom.data, nullptr);
    }
    std::vector<TreadlePair> pairs;
    for (const auto& [key, value] : params) pairs.push_back({key.c_str(), value.c_str()});
    void* op = nullptr;
    registration->call("make",
                       [&] { return custom.make(custom.data, pairs.data(), pairs.size(), &op); });
    return std::make_shared<const Operator>(registration, op, custom.free_op);
  }

  using List = TreadleStatus (*)(void*, const char* const**, size_t*);
  std::vector<std::string> names(const char* which, List list,
                                 std::vector<std::string> preset) const {
    if (list == nullptr) return preset;
    const char* const* given = nullptr;
    size_t count = 0;
    const Registration& registration = *op_->registration;
    registration.call(which, [&] { return list(op_->op.get(), &given, &count); });
    const Call check(registration.name.c_str());
    std::vector<std::string> made;
    for (const char* name : check.list(given, count, which)) {
      made.push_back(check.text(name, concat("a name of ", which).c_str()));
    }
    return made;
  }

  const TreadleCustomOperator& custom() const { return op_->registration->custom; }

  std::shared_ptr<const Operator> op_;
  std::vector<std::string> arguments_, outputs_, states_;
  bool reads_out_grads_ = true;
};

TreadleStatus set_shape(const char* function, TreadleShapeInference* inference,
                        std::vector<Shape>* ShapeLists::* list, size_t index, const int64_t* dims,
                        int32_t ndim) {
  return guard(function, [&](const Call& call) {
    std::vector<Shape>& shapes = *(call.held(inference, "inference").*list);
    if (index >= shapes.size()) {
      call.fail("number ", index, " is set, but the operator lists ", shapes.size(), ".");
    }
    shapes[index] = call.shape(dims, ndim, "dims");
  });
}

}  // namespace
}  // namespace treadle::c

using namespace treadle;
using namespace treadle::c;

TreadleStatus treadle_inference_argument(TreadleShapeInference* inference, size_t index,
                                         TreadleShape* shape) {
  return guard(__func__, [&](const Call& call) {
    call.require(shape, "shape");
    const std::vector<Shape>& known = *call.held(inference, "inference").arguments;
    if (index >= known.size()) {
      call.fail("argument ", index, " is asked for, but the operator lists ", known.size(), ".");
    }
    *shape = thread_state().results.shapes({known[index]})[0];
  });
}

TreadleStatus treadle_inference_set_argument(TreadleShapeInference* inference, size_t index,
                                             const int64_t* dims, int32_t ndim) {
  return set_shape(__func__, inference, &ShapeLists::arguments, index, dims, ndim);
}
TreadleStatus treadle_inference_set_output(TreadleShapeInference* inference, size_t index,
                                           const int64_t* dims, int32_t ndim) {
  return set_shape(__func__, inference, &ShapeLists::outputs, index, dims, ndim);
}
TreadleStatus treadle_inference_set_state(TreadleShapeInference* inference, size_t index,
                                          const int64_t* dims, int32_t ndim) {
  return set_shape(__func__, inference, &ShapeLists::states, index, dims, ndim);
}

TreadleStatus treadle_custom_register(const char* name, const TreadleCustomOperator* custom) {
  return guard(__func__, [&](const Call& call) {
    const std::string op_type = call.text(name, "name");
    const TreadleCustomOperator given = call.options(&call.require(custom, "custom"));
    call.require(given.infer_shape, "infer_shape"), call.require(given.forward, "forward");
    register_custom_operator(op_type,
                             [registration = std::make_shared<const Registration>(op_type, given)](
                                 const ParamText& params) -> std::shared_ptr<const CustomOperator> {
                               return std::make_shared<const COperator>(registration, params);
                             });
  });
}

TreadleStatus treadle_custom_forget(const char* name) {
  return guard(__func__, [&](const Call& call) {
    register_custom_operator(call.text(name, "name"), nullptr);
  });
}
