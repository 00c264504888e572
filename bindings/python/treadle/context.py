"""Contexts: where arrays live and graphs run."""

from . import _treadle
from ._scope import Scoped

__all__ = [
    "Context",
    "cpu",
    "gpu",
    "cpu_pinned",
    "current_context",
    "gpu_memory_info",
    "num_gpus",
]


class _DefaultContext(Scoped):
    """Adds the name that MXNet has for the current one."""

    @property
    def default_ctx(cls):
        return cls.current

    @default_ctx.setter
    def default_ctx(cls, context):
        cls.current = context


class Context(metaclass=_DefaultContext):
    """A device: `Context('cpu')`, `Context('gpu', 1)`. In a `with` statement it is the default."""

    devtype2str = {1: "cpu", 2: "gpu", 3: "cpu_pinned", 5: "cpu_shared"}
    devstr2type = {name: kind for kind, name in devtype2str.items()}

    def __init__(self, device_type, device_id=0):
        if isinstance(device_type, Context):
            self.device_typeid, self.device_id = device_type.device_typeid, device_type.device_id
            return
        if device_type not in self.devstr2type:
            raise ValueError(
                "There is no kind of device %r; there are %s."
                % (device_type, ", ".join(self.devstr2type))
            )
        self.device_typeid = self.devstr2type[device_type]
        self.device_id = int(device_id)

    @classmethod
    def _make_default(cls):
        return cls("cpu", 0)

    @classmethod
    def _from_pair(cls, pair):
        return cls(cls.devtype2str[pair[0]], pair[1])

    @property
    def _pair(self):
        return (self.device_typeid, self.device_id)

    @property
    def device_type(self):
        return self.devtype2str[self.device_typeid]

    def __eq__(self, other):
        return isinstance(other, Context) and self._pair == other._pair

    def __hash__(self):
        return hash(self._pair)

    def __repr__(self):
        return "%s(%d)" % (self.device_type, self.device_id)

    def __enter__(self):
        type(self)._enter(self)
        return self

    def __exit__(self, *error):
        type(self)._leave(self)


def cpu(device_id=0):
    """The host's processors; the number only names a group of nodes."""
    return Context("cpu", device_id)


def cpu_pinned(device_id=0):
    """Host memory that accelerators reach directly."""
    return Context("cpu_pinned", device_id)


def gpu(device_id=0):
    """An accelerator. Whether it is there is found out when memory is asked of it."""
    return Context("gpu", device_id)


def num_gpus():
    """How many accelerators there are: those that TREADLE_EMULATED_GPUS asks for."""
    return _treadle.num_gpus()


def gpu_memory_info(device_id=0):
    """Free and whole bytes of an accelerator's memory, which are not reported."""
    from .util import get_gpu_memory

    return get_gpu_memory(device_id)


def current_context():
    """The context of the innermost `with`, cpu(0) outside of all."""
    return Context.current
