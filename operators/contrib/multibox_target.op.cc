// _contrib_MultiBoxTarget: what a single-shot detector should say of each of its boxes (Liu et al.,
// 2016).
#include <cmath>

#include "treadle/operators/contrib/boxes.h"
#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct MultiBoxTarget {
  static constexpr auto name = "_contrib_MultiBoxTarget";
  static constexpr auto doc =
      "Matches boxes anchor (1, box, 4) with the objects of each sample, label (sample, object, >= "
      "5): class, left, top, right, bottom; -1 ends them. Gives the shifts to them (sample, box * "
      "4), which of these count, and the classes (sample, box), 0 for the background. No gradient "
      "passes.";
  static constexpr auto inputs = names("anchor", "label", "cls_pred");
  static constexpr auto outputs = names("loc_target", "loc_mask", "cls_target");
  static constexpr bool zero_gradient = true;

  struct Params {
    float overlap_threshold = 0.5f;
    float ignore_label = -1;
    float negative_mining_ratio = -1;
    float negative_mining_thresh = 0.5f;
    int minimum_negative_samples = 0;
    std::vector<double> variances{0.1, 0.1, 0.2, 0.2};
    static constexpr auto fields = reflect(
        field("overlap_threshold", &Params::overlap_threshold,
              "Overlap above which a box belongs to an object; the best box of each object always "
              "does."),
        field("ignore_label", &Params::ignore_label, "Class of boxes that count as nothing."),
        field(
            "negative_mining_ratio", &Params::negative_mining_ratio,
            "How many background boxes count for each that has an object, the most mistaken ones; "
            "not positive: all."),
        field("negative_mining_thresh", &Params::negative_mining_thresh,
              "Overlap below which a box may count as background."),
        field("minimum_negative_samples", &Params::minimum_negative_samples, at_least(0),
              "Accepted for compatibility; nothing depends on it, as in MXNet."),
        field("variances", &Params::variances, "Units of the shifts in x, y, width, height."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_variances(s, p.variances);
    if (p.negative_mining_ratio > 0 && !(p.negative_mining_thresh > 0)) {
      s.fail(concat("negative_mining_thresh is ", p.negative_mining_thresh,
                    "; a positive number is expected with negative_mining_ratio."));
    }
    const Shape anchor = s.shape(in(0)), label = s.shape(in(1));
    s.set(in(0), {1, 0, 4}, "anchor is (1, box, 4)");
    if (!label.empty() && (label.ndim() != 3 || (label[2] > 0 && label[2] < 5))) {
      s.fail(concat("label has shape ", label, "; (sample, object, 5 or more) is expected."));
    }
    if (anchor.empty() || label.empty()) return;
    s.set(in(2), {label[0], 0, anchor[1]},
          [&] { return concat("anchor is ", anchor, " and label is ", label); });
    for (int i = 0; i < 2; ++i) s.set(out(i), {label[0], anchor[1] * 4});
    s.set(out(2), {label[0], anchor[1]});
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // One sample's boxes: which object each belongs to, and what it is taken for.
  enum class Role : uint8_t { ignored, background, object };
  struct Match {
    Role role = Role::ignored;
    int64_t object = -1;
    double best = -1;  // overlap with that object
  };

  template <class T>
  static std::vector<Match> match(const Params& p, const T* anchors, int64_t boxes, const T* labels,
                                  int64_t objects, int64_t label_width, const T* scores,
                                  int64_t classes) {
    std::vector<Match> made(size_t(boxes), Match{});
    std::vector<double> overlaps(size_t(boxes * objects));
    for (int64_t j = 0; j < boxes; ++j) {
      const auto box = Box<T>::read(anchors + j * 4, BoxFormat::corner);
      for (int64_t k = 0; k < objects; ++k) {
        const auto object = Box<T>::read(labels + k * label_width + 1, BoxFormat::corner);
        overlaps[size_t(j * objects + k)] = double(overlap(box, object));
      }
    }
    // Each object gets the box that fits it best, the best pair of all first.
    int64_t positives = 0;
    std::vector<bool> is_matched(size_t(objects), false);
    for (;;) {
      int64_t box = -1, object = -1;
      double best = 1e-6;
      for (int64_t j = 0; j < boxes; ++j) {
        if (made[size_t(j)].role == Role::object) continue;
        for (int64_t k = 0; k < objects; ++k) {
          const double here = overlaps[size_t(j * objects + k)];
          if (!is_matched[size_t(k)] && here > best) best = here, box = j, object = k;
        }
      }
      if (box < 0) break;
      made[size_t(box)] = {Role::object, object, best};
      is_matched[size_t(object)] = true;
      ++positives;
    }
    for (int64_t j = 0; j < boxes; ++j) {
      Match& each = made[size_t(j)];
      if (each.role == Role::object) continue;
      for (int64_t k = 0; k < objects; ++k) {
        const double here = overlaps[size_t(j * objects + k)];
        if (here > each.best) each.best = here, each.object = k;
      }
      if (p.overlap_threshold > 0 && each.best > double(p.overlap_threshold)) {
        each.role = Role::object;
        ++positives;
      }
    }
    if (!(p.negative_mining_ratio > 0)) {
      for (Match& each : made) {
        if (each.role != Role::object) each.role = Role::background;
      }
      return made;
    }
    // The boxes that are least taken for background although they are.
    std::vector<std::pair<double, int64_t>> candidates;
    for (int64_t j = 0; j < boxes; ++j) {
      const Match& each = made[size_t(j)];
      if (each.role == Role::object || each.best >= double(p.negative_mining_thresh)) continue;
      double top = double(scores[j]), sum = 0;
      for (int64_t c = 1; c < classes; ++c) top = std::max(top, double(scores[c * boxes + j]));
      for (int64_t c = 0; c < classes; ++c) sum += std::exp(double(scores[c * boxes + j]) - top);
      candidates.push_back({std::exp(double(scores[j]) - top) / sum, j});
    }
    std::ranges::stable_sort(candidates, {}, &std::pair<double, int64_t>::first);
    const double wanted = double(positives) * double(p.negative_mining_ratio);
    const int64_t negatives = std::min(
        {int64_t(std::min(wanted, double(boxes))), boxes - positives, int64_t(candidates.size())});
    for (int64_t i = 0; i < negatives; ++i) {
      made[size_t(candidates[size_t(i)].second)].role = Role::background;
    }
    return made;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Shape anchor = call.read(in(0)).shape(), label = call.read(in(1)).shape();
    const int64_t boxes = anchor[1], classes = call.read(in(2)).shape()[1];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const anchors = arrays.read(in(0));
      const T* const labels = arrays.read(in(1));
      const T* const scores = arrays.read(in(2));
      const auto shifts = arrays.write(out(0));
      const auto mask = arrays.write(out(1));
      const auto target = arrays.write(out(2));
      for_each(call.pool(), label[0], boxes * label[1] * 16, [&](int64_t n) {
        const T* const own = labels + n * label[1] * label[2];
        int64_t objects = 0;
        while (objects < label[1] && own[objects * label[2]] != T(-1)) ++objects;
        std::vector<Match> matches(size_t(boxes), Match{});
        if (objects > 0) {
          matches = match(p, anchors, boxes, own, objects, label[2], scores + n * classes * boxes,
                          classes);
        }
        for (int64_t j = 0; j < boxes; ++j) {
          const Match& each = matches[size_t(j)];
          const bool is_object = each.role == Role::object;
          const T* const object = own + std::max<int64_t>(0, each.object) * label[2];
          const T kind = is_object                       ? object[0] + T(1)
                         : each.role == Role::background ? T(0)
                                                         : T(p.ignore_label);
          if (target) target.put(n * boxes + j, kind);
          T shift[4] = {};
          if (is_object) write_shift(p, anchors + j * 4, object + 1, shift);
          for (int64_t i = 0; i < 4; ++i) {
            const int64_t at = (n * boxes + j) * 4 + i;
            if (shifts) shifts.put(at, shift[i]);
            if (mask) mask.put(at, is_object ? T(1) : T(0));
          }
        }
      });
    });
  }

  template <class T>
  static void write_shift(const Params& p, const T* anchor, const T* object, T* to) {
    const auto box = Box<T>::read(anchor, BoxFormat::corner);
    const auto wanted = Box<T>::read(object, BoxFormat::corner);
    const auto middle = [](T a, T b) { return (a + b) / T(2); };
    to[0] = (middle(wanted.left, wanted.right) - middle(box.left, box.right)) / box.width();
    to[1] = (middle(wanted.top, wanted.bottom) - middle(box.top, box.bottom)) / box.height();
    to[2] = std::log(wanted.width() / box.width());
    to[3] = std::log(wanted.height() / box.height());
    for (int i = 0; i < 4; ++i) to[i] /= T(p.variances[size_t(i)]);
  }
};
TREADLE_REGISTER_OP(MultiBoxTarget);

}  // namespace
}  // namespace treadle::ops
