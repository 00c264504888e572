#include "treadle/training/initializer.h"

#include <algorithm>
#include <array>
#include <string>

#include "treadle/core/error.h"
#include "treadle/core/text.h"
#include "treadle/training/initializer_text.h"

namespace treadle {
namespace {

// FNV-1a: the same on every machine, unlike std::hash.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ uint8_t(c)) * 0x100000001b3u;
  return hash;
}

struct Maker {
  std::string name;
  std::unique_ptr<Initializer> (*make)(const ParamText& params, std::string_view who);
};

template <class T>
std::unique_ptr<Initializer> make(const ParamText& params, std::string_view who) {
  static const ParamSchema schema = make_schema<typename T::Options>();
  const auto parsed = schema.parse(params, who);
  return std::make_unique<T>(*static_cast<const typename T::Options*>(parsed.get()));
}

template <int kValue>
std::unique_ptr<Initializer> make_constant(const ParamText& params, std::string_view who) {
  ParamSchema().parse(params, who);  // it takes none
  return std::make_unique<Constant>(Constant::Options{.value = kValue});
}

const std::vector<Maker>& makers() {
  static const std::vector<Maker> list = {
      {"zero", make_constant<0>}, {"zeros", make_constant<0>},  {"one", make_constant<1>},
      {"ones", make_constant<1>}, {"constant", make<Constant>}, {"uniform", make<Uniform>},
      {"normal", make<Normal>},   {"xavier", make<Xavier>},
  };
  return list;
}

// Which values a name asks for; kRule stands for the initializer's own.
enum class Role { kRule, kZero, kOne, kUnknown };
Role role_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Role>, 10> endings = {{
      {"weight", Role::kRule},
      {"bias", Role::kZero},
      {"gamma", Role::kOne},
      {"beta", Role::kZero},
      {"moving_mean", Role::kZero},
      {"running_mean", Role::kZero},
      {"moving_var", Role::kOne},
      {"running_var", Role::kOne},
      {"moving_inv_var", Role::kZero},
      {"moving_avg", Role::kZero},
  }};
  for (const auto& [ending, role] : endings) {
    if (name.ends_with(ending)) return role;
  }
  return Role::kUnknown;
}

}  // namespace

void Initializer::initialize(std::string_view name, const Array& array,
                             const Attributes& attributes, uint64_t seed) const {
  const RandomKey key = {seed, hash_of(name)};
  if (const auto it = attributes.find(attribute::init);
      it != attributes.end() && !it->second.empty()) {
    parse(it->second)->fill(name, array, key);
    return;
  }
  Array target = array;
  switch (role_of(name)) {
    case Role::kRule: return fill(name, array, key);
    case Role::kZero: return target.fill(0);
    case Role::kOne: return target.fill(1);
    case Role::kUnknown: break;
  }
  throw Error(
      "The name '", name,
      "' does not say how to initialise the parameter: names end in _weight, _bias, "
      "_gamma, _beta, _moving_mean or _moving_var. Rename the variable, or give it the attribute "
      "__init__, such as [\"zero\", {}].");
}

std::unique_ptr<Initializer> Initializer::parse(std::string_view text) {
  const InitializerText read = read_initializer_text(text);
  const std::string name = to_lower(read.name);
  std::vector<std::string> names;
  for (const Maker& maker : makers()) {
    if (maker.name == name) return maker.make(read.params, concat("initializer '", name, "'"));
    names.push_back(maker.name);
  }
  throw Error("There is no initializer '", read.name, "'.", did_you_mean(name, names),
              " There are ", join(names), ".");
}

}  // namespace treadle
