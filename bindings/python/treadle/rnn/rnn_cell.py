"""Cells: what happens in one step of time, and how steps are put after each other."""

from .. import initializer as init
from .. import ndarray, symbol
from ..base import string_types
from ..symbol import Symbol


class RNNParams:
    """Variables of a cell, made when they are first asked for; cells may share one."""

    def __init__(self, prefix=""):
        self._prefix, self._params = prefix, {}

    def get(self, name, **kwargs):
        name = self._prefix + name
        if name not in self._params:
            self._params[name] = symbol.Variable(name, **kwargs)
        return self._params[name]


def _steps(length, inputs, layout, as_list, in_layout=None):
    """Inputs as a list of steps, or as one symbol, and the axis of time in the latter."""
    axis = layout.find("T")
    if axis < 0:
        raise ValueError("layout is %r; it needs a T, the axis of time." % (layout,))
    in_axis = (in_layout or layout).find("T")
    if isinstance(inputs, Symbol):
        if as_list:
            if len(inputs) != 1:
                raise ValueError(
                    "unroll is given a symbol with %d outputs; one, or a list of %d symbols, is "
                    "expected." % (len(inputs), length)
                )
            inputs = list(
                symbol.split(inputs, axis=in_axis, num_outputs=length, squeeze_axis=1)
            )
    else:
        if length is not None and len(inputs) != length:
            raise ValueError("%d steps are given, %d expected." % (len(inputs), length))
        if as_list is False:
            inputs = [symbol.expand_dims(step, axis=axis) for step in inputs]
            inputs = symbol.Concat(*inputs, dim=axis)
            in_axis = axis
    if isinstance(inputs, Symbol) and axis != in_axis:
        inputs = symbol.SwapAxis(inputs, dim1=axis, dim2=in_axis)
    return inputs, axis


class BaseRNNCell:
    """A step: `output, states = cell(input, states)`. Names of its variables begin with `prefix`."""

    def __init__(self, prefix="", params=None):
        self._own_params = params is None
        self._prefix = prefix
        self._params = RNNParams(prefix) if params is None else params
        self._modified = False
        self.reset()

    def reset(self):
        """Starts the count of steps anew, before the cell is unrolled again."""
        self._init_counter = self._counter = -1
        for cell in getattr(self, "_cells", ()):
            cell.reset()

    def __call__(self, inputs, states):
        raise NotImplementedError("A cell overrides __call__(inputs, states).")

    @property
    def params(self):
        self._own_params = False
        return self._params

    @property
    def state_info(self):
        """A dict per state: shape, 0 for the batch, and layout."""
        raise NotImplementedError()

    @property
    def state_shape(self):
        return [info["shape"] for info in self.state_info]

    @property
    def _gate_names(self):
        return ()

    def _check_outermost(self):
        if self._modified:
            raise AssertionError("The cell is part of another; ask that for its first states.")

    def begin_state(self, func=None, **kwargs):
        """First states, zeros unless `func` is another maker of symbols. The batch size follows
        from the inputs."""
        self._check_outermost()
        func = symbol.zeros if func is None else func
        made = []
        for info in self.state_info:
            self._init_counter += 1
            info = {**(info or {}), **kwargs}
            made.append(
                func(name="%sbegin_state_%d" % (self._prefix, self._init_counter), **info)
            )
        return made

    def unpack_weights(self, args):
        """Weights cut into those of the gates, by name."""
        args = dict(args)
        if not self._gate_names:
            return args
        units = self._num_hidden
        for group in ("i2h", "h2h"):
            weight = args.pop("%s%s_weight" % (self._prefix, group))
            bias = args.pop("%s%s_bias" % (self._prefix, group))
            for i, gate in enumerate(self._gate_names):
                stem = "%s%s%s" % (self._prefix, group, gate)
                args[stem + "_weight"] = weight[i * units : (i + 1) * units].copy()
                args[stem + "_bias"] = bias[i * units : (i + 1) * units].copy()
        return args

    def pack_weights(self, args):
        """What unpack_weights cut, put together again."""
        args = dict(args)
        if not self._gate_names:
            return args
        for group in ("i2h", "h2h"):
            for kind in ("weight", "bias"):
                parts = [
                    args.pop("%s%s%s_%s" % (self._prefix, group, gate, kind))
                    for gate in self._gate_names
                ]
                args["%s%s_%s" % (self._prefix, group, kind)] = ndarray.concatenate(parts)
        return args

    def unroll(
        self,
        length,
        inputs=None,
        begin_state=None,
        input_prefix="",
        layout="NTC",
        merge_outputs=None,
    ):
        """The cell `length` times. `inputs` is a symbol with time in `layout`, or a list of steps,
        variables named after `input_prefix` if there are none. Gives outputs, in one symbol with
        merge_outputs=True and as a list with False, and states."""
        self.reset()
        if inputs is None:
            inputs = [symbol.Variable("%st%d_data" % (input_prefix, i)) for i in range(length)]
        states = self.begin_state() if begin_state is None else begin_state
        return self._unroll(length, inputs, states, layout, merge_outputs)

    def _unroll(self, length, inputs, states, layout, merge_outputs):
        """As unroll, with inputs and states given and the cell reset."""
        inputs, _ = _steps(length, inputs, layout, True)
        outputs = []
        for step in inputs:
            output, states = self(step, states)
            outputs.append(output)
        if merge_outputs is not None:
            outputs, _ = _steps(length, outputs, layout, not merge_outputs)
        return outputs, states

    def _get_activation(self, inputs, activation, **kwargs):
        if isinstance(activation, string_types):
            return symbol.Activation(inputs, act_type=activation, **kwargs)
        return activation(inputs, **kwargs)

    def _step_name(self):
        self._counter += 1
        return "%st%d_" % (self._prefix, self._counter)


