"""Key-value stores: arrays by key, which several devices push to and pull from."""

import pickle

from .base import MXNetError
from . import ndarray as nd
from .ndarray import NDArray

__all__ = ["KVStore", "KVStoreBase", "KVStoreServer", "create"]

_LOCAL = ("local", "device", "local_update_cpu", "local_allreduce_cpu", "local_allreduce_device")


def create(name="local"):
    """A store: 'local' adds up on the host, 'device' where the arrays are; or one of a class that
    KVStoreBase.register made known, by its name."""
    if not isinstance(name, str):
        raise TypeError("The name of a store is %r; text is expected." % (name,))
    name = name.lower()
    if name in KVStoreBase.kv_registry:
        return KVStoreBase.kv_registry[name]()
    if name.startswith("dist") or name in ("nccl", "horovod", "byteps", "p3store_dist"):
        raise MXNetError(
            "KVStore %r is asked for: stores across machines are not part of this build; 'local' "
            "and 'device' are." % name
        )
    if name not in _LOCAL:
        raise MXNetError("There is no KVStore %r; there are %s." % (name, ", ".join(_LOCAL)))
    return KVStore(name)


def _pairs(keys, values):
    """Lists of keys and of the arrays of each, from one key or a list."""
    if not isinstance(keys, (list, tuple)):
        return [keys], [list(values) if isinstance(values, (list, tuple)) else [values]]
    if not isinstance(values, (list, tuple)) or len(values) % max(1, len(keys)):
        raise ValueError("%d keys are given with %r." % (len(keys), values))
    each = len(values) // max(1, len(keys))
    grouped = [
        (
            [array for value in part for array in (value if isinstance(value, (list, tuple)) else [value])]
        )
        for part in (values[i * each : (i + 1) * each] for i in range(len(keys)))
    ]
    return list(keys), grouped


class KVStoreBase:
    """What a module asks of a store of one's own. A subclass has `broadcast` and `pushpull`, and
    says by `is_capable` whether it runs optimizers; if so it has `init`, `push`, `pull` and
    `set_optimizer` too.

        @mx.kvstore.KVStoreBase.register
        class MyStore(mx.kvstore.KVStoreBase):
            ...

        module.fit(data, kvstore=mx.kv.create("MyStore"))
    """

    OPTIMIZER = "optimizer"
    kv_registry = {}
    rank = 0
    num_workers = 1

    @staticmethod
    def register(klass):
        """Decorator: makes a class known to `create` by its name in lower case."""
        KVStoreBase.kv_registry[klass.__name__.lower()] = klass
        return klass

    @property
    def type(self):
        """The name of the kind of store."""
        return type(self).__name__.lower()

    @staticmethod
    def is_capable(capability):
        """Whether the store has a capability: only OPTIMIZER is asked for."""
        return False

    def _lacks(self, method):
        raise NotImplementedError("The store %s has no method %s." % (type(self).__name__, method))

    def broadcast(self, key, value, out, priority=0):
        """Copies a first value to the arrays `out`."""
        self._lacks("broadcast")

    def pushpull(self, key, value, out=None, priority=0):
        """Writes the sum of the arrays `value` to each array of `out`, or of `value` itself."""
        self._lacks("pushpull")

    def set_optimizer(self, optimizer):
        """Updates values by an optimizer from now on."""
        self._lacks("set_optimizer")

    def save_optimizer_states(self, fname, dump_optimizer=False):
        """Writes the states of the optimizer to a file."""
        self._lacks("save_optimizer_states")

    def load_optimizer_states(self, fname):
        """Reads the states of the optimizer from a file."""
        self._lacks("load_optimizer_states")


