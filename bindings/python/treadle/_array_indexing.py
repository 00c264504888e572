"""What an index of an array means: a view where memory allows it, else a copy through the host."""

import numpy as np

_ALL = slice(None)


def view(array, key):
    """The part `key` as an array on the same memory; None when it is not one piece of it. As in
    MXNet, a single element has shape (1,)."""
    keys = key if isinstance(key, tuple) else (key,)
    while keys and _is_all(keys[-1]):
        keys = keys[:-1]
    axes = sum(one is not None and one is not Ellipsis for one in keys)
    if axes > len(array.shape):
        raise IndexError(
            "%d indices are given for an array of shape %s." % (axes, array.shape)
        )
    for position, one in enumerate(keys):
        extent = array.shape[0] if array.shape else 0
        if isinstance(one, (int, np.integer)) and not isinstance(one, (bool, np.bool_)):
            index = int(one) + extent if one < 0 else int(one)
            if not 0 <= index < extent:
                raise IndexError("Row %d is asked of an array of shape %s." % (one, array.shape))
            rows, rest = array.handle.slice(index, index + 1), array.shape[1:]
            array = type(array)(rows.reshape(rest or (1,)))
            if not rest and position + 1 < len(keys):
                return None
        elif isinstance(one, slice) and one.step in (None, 1) and position + 1 == len(keys):
            begin, end, _ = one.indices(extent)
            array = type(array)(array.handle.slice(begin, max(begin, end)))
        else:
            return None
    return array


def _is_all(key):
    return key is Ellipsis or isinstance(key, slice) and key == _ALL


def on_host(key, kind):
    """The key with arrays in it as numpy has them."""
    if isinstance(key, tuple):
        return tuple(on_host(one, kind) for one in key)
    if isinstance(key, kind):
        key = key.asnumpy()
        return key if key.dtype == bool else key.astype(np.int64)
    return key


def assign(host, key, value):
    """host[key] = value. The first releases kept an axis of length 1 for a number in the key, later
    ones drop it: a value of either shape is taken."""
    kept = tuple(
        slice(one, one + 1 or None) if isinstance(one, int) else one
        for one in (key if isinstance(key, tuple) else (key,))
    )
    for form in (key, kept):
        try:
            host[form] = value
            return
        except ValueError:
            continue
    raise ValueError(
        "A value of shape %s is assigned to a part of shape %s of an array."
        % (np.shape(value), host[key].shape)
    )
