#include "treadle/training/tally.h"

#include <utility>

#include "treadle/core/error.h"

namespace treadle {
namespace {

// An output on its way to the host, with the places of its axes.
struct Queued {
  Array labels, predictions;
  int64_t rows, classes, positions;
};

Queued queued(const LabelledOutput& output, const std::string& name) {
  const Shape& shape = output.predictions.shape();
  Queued made{output.labels, output.predictions, 1, 0, 1};
  int axis = -1;
  if (output.class_axis) {
    axis = *output.class_axis + (*output.class_axis < 0 ? shape.ndim() : 0);
    if (axis < 0 || axis >= shape.ndim()) {
      throw Error("The metric '", name, "' takes classes from axis ", *output.class_axis,
                  "; predictions of shape ", shape, " are given.");
    }
    made.classes = shape[axis];
    if (made.classes == 0) {
      throw Error("The metric '", name, "' is given predictions of shape ", shape,
                  ", which have no classes.");
    }
    made.rows = shape.elements(0, axis);
    made.positions = shape.elements(axis + 1, shape.ndim());
  } else if (!shape.empty()) {
    made.rows = shape[0];
    made.positions = shape.elements(1, shape.ndim());
  }
  if (made.labels.is_valid() && made.labels.elements() != made.rows * made.positions) {
    throw Error("The metric '", name, "' is given labels of shape ", made.labels.shape(),
                " for predictions of shape ", shape, "; it needs ", made.rows * made.positions,
                " labels.");
  }
  // Of the first axis, which is no row where it is that of the classes.
  const int64_t first = made.rows > 0 && shape.ndim() > 0 && axis != 0 ? shape[0] : made.rows;
  if (output.padding < 0 || output.padding > first) {
    throw Error("The metric '", name, "' is told to leave out ", output.padding, " of ", first,
                " rows.");
  }
  if (first > 0) made.rows -= made.rows / first * output.padding;
  const auto on_host = [](Array& array) {
    if (array.is_valid() && array.device().kind == DeviceKind::gpu) array = array.copy(cpu());
  };
  on_host(made.labels);
  on_host(made.predictions);
  // Measures read f32 and f64; integers need the latter.
  switch (made.predictions.type()) {
    case DType::f32:
    case DType::f64: break;
    case DType::f16:
    case DType::bf16: made.predictions = made.predictions.as_type(DType::f32); break;
    default: made.predictions = made.predictions.as_type(DType::f64);
  }
  return made;
}

void measure_batch(const std::vector<Queued>& batch, const Measure& measure, Findings& found) {
  std::vector<MeasuredOutput> outputs;
  for (const Queued& output : batch) {
    const bool has_cells = output.rows * output.positions > 0;
    MeasuredOutput& made = outputs.emplace_back();
    if (has_cells && output.labels.is_valid()) {
      made.labels = Labels(output.labels.data(), output.labels.type());
    }
    if (has_cells) made.predictions = output.predictions.data();
    made.type = output.predictions.type();
    made.rows = output.rows;
    made.classes = output.classes;
    made.positions = output.positions;
  }
  Sums sums;
  sums.table.swap(found.table);
  measure(outputs, sums);
  sums.table.swap(found.table);
  found.sums.push_back(sums.sum);
  found.count += sums.count;
}

}  // namespace

Tally::Tally(Measure measure, std::string name)
    : measure_(std::make_shared<const Measure>(std::move(measure))), name_(std::move(name)) {
  reset();
}

void Tally::add(const std::vector<LabelledOutput>& outputs) {
  if (outputs.empty()) return;
  auto batch = std::make_shared<std::vector<Queued>>();
  for (const LabelledOutput& output : outputs) batch->push_back(queued(output, name_));
  if (const auto& engine = batch->front().predictions.engine(); engine != engine_) {
    read();  // by the engine before
    renew(engine);
  }
  const Variable& turn = turns_[size_t(next_)];
  engine_->wait(turn);
  std::vector<Variable> reads;
  for (const Queued& output : *batch) {
    if (output.labels.is_valid()) reads.push_back(output.labels.variable());
    reads.push_back(output.predictions.variable());
  }
  reads.push_back(written_);  // an error stays until reset
  const Variable writes[] = {written_, turn};
  engine_->push([batch = std::move(batch), measure = measure_,
                 found = found_] { measure_batch(*batch, *measure, *found); },
                reads, writes, {.op = "metric"});
  next_ = (next_ + 1) % depth;
}

const Findings& Tally::read() const {
  if (engine_) engine_->wait(written_);
  return *found_;
}

Findings Tally::take() {
  read();
  return std::exchange(*found_, {});
}

void Tally::reset() {
  found_ = std::make_shared<Findings>();
  if (engine_) renew(engine_);
}

// Tasks that are queued keep what they write to.
void Tally::renew(const std::shared_ptr<Engine>& engine) {
  engine_ = engine;
  written_ = engine->variable("metric");
  for (Variable& turn : turns_) turn = engine->variable();
}

}  // namespace treadle
