"""How far two arrays may differ, by the types of their elements."""

import numbers

import numpy as np

__all__ = [
    "default_dtype",
    "default_rtols",
    "default_atols",
    "default_numeric_eps",
    "default_numerical_threshold",
    "effective_dtype",
    "get_tolerance",
    "get_tols",
    "get_rtol",
    "get_atol",
    "get_etol",
]

_EXACT = ("bool", "int8", "uint8", "int32", "uint32", "int64", "uint64")


def _by_type(float16, float32, float64):
    """A number for each type of element: those given, 0 for whole numbers."""
    made = {np.dtype(name): 0 for name in _EXACT}
    made.update(zip(map(np.dtype, ("float16", "float32", "float64")), (float16, float32, float64)))
    return made


def default_dtype():
    """The type of arrays that are made without one."""
    return np.float32


def default_rtols():
    """The relative difference that is allowed, by numpy dtype."""
    return _by_type(1e-2, 1e-4, 1e-5)


def default_atols():
    """The absolute difference that is allowed, by numpy dtype."""
    return _by_type(1e-1, 1e-3, 1e-20)


def default_numeric_eps():
    """The step of central differences, by numpy dtype: powers of 2, which add without rounding."""
    return {
        np.dtype("float16"): 2.0**-6,
        np.dtype("float32"): 2.0**-9,
        np.dtype("float64"): 2.0**-14,
    }


def default_numerical_threshold():
    """The relative difference that the first releases allowed."""
    return 1e-6


def effective_dtype(dat):
    """The numpy dtype whose tolerances suit an array: its own; float16's for bfloat16."""
    return np.dtype("float16" if str(dat.dtype) == "bfloat16" else dat.dtype)


def get_tolerance(dat, tol, default_tol):
    """The tolerance for an array: `tol` if it is a number; else what the dict `tol` has for the
    type, or else the dict `default_tol`."""
    if isinstance(tol, numbers.Number):
        return tol
    kind = effective_dtype(dat)
    for table in (tol or {}, default_tol):
        for key, value in table.items():
            if np.dtype(key) == kind:
                return value
    if kind.kind in "iu":
        return 0
    raise TypeError(
        "There is no tolerance for arrays of %s; give one, as a number or as {%r: number}."
        % (kind, kind.name)
    )


def get_tols(x, y, rtol, atol):
    """The relative and the absolute tolerance for a comparison: of each the larger one of the two
    arrays or numbers."""
    pair = [one if hasattr(one, "dtype") else np.asarray(one) for one in (x, y)]
    return (
        max(get_tolerance(one, rtol, default_rtols()) for one in pair),
        max(get_tolerance(one, atol, default_atols()) for one in pair),
    )


def get_rtol(rtol=None, dtype=np.dtype(np.float64)):
    """`rtol`, or that of a type."""
    return default_rtols()[np.dtype(dtype)] if rtol is None else rtol


def get_atol(atol=None, dtype=np.dtype(np.float64)):
    """`atol`, or that of a type."""
    return default_atols()[np.dtype(dtype)] if atol is None else atol


def get_etol(etol=None):
    """The part of the elements that may differ by more than is allowed: `etol`, or none."""
    return 0 if etol is None else etol
