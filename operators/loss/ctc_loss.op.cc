// CTCLoss: connectionist temporal classification (Graves et al., 2006), one sample at a time by
// the forward-backward recursion on logarithms.
#include <cmath>
#include <limits>
#include <vector>

#include "treadle/device/pool.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/number_at.h"
#include "treadle/operators/softmax.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

enum class BlankLabel { first, last };
EnumNames describe(BlankLabel) { return enum_names("BlankLabel", "first", "last"); }

constexpr double never = -std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == never ? a : a + std::log1p(std::exp(b - a));
}

// One sample: its scores as logarithms of probabilities, and the path of labels with blanks between
// them, over which the recursion runs.
struct Alignment {
  int64_t steps = 0, classes = 0;
  std::vector<double> scores;  // (steps, classes)
  std::vector<int64_t> path;   // 2 * labels + 1
  bool fits = true;            // the labels can be emitted in that many steps

  double score(int64_t t, size_t s) const { return scores[size_t(t * classes + path[s])]; }
  bool skips(size_t s) const { return s >= 2 && s % 2 == 1 && path[s] != path[s - 2]; }

  // log of the sum over all ways to have reached path position s at step t, its score included.
  std::vector<double> forward() const {
    const size_t n = path.size();
    std::vector<double> alpha(size_t(steps) * n, never);
    alpha[0] = score(0, 0);
    if (n > 1) alpha[1] = score(0, 1);
    for (int64_t t = 1; t < steps; ++t) {
      const double* before = &alpha[size_t(t - 1) * n];
      for (size_t s = 0; s < n; ++s) {
        double sum = before[s];
        if (s >= 1) sum = log_add(sum, before[s - 1]);
        if (skips(s)) sum = log_add(sum, before[s - 2]);
        alpha[size_t(t) * n + s] = sum == never ? never : sum + score(t, s);
      }
    }
    return alpha;
  }
  double total(const std::vector<double>& alpha) const {
    const size_t n = path.size(), last = size_t(steps - 1) * n;
    return n > 1 ? log_add(alpha[last + n - 1], alpha[last + n - 2]) : alpha[last];
  }
  // expected (steps, classes): probability that step t is spent on class c.
  std::vector<double> posterior(const std::vector<double>& alpha) const {
    const size_t n = path.size();
    const double all = total(alpha);
    std::vector<double> beta(n, never), next(n), expected(size_t(steps * classes), 0.0);
    beta[n - 1] = 0;  // log of the sum over all ways on from s, without its own score
    if (n > 1) beta[n - 2] = 0;
    for (int64_t t = steps - 1; t >= 0; --t) {
      for (size_t s = 0; s < n; ++s) {
        const double here = alpha[size_t(t) * n + s] + beta[s] - all;
        if (here > never) expected[size_t(t * classes + path[s])] += std::exp(here);
      }
      if (t == 0) break;
      for (size_t s = 0; s < n; ++s) {
        double sum = beta[s] + score(t, s);
        if (s + 1 < n) sum = log_add(sum, beta[s + 1] + score(t, s + 1));
        if (s + 2 < n && skips(s + 2)) sum = log_add(sum, beta[s + 2] + score(t, s + 2));
        next[s] = sum;
      }
      beta.swap(next);
    }
    return expected;
  }
};

struct CtcLoss {
  static constexpr auto name = "CTCLoss";
  static constexpr auto aliases = names("ctc_loss", "_contrib_CTCLoss", "_contrib_ctc_loss");
  static constexpr auto doc =
      "-log of the probability of each sample's labels under scores data (step, sample, class), "
      "summed over all alignments with blanks; shape (sample,). Softmax over the classes is part "
      "of "
      "it. A sample whose labels do not fit into its steps counts 0.";
  static constexpr auto outputs = names("output0");

  struct Params {
    bool use_data_lengths = false;
    bool use_label_lengths = false;
    BlankLabel blank_label = BlankLabel::first;
    static constexpr auto fields = reflect(
        field("use_data_lengths", &Params::use_data_lengths,
              "Whether an input data_lengths says how many steps of each sample count."),
        field("use_label_lengths", &Params::use_label_lengths,
              "Whether an input label_lengths says how many labels each sample has; else they end "
              "at the first padding: 0 with blank_label first, -1 with last."),
        field("blank_label", &Params::blank_label, "Which class is the blank."));
  };

