"""FusedRNNCell: several layers over all steps in one operator."""

from .. import initializer as init
from .. import ndarray, symbol
from .rnn_cell import (
    BaseRNNCell,
    BidirectionalCell,
    DropoutCell,
    GRUCell,
    LSTMCell,
    RNNCell,
    SequentialRNNCell,
    _steps,
)


class FusedRNNCell(BaseRNNCell):
    """Several layers, in one or both directions, over all steps in one operator. `unfuse` gives the
    same from single cells; unpack_weights and pack_weights go from one to the other."""

    _GATES = {
        "rnn_relu": ("",),
        "rnn_tanh": ("",),
        "lstm": ("_i", "_f", "_c", "_o"),
        "gru": ("_r", "_z", "_o"),
    }

    def __init__(
        self,
        num_hidden,
        num_layers=1,
        mode="lstm",
        bidirectional=False,
        dropout=0.0,
        get_next_state=False,
        forget_bias=1.0,
        prefix=None,
        params=None,
    ):
        if mode not in self._GATES:
            raise ValueError("mode is %r; one of %s is expected." % (mode, ", ".join(self._GATES)))
        super().__init__("%s_" % mode if prefix is None else prefix, params)
        self._num_hidden, self._num_layers, self._mode = num_hidden, num_layers, mode
        self._bidirectional, self._dropout = bidirectional, dropout
        self._get_next_state, self._forget_bias = get_next_state, forget_bias
        self._directions = ["l", "r"] if bidirectional else ["l"]
        first = init.FusedRNN(None, num_hidden, num_layers, mode, bidirectional, forget_bias)
        self._parameter = self.params.get("parameters", init=first)

    @property
    def state_info(self):
        layers = len(self._directions) * self._num_layers
        states = 2 if self._mode == "lstm" else 1
        return [
            {"shape": (layers, 0, self._num_hidden), "__layout__": "LNC"} for _ in range(states)
        ]

    @property
    def _gate_names(self):
        return self._GATES[self._mode]

    @property
    def _num_gates(self):
        return len(self._gate_names)

    def _slice_weights(self, parameters, inputs, units):
        """Views on the one vector of parameters, by the names that single cells have: first all
        weights, layer by layer and direction by direction, then all biases."""
        made, place = {}, 0

        def take(name, shape):
            nonlocal place
            size = shape[0] * (shape[1] if len(shape) > 1 else 1)
            made[name] = parameters[place : place + size].reshape(shape)
            place += size

        both = len(self._directions)
        for kind in ("weight", "bias"):
            for layer in range(self._num_layers):
                for direction in self._directions:
                    for group in ("i2h", "h2h"):
                        width = units
                        if group == "i2h":
                            width = inputs if layer == 0 else units * both
                        for gate in self._gate_names:
                            name = "%s%s%d_%s%s_%s" % (
                                self._prefix,
                                direction,
                                layer,
                                group,
                                gate,
                                kind,
                            )
                            take(name, (units, width) if kind == "weight" else (units,))
        if place != parameters.size:
            raise ValueError(
                "%d parameters are given for a FusedRNNCell; %d are expected for %d inputs."
                % (parameters.size, place, inputs)
            )
        return made

    def _num_inputs(self, size):
        both, units, gates = len(self._directions), self._num_hidden, self._num_gates
        per_gate = size // both // units // gates
        later = (self._num_layers - 1) * (units + both * units + 2)
        return per_gate - later - units - 2

    def unpack_weights(self, args):
        args = dict(args)
        packed = args.pop(self._parameter.name)
        parts = self._slice_weights(packed, self._num_inputs(packed.size), self._num_hidden)
        args.update((name, part.copy()) for name, part in parts.items())
        return args

    def pack_weights(self, args):
        args = dict(args)
        first = "%sl0_i2h%s_weight" % (self._prefix, self._gate_names[0])
        inputs, units, both = args[first].shape[1], self._num_hidden, len(self._directions)
        size = (inputs + units + 2) * units * self._num_gates * both
        size += (
            (self._num_layers - 1) * self._num_gates * units * (units + both * units + 2) * both
        )
        packed = ndarray.zeros((size,), ctx=args[first].context, dtype=args[first].dtype)
        for name, part in self._slice_weights(packed, inputs, units).items():
            part[:] = args.pop(name)
        args[self._parameter.name] = packed
        return args

    def __call__(self, inputs, states):
        raise NotImplementedError("A FusedRNNCell runs all steps at once; use unroll.")

    def _unroll(self, length, inputs, states, layout, merge_outputs):
        inputs, axis = _steps(length, inputs, layout, False)
        if axis == 1:  # the operator has time first
            inputs = symbol.SwapAxis(inputs, dim1=0, dim2=1)
        elif axis != 0:
            raise ValueError("layout is %r; 'NTC' or 'TNC' is expected." % (layout,))
        named = {"state": states[0]}
        if self._mode == "lstm":
            named["state_cell"] = states[1]
        result = symbol.RNN(
            data=inputs,
            parameters=self._parameter,
            state_size=self._num_hidden,
            num_layers=self._num_layers,
            bidirectional=self._bidirectional,
            p=self._dropout,
            state_outputs=self._get_next_state,
            mode=self._mode,
            name=self._prefix + "rnn",
            **named
        )
        states = []
        if self._get_next_state:
            states = [result[i] for i in range(1, len(result))]
        outputs = result[0] if self._get_next_state else result
        if axis == 1:
            outputs = symbol.SwapAxis(outputs, dim1=0, dim2=1)
        if merge_outputs is False:
            outputs, _ = _steps(length, outputs, layout, True)
        return outputs, states

    def unfuse(self):
        """The same from single cells, as a SequentialRNNCell."""
        stack = SequentialRNNCell()
        make = {
            "rnn_relu": lambda prefix: RNNCell(self._num_hidden, "relu", prefix),
            "rnn_tanh": lambda prefix: RNNCell(self._num_hidden, "tanh", prefix),
            "lstm": lambda prefix: LSTMCell(self._num_hidden, prefix),
            "gru": lambda prefix: GRUCell(self._num_hidden, prefix),
        }[self._mode]
        for layer in range(self._num_layers):
            if self._bidirectional:
                stack.add(
                    BidirectionalCell(
                        make("%sl%d_" % (self._prefix, layer)),
                        make("%sr%d_" % (self._prefix, layer)),
                        output_prefix="%sbi_l%d_" % (self._prefix, layer),
                    )
                )
            else:
                stack.add(make("%sl%d_" % (self._prefix, layer)))
            if self._dropout > 0 and layer != self._num_layers - 1:
                stack.add(DropoutCell(self._dropout, prefix="%s_dropout%d_" % (self._prefix, layer)))
        return stack
