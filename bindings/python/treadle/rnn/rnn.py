"""Checkpoints of models with cells: weights are saved unpacked, gate by gate."""

import warnings

from ..model import load_checkpoint, save_checkpoint


def _cells(cells):
    return list(cells) if isinstance(cells, (list, tuple)) else [cells]


def rnn_unroll(cell, length, inputs=None, begin_state=None, input_prefix="", layout="NTC"):
    """As cell.unroll, under its first name."""
    warnings.warn("rnn_unroll is deprecated; call cell.unroll.")
    return cell.unroll(length, inputs, begin_state, input_prefix, layout)


def save_rnn_checkpoint(cells, prefix, epoch, symbol, arg_params, aux_params):
    """As model.save_checkpoint, with the weights of the cells unpacked."""
    for cell in _cells(cells):
        arg_params = cell.unpack_weights(arg_params)
    save_checkpoint(prefix, epoch, symbol, arg_params, aux_params)


def load_rnn_checkpoint(cells, prefix, epoch):
    """What save_rnn_checkpoint wrote, with the weights of the cells packed again."""
    symbol, arg_params, aux_params = load_checkpoint(prefix, epoch)
    for cell in _cells(cells):
        arg_params = cell.pack_weights(arg_params)
    return symbol, arg_params, aux_params


def do_rnn_checkpoint(cells, prefix, period=1):
    """A callback that saves at the end of every `period` epochs."""
    period = max(1, int(period))

    def _callback(epoch, symbol=None, arg_params=None, aux_params=None):
        if (epoch + 1) % period == 0:
            save_rnn_checkpoint(cells, prefix, epoch + 1, symbol, arg_params, aux_params)

    return _callback
