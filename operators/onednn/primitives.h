// From oneDNN's primitives to a kernel. Only the files beside this one include it, since oneDNN's
// header is slow to compile.
#pragma once

#include <atomic>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <utility>
#include <vector>

#include "treadle/core/error.h"
#include "treadle/core/function_ref.h"
#include "treadle/operators/kernel.h"
#include "treadle/operators/nn/scratch.h"

namespace treadle::onednn {

// The one CPU engine of the process. oneDNN has no state in it, so it is never destroyed.
const dnnl::engine& cpu_engine();

// Where an argument of a primitive lies during a run, and its layout.
struct Place {
  enum class Kind : uint8_t { input, output, scratch } kind = Kind::input;
  size_t where = 0;  // index of the input or output, or offset in the scratch memory
  dnnl::memory::desc layout;
  bool is_slice = false;  // of an input or output: `layout` is one slice's; of scratch: one's copy

  bool is_same_memory(const Place& other) const {
    return kind == other.kind && where == other.where;
  }
};

// What a kernel executes, in order. Made when it is prepared: places for its arrays, then the
// primitives that connect them. Scratchpads of all primitives share one piece of memory, since
// they run one after another. Primitives that touch a slice are executed for each slice in turn, on
// the same scratch memory; the others once, with the first.
class Recipe {
 public:
  explicit Recipe(int64_t slices = 1) : slices_(slices) {}

  Place input(int index, const dnnl::memory::desc& layout) {
    return {Place::Kind::input, size_t(index), layout};
  }
  Place output(int index, const dnnl::memory::desc& layout) {
    return {Place::Kind::output, size_t(index), layout};
  }
  // One of the equal parts, one behind the other, that the array consists of.
  Place input_slice(int index, const dnnl::memory::desc& layout) {
    return {Place::Kind::input, size_t(index), layout, true};
  }
  Place output_slice(int index, const dnnl::memory::desc& layout) {
    return {Place::Kind::output, size_t(index), layout, true};
  }
  Place scratch(const dnnl::memory::desc& layout);

  // What `from` holds, in that layout: `from` itself or a reordered copy, made once per recipe.
  Place read_as(const Place& from, const dnnl::memory::desc& layout);
  // Where a primitive may write in that layout: `to` itself, or scratch memory that a reorder must
  // bring there.
  Place written_as(const Place& to, const dnnl::memory::desc& layout);
  // Copies between layouts; nothing when both are one place.
  void reorder(const Place& from, const Place& to);
  // Where a primitive may write in that layout what is to be summed over the slices, which
  // sum_slices then does.
  Place summand_of(const Place& sum, const dnnl::memory::desc& layout);
  void sum_slices(const Place& summand, const Place& sum);

  using Arguments = std::vector<std::pair<int, Place>>;
  // Adds a primitive made from `description`, which must have been created with `attributes()`.
  template <class Primitive, class Description>
  void add(const Description& description, Arguments arguments) {
    add(Primitive(description), description.scratchpad_desc(), std::move(arguments));
  }
  // Attributes that let the caller supply the scratchpad.
  static dnnl::primitive_attr attributes();

 private:
  friend class Execution;
  enum class Slices : uint8_t { first, others, all };
  struct Step {
    dnnl::primitive primitive;
    Arguments arguments;
    Slices slices;
    size_t scratchpad = 0;  // index among the arguments, whose offset is set at the end; 0: none

    bool runs_for(int64_t slice) const {
      return slices == Slices::all || (slices == Slices::first) == (slice == 0);
    }
  };
  void add(dnnl::primitive primitive, const dnnl::memory::desc& scratchpad, Arguments arguments);

  std::vector<Step> steps_;
  int64_t slices_;
  std::vector<std::pair<Place, Place>> copies_;  // by read_as
  size_t scratchpad_bytes_ = 0;
  ScratchPlan plan_;
};

// A finished recipe. Thread-safe: memory objects are made per run and kept for the next one.
class Execution {
 public:
  Execution() = default;
  explicit Execution(Recipe recipe);
  ~Execution();
  Execution(Execution&& other) noexcept { *this = std::move(other); }
  Execution& operator=(Execution&& other) noexcept;

  void run(const KernelRun& run) const;
  size_t scratch_bytes() const { return scratch_bytes_; }

 private:
  struct Handles;
  void run_here(const KernelRun& run) const;

  std::vector<Recipe::Step> steps_;
  int64_t slices_ = 1;
  size_t scratch_bytes_ = 0;
  // Left by the last run; a run that finds none makes its own.
  mutable std::atomic<Handles*> idle_ = nullptr;
};

// The kernel that runs one recipe and nothing else.
Prepared finish(Recipe recipe);

// oneDNN's name of an array's type; refuses with a reason what its kernels do not take here.
inline constexpr const char* only_f32 = "only float32 is computed with it, not ";
std::string refuse_other_than_f32(const KernelQuery& query);

// Layouts of float arrays: row-major, and with the channels (axis 1) last in memory.
dnnl::memory::desc plain(const dnnl::memory::dims& dims);
dnnl::memory::desc channels_last(const dnnl::memory::dims& dims);
// Images (batch, channel, 1 to 3 axes) with the channels in blocks of 8, the last one padded.
dnnl::memory::desc blocks_of_eight(const dnnl::memory::dims& dims);
// Whichever the primitive likes best.
dnnl::memory::desc any(const dnnl::memory::dims& dims);

// Calls `make` where primitives are cut for as many threads as loops of the process's pool are,
// whichever thread prepares them.
void prepare_for_pool(FunctionRef<void()> make);

// Calls `make`, which prepares a kernel; what oneDNN throws becomes the reason of a refusal.
template <class Make>
Prepared attempt(const Make& make) {
  try {
    Prepared prepared;
    prepare_for_pool([&] { prepared = make(); });
    return prepared;
  } catch (const dnnl::error& error) {
    return Prepared::refuse(concat("oneDNN has no such primitive (", error.what(), ")"));
  }
}

}  // namespace treadle::onednn
