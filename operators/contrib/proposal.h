// The region proposals of Faster R-CNN (Ren et al., 2015): what Proposal and MultiProposal share.
#pragma once

#include <cmath>
#include <numeric>

#include "treadle/operators/contrib/boxes.h"
#include "treadle/operators/elementwise.h"

namespace treadle::ops {

struct ProposalParams {
  int rpn_pre_nms_top_n = 6000;
  int rpn_post_nms_top_n = 300;
  float threshold = 0.7f;
  int rpn_min_size = 16;
  std::vector<double> scales{4, 8, 16, 32};
  std::vector<double> ratios{0.5, 1, 2};
  int feature_stride = 16;
  bool output_score = false;
  bool iou_loss = false;
  static constexpr auto fields = reflect(
      field("rpn_pre_nms_top_n", &ProposalParams::rpn_pre_nms_top_n,
            "How many of the best boxes are looked at; not positive: all."),
      field("rpn_post_nms_top_n", &ProposalParams::rpn_post_nms_top_n, at_least(1),
            "Proposals per image."),
      field("threshold", &ProposalParams::threshold, "Overlap above which the worse box goes."),
      field("rpn_min_size", &ProposalParams::rpn_min_size, at_least(0),
            "Least width and height of a box, in pixels of the original image."),
      field("scales", &ProposalParams::scales, above(0), "Sizes of the anchors, in strides."),
      field("ratios", &ProposalParams::ratios, above(0), "Their ratios of height to width."),
      field("feature_stride", &ProposalParams::feature_stride, at_least(1),
            "Pixels of the image per pixel of the features."),
      field("output_score", &ProposalParams::output_score, "Give the scores as a second output."),
      field("iou_loss", &ProposalParams::iou_loss,
            "bbox_pred moves the corners themselves, not centre and size."));

  int64_t anchors() const { return int64_t(scales.size() * ratios.size()); }
};

struct ProposalFamily {
  using Params = ProposalParams;
  static constexpr auto inputs = names("cls_prob", "bbox_pred", "im_info");
  static constexpr auto outputs = names("output", "score");
  static constexpr bool zero_gradient = true;
  static int num_visible(const Params& p) { return p.output_score ? 2 : 1; }

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.scales.empty() || p.ratios.empty())
      s.fail("scales and ratios need at least one number each.");
    const Shape scores = s.shape(in(0));
    if (scores.empty()) return;
    if (scores.ndim() != 4) {
      s.fail(concat("cls_prob has shape ", scores,
                    "; 4 axes (image, 2 * anchor, y, x) are expected."));
    }
    const auto because = [&] {
      return concat("there are ", p.anchors(), " anchors: one for each of scales and ratios");
    };
    s.set(in(0), {0, 2 * p.anchors(), 0, 0}, because);
    s.set(in(1), {scores[0], 4 * p.anchors(), scores[2], scores[3]}, because);
    s.set(in(2), {scores[0], 3}, "im_info is (image, 3): height, width, scale");
    const int64_t rows = scores[0] * p.rpn_post_nms_top_n;
    s.set(out(0), {rows, 5}, because);
    s.set(out(1), {rows, 1}, because);
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <class T>
  struct Candidate {
    Box<T> box;
    T score;
    // Widths count both edges' pixels here.
    T area() const { return (box.width() + T(1)) * (box.height() + T(1)); }
    bool overlaps(const Candidate& other, T threshold) const {
      const T width = std::min(box.right, other.box.right) - std::max(box.left, other.box.left);
      const T height = std::min(box.bottom, other.box.bottom) - std::max(box.top, other.box.top);
      const T both = std::max(T(0), width + T(1)) * std::max(T(0), height + T(1));
      return both / (area() + other.area() - both) > threshold;
    }
  };

  template <class T>
  static std::vector<Box<T>> anchors_of(const Params& p) {
    std::vector<Box<T>> made;
    const T size = T(p.feature_stride), middle = (size - T(1)) / T(2);
    for (double ratio : p.ratios) {
      for (double scale : p.scales) {
        const T area = std::floor(size * size / T(ratio));
        const T width = std::floor(std::sqrt(area) + T(0.5)) * T(scale);
        const T height = std::floor(width / T(scale) * T(ratio) + T(0.5)) * T(scale);
        const T half_width = (width - T(1)) / T(2), half_height = (height - T(1)) / T(2);
        made.push_back(
            {middle - half_width, middle - half_height, middle + half_width, middle + half_height});
      }
    }
    return made;
  }

