// _contrib_MultiBoxDetection: what a single-shot detector found (Liu et al., 2016).
#include <cmath>

#include "treadle/operators/contrib/boxes.h"
#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct MultiBoxDetection {
  static constexpr auto name = "_contrib_MultiBoxDetection";
  static constexpr auto doc =
      "From the classes' probabilities cls_prob (sample, class, box), shifts loc_pred (sample, box "
      "* "
      "4) and boxes anchor (1, box, 4) to detections (sample, box, 6): class, score and box, the "
      "best first; class -1: nothing, or suppressed by a better one. No gradient passes.";
  static constexpr auto inputs = names("cls_prob", "loc_pred", "anchor");
  static constexpr bool zero_gradient = true;

  struct Params {
    bool clip = true;
    float threshold = 0.01f;
    int background_id = 0;
    float nms_threshold = 0.5f;
    bool force_suppress = false;
    std::vector<double> variances{0.1, 0.1, 0.2, 0.2};
    int nms_topk = -1;
    static constexpr auto fields = reflect(
        field("clip", &Params::clip, "Cut boxes at the edges of the image."),
        field("threshold", &Params::threshold, "Least score of a detection."),
        field("background_id", &Params::background_id,
              "The background's class, which is 0 whatever is given, as in MXNet."),
        field("nms_threshold", &Params::nms_threshold,
              "Overlap from which on the worse box goes; none goes unless it is in (0, 1]."),
        field("force_suppress", &Params::force_suppress, "Compare boxes of all classes."),
        field("variances", &Params::variances, "Units of the shifts in x, y, width, height."),
        field("nms_topk", &Params::nms_topk,
              "How many of the best detections stay; not positive: all."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_variances(s, p.variances);
    const Shape scores = s.shape(in(0));
    if (scores.empty()) return;
    if (scores.ndim() != 3) {
      s.fail(concat("cls_prob has shape ", scores, "; (sample, class, box) is expected."));
    }
    const auto because = [&] { return concat("cls_prob is ", scores); };
    s.set(in(1), {scores[0], scores[2] * 4}, because);
    s.set(in(2), {1, scores[2], 4}, because);
    s.set(out(0), {scores[0], scores[2], 6}, because);
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <class T>
  struct Detection {
    T kind = -1, score = -1;
    T box[4] = {-1, -1, -1, -1};
  };

  template <class T>
  static void place(const Params& p, const T* anchor, const T* shift, T* to) {
    const auto box = Box<T>::read(anchor, BoxFormat::corner);
    const auto unit = [&](int i) { return shift[i] * T(p.variances[size_t(i)]); };
    const T x = unit(0) * box.width() + (box.left + box.right) / T(2);
    const T y = unit(1) * box.height() + (box.top + box.bottom) / T(2);
    const T half_width = std::exp(unit(2)) * box.width() / T(2);
    const T half_height = std::exp(unit(3)) * box.height() / T(2);
    const T made[4] = {x - half_width, y - half_height, x + half_width, y + half_height};
    for (int i = 0; i < 4; ++i) {
      to[i] = p.clip ? std::max(T(0), std::min(T(1), made[i])) : made[i];
    }
  }

  template <class T>
  static std::vector<Detection<T>> detect(const Params& p, const T* scores, const T* shifts,
                                          const T* anchors, int64_t classes, int64_t boxes) {
    std::vector<Detection<T>> found;
    for (int64_t i = 0; i < boxes; ++i) {
      Detection<T> each;
      int64_t best = 0;
      for (int64_t c = 1; c < classes; ++c) {
        const T score = scores[c * boxes + i];
        if (score > each.score) each.score = score, best = c;
      }
      if (best == 0 || each.score < T(p.threshold)) continue;
      each.kind = T(best - 1);
      place(p, anchors + i * 4, shifts + i * 4, each.box);
      found.push_back(each);
    }
    if (found.empty() || !(p.nms_threshold > 0 && p.nms_threshold <= 1)) return found;
    const std::vector<Detection<T>> before = found;
    std::ranges::stable_sort(found, [](const auto& a, const auto& b) { return a.score > b.score; });
    size_t kept = found.size();
    if (p.nms_topk > 0 && size_t(p.nms_topk) < kept) {
      // What is beyond stays in its old order, marked as nothing.
      kept = size_t(p.nms_topk);
      for (size_t i = kept; i < found.size(); ++i) {
        found[i] = before[i];
        found[i].kind = -1;
      }
    }
    for (size_t i = 0; i < kept; ++i) {
      if (found[i].kind < T(0)) continue;
      const auto box = Box<T>::read(found[i].box, BoxFormat::corner);
      for (size_t j = i + 1; j < kept; ++j) {
        if (found[j].kind < T(0) || !(p.force_suppress || found[i].kind == found[j].kind)) continue;
        const auto other = Box<T>::read(found[j].box, BoxFormat::corner);
        if (overlap(box, other) >= T(p.nms_threshold)) found[j].kind = -1;
      }
    }
    return found;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape shape = call.read(in(0)).shape();
    const int64_t classes = shape[1], boxes = shape[2];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const scores = arrays.read(in(0));
      const T* const shifts = arrays.read(in(1));
      const T* const anchors = arrays.read(in(2));
      const auto to = arrays.write(out(0));
      for_each(call.pool(), shape[0], boxes * (classes + boxes), [&](int64_t n) {
        auto found = detect(p, scores + n * classes * boxes, shifts + n * boxes * 4, anchors,
                            classes, boxes);
        found.resize(size_t(boxes));
        for (int64_t i = 0; i < boxes; ++i) {
          const Detection<T>& each = found[size_t(i)];
          const int64_t at = (n * boxes + i) * 6;
          to.put(at, each.kind);
          to.put(at + 1, each.score);
          for (int64_t k = 0; k < 4; ++k) to.put(at + 2 + k, each.box[k]);
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(MultiBoxDetection);

}  // namespace
}  // namespace treadle::ops
