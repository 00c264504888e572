"""How inference writes what is not known of a shape: 0 for an extent and () for all of it or, within
mx.np_shape, -1 and None, as there 0 and () are shapes of arrays."""

import json

from . import _treadle
from .base import MXNetError


def is_np_shape():
    """Whether this thread writes shapes as numpy does; False at first."""
    return _treadle.is_np_shape()


def set_np_shape(active):
    """Chooses for this thread and gives what was chosen before."""
    return _treadle.set_np_shape(bool(active))


class np_shape:  # noqa: N801  MXNet's name
    """A scope in which shapes mean what they mean in numpy."""

    def __init__(self, active=True):
        self._active, self._before = bool(active), []

    def __enter__(self):
        self._before.append(set_np_shape(self._active))
        return self

    def __exit__(self, *error):
        set_np_shape(self._before.pop())


def from_user(name, shape):
    """The shape given for the variable `name`, in the engine's form."""
    shape = tuple(map(int, shape))
    if not is_np_shape():
        return shape
    if not shape or 0 in shape:
        raise MXNetError(
            "The shape of %s is %s, that of %s within np_shape, which inference does not have. Write "
            "-1 for an extent that is not known, and leave out a shape that is not."
            % (name, shape, "an array without elements" if shape else "a scalar")
        )
    return tuple(0 if extent == -1 else extent for extent in shape)


def to_user(shape):
    """An inferred shape as the user reads it."""
    if not is_np_shape():
        return shape
    return tuple(extent or -1 for extent in shape) if shape else None


def mark_json(graph):
    """The JSON of a graph; within np_shape with MXNet's mark for that."""
    if not is_np_shape():
        return graph
    graph = json.loads(graph)
    graph["attrs"]["is_np_shape"] = ["int", 1]
    return json.dumps(graph, indent=2)
