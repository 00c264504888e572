// _contrib_box_nms: the best boxes, without those that overlap a better one.
#include <numeric>

#include "treadle/operators/contrib/boxes.h"

namespace treadle::ops {
namespace {

struct BoxNms {
  static constexpr auto name = "_contrib_box_nms";
  static constexpr auto aliases = names("_contrib_box_non_maximum_suppression");
  static constexpr auto doc =
      "Rows of data (..., box, number) in the order of their scores, without those that overlap a "
      "better one of the same class; what is left over is filled with -1.";
  static constexpr auto inputs = names("data");
  static constexpr auto outputs = names("output0", "record");
  static constexpr int num_visible = 1;

  struct Params {
    float overlap_thresh = 0.5f;
    float valid_thresh = 0;
    int topk = -1;
    int coord_start = 2;
    int score_index = 1;
    int id_index = -1;
    int background_id = -1;
    bool force_suppress = false;
    BoxFormat in_format = BoxFormat::corner;
    BoxFormat out_format = BoxFormat::corner;
    static constexpr auto fields = reflect(
        field("overlap_thresh", &Params::overlap_thresh, "Overlap above which the worse box goes."),
        field("valid_thresh", &Params::valid_thresh, "Score that a box has to exceed."),
        field("topk", &Params::topk, "How many of the best boxes are looked at; negative: all."),
        field("coord_start", &Params::coord_start, at_least(0), "First of a row's coordinates."),
        field("score_index", &Params::score_index, at_least(0), "Place of the score in a row."),
        field("id_index", &Params::id_index, at_least(-1),
              "Place of the class; -1: there is none."),
        field("background_id", &Params::background_id, "Class of boxes that do not count."),
        field("force_suppress", &Params::force_suppress, "Compare boxes of all classes."),
        field("in_format", &Params::in_format, "How data give boxes."),
        field("out_format", &Params::out_format, "How the output gives boxes."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() < 2) {
      s.fail(concat("data has shape ", data, "; (..., box, number) is expected."));
    }
    Shape record = data;
    record[record.ndim() - 1] = 1;
    s.set(out(1), record);
    const int64_t width = data.back();
    if (width == 0) return;
    const auto place = [&](std::string_view name, int index) {
      const bool is_box = index >= p.coord_start && index < p.coord_start + 4;
      if (index < width && !is_box) return;
      s.fail(concat(name, " is ", index, ", but a row has ", width, " numbers, of which ",
                    p.coord_start, " to ", p.coord_start + 3, " are the box."));
    };
    if (p.coord_start + 4 > width) {
      s.fail(concat("coord_start is ", p.coord_start, ", but data has shape ", data, ", that is ",
                    width, " numbers a row; four from coord_start on are expected."));
    }
    place("score_index", p.score_index);
    if (p.id_index < 0) return;
    place("id_index", p.id_index);
    if (p.id_index == p.score_index) {
      s.fail(concat("id_index and score_index are both ", p.id_index, "."));
    }
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // The rows of one batch that stay, the best first.
  template <class T>
  static std::vector<int64_t> select(const Params& p, const T* rows, int64_t count, int64_t width) {
    std::vector<int64_t> order;
    for (int64_t i = 0; i < count; ++i) {
      const T* const row = rows + i * width;
      const bool is_background = p.id_index >= 0 && row[p.id_index] == T(p.background_id);
      if (row[p.score_index] > T(p.valid_thresh) && !is_background) order.push_back(i);
    }
    std::ranges::stable_sort(order, [&](int64_t a, int64_t b) {
      return rows[a * width + p.score_index] > rows[b * width + p.score_index];
    });
    if (p.topk >= 0 && int64_t(order.size()) > p.topk) order.resize(size_t(p.topk));
    std::vector<int64_t> kept;
    std::vector<Box<T>> boxes;
    for (int64_t i : order) {
      const T* const row = rows + i * width;
      const auto box = Box<T>::read(row + p.coord_start, p.in_format);
      const auto suppresses = [&](size_t k) {
        const T* const other = rows + kept[k] * width;
        const bool compares = p.force_suppress || p.id_index < 0 ||
                              std::trunc(other[p.id_index]) == std::trunc(row[p.id_index]);
        return compares && overlap(boxes[k], box) > T(p.overlap_thresh);
      };
      bool stays = true;
      for (size_t k = 0; k < kept.size() && stays; ++k) stays = !suppresses(k);
      if (!stays) continue;
      kept.push_back(i);
      boxes.push_back(box);
    }
    return kept;
  }

  // Between formats, where the first coordinate is not negative, as MXNet has it.
  template <class T>
  static void convert(const Params& p, T* box) {
    if (p.in_format == p.out_format || box[0] < T(0)) return;
    const auto read = Box<T>::read(box, p.in_format);
    if (p.out_format == BoxFormat::corner) {
      box[0] = read.left, box[1] = read.top, box[2] = read.right, box[3] = read.bottom;
    } else {
      box[0] = (read.left + read.right) / T(2), box[1] = (read.top + read.bottom) / T(2);
      box[2] = read.width(), box[3] = read.height();
    }
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Shape data = call.read(in(0)).shape();
    const int64_t width = data.back(), count = data[data.ndim() - 2];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const x = arrays.read(in(0));
      const auto to = arrays.write(out(0));
      const auto record = arrays.write(out(1));
      for_each(call.pool(), data.elements(0, data.ndim() - 2), count * count, [&](int64_t batch) {
        const T* const rows = x + batch * count * width;
        std::vector<int64_t> kept;
        const bool passes_on = p.topk == 0;  // then all of data are the output
        if (passes_on) {
          kept.resize(size_t(count));
          std::iota(kept.begin(), kept.end(), 0);
        } else {
          kept = select(p, rows, count, width);
        }
        std::vector<T> row(size_t(width), T(0));
        for (int64_t i = 0; i < count; ++i) {
          const bool is_there = i < int64_t(kept.size());
          if (record) record.put(batch * count + i, is_there ? T(kept[size_t(i)]) : T(-1));
          if (!to) continue;
          std::ranges::fill(row, T(-1));
          if (is_there) {
            std::copy_n(rows + kept[size_t(i)] * width, width, row.data());
            if (!passes_on) convert(p, row.data() + p.coord_start);
          }
          for (int64_t k = 0; k < width; ++k)
            to.put((batch * count + i) * width + k, row[size_t(k)]);
        }
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), out(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params&, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Shape data = call.read(out_grad(0)).shape();
    const int64_t width = data.back(), count = data[data.ndim() - 2];
    with_computed(call, call.read(out_grad(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      const T* const record = arrays.read(out(1));
      T* const dx = arrays.sums(in_grad(0));
      for_each(call.pool(), data.elements(0, data.ndim() - 2), count * width, [&](int64_t batch) {
        for (int64_t i = batch * count; i < (batch + 1) * count; ++i) {
          const int64_t source = int64_t(record[i]);
          for (int64_t k = 0; k < width && source >= 0; ++k) {
            dx[(batch * count + source) * width + k] += dy[i * width + k];
          }
        }
      });
    });
  }

  // The record counts rows, so it must hold them exactly.
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    if (t.is_known(in(0))) t.set(out(1), t.type(in(0)) == DType::f64 ? DType::f64 : DType::f32);
  }
};
TREADLE_REGISTER_OP(BoxNms);

}  // namespace
}  // namespace treadle::ops
