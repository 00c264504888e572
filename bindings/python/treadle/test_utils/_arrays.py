"""Random arrays, shapes and matrices, and arrays computed element by element."""

import numpy as np

from .. import ndarray as nd
from ..ndarray.sparse import refuse
from ._compare import as_host
from ._tolerances import default_dtype

__all__ = [
    "random_arrays",
    "random_uniform_arrays",
    "random_sample",
    "rand_ndarray",
    "rand_sparse_ndarray",
    "create_sparse_array",
    "create_sparse_array_zd",
    "shuffle_csr_column_indices",
    "rand_shape_2d",
    "rand_shape_3d",
    "rand_shape_nd",
    "rand_coord_2d",
    "create_2d_tensor",
    "create_vector",
    "get_identity_mat",
    "get_identity_mat_batch",
    "new_matrix_with_real_eigvals_2d",
    "new_matrix_with_real_eigvals_nd",
    "new_orthonormal_matrix_2d",
    "new_sym_matrix_with_real_eigvals_2d",
    "new_sym_matrix_with_real_eigvals_nd",
    "assign_each",
    "assign_each2",
    "np_reduce",
    "collapse_sum_like",
]


def random_arrays(*shapes):
    """Normal numbers of each shape; one array where one shape is given."""
    made = [np.array(np.random.randn(*shape), default_dtype()) for shape in shapes]
    return made[0] if len(made) == 1 else made


def random_uniform_arrays(*shapes, low=0.0, high=1.0, dtype=None):
    """A list of arrays of uniform numbers from `low` to `high`, one of each shape."""
    return [
        np.asarray(np.random.uniform(low, high, shape), dtype or default_dtype())
        for shape in shapes
    ]


def random_sample(population, k):
    """k different elements in random order."""
    if not 0 <= k <= len(population):
        raise ValueError("%d of %d elements are asked for." % (k, len(population)))
    shuffled = list(population)
    np.random.shuffle(shuffled)
    return shuffled[:k]


def rand_ndarray(
    shape,
    stype="default",
    density=None,
    dtype=None,
    modifier_func=None,
    shuffle_csr_indices=False,
    distribution=None,
    ctx=None,
):
    """An NDArray of normal numbers; what describes sparse arrays is not looked at."""
    if stype != "default":
        refuse("rand_ndarray(stype=%r)" % stype)
    return nd.array(random_arrays(shape), ctx, dtype or default_dtype())


def rand_sparse_ndarray(shape, stype, *args, **kwargs):
    """Refused: there are no sparse arrays."""
    refuse("rand_sparse_ndarray(%s, %r)" % (shape, stype))


def create_sparse_array(shape, stype, *args, **kwargs):
    """Refused: there are no sparse arrays."""
    refuse("create_sparse_array(%s, %r)" % (shape, stype))


def create_sparse_array_zd(shape, stype, *args, **kwargs):
    """Refused: there are no sparse arrays."""
    refuse("create_sparse_array_zd(%s, %r)" % (shape, stype))


def shuffle_csr_column_indices(csr):
    """Refused: there are no sparse arrays."""
    refuse("shuffle_csr_column_indices")


def _extents(extents, allow_zero_size):
    low = 0 if allow_zero_size else 1
    return tuple(int(np.random.randint(low, extent + 1)) for extent in extents)


def rand_shape_2d(dim0=10, dim1=10, allow_zero_size=False):
    """A shape with extents from 1, or 0, to those given."""
    return _extents((dim0, dim1), allow_zero_size)


def rand_shape_3d(dim0=10, dim1=10, dim2=10, allow_zero_size=False):
    """A shape with extents from 1, or 0, to those given."""
    return _extents((dim0, dim1, dim2), allow_zero_size)


def rand_shape_nd(num_dim, dim=10, allow_zero_size=False):
    """A shape with extents from 1, or 0, to `dim`, a number or one for each axis."""
    return _extents(np.broadcast_to(dim, num_dim), allow_zero_size)


def rand_coord_2d(x_low, x_high, y_low, y_high):
    """A pair of whole numbers from each low one to below the high one."""
    return np.random.randint(x_low, x_high), np.random.randint(y_low, y_high)


