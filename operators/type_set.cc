#include "treadle/operators/type_set.h"

namespace treadle {

std::string to_string(TypeSet types) {
  std::string text;
  for (DType type : {DType::f32, DType::f64, DType::f16, DType::bf16, DType::u8, DType::i8,
                     DType::i32, DType::i64, DType::boolean}) {
    if (!types.contains(type)) continue;
    if (!text.empty()) text += ", ";
    text += to_string(type);
  }
  return text;
}

}  // namespace treadle
