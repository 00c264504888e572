#!/usr/bin/env python3
"""Calls the C interface from another language, by its foreign functions alone.

usage: from_python.py LIBRARY
"""

import ctypes
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_double, c_float, c_int32
from ctypes import c_int64, c_size_t, c_void_p, sizeof

lib = ctypes.CDLL(sys.argv[1])
lib.treadle_last_error.restype = c_char_p
lib.treadle_live_handles.restype = c_int64
FLOAT32 = 0


class Device(Structure):
    _fields_ = [("kind", c_int32), ("id", c_int32)]


class Shape(Structure):
    _fields_ = [("dims", POINTER(c_int64)), ("ndim", c_int32)]


class Pair(Structure):
    _fields_ = [("key", c_char_p), ("value", c_char_p)]


class Run(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("is_train", c_int32),
        ("requests", POINTER(c_int32)),
        ("num_requests", c_size_t),
        ("inputs", POINTER(c_void_p)),
        ("outputs", POINTER(c_void_p)),
    ]  # what follows is of no interest here


Infer = CFUNCTYPE(c_int32, c_void_p, c_void_p)
Work = CFUNCTYPE(c_int32, c_void_p, POINTER(Run))


class Custom(Structure):
    _fields_ = (
        [("struct_size", c_size_t)]
        + [(name, c_void_p) for name in ("data", "free_data", "make", "free_op")]
        + [(name, c_void_p) for name in ("list_arguments", "list_outputs", "list_states")]
        + [("reads_out_grads", c_void_p), ("infer_shape", Infer)]
        + [(name, c_void_p) for name in ("infer_type", "bind", "free_use")]
        + [("forward", Work), ("backward", Work)]
    )


lib.treadle_ndarray_full.argtypes = [
    POINTER(c_int64), c_int32, c_double, c_int32, Device, POINTER(c_void_p)
]  # fmt: skip
lib.treadle_invoke.argtypes = [
    c_char_p, POINTER(Pair), c_size_t, POINTER(c_void_p), c_size_t, POINTER(c_void_p), c_size_t,
    c_void_p,
]  # fmt: skip
lib.treadle_ndarray_copy_to_host.argtypes = [c_void_p, c_void_p, c_size_t]
lib.treadle_ndarray_copy_from.argtypes = [c_void_p, c_void_p]
lib.treadle_ndarray_free.argtypes = [c_void_p]
lib.treadle_inference_argument.argtypes = [c_void_p, c_size_t, POINTER(Shape)]
lib.treadle_inference_set_output.argtypes = [c_void_p, c_size_t, POINTER(c_int64), c_int32]


def check(status):
    if status != 0:
        raise RuntimeError(lib.treadle_last_error().decode())


def full(dims, value):
    made = c_void_p()
    extents = (c_int64 * len(dims))(*dims)
    check(lib.treadle_ndarray_full(extents, len(dims), value, FLOAT32, Device(1, 0), byref(made)))
    return made


def invoke(op, inputs, **params):
    made = c_void_p()
    pairs = [Pair(key.encode(), str(value).encode()) for key, value in params.items()]
    check(lib.treadle_invoke(op.encode(), (Pair * len(pairs))(*pairs), len(pairs),
                             (c_void_p * len(inputs))(*inputs), len(inputs), byref(made), 1,
                             None))  # fmt: skip
    return made


def values(array, count):
    numbers = (c_float * count)()
    check(lib.treadle_ndarray_copy_to_host(array, numbers, sizeof(numbers)))
    return list(numbers)


@Infer
def same_shape(_, inference):
    shape = Shape()
    status = lib.treadle_inference_argument(inference, 0, byref(shape))
    return status or lib.treadle_inference_set_output(inference, 0, shape.dims, shape.ndim)


@Work
def forward(_, run):
    run = run.contents
    if values(run.inputs[0], 3)[0] < 0:
        lib.treadle_set_error(b"Python has seen a negative number")
        return 1
    return lib.treadle_ndarray_copy_from(run.outputs[0], run.inputs[0])


def main():
    x = full([3], 4)
    scaled = invoke("_mul_scalar", [x], scalar=2.5)
    assert values(scaled, 3) == [10, 10, 10]

    custom = Custom(struct_size=sizeof(Custom), infer_shape=same_shape, forward=forward)
    check(lib.treadle_custom_register(b"from_python", byref(custom)))
    passed = invoke("Custom", [scaled], op_type="from_python")
    assert values(passed, 3) == [10, 10, 10]
    negative = invoke("negative", [x])
    refused = invoke("Custom", [negative], op_type="from_python")
    for wrong, words in (
        (lambda: values(refused, 3), "from_python.forward: Python has seen a negative number"),
        (lambda: invoke("sqrrt", [x]), "sqrrt"),
        (lambda: values(None, 3), "array is NULL"),
    ):
        try:
            wrong()
        except RuntimeError as error:
            assert words in str(error), error
        else:
            raise AssertionError("no error: " + words)
    for array in (x, scaled, passed, negative, refused):
        lib.treadle_ndarray_free(array)
    check(lib.treadle_custom_forget(b"from_python"))
    assert lib.treadle_live_handles() == 0


main()