class _GatedCell(BaseRNNCell):
    """One whose gates are a linear map of the input plus one of the last output."""

    def __init__(self, num_hidden, prefix, params, bias_init=None):
        super().__init__(prefix, params)
        self._num_hidden = num_hidden
        self._iW, self._hW = self.params.get("i2h_weight"), self.params.get("h2h_weight")
        self._iB = self.params.get("i2h_bias", **({"init": bias_init} if bias_init else {}))
        self._hB = self.params.get("h2h_bias")

    @property
    def state_info(self):
        return [{"shape": (0, self._num_hidden), "__layout__": "NC"}]

    def _linear(self, inputs, state, name):
        units = self._num_hidden * len(self._gate_names)
        return (
            symbol.FullyConnected(
                data=inputs,
                weight=self._iW,
                bias=self._iB,
                num_hidden=units,
                name="%si2h" % name,
            ),
            symbol.FullyConnected(
                data=state, weight=self._hW, bias=self._hB, num_hidden=units, name="%sh2h" % name
            ),
        )


class RNNCell(_GatedCell):
    """output = activation(W x + R h + b)."""

    def __init__(self, num_hidden, activation="tanh", prefix="rnn_", params=None):
        super().__init__(num_hidden, prefix, params)
        self._activation = activation

    @property
    def _gate_names(self):
        return ("",)

    def __call__(self, inputs, states):
        name = self._step_name()
        i2h, h2h = self._linear(inputs, states[0], name)
        output = self._get_activation(i2h + h2h, self._activation, name="%sout" % name)
        return output, [output]


class LSTMCell(_GatedCell):
    """Long short-term memory; the states are output and memory. `forget_bias` is the first bias of
    the forget gate."""

    def __init__(self, num_hidden, prefix="lstm_", params=None, forget_bias=1.0):
        super().__init__(num_hidden, prefix, params, init.LSTMBias(forget_bias=forget_bias))

    @property
    def state_info(self):
        return [{"shape": (0, self._num_hidden), "__layout__": "NC"} for _ in range(2)]

    @property
    def _gate_names(self):
        return ("_i", "_f", "_c", "_o")

    def __call__(self, inputs, states):
        name = self._step_name()
        i2h, h2h = self._linear(inputs, states[0], name)
        parts = symbol.SliceChannel(i2h + h2h, num_outputs=4, name="%sslice" % name)
        takes, forgets, new, gives = (
            symbol.Activation(parts[i], act_type=kind, name=name + letter)
            for i, (kind, letter) in enumerate(
                (("sigmoid", "i"), ("sigmoid", "f"), ("tanh", "c"), ("sigmoid", "o"))
            )
        )
        memory = symbol._internal._plus(
            forgets * states[1], takes * new, name="%sstate" % name
        )
        output = symbol._internal._mul(
            gives, symbol.Activation(memory, act_type="tanh"), name="%sout" % name
        )
        return output, [output, memory]


