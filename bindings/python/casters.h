// How the small value types cross into Python: a Shape is a tuple of int, a DType the name numpy
// has for it, a Device a pair (kind, id), a Request one of MXNet's words.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string_view>
#include <vector>

#include "treadle/core/device.h"
#include "treadle/core/dtype.h"
#include "treadle/core/shape.h"
#include "treadle/operators/kernel.h"

namespace nanobind::detail {

template <>
struct type_caster<treadle::Shape> {
  NB_TYPE_CASTER(treadle::Shape, const_name("tuple[int, ...]"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    if (!PyTuple_Check(source.ptr()) && !PyList_Check(source.ptr())) return false;
    const object items = steal(PySequence_Fast(source.ptr(), ""));
    std::vector<int64_t> dims;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.ptr()); ++i) {
      dims.push_back(PyLong_AsLongLong(PySequence_Fast_GET_ITEM(items.ptr(), i)));
      if (dims.back() == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return false;
      }
    }
    value = treadle::Shape(dims);
    return true;
  }
  static handle from_cpp(const treadle::Shape& shape, rv_policy, cleanup_list*) noexcept {
    PyObject* made = PyTuple_New(shape.ndim());
    for (int i = 0; made != nullptr && i < shape.ndim(); ++i) {
      PyTuple_SET_ITEM(made, i, PyLong_FromLongLong(shape[i]));
    }
    return made;
  }
};

template <>
struct type_caster<treadle::DType> {
  NB_TYPE_CASTER(treadle::DType, const_name("str"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    if (!PyUnicode_Check(source.ptr())) return false;
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(source.ptr(), &size);
    if (text == nullptr) {
      PyErr_Clear();
      return false;
    }
    for (int flag = 0; flag < 16; ++flag) {
      if (!treadle::is_type_flag(flag)) continue;
      value = treadle::DType(flag);
      if (treadle::to_string(value) == std::string_view(text, size_t(size))) return true;
    }
    return false;
  }
  static handle from_cpp(treadle::DType type, rv_policy, cleanup_list*) noexcept {
    const std::string_view name = treadle::to_string(type);
    return PyUnicode_FromStringAndSize(name.data(), Py_ssize_t(name.size()));
  }
};

template <>
struct type_caster<treadle::Device> {
  NB_TYPE_CASTER(treadle::Device, const_name("tuple[int, int]"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    int kind = 0, id = 0;
    if (!PyTuple_Check(source.ptr()) || !PyArg_ParseTuple(source.ptr(), "ii", &kind, &id)) {
      PyErr_Clear();
      return false;
    }
    value = {treadle::DeviceKind(kind), id};
    return true;
  }
  static handle from_cpp(treadle::Device device, rv_policy, cleanup_list*) noexcept {
    return Py_BuildValue("(ii)", int(device.kind), int(device.id));
  }
};

template <>
struct type_caster<treadle::Request> {
  NB_TYPE_CASTER(treadle::Request, const_name("str"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    const char* text = PyUnicode_Check(source.ptr()) ? PyUnicode_AsUTF8(source.ptr()) : nullptr;
    const std::string_view word = text != nullptr ? text : "";
    if (text == nullptr) PyErr_Clear();
    value = word == "add"     ? treadle::Request::add
            : word == "write" ? treadle::Request::write
                              : treadle::Request::null;
    return word == "add" || word == "write" || word == "null";
  }
  static handle from_cpp(treadle::Request request, rv_policy, cleanup_list*) noexcept {
    return PyUnicode_FromString(request == treadle::Request::add     ? "add"
                                : request == treadle::Request::write ? "write"
                                                                     : "null");
  }
};

}  // namespace nanobind::detail
