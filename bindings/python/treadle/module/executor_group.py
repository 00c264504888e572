"""One executor per context, each with a part of every batch."""

import numpy as np

from ..io import DataDesc
from ..ndarray import NDArray, concatenate, zeros
from .base_module import describe


def split_batch(batch_size, work_load_list):
    """A slice of the batch for each share of the work."""
    total = sum(work_load_list)
    ends = np.round(np.cumsum(work_load_list) * batch_size / total).astype(int).tolist()
    slices = [slice(begin, end) for begin, end in zip([0] + ends[:-1], ends)]
    if any(part.stop <= part.start for part in slices):
        raise ValueError(
            "A batch of %d cannot be divided among %d contexts by %s."
            % (batch_size, len(work_load_list), list(work_load_list))
        )
    return slices


def _axis(desc):
    return max(0, DataDesc.get_batch_axis(getattr(desc, "layout", None)))


def cut(array, axis, part):
    """A part of an array along an axis; the array itself when that is all of it."""
    if part.start == 0 and part.stop == array.shape[axis]:
        return array
    if axis == 0:
        return array[part]
    return array.slice_axis(axis=axis, begin=part.start, end=part.stop)


def contexts_of_groups(group2ctxs, count):
    """For each of `count` contexts of a module the dict from the name of a ctx_group to its context,
    from a list of them, or from one dict whose values are a context for all, or a list."""
    if group2ctxs is None:
        return [None] * count
    if isinstance(group2ctxs, (list, tuple)):
        if len(group2ctxs) != count:
            raise ValueError(
                "group2ctxs has %d entries; the module has %d contexts." % (len(group2ctxs), count)
            )
        return list(group2ctxs)
    made = [{} for _ in range(count)]
    for group, places in group2ctxs.items():
        places = list(places) if isinstance(places, (list, tuple)) else [places]
        if len(places) == 1:
            places *= count
        if len(places) != count:
            raise ValueError(
                "group2ctxs has %d contexts for the group %r; the module has %d contexts."
                % (len(places), group, count)
            )
        for each, place in zip(made, places):
            each[group] = place
    return made


