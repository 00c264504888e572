#include "treadle/operators/broadcast/broadcast_shape.h"

#include <algorithm>

namespace treadle {

void infer_broadcast_shape(ShapeInference& s) {
  const Shape lhs = s.shape(in(0)), rhs = s.shape(in(1));
  if (lhs.empty() || rhs.empty()) return;
  const int ndim = std::max(lhs.ndim(), rhs.ndim());
  Shape made = Shape::filled(ndim, 0);
  for (int i = 0; i < ndim; ++i) {
    const int l = i - (ndim - lhs.ndim()), r = i - (ndim - rhs.ndim());
    const int64_t a = l < 0 ? 1 : lhs[l], b = r < 0 ? 1 : rhs[r];
    if (a == 0 || b == 0) continue;  // not known yet
    if (a != b && a != 1 && b != 1) {
      s.fail(concat("lhs has shape ", lhs, " and rhs ", rhs, "; on axis ", i, " of the result ", a,
                    " meets ", b, ", where equal extents or 1 are expected."));
    }
    made[i] = a == 1 ? b : a;
  }
  s.set(out(0), made, [&] { return concat("lhs is ", lhs, " and rhs is ", rhs); });
}

void check_broadcast(ShapeInference& s, const Shape& from, const Shape& to,
                     std::string_view stated_by) {
  for (int i = 0; i < from.ndim(); ++i) {
    if (from[i] == to[i] || from[i] == 1 || from[i] == 0 || to[i] == 0) continue;
    s.fail(concat(s.name(in(0)), " has shape ", from, ", but ", stated_by, " asks for ", to,
                  "; axis ", i, " can be repeated only where its extent is 1."));
  }
}

}  // namespace treadle
