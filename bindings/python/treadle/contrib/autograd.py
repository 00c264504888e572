"""The first form of autograd, under the names it had before MXNet 0.11."""

import functools

from .. import autograd as _autograd
from ..ndarray import NDArray, zeros_like

__all__ = [
    "set_is_training",
    "train_section",
    "test_section",
    "train",
    "test",
    "mark_variables",
    "backward",
    "compute_gradient",
    "grad_and_loss",
    "grad",
]


def set_is_training(is_train):
    """Turns recording and training on or off and gives what they were."""
    before = _autograd.set_training(is_train)
    _autograd.set_recording(is_train)
    return before


def train_section():
    """Records within, for learning."""
    return _autograd.record(True)


def test_section():
    """Neither records nor learns within."""
    return _autograd.pause(False)


train, test = train_section, test_section
mark_variables = _autograd.mark_variables


def backward(outputs, out_grads=None, retain_graph=False):
    """Computes the gradients of all marked variables behind `outputs`."""
    _autograd.backward(outputs, out_grads, retain_graph)


def compute_gradient(outputs):
    """As `backward`, with ones as head gradients."""
    backward(outputs)


def grad_and_loss(func, argnum=None):
    """A function that gives the gradients of `func` with respect to its arguments, or to those
    with the numbers in `argnum`, and its value."""

    @functools.wraps(func)
    def wrapped(*args):
        variables = list(args)
        if argnum is not None:
            numbers = argnum if isinstance(argnum, (list, tuple)) else [argnum]
            variables = [args[number] for number in numbers]
        for variable in variables:
            if not isinstance(variable, NDArray):
                raise TypeError("An argument is %r; an NDArray is expected." % (variable,))
        gradients = [zeros_like(variable) for variable in variables]
        mark_variables(variables, gradients)
        with train_section():
            outputs = func(*args)
        backward([outputs] if isinstance(outputs, NDArray) else outputs)
        return gradients, outputs

    return wrapped


def grad(func, argnum=None):
    """As `grad_and_loss`, without the value."""
    both = grad_and_loss(func, argnum)

    @functools.wraps(func)
    def wrapped(*args):
        return both(*args)[0]

    return wrapped
