#include "treadle/serialization/operator_json.h"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <string_view>
#include <vector>

#include "treadle/core/text.h"
#include "treadle/graph/op_inputs.h"
#include "treadle/graph/op_interface.h"

namespace treadle {
namespace {

using Json = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void put(Json& json, const char* key, const std::string& value) {
  json.Key(key);
  json.String(value.c_str(), rapidjson::SizeType(value.size()));
}
void put(Json& json, const char* key, bool value) {
  json.Key(key);
  json.Bool(value);
}
void put(Json& json, const char* key, std::span<const std::string> values) {
  json.Key(key);
  json.StartArray();
  for (const std::string& value : values)
    json.String(value.c_str(), rapidjson::SizeType(value.size()));
  json.EndArray();
}

void put_field(Json& json, const ParamField& field) {
  json.StartObject();
  put(json, "name", field.name);
  put(json, "type", field.type->name);
  put(json, "cpp_type", field.type->cpp_name);
  if (!field.type->choices.empty()) put(json, "values", field.type->choices);
  put(json, "none_allowed", field.type->is_optional);
  put(json, "required", field.required);
  if (!field.required) put(json, "default", field.default_text);
  put(json, "range", std::string(trim(describe_range(field.range))));
  put(json, "doc", field.doc);
  json.EndObject();
}

std::string gradient_name(const OpRecord& op) {
  switch (op.gradient_kind) {
    case GradientKind::none: return "none";
    case GradientKind::zero: return "zero";
    case GradientKind::kernel:
    case GradientKind::graph: break;
  }
  return "defined";
}

}  // namespace

std::string operator_json(const OpRecord& op, std::span<const std::string> implementations) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.SetIndent(' ', 1);
  const OpInterface has = interface_of(op);
  json.StartObject();
  put(json, "name", op.name);
  put(json, "aliases", op.aliases);
  put(json, "doc", op.doc);
  const bool is_variadic = takes_list(op);
  put(json, "variadic_inputs", is_variadic);
  put(json, "count_param", op.count_param);
  put(json, "inputs", is_variadic ? std::vector<std::string>() : has.inputs);
  put(json, "auxiliary_states", has.auxiliaries);
  put(json, "outputs", has.outputs);
  json.Key("num_visible_outputs");
  json.Int(has.num_visible);
  put(json, "gradient", gradient_name(op));
  put(json, "is_loss", op.is_loss);
  put(json, "cpu_implementations", implementations);
  put(json, "in_place", op.may_share != nullptr);
  json.Key("params");
  json.StartArray();
  for (const ParamField& field : op.schema.fields()) put_field(json, field);
  json.EndArray();
  json.EndObject();
  return buffer.GetString();
}

}  // namespace treadle
