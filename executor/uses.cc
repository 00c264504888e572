// The compiler's last pass: what each step reads and writes, as the engine will be told, and which
// buffers it need not be told of.
#include <algorithm>

#include "treadle/executor/compiler.h"

namespace treadle {
namespace {

void add_unique(std::vector<Location>& list, Location location) {
  if (location.kind != Location::Kind::none) add_once(list, location);
}

// What a task declares that writes a buffer: its memory is reused when those who read its last
// contents have ended.
void take_over(const MemoryPlan& plan, int buffer, std::vector<Location>& writes) {
  add_unique(writes, {Location::Kind::buffer, buffer});
  for (const int holder : plan.previous[size_t(buffer)])
    add_unique(writes, {Location::Kind::buffer, holder});
}

}  // namespace

void ProgramCompiler::find_uses() {
  for (Step& step : program_->steps_) {
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      add_unique(step.reads, step.inputs[i]);
      const bool is_state = i + size_t(step.num_aux) >= step.inputs.size();
      if (is_state) add_unique(step.writes, step.inputs[i]);
    }
    for (size_t i = 0; i < step.outputs.size(); ++i) {
      const Location location = step.outputs[i];
      if (location.kind == Location::Kind::buffer) {
        take_over(program_->plan_, location.index, step.writes);
        continue;
      }
      add_unique(step.writes, location);
      if (step.requests[i] == Request::add) add_unique(step.reads, location);
    }
    if (step.scratch >= 0) take_over(program_->plan_, step.scratch, step.writes);
  }
}

// What the caller sees and what head gradients are copied to has several users.
void ProgramCompiler::find_users() {
  const size_t count = program_->buffers_.size();
  std::vector<bool> in_forward(count), in_backward(count), elsewhere(count);
  const auto mark = [](const std::vector<Location>& list, std::vector<bool>& users) {
    for (const Location location : list) {
      if (location.kind == Location::Kind::buffer) users[size_t(location.index)] = true;
    }
  };
  for (int i = 0; i < int(program_->steps_.size()); ++i) {
    const Step& step = program_->steps_[size_t(i)];
    mark(step.reads, i < program_->num_forward_steps_ ? in_forward : in_backward);
    mark(step.writes, i < program_->num_forward_steps_ ? in_forward : in_backward);
  }
  std::vector<Location> seen = program_->output_locations_;
  for (const int head : program_->head_buffers_) {
    if (head >= 0) take_over(program_->plan_, head, seen);
  }
  mark(seen, elsewhere);
  for (size_t b = 0; b < count; ++b) {
    const bool is_shared = elsewhere[b] || (in_forward[b] && in_backward[b]);
    program_->users_.push_back(is_shared        ? Users::several
                               : in_backward[b] ? Users::backward
                                                : Users::forward);
  }
}

}  // namespace treadle