class KVStore(KVStoreBase):
    """Arrays by key. What is pushed to a key is added up; then the updater, or the optimizer, is
    called with it, or it replaces the value. Every step is queued, ordered by the engine."""

    def __init__(self, kind):
        self._type = kind
        self._values = {}
        self._merged = {}
        self._updater = None
        self._compression = None

    @property
    def type(self):
        return self._type

    @property
    def rank(self):
        return 0

    @property
    def num_workers(self):
        return 1

    @staticmethod
    def is_capable(capability):
        return capability.lower() == KVStoreBase.OPTIMIZER

    def _check(self, key, arrays):
        for array in arrays:
            if not isinstance(array, NDArray):
                raise TypeError("Key %r is given %r; NDArrays are expected." % (key, array))
            known = self._values.get(key)
            if known is not None and array.shape != known.shape:
                raise MXNetError(
                    "Key %r holds an array of shape %s; one of shape %s is given."
                    % (key, known.shape, array.shape)
                )

    def init(self, key, value):
        """Gives keys their first values, once each."""
        for one, arrays in zip(*_pairs(key, value)):
            if one in self._values:
                raise MXNetError("Key %r is initialised already." % (one,))
            self._check(one, arrays)
            self._values[one] = arrays[0].copy()

    def _known(self, key):
        if key not in self._values:
            raise MXNetError("Key %r is used before it is initialised." % (key,))
        return self._values[key]

    def push(self, key, value, priority=0):
        """Adds up the arrays given for each key and updates its value."""
        for one, arrays in zip(*_pairs(key, value)):
            stored = self._known(one)
            self._check(one, arrays)
            here = stored.context
            arrays = [array.as_in_context(here) for array in arrays]
            merged = arrays[0] if len(arrays) == 1 else nd.add_n(*arrays)
            if self._updater is not None:
                self._updater(one, merged, stored)
            else:
                stored[:] = merged

    def pull(self, key, out=None, priority=0, ignore_sparse=True):
        """Copies the values of keys to arrays."""
        if out is None:
            raise ValueError("pull needs arrays to write to, as out.")
        for one, arrays in zip(*_pairs(key, out)):
            stored = self._known(one)
            self._check(one, arrays)
            for array in arrays:
                array[:] = stored

    def pushpull(self, key, value, out=None, priority=0):
        """push, then pull to `out`, or to `value` itself."""
        self.push(key, value, priority)
        self.pull(key, value if out is None else out, priority)

    def broadcast(self, key, value, out, priority=0):
        """init, then pull."""
        self.init(key, value)
        self.pull(key, out, priority)

    def row_sparse_pull(self, key, out=None, priority=0, row_ids=None):
        raise MXNetError(
            "row_sparse_pull is asked for: Treadle has no sparse arrays. Use pull for whole ones."
        )

    def set_gradient_compression(self, compression_params):
        """Compression saves traffic between machines; a store on one does without."""
        if "type" not in compression_params:
            raise ValueError("compression_params lacks the key 'type'.")
        raise MXNetError("Gradient compression belongs to distributed stores; this is %r." % self.type)

    def set_optimizer(self, optimizer):
        """Updates values by an optimizer from now on."""
        from .optimizer import get_updater

        # As if it had travelled to a server: later changes of the object do not matter.
        pickle.dumps(optimizer)
        self._set_updater(get_updater(optimizer))

    def _set_updater(self, updater):
        """Calls `updater(key, merged, stored)` at each push from now on."""
        self._updater = updater

    set_updater = _set_updater

    def save_optimizer_states(self, fname, dump_optimizer=False):
        if self._updater is None:
            raise MXNetError("There are no states to save: set_optimizer was not called.")
        with open(fname, "wb") as file:
            file.write(self._updater.get_states(dump_optimizer))

    def load_optimizer_states(self, fname):
        if self._updater is None:
            raise MXNetError("States cannot be loaded: set_optimizer was not called.")
        with open(fname, "rb") as file:
            self._updater.set_states(file.read())

    def barrier(self):
        """Waits for the other workers, of which a local store has none."""

    _barrier = barrier

    def get_num_dead_node(self, node_id, timeout=60):
        return 0

    def _send_command_to_servers(self, head, body):
        """A local store has no servers."""


class KVStoreServer:
    """There are no instances of it: no store is kept by servers."""

    def __init__(self, kvstore):
        raise MXNetError(
            "KVStoreServer is asked for: stores across machines are not part of this build."
        )
