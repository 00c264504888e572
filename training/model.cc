#include "treadle/training/model.h"

#include <algorithm>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/serialization/checkpoint.h"

namespace treadle {
namespace {

ShapeMap shapes_of(const std::vector<DataDesc>& inputs) {
  ShapeMap shapes;
  for (const DataDesc& desc : inputs) shapes[desc.name] = desc.shape;
  return shapes;
}

bool is_same(const std::vector<DataDesc>& a, const std::vector<DataDesc>& b) {
  return std::ranges::equal(a, b, [](const DataDesc& x, const DataDesc& y) {
    return x.name == y.name && x.shape == y.shape && x.type == y.type;
  });
}

bool contains(const std::vector<DataDesc>& inputs, std::string_view name) {
  return std::ranges::any_of(inputs, [&](const DataDesc& desc) { return desc.name == name; });
}

}  // namespace

Model::Model(Symbol symbol, Device device) : Model(std::move(symbol), {}, {}, device) {}

Model::Model(Symbol symbol, ArrayMap parameters, ArrayMap auxiliaries, Device device)
    : symbol_(std::move(symbol)),
      device_(device),
      parameters_(std::move(parameters)),
      auxiliaries_(std::move(auxiliaries)) {
  if (symbol_.is_empty())
    throw Error("A model needs a symbol with an output; the one given is empty.");
}

Model Model::load(const std::string& prefix, int epoch, Device device) {
  Checkpoint loaded = load_checkpoint(prefix, epoch);
  return Model(std::move(loaded.symbol), std::move(loaded.arguments), std::move(loaded.auxiliaries),
               device);
}

void Model::save(const std::string& prefix, int epoch) const {
  save_checkpoint(prefix, epoch, symbol_, parameters_, auxiliaries_);
}

void Model::wait() const {
  for (const auto& [name, array] : parameters_) array.wait();
  for (const auto& [name, array] : auxiliaries_) array.wait();
}

void Model::init_parameters(const std::vector<DataDesc>& inputs, const Initializer& initializer,
                            uint64_t seed) {
  const InferredShapes shapes = symbol_.infer_shape(shapes_of(inputs));
  TypeMap known_types;
  for (const DataDesc& desc : inputs) known_types[desc.name] = desc.type;
  const InferredTypes types = symbol_.infer_type(known_types);
  const std::map<std::string, Attributes> attributes = symbol_.attr_dict();
  const auto give_values = [&](const std::vector<std::string>& names,
                               const std::vector<Shape>& all_shapes,
                               const std::vector<DType>& all_types, ArrayMap& arrays) {
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string& name = names[i];
      if (contains(inputs, name)) continue;
      if (const auto it = arrays.find(name); it != arrays.end()) {
        if (it->second.shape() == all_shapes[i]) continue;
        throw Error("The parameter '", name, "' has shape ", it->second.shape(),
                    ", but data of this shape needs ", all_shapes[i],
                    ". Use data like that the model was trained on.");
      }
      const DType type = all_types[i] == DType::unknown ? DType::f32 : all_types[i];
      const Array array = Array::empty(all_shapes[i], type, device_);
      const auto attribute = attributes.find(name);
      initializer.initialize(
          name, array, attribute == attributes.end() ? Attributes{} : attribute->second, seed);
      arrays.emplace(name, array);
    }
  };
  give_values(symbol_.list_arguments(), shapes.arguments, types.arguments, parameters_);
  give_values(symbol_.list_auxiliary_states(), shapes.auxiliaries, types.auxiliaries, auxiliaries_);
}

std::vector<DataDesc> Model::inputs_of(const DataIterator& data) const {
  std::vector<DataDesc> inputs = data.provided_data();
  const std::vector<std::string> arguments = symbol_.list_arguments();
  for (const DataDesc& label : data.provided_labels()) {
    if (std::ranges::count(arguments, label.name) > 0) inputs.push_back(label);
  }
  return inputs;
}

ArrayMap Model::feed(const DataIterator& iterator, const DataBatch& batch,
                     const std::vector<DataDesc>& inputs) {
  ArrayMap arrays;
  const auto take = [&](const std::vector<DataDesc>& descs, const std::vector<Array>& from) {
    for (size_t i = 0; i < descs.size(); ++i) {
      if (contains(inputs, descs[i].name)) arrays[descs[i].name] = from.at(i);
    }
  };
  take(iterator.provided_data(), batch.data);
  take(iterator.provided_labels(), batch.labels);
  return arrays;
}

Executor& Model::executor_for(Bound& bound, const std::vector<DataDesc>& inputs,
                              bool with_gradients) {
  if (bound.executor && is_same(bound.inputs, inputs)) return *bound.executor;
  ShapeMap known = shapes_of(inputs);
  for (const auto& [name, array] : parameters_) known[name] = array.shape();
  const InferredShapes shapes = symbol_.infer_shape(known);
  const std::vector<std::string> names = symbol_.list_arguments();
  Bindings bindings;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    if (const auto it = parameters_.find(name);
        it != parameters_.end() && !contains(inputs, name)) {
      bindings.arguments[name] = it->second;
      if (with_gradients) {
        bindings.gradients[name] = Array::zeros(it->second.shape(), it->second.type(), device_);
      }
      continue;
    }
    const auto desc = std::ranges::find(inputs, name, &DataDesc::name);
    // A label that nobody gives is not read in inference, but its argument needs an array.
    if (desc == inputs.end() && !name.ends_with("label")) {
      throw Error("The parameter '", name, "' has no values; train the model, or load them.");
    }
    bindings.arguments[name] =
        Array::zeros(shapes.arguments[i], desc == inputs.end() ? DType::f32 : desc->type, device_);
  }
  for (const std::string& name : symbol_.list_auxiliary_states()) {
    const auto it = auxiliaries_.find(name);
    if (it == auxiliaries_.end())
      throw Error("The auxiliary state '", name, "' has no values; train the model, or load them.");
    bindings.auxiliaries[name] = it->second;
  }
  bound.executor.emplace(Executor::bind(symbol_, device_, bindings));
  bound.inputs = inputs;
  return *bound.executor;
}

}  // namespace treadle
