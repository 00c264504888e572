"""Comparisons of arrays, each way of which raises AssertionError with the places that differ."""

import json

import numpy as np

from ..ndarray import NDArray
from ._tolerances import get_atol, get_etol, get_rtol, get_tols

__all__ = [
    "same",
    "same_array",
    "same_symbol_structure",
    "reldiff",
    "checkShapes",
    "find_max_violation",
    "locationError",
    "almost_equal",
    "almost_equal_ignore_nan",
    "assert_almost_equal",
    "assert_almost_equal_with_err",
    "assert_almost_equal_ignore_nan",
    "assert_allclose",
    "assert_exception",
    "compare_ndarray_tuple",
]


def as_host(value):
    """A value as a numpy array."""
    return value.asnumpy() if isinstance(value, NDArray) else np.asarray(value)


def same(a, b):
    """Whether two arrays are equal in every element."""
    return np.array_equal(as_host(a), as_host(b))


def same_array(array1, array2):
    """Whether two NDArrays are on the same memory: a change of one is one of the other."""
    array1[:] += 1
    if not same(array1, array2):
        array1[:] -= 1
        return False
    array1[:] -= 1
    return same(array1, array2)


def same_symbol_structure(sym1, sym2):
    """Whether two symbols have the same operators in the same order; names do not count."""
    first, second = (
        [node["op"] for node in json.loads(one.tojson())["nodes"]] for one in (sym1, sym2)
    )
    return first == second


def reldiff(a, b):
    """Sum of the differences relative to the sum of the sizes of both."""
    a, b = as_host(a), as_host(b)
    difference = np.abs(a - b).sum()
    return 0 if difference == 0 else difference / (np.abs(a).sum() + np.abs(b).sum())


def checkShapes(a, b):
    """Raises AssertionError where shapes differ."""
    if a.shape != b.shape:
        raise AssertionError(
            "The shapes %s and %s differ; equal ones are expected." % (a.shape, b.shape)
        )


def _violation(a, b, rtol, atol):
    """By how many times what is allowed two arrays differ, in each element. Equal infinities do not
    differ, NaN differs infinitely."""
    if np.result_type(a, b).kind in "biu":
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.where(np.equal(a, b), 0, np.abs(a - b))
        found = difference / (atol + rtol * np.abs(b) + 1e-20)
    return np.where(np.isnan(found), np.inf, found)


def find_max_violation(a, b, rtol=None, atol=None):
    """Where two arrays differ most, in units of what is allowed, and by how much."""
    found = _violation(as_host(a), as_host(b), get_rtol(rtol), get_atol(atol))
    return np.unravel_index(np.argmax(found), found.shape), np.max(found)


def locationError(a, b, index, names, maxError=False):
    """A sentence with the elements of two arrays at an index."""
    index = tuple(map(int, index))
    return "%s %s: %s=%.8f, %s=%.8f" % (
        "Most at" if maxError else "At", index, names[0], a[index], names[1], b[index],
    )


def almost_equal(a, b, rtol=None, atol=None, equal_nan=False, use_broadcast=True):
    """Whether two arrays differ by no more than atol + rtol * |b|, unless said otherwise the
    tolerances of float64."""
    if not use_broadcast:
        checkShapes(a, b)
    return np.allclose(as_host(a), as_host(b), get_rtol(rtol), get_atol(atol), equal_nan)


def _complaint(a, b, rtol, atol, names, equal_nan, mismatches):
    """The sentences of a comparison that failed, with the `mismatches[0]` worst places."""
    a, b = np.broadcast_arrays(a, b)
    wrong = ~np.isclose(a, b, rtol, atol, equal_nan)
    violation = np.where(wrong, _violation(a, b, rtol, atol), 0).ravel()
    worst = np.argsort(-violation, kind="stable")[: max(1, min(mismatches[0], wrong.sum()))]
    places = [np.unravel_index(place, a.shape) for place in worst]
    lines = [
        "%s and %s differ in %d of %d elements (%.4g%%), by up to %g times what is allowed "
        "(rtol=%g, atol=%g)."
        % (*names, wrong.sum(), wrong.size, 100 * wrong.mean(), violation[worst[0]], rtol, atol)
    ]
    lines += [locationError(a, b, place, names, i == 0) for i, place in enumerate(places)]
    with np.printoptions(threshold=4, suppress=True):
        lines += ["%s: %s" % (name, one) for name, one in zip(names, (a, b))]
    return "\n".join(lines)