class GRUCell(_GatedCell):
    """Gated recurrent unit."""

    def __init__(self, num_hidden, prefix="gru_", params=None):
        super().__init__(num_hidden, prefix, params)

    @property
    def _gate_names(self):
        return ("_r", "_z", "_o")

    def __call__(self, inputs, states):
        step = self._step_name()
        name = step + "_"  # all names but the output's have two underscores in MXNet
        before = states[0]
        i2h, h2h = self._linear(inputs, before, name)
        i2h = symbol.SliceChannel(i2h, num_outputs=3, name="%si2h_slice" % name)
        h2h = symbol.SliceChannel(h2h, num_outputs=3, name="%sh2h_slice" % name)
        reset = symbol.Activation(i2h[0] + h2h[0], act_type="sigmoid", name="%sr_act" % name)
        keep = symbol.Activation(i2h[1] + h2h[1], act_type="sigmoid", name="%sz_act" % name)
        new = symbol.Activation(i2h[2] + reset * h2h[2], act_type="tanh", name="%sh_act" % name)
        output = symbol._internal._plus((1.0 - keep) * new, keep * before, name="%sout" % step)
        return output, [output]


def _all(cells, what):
    return [one for cell in cells for one in getattr(cell, what)]


class SequentialRNNCell(BaseRNNCell):
    """Cells one on top of the other."""

    def __init__(self, params=None):
        self._cells = []
        super().__init__("", params)
        self._override_cell_params = params is not None

    def add(self, cell):
        self._cells.append(cell)
        _share_params(self, cell)

    @property
    def state_info(self):
        return _all(self._cells, "state_info")

    def begin_state(self, **kwargs):
        self._check_outermost()
        return [state for cell in self._cells for state in cell.begin_state(**kwargs)]

    def unpack_weights(self, args):
        for cell in self._cells:
            args = cell.unpack_weights(args)
        return args

    def pack_weights(self, args):
        for cell in self._cells:
            args = cell.pack_weights(args)
        return args

    def __call__(self, inputs, states):
        self._counter += 1
        after, place = [], 0
        for cell in self._cells:
            if isinstance(cell, BidirectionalCell):
                raise TypeError("A BidirectionalCell needs all steps at once; use unroll.")
            count = len(cell.state_info)
            inputs, states_of = cell(inputs, states[place : place + count])
            place += count
            after += states_of
        return inputs, after

    def _unroll(self, length, inputs, states, layout, merge_outputs):
        after, place = [], 0
        for i, cell in enumerate(self._cells):
            count = len(cell.state_info)
            last = i == len(self._cells) - 1
            inputs, states_of = cell.unroll(
                length,
                inputs=inputs,
                begin_state=states[place : place + count],
                layout=layout,
                merge_outputs=merge_outputs if last else None,
            )
            place += count
            after += states_of
        return inputs, after


def _share_params(owner, cell):
    if owner._override_cell_params:
        if not cell._own_params:
            raise ValueError("Give params to the outer cell or to its parts, not to both.")
        cell.params._params.update(owner.params._params)
    owner.params._params.update(cell.params._params)


class DropoutCell(BaseRNNCell):
    """Drops a share of what passes; it has no states."""

    def __init__(self, dropout, prefix="dropout_", params=None):
        super().__init__(prefix, params)
        self.dropout = dropout

    @property
    def state_info(self):
        return []

    def __call__(self, inputs, states):
        if self.dropout > 0:
            inputs = symbol.Dropout(data=inputs, p=self.dropout)
        return inputs, states

    def _unroll(self, length, inputs, states, layout, merge_outputs):
        if isinstance(inputs, Symbol) and merge_outputs is not False:
            return self(inputs, [])
        return super()._unroll(length, inputs, states, layout, merge_outputs)


class ModifierCell(BaseRNNCell):
    """A cell that changes what another gives; that one's variables are used."""

    def __init__(self, base_cell):
        base_cell._modified = True
        self.base_cell = base_cell
        super().__init__(base_cell._prefix, base_cell._params)

    def reset(self):
        super().reset()
        self.base_cell.reset()

    @property
    def params(self):
        self._own_params = False
        return self.base_cell.params

    @property
    def state_info(self):
        return self.base_cell.state_info

    def begin_state(self, func=None, **kwargs):
        self._check_outermost()
        self.base_cell._modified = False
        try:
            return self.base_cell.begin_state(func=func, **kwargs)
        finally:
            self.base_cell._modified = True

    def unpack_weights(self, args):
        return self.base_cell.unpack_weights(args)

    def pack_weights(self, args):
        return self.base_cell.pack_weights(args)


