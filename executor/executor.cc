#include "treadle/executor/executor.h"

#include <algorithm>

#include "treadle/core/text.h"
#include "treadle/executor/state.h"

namespace treadle {
namespace {

// Holds off a second thread: two runs at once on the same arrays would mix their results.
class OneCaller {
 public:
  explicit OneCaller(std::atomic<bool>& flag) : flag_(flag) {
    if (flag_.exchange(true, std::memory_order_acquire)) {
      throw Error(
          "Two threads use one executor at the same time. Give each thread its own: bind the "
          "symbol again with the same parameter arrays, which costs no copy.");
    }
  }
  ~OneCaller() { flag_.store(false, std::memory_order_release); }
  OneCaller(const OneCaller&) = delete;
  OneCaller& operator=(const OneCaller&) = delete;

 private:
  std::atomic<bool>& flag_;
};

Array find_array(const char* what, std::string_view name, const std::vector<std::string>& names,
                 const std::vector<Array>& arrays) {
  const auto it = std::ranges::find(names, name);
  if (it == names.end()) {
    throw Error("The executor has no ", what, " '", name, "'.", did_you_mean(name, names),
                names.empty() ? std::string() : concat(" It has ", join(names), "."));
  }
  return arrays[size_t(it - names.begin())];
}

}  // namespace

void Executor::forward(Mode mode) {
  const OneCaller only(state_->is_in_call);
  state_->run_forward(mode, state_);
}

void Executor::forward(Mode mode, const ArrayMap& inputs) {
  const OneCaller only(state_->is_in_call);
  for (const auto& [name, array] : inputs) argument(name).copy_from(array);
  state_->run_forward(mode, state_);
}

void Executor::backward(std::span<const Array> heads) {
  const OneCaller only(state_->is_in_call);
  const Program& program = *state_->program;
  if (!program.has_gradients()) {
    throw Error(
        "backward is called, but every gradient request was 'null' when the symbol was bound; "
        "bind it with gradient arrays or requests.");
  }
  if (!state_->has_run_forward) {
    throw Error("backward is called before forward; run forward first.");
  }
  if (state_->has_run_backward && !program.can_repeat_backward()) {
    throw Error(
        "backward is called twice after one forward, but the first call has reused the memory of "
        "arrays that the second would read. Run forward again in between, or bind without reuse of "
        "memory.");
  }
  if (state_->turns && !state_->has_turn()) {
    throw Error(
        "backward is called, but another executor on the same memory has run since forward and "
        "overwritten what backward reads. Run forward again first.");
  }
  if (heads.size() > program.outputs().size()) {
    throw Error(heads.size(), " head gradients are given; the symbol has ",
                program.outputs().size(), " outputs.");
  }
  for (size_t i = 0; i < program.outputs().size(); ++i) {
    if (program.head_buffers()[i] < 0) continue;
    if (i >= heads.size() || !heads[i].is_valid()) {
      throw Error("backward needs the gradient of output ", i, ", '", program.output_names()[i],
                  "', which is no loss. Pass it as head gradient, or end the graph in a loss such "
                  "as MakeLoss.");
    }
    check_array("head gradient of", program.output_names()[i], heads[i], program.outputs()[i],
                program.output_devices()[i]);
  }
  for (size_t i = 0; i < program.outputs().size(); ++i) {
    if (program.head_buffers()[i] >= 0) state_->push_head(i, heads[i], state_);
  }
  state_->has_run_backward = true;
  state_->push(program.num_forward_steps(), int(program.steps().size()), state_);
}

const std::vector<Array>& Executor::outputs() const { return state_->outputs; }
const std::vector<Array>& Executor::arguments() const { return state_->arguments; }
const std::vector<Array>& Executor::gradients() const { return state_->gradients; }
const std::vector<Array>& Executor::auxiliaries() const { return state_->auxiliaries; }
const std::shared_ptr<const Program>& Executor::program() const { return state_->program; }
size_t Executor::allocated_bytes() const {
  size_t bytes = 0;
  for (const auto& arena : state_->arenas) bytes += arena->size();
  return bytes;
}

Array Executor::argument(std::string_view name) const {
  return find_array("argument", name, state_->program->argument_names(), state_->arguments);
}
Array Executor::gradient(std::string_view name) const {
  Array found = find_array("gradient", name, state_->program->argument_names(), state_->gradients);
  if (!found.is_valid()) {
    throw Error("No gradient of '", name, "' was requested when the symbol was bound.");
  }
  return found;
}
Array Executor::auxiliary(std::string_view name) const {
  return find_array("auxiliary state", name, state_->program->auxiliary_names(),
                    state_->auxiliaries);
}
Array Executor::output(std::string_view name) const {
  return find_array("output", name, state_->program->output_names(), state_->outputs);
}

}  // namespace treadle
