// Initializers: the first values of parameters and auxiliary states.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "treadle/core/reflect.h"
#include "treadle/graph/symbol.h"
#include "treadle/operators/philox.h"
#include "treadle/tensor/array.h"

namespace treadle {

// A rule for the first values. As in MXNet the name decides where the rule applies: to *weight;
// *bias, *beta and *moving_mean become 0, *gamma and *moving_var 1. A variable's `__init__`
// attribute, such as ["xavier", {"magnitude": 2}], wins over its name.
//
// Values are functions of the seed and the parameter's name: neither the order of the parameters
// nor what else is random in the program changes them.
class Initializer {
 public:
  virtual ~Initializer() = default;

  // Writes the values of the array `name`. Throws Error for a name that says nothing of its role.
  void initialize(std::string_view name, const Array& array, const Attributes& attributes,
                  uint64_t seed) const;
  // Writes the rule's values, whatever the name.
  virtual void fill(std::string_view name, const Array& array, RandomKey key) const = 0;

  // From the text of an `__init__` attribute: a name, or a JSON list of a name and its parameters.
  // Throws Error for an unknown name or parameter.
  static std::unique_ptr<Initializer> parse(std::string_view text);
};

// Every element is `value`.
class Constant final : public Initializer {
 public:
  struct Options {
    float value = 0;
    static constexpr auto fields = reflect(field("value", &Options::value, "The value."));
  };
  explicit Constant(const Options& options) : options_(options) {}
  void fill(std::string_view name, const Array& array, RandomKey key) const override;

 private:
  Options options_;
};

// Uniform in [-scale, scale).
class Uniform final : public Initializer {
 public:
  struct Options {
    float scale = 0.07f;
    static constexpr auto fields =
        reflect(field("scale", &Options::scale, at_least(0), "Bound of the values."));
  };
  explicit Uniform(const Options& options) : options_(options) {}
  Uniform() : Uniform(Options{}) {}
  void fill(std::string_view name, const Array& array, RandomKey key) const override;

 private:
  Options options_;
};

// Normal with mean 0.
class Normal final : public Initializer {
 public:
  struct Options {
    float sigma = 0.01f;
    static constexpr auto fields =
        reflect(field("sigma", &Options::sigma, at_least(0), "Standard deviation."));
  };
  explicit Normal(const Options& options) : options_(options) {}
  Normal() : Normal(Options{}) {}
  void fill(std::string_view name, const Array& array, RandomKey key) const override;

 private:
  Options options_;
};

// Scaled so that signals keep their size from layer to layer (Glorot and Bengio, 2010): with
// s = sqrt(magnitude / factor), uniform in [-s, s) or normal with deviation s. The weight's first
// two axes are its outputs and inputs, the others its receptive field.
class Xavier final : public Initializer {
 public:
  enum class RndType { uniform, gaussian };
  enum class FactorType { avg, in, out };
  struct Options {
    RndType rnd_type = RndType::uniform;
    FactorType factor_type = FactorType::avg;
    float magnitude = 3;
    static constexpr auto fields =
        reflect(field("rnd_type", &Options::rnd_type, "Distribution."),
                field("factor_type", &Options::factor_type, "Which connections are counted."),
                field("magnitude", &Options::magnitude, at_least(0), "Scale of the values."));
  };
  explicit Xavier(const Options& options) : options_(options) {}
  Xavier() : Xavier(Options{}) {}
  void fill(std::string_view name, const Array& array, RandomKey key) const override;

 private:
  Options options_;
};

EnumNames describe(Xavier::RndType);
EnumNames describe(Xavier::FactorType);

}  // namespace treadle
