// Updates of many weights by one node. The arrays of a weight follow each other among the inputs,
// (weight, gradient, its states), and behind those of the last weight come what all of them share.
#pragma once

#include <string>
#include <vector>

#include "treadle/operators/input_order.h"
#include "treadle/operators/number_at.h"
#include "treadle/operators/optimizer/update.h"

namespace treadle::ops {

// How many arrays one node may take: a file's number must not make lists without end.
inline constexpr double most_arrays = 4096;

// "array_0", "array_1", …
inline std::vector<std::string> numbered(std::string_view name, int count) {
  std::vector<std::string> made;
  for (int i = 0; i < count; ++i) made.push_back(concat(name, "_", i));
  return made;
}

// An operator with parameters P, whose count() is the number of weights. Arrays says
//   states  names of a weight's states, without their number: names("mom", "weight32")
//   shared  names of the last inputs, of shared_size(p) numbers each
//   mixed   whether the states are float32, whatever the weights are
template <class P, class Arrays>
struct ManyUpdate {
  using Params = P;
  static constexpr int num_states = int(Arrays::states.size());
  static constexpr bool has_effects = true;
  static constexpr bool takes_list = true;

  static std::vector<std::string> inputs(const P& p) {
    std::vector<std::string> made;
    for (int i = 0; i < p.count(); ++i) {
      made.push_back(concat("weight_", i));
      made.push_back(concat("grad_", i));
    }
    made.insert(made.end(), Arrays::shared.begin(), Arrays::shared.end());
    return made;
  }
  static std::vector<std::string> auxiliaries(const P& p) {
    std::vector<std::string> made;
    for (int i = 0; i < p.count(); ++i) {
      for (std::string_view state : Arrays::states) made.push_back(concat(state, "_", i));
    }
    return made;
  }
  static std::vector<int> state_places(const P& p) {
    std::vector<int> made;
    for (int i = 0; i < p.count(); ++i) {
      for (int k = 0; k < num_states; ++k) made.push_back(i * (2 + num_states) + 2 + k);
    }
    return made;
  }
  static std::vector<std::string> outputs(const P& p) {
    if (p.count() == 1) return {"output"};
    std::vector<std::string> made;
    for (int i = 0; i < p.count(); ++i) made.push_back(concat("output", i));
    return made;
  }
  static std::vector<Share> may_share(const P& p) {
    std::vector<Share> made;
    for (int i = 0; i < p.count(); ++i) made.push_back(share(in(2 * i), out(i)));
    return made;
  }

  static void infer_shape(const P& p, ShapeInference& s) {
    if constexpr (requires { p.check(s); }) p.check(s);
    for (int i = 0; i < p.count(); ++i) {
      s.unify(in(2 * i), in(2 * i + 1));
      s.unify(in(2 * i), out(i));
      for (int k = 0; k < num_states; ++k) s.unify(in(2 * i), aux(i * num_states + k));
    }
    for (int k = 0; k < int(Arrays::shared.size()); ++k) {
      s.set(in(2 * p.count() + k), {Arrays::shared_size(p)},
            [&] { return concat("there are ", p.count(), " weights"); });
    }
  }
  static void infer_type(const P& p, TypeInference& t) {
    for (int i = 0; i < p.count(); ++i) {
      t.unify(in(0), in(2 * i));
      t.unify(in(2 * i), in(2 * i + 1));
      t.unify(in(2 * i), out(i));
      for (int k = 0; k < num_states; ++k) {
        const Slot state = aux(i * num_states + k);
        if (Arrays::mixed) {
          t.set(state, DType::f32);
        } else {
          t.unify(in(2 * i), state);
        }
      }
    }
    for (int k = 0; k < int(Arrays::shared.size()); ++k) {
      const Slot slot = in(2 * p.count() + k);
      if (!t.is_known(slot)) t.set(slot, DType::f32);
    }
  }

  // Runs rule_of(i) on weight i.
  template <DeviceKind D, class RuleOf>
  static void update_all(const P& p, Call<D>& call, const RuleOf& rule_of) {
    for (int i = 0; i < p.count(); ++i) {
      if constexpr (Arrays::mixed) {
        mixed_update<num_states - 1>(call, rule_of(i), i);
      } else {
        update<num_states>(call, rule_of(i), i);
      }
    }
  }
};

// The states of Adam and its kin as ManyUpdate's Arrays say them: without what is shared.
template <bool is_mixed>
struct AdamArrays {
  static constexpr auto states = [] {
    if constexpr (is_mixed) return names("mean", "var", "weight32");
    if constexpr (!is_mixed) return names("mean", "var");
  }();
  static constexpr bool mixed = is_mixed;
};

// "lrs has 1 numbers, but num_weights is 2".
inline void check_list(ShapeInference& s, std::string_view name, size_t size,
                       std::string_view count_name, int count) {
  if (size == size_t(count)) return;
  s.fail(concat(name, " has ", size, " numbers, but ", count_name, " is ", count,
                "; there is one number for each."));
}

// The sum of a[i]^2, in double, in an order that does not depend on the threads.
template <class T>
double sum_of_squares(Pool& pool, const T* a, int64_t count) {
  constexpr int64_t piece = 1 << 14;
  std::vector<double> sums(size_t((count + piece - 1) / piece));
  pool.parallel_for(0, int64_t(sums.size()), 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double lanes[8] = {};
      const int64_t first = i * piece, last = std::min(count, first + piece);
      for (int64_t k = first; k < last; ++k) lanes[k % 8] += double(a[k]) * double(a[k]);
      for (double lane : lanes) sums[size_t(i)] += lane;
    }
  });
  double sum = 0;
  for (double each : sums) sum += each;
  return sum;
}

}  // namespace treadle::ops
