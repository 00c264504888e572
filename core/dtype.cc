#include "treadle/core/dtype.h"

#include <array>
#include <ostream>

#include "treadle/core/error.h"

namespace treadle {
namespace {

struct TypeRow {
  DType type;
  std::string_view name;
  size_t bytes;
  bool floating;
};

constexpr std::array<TypeRow, 9> kTypes = {{{DType::f32, "float32", 4, true},
                                            {DType::f64, "float64", 8, true},
                                            {DType::f16, "float16", 2, true},
                                            {DType::u8, "uint8", 1, false},
                                            {DType::i32, "int32", 4, false},
                                            {DType::i8, "int8", 1, false},
                                            {DType::i64, "int64", 8, false},
                                            {DType::boolean, "bool", 1, false},
                                            {DType::bf16, "bfloat16", 2, true}}};

const TypeRow* row_of(DType type) {
  for (const TypeRow& row : kTypes) {
    if (row.type == type) return &row;
  }
  return nullptr;
}

}  // namespace

size_t size_of(DType type) {
  const TypeRow* row = row_of(type);
  return row ? row->bytes : 0;
}

bool is_floating(DType type) {
  const TypeRow* row = row_of(type);
  return row && row->floating;
}

bool is_type_flag(int32_t flag) { return row_of(DType(flag)) != nullptr; }

std::string_view to_string(DType type) {
  const TypeRow* row = row_of(type);
  return row ? row->name : "unknown";
}

DType dtype_from_name(std::string_view name) {
  std::string legal;
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return row.type;
    legal += concat(legal.empty() ? "" : ", ", row.name);
  }
  throw Error("'", name, "' is no element type; the types are ", legal);
}

std::ostream& operator<<(std::ostream& out, DType type) { return out << to_string(type); }

}  // namespace treadle
