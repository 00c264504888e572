// Arrays shared with other libraries without a copy.
#include <nanobind/ndarray.h>

#include "treadle/bindings/python/module.h"
#include "treadle/bindings/python/python_object.h"
#include "treadle/core/error.h"
#include "treadle/tensor/array.h"

namespace treadle::python {
namespace {

using Code = nb::dlpack::dtype_code;

struct TypeCode {
  DType type;
  Code code;
};
constexpr TypeCode type_codes[] = {
    {DType::f32, Code::Float},   {DType::f64, Code::Float}, {DType::f16, Code::Float},
    {DType::bf16, Code::Bfloat}, {DType::u8, Code::UInt},   {DType::i8, Code::Int},
    {DType::i32, Code::Int},     {DType::i64, Code::Int},   {DType::boolean, Code::Bool},
};

nb::dlpack::dtype to_dlpack(DType type) {
  for (const TypeCode& each : type_codes) {
    if (each.type == type) return {uint8_t(each.code), uint8_t(size_of(type) * 8), 1};
  }
  throw Error("Arrays of type ", type, " cannot be shared.");
}

DType from_dlpack(nb::dlpack::dtype type) {
  for (const TypeCode& each : type_codes) {
    if (uint8_t(each.code) == type.code && size_of(each.type) * 8 == type.bits && type.lanes == 1) {
      return each.type;
    }
  }
  throw Error("An array is given whose element type (DLPack code ", int(type.code), ", ",
              int(type.bits), " bits) Treadle does not have.");
}

// An object that others read through __dlpack__ or the buffer protocol; it keeps the array alive.
nb::ndarray<> share(const Array& array) {
  if (array.device().kind != DeviceKind::cpu) {
    throw Error("An array on ", array.device(), " is shared; only arrays of the host can be.");
  }
  std::vector<size_t> shape;
  for (int64_t extent : array.shape()) shape.push_back(size_t(extent));
  const nb::capsule owner(new Array(array),
                          [](void* held) noexcept { delete static_cast<Array*>(held); });
  return nb::ndarray<>(array.data(), shape.size(), shape.data(), owner, nullptr,
                       to_dlpack(array.type()), nb::device::cpu::value);
}

using HostArray = nb::ndarray<nb::c_contig, nb::device::cpu>;

// An array on memory that another library shares, by an object or by a DLPack capsule.
Array adopt(const HostArray& given) {
  std::vector<int64_t> shape;
  for (size_t i = 0; i < given.ndim(); ++i) shape.push_back(int64_t(given.shape(i)));
  auto storage = std::make_shared<Storage>();
  storage->data = given.data();
  storage->bytes = given.nbytes();
  storage->engine = Engine::get_default();
  storage->variable = storage->engine->variable();
  storage->owner = std::shared_ptr<HostArray>(new HostArray(given), DeleteUnderLock());
  return Array(std::move(storage), 0, Shape(shape), from_dlpack(given.dtype()));
}

}  // namespace

void bind_dlpack(nb::module_& module) {
  module.def("share_array", share);
  // Converting would be a copy, and nothing shared.
  module.def("adopt_array", adopt, nb::arg("source").noconvert());
}

}  // namespace treadle::python
