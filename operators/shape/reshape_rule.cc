#include "treadle/operators/shape/reshape_rule.h"

#include <algorithm>
#include <vector>

#include "treadle/core/error.h"

namespace treadle {
namespace {

// One code with the two that belong to a split.
struct Item {
  int64_t code = 0;
  int64_t first = 0, second = 0;
};

// In order, or for `reverse` from the back, where a split's extents stand before its -4.
std::vector<Item> read_items(const Shape& codes, bool reverse) {
  const int n = codes.ndim();
  const auto at = [&](int i) { return codes[reverse ? n - 1 - i : i]; };
  std::vector<Item> items;
  for (int i = 0; i < n; ++i) {
    Item item{.code = at(i)};
    if (item.code < -4)
      throw Error("shape ", codes, " has the code ", item.code, "; -4 is the lowest");
    if (item.code == -4) {
      const char* const side = reverse ? "preceded" : "followed";
      if (i + 2 >= n) throw Error("-4 in shape ", codes, " is not ", side, " by two extents");
      item.first = at(++i);
      item.second = at(++i);
      const bool both_open = item.first == -1 && item.second == -1;
      if (both_open || std::min(item.first, item.second) < -1 || item.first == 0 ||
          item.second == 0) {
        throw Error("-4 in shape ", codes, " is ", side, " by ", item.first, " and ", item.second,
                    "; two extents are expected, one of which may be -1");
      }
    }
    items.push_back(item);
  }
  return items;
}

class Reader {
 public:
  Reader(const Shape& codes, const Shape& data, bool reverse)
      : codes_(codes), data_(data), reverse_(reverse) {}

  Shape run() {
    for (const Item& item : read_items(codes_, reverse_)) apply(item);
    if (open_ >= 0) close();
    if (reverse_) std::reverse(made_.begin(), made_.end());
    return Shape(made_);
  }

 private:
  void apply(const Item& item) {
    switch (item.code) {
      case 0: return made_.push_back(take());
      case -1:
        if (open_ >= 0) throw Error("shape ", codes_, " has more than one -1");
        open_ = int(made_.size());
        made_.push_back(0);
        ++taken_;
        return;
      case -2:
        while (taken_ < data_.ndim()) made_.push_back(take());
        return;
      case -3: {
        const int64_t first = take();
        return made_.push_back(checked_product(first, take()));
      }
      case -4: return split(item);
      default: made_.push_back(item.code); ++taken_;
    }
  }

  // The next axis of data.
  int64_t take() {
    if (taken_ >= data_.ndim()) {
      throw Error("shape ", codes_, " uses more axes than data of shape ", data_, " has");
    }
    const int64_t extent = data_[reverse_ ? data_.ndim() - 1 - taken_ : taken_];
    ++taken_;
    return extent;
  }

  void split(const Item& item) {
    const int64_t whole = take();
    int64_t first = item.first, second = item.second;
    if (first == -1) first = whole / second;
    if (second == -1) second = whole / first;
    if (whole != 0 && checked_product(first, second) != whole) {
      throw Error("-4 in shape ", codes_, " splits an axis of ", whole, " into ", item.first,
                  " and ", item.second, "; data has shape ", data_);
    }
    made_.push_back(first);
    made_.push_back(second);
  }

  // Gives the -1 its extent. Whether it comes out even is checked with the number of elements.
  void close() {
    int64_t others = 1;
    for (int i = 0; i < int(made_.size()); ++i) {
      if (i != open_) others = checked_product(others, made_[size_t(i)]);
    }
    if (others == 0) return;
    made_[size_t(open_)] = data_.elements() / others;
    if (data_.is_known() && made_[size_t(open_)] == 0) {
      throw Error("shape ", codes_, " has more elements than data of shape ", data_);
    }
  }

  const Shape& codes_;
  const Shape& data_;
  const bool reverse_;
  std::vector<int64_t> made_;
  int taken_ = 0;
  int open_ = -1;
};

}  // namespace

Shape apply_reshape(const Shape& codes, const Shape& data, bool reverse) {
  return Reader(codes, data, reverse).run();
}

}  // namespace treadle
