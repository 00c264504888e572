"""What an index of an array means: a view where memory allows it, else a copy through the host."""

import numpy as np


def view(array, key):
    """The part `key` as an array on the same memory; None when it is not one piece of it. As in
    MXNet, a single element has shape (1,)."""
    shape = array.shape
    picks = _picks(shape, key)
    piece = None if picks is None else _piece(shape, picks)
    if piece is None:
        return None
    axis, begin, count = piece
    made = tuple(len(pick) for pick, is_kept in picks if is_kept) or ((1,) if shape else ())
    handle = array.handle
    if axis > 0:
        handle = handle.reshape((_product(shape[: axis + 1]), *shape[axis + 1 :]))
    if shape:
        handle = handle.slice(begin, begin + count)
    return type(array)(handle if handle.shape == made else handle.reshape(made))


def _product(extents):
    made = 1
    for extent in extents:
        made *= extent
    return made


def is_one_piece(key, shape):
    """Whether the part `key` of an array, given by whole numbers and slices, is one piece of it."""
    picks = _picks(shape, key)
    return picks is not None and _piece(shape, picks) is not None


# What a new axis has of the old ones: nothing.
_NEW = range(1)


def _picks(shape, key):
    """For each axis, and each new one, the range of what is picked and whether the axis is kept;
    None where something else than whole numbers and slices is asked for."""
    keys = key if isinstance(key, tuple) else (key,)
    if not shape and isinstance(key, slice) and key == slice(None):
        keys = ()  # scalar[:] = 1 is written, too
    axes = sum(one is not None and one is not Ellipsis for one in keys)
    if axes > len(shape):
        raise IndexError("%d indices are given for an array of shape %s." % (axes, shape))
    if not any(one is Ellipsis for one in keys):
        keys = (*keys, Ellipsis)
    picks, axis = [], 0
    for one in keys:
        if one is None:
            picks.append((_NEW, True))
        elif one is Ellipsis:
            rest = len(shape) - axes
            picks += [(range(extent), True) for extent in shape[axis : axis + rest]]
            axis, axes = axis + rest, len(shape)  # a second one stands for nothing
        elif isinstance(one, slice):
            picks.append((range(*one.indices(shape[axis])), True))
            axis += 1
        elif isinstance(one, (int, np.integer)) and not isinstance(one, bool):
            index = int(one) + shape[axis] if one < 0 else int(one)
            if not 0 <= index < shape[axis]:
                raise IndexError("Row %d is asked of an array of shape %s." % (one, shape))
            picks.append((range(index, index + 1), False))
            axis += 1
        else:
            return None
    return picks


def _piece(shape, picks):
    """Where what is picked is one piece of memory: an axis, and first row and number of rows along
    it when the axes before it are joined with it; None where there are several pieces."""
    ranges = [pick for pick, _ in picks if pick is not _NEW]
    cut = [i for i, pick in enumerate(ranges) if pick != range(shape[i])]
    axis = cut[-1] if cut else 0
    if any(len(pick) > 1 for pick in ranges[:axis]) and all(map(len, ranges)):
        return None
    if cut and len(ranges[axis]) > 1 and ranges[axis].step != 1:
        return None
    count = _product(map(len, ranges[: axis + 1])) if ranges else 1
    begin = 0
    for extent, pick in zip(shape[: axis + 1], ranges):
        begin = begin * extent + (pick[0] if count else 0)
    return axis, begin, count


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