def create_2d_tensor(rows, columns, dtype=np.int64):
    """An NDArray (rows, columns) of each row's number."""
    return nd.broadcast_to(nd.arange(rows, dtype=dtype).reshape((rows, 1)), shape=(rows, columns))


def create_vector(size, dtype=np.int64):
    """An NDArray of the numbers from 0 to size - 1."""
    return nd.arange(size, dtype=dtype)


def get_identity_mat(size):
    """An NDArray (size, size), 1 on the diagonal."""
    return nd.eye(size)


def get_identity_mat_batch(size):
    """An NDArray (2, size, size) of two identities."""
    return nd.stack(nd.eye(size), nd.eye(size))


def new_orthonormal_matrix_2d(n):
    """A numpy array (n, n) whose rows are orthogonal and of length 1."""
    return np.linalg.qr(np.random.randn(n, n))[0]


def new_matrix_with_real_eigvals_2d(n):
    """A numpy array (n, n) with eigenvalues from -10 to 10, and eigenvectors that are far from
    dependent: their matrix has a condition below 3."""
    scale = np.random.uniform(0.4, 1.0, n) * np.random.choice((-1, 1), n)
    vectors = new_orthonormal_matrix_2d(n) * scale
    return np.linalg.solve(vectors, np.diag(np.random.uniform(-10, 10, n)) @ vectors)


def new_sym_matrix_with_real_eigvals_2d(n):
    """A symmetric numpy array (n, n) with eigenvalues from -10 to 10."""
    vectors = new_orthonormal_matrix_2d(n)
    made = vectors.T @ np.diag(np.random.uniform(-10, 10, n)) @ vectors
    return (made + made.T) / 2


def _stacked(make, shape):
    count = int(np.prod(shape[:-2]))
    return np.array([make(shape[-1]) for _ in range(count)]).reshape(shape)


def new_matrix_with_real_eigvals_nd(shape):
    """new_matrix_with_real_eigvals_2d for the last two axes of a shape."""
    return _stacked(new_matrix_with_real_eigvals_2d, shape)


def new_sym_matrix_with_real_eigvals_nd(shape):
    """new_sym_matrix_with_real_eigvals_2d for the last two axes of a shape."""
    return _stacked(new_sym_matrix_with_real_eigvals_2d, shape)


def assign_each(the_input, function):
    """float64 values of a function at each element; a copy where it is None."""
    values = as_host(the_input)
    if function is None:
        return values.copy()
    made = np.zeros(values.shape)
    made.flat = [function(value) for value in values.flat]
    return made


def assign_each2(input1, input2, function):
    """float64 values of a function of two at each pair of elements; a copy of the first array where
    it is None."""
    first, second = as_host(input1), as_host(input2)
    if function is None:
        return first.copy()
    if first.shape != second.shape:
        raise ValueError(
            "The shapes are %s and %s; equal ones are expected." % (first.shape, second.shape)
        )
    made = np.zeros(first.shape)
    made.flat = [function(*pair) for pair in zip(first.flat, second.flat)]
    return made


def np_reduce(dat, axis, keepdims, numpy_reduce_func):
    """numpy's reduction along several axes, one after the other."""
    if axis is None:
        axes = list(range(dat.ndim))
    else:
        axes = [axis] if isinstance(axis, int) else list(axis)
    made = dat
    for one in sorted((a % dat.ndim for a in axes), reverse=True):
        made = numpy_reduce_func(made, axis=one)
    if keepdims:
        kept = list(dat.shape)
        for one in axes:
            kept[one] = 1
        made = made.reshape(kept)
    return made


def collapse_sum_like(a, shape):
    """Sums of a numpy array over the axes along which `shape` was broadcast to its shape."""
    ahead = a.ndim - len(shape)
    axes = [i for i in range(a.ndim) if i < ahead or shape[i - ahead] != a.shape[i]]
    if ahead < 0 or any(i >= ahead and shape[i - ahead] != 1 for i in axes):
        raise ValueError("The shape %s does not broadcast to %s." % (tuple(shape), a.shape))
    return a.sum(axis=tuple(axes)).reshape(shape)
