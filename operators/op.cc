#include "treadle/operators/op.h"

#include "treadle/device/driver.h"
#include "treadle/operators/accumulate.h"
#include "treadle/operators/launched.h"

namespace treadle {
namespace {

int find_slot(const std::vector<Slot>& slots, Slot slot, const char* what) {
  const auto it = std::ranges::find(slots, slot);
  TREADLE_INVARIANT(it != slots.end(), "An operator asks for an array (kind ", int(slot.kind),
                    ", index ", slot.index, ") that it did not declare as ", what);
  return int(it - slots.begin());
}

void append(std::vector<Slot>& slots, Slot::Kind kind, size_t count) {
  for (size_t i = 0; i < count; ++i) slots.push_back({kind, int16_t(i)});
}

}  // namespace

int SlotMap::input(Slot slot) const { return find_slot(inputs, slot, "read"); }
int SlotMap::output(Slot slot) const { return find_slot(outputs, slot, "written"); }

namespace detail {

std::vector<Slot> expand(std::vector<Slot> slots, int num_inputs, int num_outputs) {
  std::vector<Slot> expanded;
  for (Slot slot : slots) {
    if (slot.index != Slot::every) {
      expanded.push_back(slot);
      continue;
    }
    const bool of_outputs = slot.kind == Slot::Kind::out || slot.kind == Slot::Kind::out_grad;
    append(expanded, slot.kind, size_t(of_outputs ? num_outputs : num_inputs));
  }
  return expanded;
}

SlotMap forward_slots(const OpRecord& op, const void* params) {
  SlotMap map;
  append(map.inputs, Slot::Kind::in, op.inputs(params).size());
  append(map.inputs, Slot::Kind::aux, op.auxiliaries(params).size());
  append(map.outputs, Slot::Kind::out, op.outputs(params).size());
  return map;
}

SlotMap backward_slots(const OpRecord& op, const void* params) {
  SlotMap map;
  map.inputs = op.backward_reads(params);
  append(map.outputs, Slot::Kind::in_grad, op.inputs(params).size());
  return map;
}

std::string refuse_types(TypeSet types, const KernelQuery& query) {
  const auto refuse = [&](std::span<const TensorSpec> specs) -> std::string {
    for (const TensorSpec& spec : specs) {
      if (types.contains(spec.type)) continue;
      return concat("element type ", spec.type, " is not supported; it takes ", to_string(types));
    }
    return {};
  };
  std::string refusal = refuse(query.inputs);
  return refusal.empty() ? refuse(query.outputs) : refusal;
}

}  // namespace detail

namespace {

template <DeviceKind D>
const std::vector<Implementation>* implementations(const OpRecord& op) {
  const auto* attribute = op.attributes.get<Implementations<D>>();
  return attribute ? &attribute->list : nullptr;
}

}  // namespace

Choice choose_kernel(const OpRecord& op, const KernelQuery& query, std::string_view who,
                     std::string_view only) {
  if (query.device.kind == DeviceKind::gpu && driver(query.device).runs_host_kernels()) {
    KernelQuery host = query;
    host.device = cpu();
    Choice choice = choose_kernel(op, host, who, only);
    choice.kernel = launch_on(query.device, std::move(choice.kernel), query, op.name);
    return choice;
  }
  const std::vector<Implementation>* list = query.device.kind == DeviceKind::gpu
                                                ? implementations<DeviceKind::gpu>(op)
                                                : implementations<DeviceKind::cpu>(op);
  if (!list) throw Error(who, ": the operator has no kernel for ", query.device, ".");
  const bool adds = std::ranges::count(query.requests, Request::add) > 0;
  Choice choice;
  for (const Implementation& implementation : *list) {
    if (!only.empty() && only != implementation.name) continue;
    // Scratch memory of other devices is not ours to add from.
    const bool wraps = adds && !implementation.supports_add && query.device.kind != DeviceKind::gpu;
    if (adds && !implementation.supports_add && !wraps) {
      choice.refusals.push_back(concat(implementation.name, ": it cannot add to an output"));
      continue;
    }
    Prepared prepared =
        wraps ? prepare_accumulating(implementation, query) : implementation.prepare(query);
    if (prepared.kernel) {
      choice.implementation = implementation.name;
      choice.kernel = std::move(prepared.kernel);
      return choice;
    }
    choice.refusals.push_back(concat(implementation.name, ": ", prepared.refusal));
  }
  std::string reasons;
  for (const std::string& refusal : choice.refusals) reasons += "\n  " + refusal;
  throw Error(who, ": no implementation takes these arrays.", reasons);
}

}  // namespace treadle