class DataParallelExecutorGroup:
    """The executors of a module: a batch is cut along the axis that counts examples, outputs are
    put together again, gradients are per context."""

    def __init__(
        self,
        symbol,
        contexts,
        workload,
        data_shapes,
        label_shapes,
        param_names,
        for_training,
        inputs_need_grad,
        shared_group=None,
        logger=None,
        fixed_param_names=None,
        grad_req="write",
        state_names=None,
        group2ctxs=None,
    ):
        self.symbol, self.contexts = symbol, contexts
        self.workload = workload or [1] * len(contexts)
        if len(self.workload) != len(contexts):
            raise ValueError(
                "work_load_list has %d entries for %d contexts."
                % (len(self.workload), len(contexts))
            )
        self.for_training, self.inputs_need_grad = for_training, inputs_need_grad
        self.param_names, self.state_names = param_names, list(state_names or ())
        self.fixed_param_names = set(fixed_param_names or ())
        self.arg_names = symbol.list_arguments()
        self.aux_names = symbol.list_auxiliary_states()
        self.group2ctxs = contexts_of_groups(group2ctxs, len(contexts))
        self._grad_req = grad_req
        self.execs = []
        self.bind_exec(data_shapes, label_shapes, shared_group)

    def _requests(self, data_names):
        requests = {}
        for i, name in enumerate(self.arg_names):
            asked = (
                self._grad_req
                if isinstance(self._grad_req, str)
                else self._grad_req[i]
                if isinstance(self._grad_req, (list, tuple))
                else self._grad_req.get(name, "write")
            )
            if not self.for_training or name in self.fixed_param_names | set(self.state_names):
                asked = "null"
            elif name in data_names:
                asked = asked if self.inputs_need_grad else "null"
            elif name not in self.param_names:
                asked = "null"
            requests[name] = asked
        return requests

    def bind_exec(self, data_shapes, label_shapes, shared_group=None, reshape=False):
        """Binds, or binds anew for other shapes with the same parameters."""
        self.data_shapes, self.label_shapes = describe(data_shapes), describe(label_shapes)
        first = self.data_shapes[0]
        self.batch_size = first.shape[_axis(first)]
        self.slices = split_batch(self.batch_size, self.workload)
        shared = self.execs if reshape else shared_group.execs if shared_group else None
        self.execs = [
            self._bind_one(i, shared[i] if shared else None) for i in range(len(self.contexts))
        ]
        if reshape:
            for executor, former in zip(self.execs, shared):
                executor._watch_as(former)
        self.data_names = [desc.name for desc in self.data_shapes]
        self.label_names = [desc.name for desc in self.label_shapes]
        used = set(self.arg_names)
        self.label_names = [name for name in self.label_names if name in used]
        self.param_arrays = [
            [executor.arg_dict[name] for executor in self.execs] for name in self.param_names
        ]
        self.grad_arrays = [
            [executor.grad_dict[name] for executor in self.execs] for name in self.param_names
        ]
        self.aux_arrays = [
            [executor.aux_dict[name] for executor in self.execs] for name in self.aux_names
        ]
        self.output_axes = self._output_axes()

    def _part_shape(self, desc, part):
        shape, axis = list(desc.shape), _axis(desc)
        shape[axis] = part.stop - part.start
        return tuple(shape)

    def _bind_one(self, i, shared):
        context, part = self.contexts[i], self.slices[i]
        given = {desc.name: desc for desc in self.data_shapes + self.label_shapes}
        given = {name: desc for name, desc in given.items() if name in self.arg_names}
        shapes = {name: self._part_shape(desc, part) for name, desc in given.items()}
        arg_shapes, _, aux_shapes = self.symbol.infer_shape(**shapes)
        if arg_shapes is None:
            raise ValueError(
                "The shapes %s do not determine those of all arguments." % (shapes,)
            )
        types = {name: desc.dtype for name, desc in given.items()}
        arg_types, _, aux_types = self.symbol.infer_type(**types)
        if arg_types is None:
            arg_types = [np.float32] * len(arg_shapes)
            aux_types = [np.float32] * len(aux_shapes)
        requests = self._requests([desc.name for desc in self.data_shapes])
        attributes, groups = self.symbol.attr_dict(), self.group2ctxs[i] or {}

        def make(name, shape, dtype, known, is_kept):
            old = known.get(name) if known else None
            if old is not None and is_kept and old.shape != shape:
                raise ValueError(
                    "The parameter %r has shape %s in the module that is shared, %s in this one."
                    % (name, old.shape, shape)
                )
            if old is not None and old.shape == shape and old.dtype == dtype:
                return old
            group = attributes.get(name, {}).get("__ctx_group__")
            return zeros(shape, groups.get(group, context), dtype)

        args = [
            make(name, shape, dtype, shared and shared.arg_dict, name in self.param_names)
            for name, shape, dtype in zip(self.arg_names, arg_shapes, arg_types)
        ]
        grads = {
            name: make(name, shape, dtype, shared and shared.grad_dict, False)
            for name, shape, dtype in zip(self.arg_names, arg_shapes, arg_types)
            if requests[name] != "null"
        }
        aux = [
            make(name, shape, dtype, shared and shared.aux_dict, True)
            for name, shape, dtype in zip(self.aux_names, aux_shapes, aux_types)
        ]
        return self.symbol.bind(
            context,
            args,
            grads,
            requests,
            aux,
            group2ctx=self.group2ctxs[i],
            shared_exec=shared,
        )

    def _output_axes(self):
        attributes = self.symbol.attr_dict()
        axes = []
        for i in range(len(self.symbol)):
            layout = attributes.get(self.symbol[i].name, {}).get("__layout__")
            axes.append(max(0, DataDesc.get_batch_axis(layout)))
        return axes

    def reshape(self, data_shapes, label_shapes):
        data_shapes, label_shapes = describe(data_shapes), describe(label_shapes)
        if data_shapes != self.data_shapes or label_shapes != self.label_shapes:
            self.bind_exec(data_shapes, label_shapes, reshape=True)

    def set_params(self, arg_params, aux_params, allow_extra=False):
        for executor in self.execs:
            executor.copy_params_from(arg_params, aux_params, allow_extra_params=allow_extra)

    def get_params(self, arg_params, aux_params):
        """Writes the mean over the contexts to the dicts."""
        for names, arrays, into in (
            (self.param_names, self.param_arrays, arg_params),
            (self.aux_names, self.aux_arrays, aux_params),
        ):
            for name, copies in zip(names, arrays):
                if len(copies) == 1:
                    mean = copies[0].copy()
                else:
                    total = copies[0].astype(np.float32)
                    for one in copies[1:]:
                        total = total + one.as_in_context(total.context).astype(np.float32)
                    mean = (total / len(copies)).astype(copies[0].dtype)
                into[name] = mean

    def _load(self, names, shapes, arrays):
        axes = {desc.name: _axis(desc) for desc in shapes}
        for name, array in zip(names, arrays):
            if not isinstance(array, NDArray):
                raise TypeError("The batch has %r for %r; an NDArray is expected." % (array, name))
            for executor, part in zip(self.execs, self.slices):
                if name in executor.arg_dict:
                    executor.arg_dict[name][:] = cut(array, axes.get(name, 0), part)

    def forward(self, data_batch, is_train=None):
        self._load(self.data_names, self.data_shapes, data_batch.data)
        if is_train is None:
            is_train = self.for_training
        if self.label_names and getattr(data_batch, "label", None):
            named = [desc.name for desc in self.label_shapes]
            self._load(named, self.label_shapes, data_batch.label)
        for executor in self.execs:
            executor.forward(is_train=is_train)

    def backward(self, out_grads=None):
        if not self.for_training:
            raise AssertionError("backward is called on what was bound with for_training=False.")
        if out_grads is None:
            out_grads = []
        elif isinstance(out_grads, NDArray):
            out_grads = [out_grads]
        for executor, part in zip(self.execs, self.slices):
            if not any(gradient is not None for gradient in executor.grad_arrays):
                continue  # nothing is trained and no input's gradient is wanted
            executor.backward(
                [cut(one, axis, part) for one, axis in zip(out_grads, self.output_axes)]
            )

    def _merge(self, per_array, axes):
        merged = []
        for arrays, axis in zip(per_array, axes):
            if len(arrays) == 1:
                merged.append(arrays[0])
            else:
                here = arrays[0].context
                merged.append(concatenate([one.as_in_context(here) for one in arrays], axis=axis))
        return merged

    def get_outputs(self, merge_multi_context=True, begin=0, end=None):
        outputs = [list(each) for each in zip(*(executor.outputs for executor in self.execs))]
        outputs, axes = outputs[begin:end], self.output_axes[begin:end]
        return self._merge(outputs, axes) if merge_multi_context else outputs

    def get_output_shapes(self):
        shapes = []
        for name, out, axis in zip(
            self.symbol.list_outputs(), self.execs[0].outputs, self.output_axes
        ):
            shape = list(out.shape)
            if len(self.execs) > 1 and shape:
                shape[axis] = self.batch_size
            shapes.append((name, tuple(shape)))
        return shapes

    def get_input_grads(self, merge_multi_context=True):
        if not self.inputs_need_grad:
            raise AssertionError("Bind with inputs_need_grad=True to have these gradients.")
        grads = [[executor.grad_dict[name] for executor in self.execs] for name in self.data_names]
        axes = [_axis(desc) for desc in self.data_shapes]
        return self._merge(grads, axes) if merge_multi_context else grads

    def get_states(self, merge_multi_context=True):
        states = [[executor.arg_dict[name] for executor in self.execs] for name in self.state_names]
        return self._merge(states, [0] * len(states)) if merge_multi_context else states

    def set_states(self, states=None, value=None):
        if (states is None) == (value is None):
            raise ValueError("set_states takes either states or a value.")
        for i, name in enumerate(self.state_names):
            for k, executor in enumerate(self.execs):
                if states is None:
                    executor.arg_dict[name][:] = value
                else:
                    given = states[i]
                    given = given[k] if isinstance(given, (list, tuple)) else given
                    executor.arg_dict[name][:] = given

    def update_metric(self, eval_metric, labels, pre_sliced=False):
        names = [desc.name for desc in self.label_shapes]
        axes = [_axis(desc) for desc in self.label_shapes]
        for i, (executor, part) in enumerate(zip(self.execs, self.slices)):
            if pre_sliced:
                mine = labels[i]
            else:
                mine = [
                    cut(label, axes[n] if n < len(axes) else 0, part)
                    for n, label in enumerate(labels or ())
                ]
            if len(names) == len(mine):
                eval_metric.update_dict(
                    dict(zip(names, mine)), dict(zip(self.symbol.list_outputs(), executor.outputs))
                )
            else:
                eval_metric.update(mine, executor.outputs)

    def install_monitor(self, mon):
        for executor in self.execs:
            mon.install(executor)
