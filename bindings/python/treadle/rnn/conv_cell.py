"""Cells whose linear maps are convolutions."""

from .. import symbol
from .rnn_cell import BaseRNNCell


class BaseConvRNNCell(BaseRNNCell):
    """Inputs and states are images: `input_shape` is that of one step with the batch left out, or
    with it as in layout NCHW."""

    def __init__(
        self,
        input_shape,
        num_hidden,
        h2h_kernel,
        h2h_dilate,
        i2h_kernel,
        i2h_stride,
        i2h_pad,
        i2h_dilate,
        i2h_weight_initializer,
        h2h_weight_initializer,
        i2h_bias_initializer,
        h2h_bias_initializer,
        activation,
        prefix="",
        params=None,
        conv_layout="NCHW",
    ):
        super().__init__(prefix, params)
        if conv_layout != "NCHW":
            raise ValueError("conv_layout is %r; 'NCHW' is what there is." % (conv_layout,))
        if any(extent % 2 == 0 for extent in h2h_kernel):
            raise ValueError(
                "h2h_kernel is %s; odd extents keep the size of the state." % (h2h_kernel,)
            )
        self._input_shape, self._num_hidden = tuple(input_shape), num_hidden
        self._activation = activation
        self._i2h = dict(kernel=i2h_kernel, stride=i2h_stride, pad=i2h_pad, dilate=i2h_dilate)
        self._h2h = dict(
            kernel=h2h_kernel,
            dilate=h2h_dilate,
            stride=(1, 1),
            pad=tuple(d * (k - 1) // 2 for d, k in zip(h2h_dilate, h2h_kernel)),
        )
        self._iW = self.params.get("i2h_weight", init=i2h_weight_initializer)
        self._hW = self.params.get("h2h_weight", init=h2h_weight_initializer)
        self._iB = self.params.get("i2h_bias", init=i2h_bias_initializer)
        self._hB = self.params.get("h2h_bias", init=h2h_bias_initializer)
        data = symbol.Variable("data")
        image = symbol.Convolution(data, num_filter=num_hidden, **self._i2h)
        shape = (1, *self._input_shape[-3:])
        self._state_shape = (0, *image.infer_shape(data=shape)[1][0][1:])

    _num_states = 1

    @property
    def state_info(self):
        return [
            {"shape": self._state_shape, "__layout__": "NCHW"} for _ in range(self._num_states)
        ]

    def _linear(self, inputs, state, name):
        units = self._num_hidden * len(self._gate_names)
        i2h = symbol.Convolution(
            inputs, self._iW, self._iB, num_filter=units, name="%si2h" % name, **self._i2h
        )
        h2h = symbol.Convolution(
            state, self._hW, self._hB, num_filter=units, name="%sh2h" % name, **self._h2h
        )
        return i2h, h2h


def _leaky(inputs, **kwargs):
    return symbol.LeakyReLU(inputs, act_type="leaky", slope=0.2, **kwargs)


class _Conv(BaseConvRNNCell):
    def __init__(
        self,
        input_shape,
        num_hidden,
        h2h_kernel=(3, 3),
        h2h_dilate=(1, 1),
        i2h_kernel=(3, 3),
        i2h_stride=(1, 1),
        i2h_pad=(1, 1),
        i2h_dilate=(1, 1),
        i2h_weight_initializer=None,
        h2h_weight_initializer=None,
        i2h_bias_initializer="zeros",
        h2h_bias_initializer="zeros",
        activation=_leaky,
        prefix=None,
        params=None,
        conv_layout="NCHW",
    ):
        super().__init__(
            input_shape,
            num_hidden,
            h2h_kernel,
            h2h_dilate,
            i2h_kernel,
            i2h_stride,
            i2h_pad,
            i2h_dilate,
            i2h_weight_initializer,
            h2h_weight_initializer,
            _text(i2h_bias_initializer),
            _text(h2h_bias_initializer),
            activation,
            self._default_prefix if prefix is None else prefix,
            params,
            conv_layout,
        )


def _text(initializer):
    """The form an `__init__` attribute has."""
    return '["zero", {}]' if initializer == "zeros" else initializer


class ConvRNNCell(_Conv):
    """RNNCell with convolutions."""

    _default_prefix = "ConvRNN_"

    @property
    def _gate_names(self):
        return ("",)

    def __call__(self, inputs, states):
        name = self._step_name()
        i2h, h2h = self._linear(inputs, states[0], name)
        output = self._get_activation(i2h + h2h, self._activation, name="%sout" % name)
        return output, [output]


class ConvLSTMCell(_Conv):
    """LSTMCell with convolutions."""

    _default_prefix = "ConvLSTM_"
    _num_states = 2

    @property
    def _gate_names(self):
        return ("_i", "_f", "_c", "_o")

    def __call__(self, inputs, states):
        name = self._step_name()
        i2h, h2h = self._linear(inputs, states[0], name)
        parts = symbol.SliceChannel(i2h + h2h, num_outputs=4, axis=1, name="%sslice" % name)
        takes = symbol.Activation(parts[0], act_type="sigmoid", name="%si" % name)
        forgets = symbol.Activation(parts[1], act_type="sigmoid", name="%sf" % name)
        new = self._get_activation(parts[2], self._activation, name="%sc" % name)
        gives = symbol.Activation(parts[3], act_type="sigmoid", name="%so" % name)
        memory = symbol._internal._plus(forgets * states[1], takes * new, name="%sstate" % name)
        shown = self._get_activation(memory, self._activation)
        output = symbol._internal._mul(gives, shown, name="%sout" % name)
        return output, [output, memory]


class ConvGRUCell(_Conv):
    """GRUCell with convolutions."""

    _default_prefix = "ConvGRU_"

    @property
    def _gate_names(self):
        return ("_r", "_z", "_o")

    def __call__(self, inputs, states):
        name = self._step_name()
        i2h, h2h = self._linear(inputs, states[0], name)
        i2h = symbol.SliceChannel(i2h, num_outputs=3, axis=1, name="%si2h_slice" % name)
        h2h = symbol.SliceChannel(h2h, num_outputs=3, axis=1, name="%sh2h_slice" % name)
        reset = symbol.Activation(i2h[0] + h2h[0], act_type="sigmoid", name="%sr_act" % name)
        keep = symbol.Activation(i2h[1] + h2h[1], act_type="sigmoid", name="%sz_act" % name)
        new = self._get_activation(
            i2h[2] + reset * h2h[2], self._activation, name="%sh_act" % name
        )
        output = symbol._internal._plus(
            (1.0 - keep) * new, keep * states[0], name="%sout" % name
        )
        return output, [output]