  static std::vector<std::string> inputs(const Params& p) {
    std::vector<std::string> made{"data", "label"};
    if (p.use_data_lengths) made.push_back("data_lengths");
    if (p.use_label_lengths) made.push_back("label_lengths");
    return made;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0)), label = s.shape(in(1));
    if (!data.empty() && data.ndim() != 3) {
      s.fail(concat("data has shape ", data, "; (step, sample, class) is expected."));
    }
    if (!label.empty() && label.ndim() != 2) {
      s.fail(concat("label has shape ", label, "; (sample, position) is expected."));
    }
    const int64_t samples = data.empty() ? label[0] : data[1];
    const auto because = [&] { return concat("data is ", data); };
    s.set(in(1), {samples, 0}, because);
    for (int i = 2; i < s.num_in(); ++i) s.set(in(i), {samples}, because);
    s.set(out(0), {samples}, because);
    s.set(in(0), {0, label[0], 0}, [&] { return concat("label is ", label); });
    if (data.is_known() && label.is_known() && label[1] > data[0]) {
      s.fail(concat("label has shape ", label, ", ", label[1], " labels a sample, but data is ",
                    data, ", only ", data[0], " steps; more steps or fewer labels are expected."));
    }
    (void)p;
  }
  // Labels and lengths may be of any type.
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    for (int i = 1; i < t.num_in(); ++i) {
      if (!t.is_known(in(i)) && t.is_known(in(0))) t.set(in(i), t.type(in(0)));
    }
  }
  static constexpr TypeSet types = all_types;
  static std::string refuse(const Params&, const KernelQuery& query) {
    KernelQuery floating = query;
    floating.inputs = query.inputs.first(1);
    floating.outputs = query.outputs.first(1);
    return detail::refuse_types(floating_types, floating);
  }

  template <DeviceKind D>
  static Alignment align(const Params& p, const Call<D>& call, int64_t sample) {
    const Tensor data = call.read(in(0)), label = call.read(in(1));
    const int64_t samples = data.shape()[1];
    Alignment made;
    made.classes = data.shape()[2];
    made.steps = data.shape()[0];
    int next = 2;
    if (p.use_data_lengths) {
      made.steps = within(number_at(call.read(in(next++)), sample), made.steps);
    }
    const bool blank_first = p.blank_label == BlankLabel::first;
    const int64_t blank = blank_first ? 0 : made.classes - 1;
    int64_t labels = label.shape()[1];
    if (p.use_label_lengths) labels = within(number_at(call.read(in(next)), sample), labels);
    made.path.push_back(blank);
    int64_t repeats = 0;
    for (int64_t i = 0; i < labels; ++i) {
      const double number = number_at(label, sample * label.shape()[1] + i);
      if (!p.use_label_lengths && number == (blank_first ? 0 : -1)) break;
      // Also a label that is no class cannot be emitted.
      if (!(number >= 0 && number < double(made.classes))) made.fits = false;
      const int64_t wanted = made.fits ? int64_t(number) : blank;
      if (made.path.size() > 1 && made.path[made.path.size() - 2] == wanted) ++repeats;
      made.path.push_back(wanted);
      made.path.push_back(blank);
    }
    if (int64_t(made.path.size() / 2) + repeats > made.steps || made.steps == 0) made.fits = false;
    if (!made.fits) return made;
    made.scores.resize(size_t(made.steps * made.classes));
    with_floating_type(data.type(), [&](auto stored, auto) {
      using T = decltype(stored);
      for (int64_t t = 0; t < made.steps; ++t) {
        const T* from = data.as<T>() + (t * samples + sample) * made.classes;
        double top = never, sum = 0;
        for (int64_t c = 0; c < made.classes; ++c) top = std::max(top, number(from[c]));
        for (int64_t c = 0; c < made.classes; ++c) sum += std::exp(number(from[c]) - top);
        const double offset = top + std::log(sum);
        for (int64_t c = 0; c < made.classes; ++c) {
          made.scores[size_t(t * made.classes + c)] = number(from[c]) - offset;
        }
      }
    });
    return made;
  }
  template <class T>
  static double number(T value) {
    if constexpr (std::is_same_v<T, double>) {
      return value;
    } else {
      return double(float(value));
    }
  }
  static int64_t within(double wanted, int64_t most) {
    return wanted >= double(most) ? most : wanted > 0 ? int64_t(wanted) : 0;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor loss = call.write(out(0));
    call.pool().parallel_for(0, loss.elements(), 1, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        const Alignment alignment = align(p, call, n);
        const double value = alignment.fits ? -alignment.total(alignment.forward()) : 0;
        with_floating_type(loss.type(), [&](auto stored, auto computed) {
          store(loss.as<decltype(stored)>()[n], decltype(computed)(value), call.request(out(0)));
        });
      }
    });
  }

  static std::vector<Slot> backward_reads(const Params& p) {
    std::vector<Slot> made{out_grad(0), in(0), in(1)};
    for (int i = 2; i < 2 + p.use_data_lengths + p.use_label_lengths; ++i) made.push_back(in(i));
    return made;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    for (int i = 1; i < 2 + p.use_data_lengths + p.use_label_lengths; ++i) {
      elementwise(call, in_grad(i), Fill{0});
    }
    const Request request = call.request(in_grad(0));
    if (request == Request::null) return;
    const Tensor heads = call.read(out_grad(0)), grad = call.write(in_grad(0));
    const int64_t steps = grad.shape()[0], samples = grad.shape()[1], classes = grad.shape()[2];
    call.pool().parallel_for(0, samples, 1, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        const Alignment alignment = align(p, call, n);
        std::vector<double> expected;
        if (alignment.fits) expected = alignment.posterior(alignment.forward());
        with_floating_type(grad.type(), [&](auto stored, auto computed) {
          using T = decltype(stored);
          using C = decltype(computed);
          const double head = number(heads.as<T>()[n]);
          for (int64_t t = 0; t < steps; ++t) {
            T* const dx = grad.as<T>() + (t * samples + n) * classes;
            for (int64_t c = 0; c < classes; ++c) {
              const size_t i = size_t(t * classes + c);
              const bool counts = alignment.fits && t < alignment.steps;
              const double slope = counts ? std::exp(alignment.scores[i]) - expected[i] : 0;
              store(dx[c], C(head * slope), request);
            }
          }
        });
      }
    });
  }
};
TREADLE_REGISTER_OP(CtcLoss);

}  // namespace
}  // namespace treadle::ops
