// From a symbol to a Program, one pass after the other. Internal to executor/.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "treadle/executor/pass_dump.h"
#include "treadle/executor/program.h"
#include "treadle/graph/recompute.h"
#include "treadle/graph/schedule.h"

namespace treadle {

class ProgramCompiler {
 public:
  explicit ProgramCompiler(const ProgramOptions& options,
                           std::optional<RecomputePolicy> policy = std::nullopt)
      : options_(options), policy_(policy), program_(new Program) {}

  std::shared_ptr<const Program> run(const Symbol& symbol);

 private:
  Graph& graph() { return program_->graph_; }
  TensorSpec spec_of(Entry entry) const;
  Location& location_of(Entry entry);

  void infer(const Symbol& symbol);
  void name_arrays();
  void read_requests();
  void differentiate();
  void simplify();
  void recompute();
  void place();
  void copy_gradients_home();
  void name_devices();
  void locate();
  void choose_kernels();
  void schedule();
  ScheduleProblem describe_schedule();
  void plan_memory();
  void find_buffers(std::vector<Buffer>& buffers);
  int arena_on(Device device);
  void plan_arenas(const std::vector<InPlace>& in_place);
  std::vector<InPlace> find_in_place() const;
  void check_repeatable();
  void find_uses();
  void find_users();
  void dump_pass(const char* pass) const;

  const ProgramOptions& options_;
  const std::optional<RecomputePolicy> policy_;
  std::shared_ptr<Program> program_;
  const PassDump dump_;
  std::vector<int> argument_nodes_, auxiliary_nodes_;
  int num_forward_nodes_ = 0;
  std::vector<Entry> gradient_of_argument_;  // invalid where none is wanted
  std::vector<int> head_nodes_;
  std::vector<Device> devices_;         // per node
  std::vector<uint32_t> random_parts_;  // per node, whatever copies the placement adds
  std::vector<Location> locations_;     // per entry
};

// Appends what the list does not have yet.
template <class T>
void add_once(std::vector<T>& list, const T& one) {
  if (std::ranges::count(list, one) == 0) list.push_back(one);
}

// Pairs of an input and an output that may lie in its memory, both by number.
std::vector<std::pair<size_t, size_t>> overwritable(const GraphNode& node);

}  // namespace treadle