def _fused():
    from .fused_cell import FusedRNNCell

    return FusedRNNCell


class ZoneoutCell(ModifierCell):
    """Keeps a random share of outputs and states as they were."""

    def __init__(self, base_cell, zoneout_outputs=0.0, zoneout_states=0.0):
        if isinstance(base_cell, _fused()):
            raise ValueError("A FusedRNNCell has no steps to keep; unfuse it first.")
        if isinstance(base_cell, BidirectionalCell):
            raise ValueError("Put ZoneoutCell around the parts of a BidirectionalCell.")
        super().__init__(base_cell)
        self.zoneout_outputs, self.zoneout_states = zoneout_outputs, zoneout_states

    def reset(self):
        super().reset()
        self.prev_output = None

    def __call__(self, inputs, states):
        output, after = self.base_cell(inputs, states)

        def mask(share, like):
            return symbol.Dropout(symbol.ones_like(like), p=share)

        if self.zoneout_outputs:
            before = self.prev_output
            if before is None:
                before = symbol.zeros_like(output)
            output = symbol.where(mask(self.zoneout_outputs, output), output, before)
            self.prev_output = output
        if self.zoneout_states:
            after = [
                symbol.where(mask(self.zoneout_states, new), new, old)
                for new, old in zip(after, states)
            ]
        return output, after


class ResidualCell(ModifierCell):
    """Adds the input to the output."""

    def __call__(self, inputs, states):
        output, states = self.base_cell(inputs, states)
        return symbol.elemwise_add(output, inputs, name="%s_plus_residual" % output.name), states

    def _unroll(self, length, inputs, states, layout, merge_outputs):
        outputs, states = self.base_cell.unroll(
            length, inputs, states, layout=layout, merge_outputs=merge_outputs
        )
        merged = isinstance(outputs, Symbol)
        inputs, _ = _steps(length, inputs, layout, not merged)
        if merged:
            return symbol.elemwise_add(outputs, inputs), states
        return [symbol.elemwise_add(out, step) for out, step in zip(outputs, inputs)], states


class BidirectionalCell(BaseRNNCell):
    """One cell from the first step on and one from the last; outputs are put side by side."""

    def __init__(self, l_cell, r_cell, params=None, output_prefix="bi_"):
        self._cells = [l_cell, r_cell]
        super().__init__("", params)
        self._output_prefix = output_prefix
        self._override_cell_params = params is not None
        for cell in self._cells:
            _share_params(self, cell)

    def __call__(self, inputs, states):
        raise NotImplementedError("A BidirectionalCell needs all steps at once; use unroll.")

    @property
    def state_info(self):
        return _all(self._cells, "state_info")

    begin_state = SequentialRNNCell.begin_state
    unpack_weights = SequentialRNNCell.unpack_weights
    pack_weights = SequentialRNNCell.pack_weights

    def _unroll(self, length, inputs, states, layout, merge_outputs):
        inputs, axis = _steps(length, inputs, layout, True)
        left, right = self._cells
        count = len(left.state_info)
        forth, l_states = left.unroll(
            length, inputs, states[:count], layout=layout, merge_outputs=merge_outputs
        )
        back, r_states = right.unroll(
            length, list(reversed(inputs)), states[count:], layout=layout, merge_outputs=False
        )
        if merge_outputs is None:
            merge_outputs = isinstance(forth, Symbol)
        forth, _ = _steps(length, forth, layout, True) if isinstance(forth, Symbol) else (forth, 0)
        back, _ = _steps(length, back, layout, True) if isinstance(back, Symbol) else (back, 0)
        outputs = [
            symbol.Concat(one, other, dim=1, name="%st%d" % (self._output_prefix, i))
            for i, (one, other) in enumerate(zip(forth, reversed(back)))
        ]
        if merge_outputs:
            outputs, _ = _steps(length, outputs, layout, False)
        return outputs, l_states + r_states
