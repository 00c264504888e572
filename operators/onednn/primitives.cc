#if TREADLE_WITH_ONEDNN

#include "treadle/operators/onednn/primitives.h"

#if TREADLE_POOL_TBB
#include <tbb/task_arena.h>
#endif

#include <algorithm>

#include "treadle/core/error.h"
#include "treadle/device/onetbb_use.h"
#include "treadle/device/pool.h"
#include "treadle/engine/engine.h"

namespace treadle::onednn {

using dnnl::memory;

const dnnl::engine& cpu_engine() {
  static const dnnl::engine& engine = *new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::primitive_attr Recipe::attributes() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

Place Recipe::scratch(const memory::desc& layout) {
  return {Place::Kind::scratch, plan_.add_bytes(layout.get_size()), layout};
}

Place Recipe::read_as(const Place& from, const memory::desc& layout) {
  if (from.layout == layout) return from;
  for (const auto& [source, copy] : copies_) {
    if (source.is_same_memory(from) && copy.layout == layout) return copy;
  }
  Place copy = scratch(layout);
  copy.is_slice = from.is_slice;
  reorder(from, copy);
  copies_.emplace_back(from, copy);
  return copy;
}

Place Recipe::written_as(const Place& to, const memory::desc& layout) {
  if (to.layout == layout) return to;
  Place made = scratch(layout);
  made.is_slice = to.is_slice;
  return made;
}

void Recipe::reorder(const Place& from, const Place& to) {
  if (from.is_same_memory(to)) return;
  const dnnl::reorder::primitive_desc description(cpu_engine(), from.layout, cpu_engine(),
                                                  to.layout, attributes());
  add<dnnl::reorder>(description, {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

Place Recipe::summand_of(const Place& sum, const memory::desc& layout) {
  if (slices_ == 1) return written_as(sum, layout);
  Place summand = scratch(layout);
  summand.is_slice = true;
  return summand;
}

void Recipe::sum_slices(const Place& summand, const Place& sum) {
  reorder(summand, sum);
  if (slices_ == 1) return;
  steps_.back().slices = Slices::first;
  dnnl::primitive_attr adds = attributes();
  dnnl::post_ops sum_up;
  sum_up.append_sum();
  adds.set_post_ops(sum_up);
  const dnnl::reorder::primitive_desc description(cpu_engine(), summand.layout, cpu_engine(),
                                                  sum.layout, adds);
  add<dnnl::reorder>(description, {{DNNL_ARG_FROM, summand}, {DNNL_ARG_TO, sum}});
  steps_.back().slices = Slices::others;
}

void Recipe::add(dnnl::primitive primitive, const memory::desc& scratchpad, Arguments arguments) {
  const bool is_sliced =
      std::ranges::any_of(arguments, [](const auto& each) { return each.second.is_slice; });
  Step step{std::move(primitive), std::move(arguments), is_sliced ? Slices::all : Slices::first};
  if (scratchpad.get_size() > 0) {
    scratchpad_bytes_ = std::max(scratchpad_bytes_, scratchpad.get_size());
    step.scratchpad = step.arguments.size();
    step.arguments.push_back({DNNL_ARG_SCRATCHPAD, {Place::Kind::scratch, 0, scratchpad}});
  }
  steps_.push_back(std::move(step));
}

// The memory objects of one run at a time, and its stream.
struct Execution::Handles {
  struct Argument {
    memory object;
    Place::Kind kind;
    size_t where;
    size_t advance;  // from one slice to the next, in bytes
  };
  struct Step {
    std::vector<Argument> arguments;
    std::vector<dnnl_exec_arg_t> list;
  };
  std::vector<Step> steps;
  dnnl::stream stream{cpu_engine()};

  explicit Handles(const std::vector<Recipe::Step>& recipe) {
    for (const Recipe::Step& from : recipe) {
      Step& step = steps.emplace_back();
      for (const auto& [argument, place] : from.arguments) {
        const bool moves = place.is_slice && place.kind != Place::Kind::scratch;
        step.arguments.push_back({memory(place.layout, cpu_engine(), nullptr), place.kind,
                                  place.where, moves ? place.layout.get_size() : 0});
        step.list.push_back({argument, step.arguments.back().object.get()});
      }
    }
  }

  void point_to(const KernelRun& run, int64_t slice) {
    for (Step& step : steps) {
      for (Argument& argument : step.arguments) {
        void* data = nullptr;
        switch (argument.kind) {
          case Place::Kind::input: data = run.inputs[argument.where]; break;
          case Place::Kind::output: data = run.outputs[argument.where]; break;
          case Place::Kind::scratch: data = piece_of<void*>(run.scratch, argument.where); break;
        }
        argument.object.set_data_handle(static_cast<char*>(data) +
                                        argument.advance * size_t(slice));
      }
    }
  }
};

Execution::Execution(Recipe recipe) : steps_(std::move(recipe.steps_)), slices_(recipe.slices_) {
  const size_t scratchpad = recipe.plan_.add_bytes(recipe.scratchpad_bytes_);
  for (Recipe::Step& step : steps_) {
    if (step.scratchpad > 0) step.arguments[step.scratchpad].second.where = scratchpad;
  }
  scratch_bytes_ = recipe.plan_.bytes();
}

Execution::~Execution() { delete idle_.load(std::memory_order_relaxed); }

Execution& Execution::operator=(Execution&& other) noexcept {
  if (this == &other) return *this;
  steps_ = std::move(other.steps_);
  slices_ = other.slices_;
  scratch_bytes_ = other.scratch_bytes_;
  // Only kernels that are being prepared move, so no run is under way.
  delete idle_.exchange(other.idle_.exchange(nullptr, std::memory_order_relaxed),
                        std::memory_order_relaxed);
  return *this;
}

namespace {

// oneDNN cuts its loops for the slots of the oneTBB arena that the calling thread is in, and some
// of its sums depend on that. Calls `body` in an arena of `width` slots that are all reserved, so
// that loops are cut for `width` threads and run on this one alone.
void alone_in_arena(int width, FunctionRef<void()> body) {
#if TREADLE_POOL_TBB
  struct Arena {
    int width = 0;
    tbb::task_arena arena;
  };
  static thread_local Arena mine;
  const detail::OneTbbUse use;
  if (mine.width != width) {
    mine.arena.terminate();
    mine.arena.initialize(width, unsigned(width));
    mine.width = width;
  }
  mine.arena.execute([&] { body(); });
#else
  (void)width;
  body();
#endif
}

}  // namespace

namespace {

// oneDNN generates its matrix product's code when the first one runs, into static objects. If that
// were inside a task, a main thread that returns meanwhile would destroy them half made: exit runs
// the newest handlers first. So the first product is computed here, by who prepares a primitive.
void generate_matrix_product() {
  static const bool is_done = [] {
    constexpr dnnl_dim_t n = 16;
    const std::vector<float> a(n * n), b(n * n);
    std::vector<float> c(n * n);
    return dnnl_sgemm('N', 'N', n, n, n, 1.0f, a.data(), n, b.data(), n, 0.0f, c.data(), n) ==
           dnnl_success;
  }();
  (void)is_done;
}

}  // namespace

void prepare_for_pool(FunctionRef<void()> make) {
  alone_in_arena(default_pool()->kernel_width(), [&] {
    generate_matrix_product();
    make();
  });
  Engine::close_before_recent_statics();
}

// On a pool whose threads are oneTBB's, oneDNN's loops are the pool's; on any other one, and where
// loops are to be cut for more or fewer threads than there are, they stay on this thread.
void Execution::run(const KernelRun& run) const {
  Pool& pool = *run.pool;
  if (!pool.hosts_onetbb() || pool.kernel_width() != pool.concurrency()) {
    return alone_in_arena(pool.kernel_width(), [&] { run_here(run); });
  }
  if (pool.in_worker()) return run_here(run);
  pool.enter([&] { run_here(run); });
}

void Execution::run_here(const KernelRun& run) const {
  // acquire: pairs with the release below, so that the objects are seen as the last run left them.
  std::unique_ptr<Handles> handles(idle_.exchange(nullptr, std::memory_order_acquire));
  const bool is_first = handles == nullptr;
  if (is_first) handles = std::make_unique<Handles>(steps_);
  for (int64_t slice = 0; slice < slices_; ++slice) {
    handles->point_to(run, slice);
    for (size_t i = 0; i < steps_.size(); ++i) {
      if (!steps_[i].runs_for(slice)) continue;
      const auto& list = handles->steps[i].list;
      dnnl::error::wrap_c_api(
          dnnl_primitive_execute(steps_[i].primitive.get(), handles->stream.get(), int(list.size()),
                                 list.data()),
          "a oneDNN primitive failed");
    }
    handles->stream.wait();
  }
  handles.reset(idle_.exchange(handles.release(), std::memory_order_acq_rel));
  // A primitive's first run may leave static objects behind.
  if (is_first) Engine::close_before_recent_statics();
}

namespace {

class RecipeKernel final : public Kernel {
 public:
  explicit RecipeKernel(Recipe recipe) : execution_(std::move(recipe)) {
    scratch_bytes_ = execution_.scratch_bytes();
  }
  void run(const KernelRun& run) const override { execution_.run(run); }

 private:
  Execution execution_;
};

}  // namespace

Prepared finish(Recipe recipe) { return {std::make_unique<RecipeKernel>(std::move(recipe)), {}}; }

std::string refuse_other_than_f32(const KernelQuery& query) {
  const auto refuse = [](std::span<const TensorSpec> specs) -> std::string {
    for (const TensorSpec& spec : specs) {
      if (spec.type != DType::f32) return concat(only_f32, to_string(spec.type));
    }
    return {};
  };
  std::string refusal = refuse(query.inputs);
  return refusal.empty() ? refuse(query.outputs) : refusal;
}

memory::desc plain(const memory::dims& dims) {
  memory::dims strides(dims.size(), 1);
  for (size_t i = dims.size() - 1; i > 0; --i) strides[i - 1] = strides[i] * dims[i];
  return {dims, memory::data_type::f32, strides};
}

memory::desc channels_last(const memory::dims& dims) {
  memory::dims strides(dims.size(), 1);
  int64_t stride = dims[1];
  for (size_t i = dims.size() - 1; i > 1; --i) {
    strides[i] = stride;
    stride *= dims[i];
  }
  strides[0] = stride;
  return {dims, memory::data_type::f32, strides};
}

memory::desc blocks_of_eight(const memory::dims& dims) {
  using tag = memory::format_tag;
  constexpr tag tags[] = {tag::aBc8b, tag::aBcd8b, tag::aBcde8b};
  return {dims, memory::data_type::f32, tags[dims.size() - 3]};
}

memory::desc any(const memory::dims& dims) {
  return {dims, memory::data_type::f32, memory::format_tag::any};
}

}  // namespace treadle::onednn

#endif  // TREADLE_WITH_ONEDNN