  // An anchor moved as predicted, `delta[i * step]` being its four numbers, within the image.
  template <class T>
  static Box<T> moved(const Params& p, const Box<T>& anchor, const T* delta, int64_t step, T height,
                      T width) {
    T made[4];
    if (p.iou_loss) {
      const T corners[4] = {anchor.left, anchor.top, anchor.right, anchor.bottom};
      for (int i = 0; i < 4; ++i) made[i] = corners[i] + delta[i * step];
    } else {
      const T w = anchor.width() + T(1), h = anchor.height() + T(1);
      const T x = delta[0] * w + anchor.left + T(0.5) * (w - T(1));
      const T y = delta[step] * h + anchor.top + T(0.5) * (h - T(1));
      const T half_width = T(0.5) * (std::exp(delta[2 * step]) * w - T(1));
      const T half_height = T(0.5) * (std::exp(delta[3 * step]) * h - T(1));
      made[0] = x - half_width, made[1] = y - half_height;
      made[2] = x + half_width, made[3] = y + half_height;
    }
    for (int i = 0; i < 4; ++i) {
      made[i] = std::max(T(0), std::min(made[i], (i % 2 ? height : width) - T(1)));
    }
    return {made[0], made[1], made[2], made[3]};
  }

  // The proposals of one image, the best first; at least one.
  template <class T>
  static std::vector<Candidate<T>> propose(const Params& p, const T* scores, const T* deltas,
                                           const T* info, int64_t height, int64_t width) {
    const int64_t pixels = height * width;
    const std::vector<Box<T>> anchors = anchors_of<T>(p);
    const T stride = T(p.feature_stride);
    const T real_height = std::trunc(info[0] / stride), real_width = std::trunc(info[1] / stride);
    const T least = T(p.rpn_min_size) * info[2];
    std::vector<Candidate<T>> found;
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
      const T x = T(pixel % width) * stride, y = T(pixel / width) * stride;
      for (size_t a = 0; a < anchors.size(); ++a) {
        const Box<T>& from = anchors[a];
        const Box<T> anchor{from.left + x, from.top + y, from.right + x, from.bottom + y};
        Candidate<T> each{
            moved(p, anchor, deltas + int64_t(a) * 4 * pixels + pixel, pixels, info[0], info[1]),
            scores[(int64_t(anchors.size()) + int64_t(a)) * pixels + pixel]};
        // Padding beyond the image.
        if (T(pixel / width) >= real_height || T(pixel % width) >= real_width) each.score = -1;
        if (each.box.width() + T(1) < least || each.box.height() + T(1) < least) {
          each.box.left -= least / T(2), each.box.top -= least / T(2);
          each.box.right += least / T(2), each.box.bottom += least / T(2);
          each.score = -1;
        }
        found.push_back(each);
      }
    }
    std::ranges::stable_sort(found, [](const auto& a, const auto& b) { return a.score > b.score; });
    if (p.rpn_pre_nms_top_n > 0 && found.size() > size_t(p.rpn_pre_nms_top_n)) {
      found.resize(size_t(p.rpn_pre_nms_top_n), found[0]);
    }
    std::vector<Candidate<T>> kept;
    for (const Candidate<T>& each : found) {
      if (kept.size() >= size_t(p.rpn_post_nms_top_n)) break;
      const auto hides = [&](const Candidate<T>& better) {
        return better.overlaps(each, T(p.threshold));
      };
      if (std::ranges::none_of(kept, hides)) kept.push_back(each);
    }
    return kept;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Shape shape = call.read(in(0)).shape();
    const int64_t pixels = shape[2] * shape[3], rows = p.rpn_post_nms_top_n;
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const scores = arrays.read(in(0));
      const T* const deltas = arrays.read(in(1));
      const T* const info = arrays.read(in(2));
      const auto to = arrays.write(out(0));
      const auto score = arrays.write(out(1));
      for_each(call.pool(), shape[0], pixels * 64, [&](int64_t n) {
        const auto kept =
            propose(p, scores + n * shape[1] * pixels, deltas + n * shape[1] * 2 * pixels,
                    info + n * 3, shape[2], shape[3]);
        for (int64_t i = 0; i < rows; ++i) {
          // Fewer than wanted are repeated from the first on.
          const Candidate<T>& each = kept[size_t(i) % kept.size()];
          const T row[5] = {T(n), each.box.left, each.box.top, each.box.right, each.box.bottom};
          for (int64_t k = 0; k < 5 && to; ++k) to.put((n * rows + i) * 5 + k, row[k]);
          if (score) score.put(n * rows + i, each.score);
        }
      });
    });
  }
};

}  // namespace treadle::ops