def assert_almost_equal(
    a,
    b,
    rtol=None,
    atol=None,
    names=("a", "b"),
    equal_nan=False,
    use_broadcast=True,
    mismatches=(10, 10),
):
    """Raises AssertionError where two arrays differ by more than atol + rtol * |b|.

    The tolerances are numbers, or dicts by type, or else those of the less precise type, see
    default_rtols and default_atols. The `mismatches[0]` worst places are named; all are counted."""
    rtol, atol = get_tols(a, b, rtol, atol)
    a, b = as_host(a), as_host(b)
    if not use_broadcast:
        checkShapes(a, b)
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        raise AssertionError(
            "%s of shape %s and %s of shape %s cannot be compared; shapes that broadcast are "
            "expected." % (names[0], a.shape, names[1], b.shape)
        ) from None
    if not np.allclose(a, b, rtol, atol, equal_nan):
        raise AssertionError(_complaint(a, b, rtol, atol, names, equal_nan, mismatches))


def assert_almost_equal_with_err(
    a,
    b,
    rtol=None,
    atol=None,
    etol=None,
    names=("a", "b"),
    equal_nan=False,
    mismatches=(10, 10),
):
    """As assert_almost_equal, but the part `etol` of the elements, from 0 to 1, may differ."""
    etol = get_etol(etol)
    if etol <= 0:
        return assert_almost_equal(
            a, b, rtol, atol, names=names, equal_nan=equal_nan, mismatches=mismatches
        )
    rtol, atol = get_tols(a, b, rtol, atol)
    a, b = as_host(a), as_host(b)
    if (~np.isclose(a, b, rtol, atol, equal_nan)).mean() > etol:
        raise AssertionError(
            "%s\nNo more than etol=%g of the elements may differ."
            % (_complaint(a, b, rtol, atol, names, equal_nan, mismatches), etol)
        )


def _without_nan(a, b):
    a, b = as_host(a).copy(), as_host(b).copy()
    unknown = np.isnan(a) | np.isnan(b)
    a[unknown] = b[unknown] = 0
    return a, b


def almost_equal_ignore_nan(a, b, rtol=None, atol=None):
    """As almost_equal, where neither is NaN."""
    return almost_equal(*_without_nan(a, b), rtol, atol)


def assert_almost_equal_ignore_nan(a, b, rtol=None, atol=None, names=("a", "b")):
    """As assert_almost_equal, where neither is NaN."""
    assert_almost_equal(*_without_nan(a, b), rtol, atol, names)


def assert_allclose(a, b, rtol=1e-07, atol=0, equal_nan=True):
    """As assert_almost_equal with numpy's tolerances; NaN equals NaN."""
    assert_almost_equal(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


def assert_exception(f, exception_type, *args, **kwargs):
    """Raises AssertionError unless `f` raises that exception."""
    try:
        f(*args, **kwargs)
    except exception_type:
        return
    raise AssertionError("%s was expected; none was raised." % exception_type.__name__)


def compare_ndarray_tuple(t1, t2, rtol=None, atol=None):
    """As assert_almost_equal, for tuples or lists of arrays within each other. Nothing is compared
    where one of them is None."""
    if t1 is None or t2 is None:
        return
    if not isinstance(t1, (tuple, list)):
        return assert_almost_equal(t1, t2, rtol=rtol, atol=atol)
    if not isinstance(t2, (tuple, list)) or len(t1) != len(t2):
        raise AssertionError(
            "%d arrays are compared with %r; as many are expected." % (len(t1), t2)
        )
    for one, other in zip(t1, t2):
        compare_ndarray_tuple(one, other, rtol, atol)
