#!/usr/bin/env python3
"""Times operators on arrays of 1e2, 1e4 and 1e6 floats, ours against MXNet's, and prints a table of
ratios: below 1, ours takes less time.

    bench/operators/compare.py OURS THEIRS [NAME ...]

OURS and THEIRS are Python interpreters that find `treadle` and `mxnet`. Both stay alive and take
turns at every measurement; a figure is the best of the rounds, since what else the machine does can
only add to it, of the time of one call among several that are queued and waited for together.
"""

import json
import subprocess
import sys
import time

SIZES = (100, 10_000, 1_000_000)
ROUNDS = 15

UNARY = (
    "abs arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil cos cosh degrees erf erfinv exp expm1 "
    "fix floor gamma gammaln log log10 log1p log2 logical_not negative radians rcbrt reciprocal relu rint "
    "round rsqrt sigmoid sign sin sinh softsign sqrt square tan tanh trunc ones_like zeros_like "
    "softmax log_softmax SoftmaxActivation sum mean max min prod nansum norm transpose Flatten argmax "
    "argmin sort argsort LayerNorm L2Normalization shuffle BlockGrad make_loss hard_sigmoid argmax_channel"
)
BINARY = (
    "elemwise_add elemwise_sub elemwise_mul elemwise_div broadcast_add broadcast_power broadcast_maximum "
    "broadcast_hypot broadcast_equal broadcast_mod broadcast_logical_and LinearRegressionOutput "
    "LogisticRegressionOutput MAERegressionOutput"
)
# Of an array and the number 2.
SCALAR = (
    "_plus_scalar _minus_scalar _rminus_scalar _mul_scalar _div_scalar _rdiv_scalar _power_scalar "
    "_rpower_scalar _maximum_scalar _mod_scalar _equal_scalar _greater_scalar _hypot_scalar"
)
UPDATES = {
    "sgd_update": 2,
    "sgd_mom_update": 3,
    "nag_mom_update": 3,
    "signum_update": 3,
    "adam_update": 4,
    "rmsprop_update": 3,
    "rmspropalex_update": 5,
    "ftrl_update": 4,
    "signsgd_update": 2,
}

# Shapes of inputs by the number of elements; "index:N" is an array of numbers below N.


def rows(size):
    return (size // 10, 10)


def square(size):
    return (int(size**0.5),) * 2


def image(size, channels=4):
    """About `size` elements, as many columns as rows, at least four."""
    side = max(4, int((size / channels) ** 0.5))
    return (1, channels, side, side)


def series(size):
    """Steps, batch, features."""
    return (5, max(2, size // 50), 10)


CASES = {name: (name, (rows,), {}) for name in UNARY.split()}
CASES.update({name: (name, (rows, rows), {}) for name in BINARY.split()})
CASES.update({name: (name, (rows,), {"scalar": 2.0}) for name in SCALAR.split()})
CASES.update({name: (name, (rows,) * inputs, {"lr": 0.1}) for name, inputs in UPDATES.items()})
OTHERS = (
    # A name of the case where it is not the operator's, the operator, inputs, parameters.
    ("", "where", (rows, rows, rows), {}),
    ("", "add_n", (rows, rows, rows, rows), {}),
    ("", "clip", (rows,), {"a_min": 0.2, "a_max": 0.7}),
    ("Cast to f64", "Cast", (rows,), {"dtype": "float64"}),
    ("Cast to f16", "Cast", (rows,), {"dtype": "float16"}),
    ("Cast to i32", "Cast", (rows,), {"dtype": "int32"}),
    ("LeakyReLU elu", "LeakyReLU", (rows,), {"act_type": "elu"}),
    ("LeakyReLU leaky", "LeakyReLU", (rows,), {"act_type": "leaky"}),
    ("LeakyReLU gelu", "LeakyReLU", (rows,), {"act_type": "gelu"}),
    ("Activation relu", "Activation", (rows,), {"act_type": "relu"}),
    ("Activation softrelu", "Activation", (rows,), {"act_type": "softrelu"}),
    ("Activation tanh", "Activation", (rows,), {"act_type": "tanh"}),
    ("", "smooth_l1", (rows,), {"scalar": 1.0}),
    ("", "expand_dims", (rows,), {"axis": 1}),
    ("", "Reshape", (rows,), {"shape": (-1,)}),
    ("", "SwapAxis", (series,), {"dim1": 0, "dim2": 2}),
    ("transpose 0213", "transpose", (image,), {"axes": (0, 2, 3, 1)}),
    ("transpose square", "transpose", (square,), {}),
    ("", "slice_axis", (rows,), {"axis": 1, "begin": 2, "end": 8}),
    ("", "slice", (rows,), {"begin": (0, 2), "end": (None, 8)}),
    ("", "tile", (rows,), {"reps": (1, 2)}),
    ("", "repeat", (rows,), {"repeats": 2}),
    ("", "reverse", (rows,), {"axis": 0}),
    ("Concat of columns", "Concat", (rows, rows), {"dim": 1}),
    ("Concat of rows", "Concat", (rows, rows), {"dim": 0}),
    ("", "stack", (rows, rows), {}),
    ("", "SliceChannel", (rows,), {"num_outputs": 2}),
    ("", "Pad", (image,), {"mode": "edge", "pad_width": (0, 0, 0, 0, 1, 1, 1, 1)}),
    ("", "space_to_depth", (lambda size: image(size // 4 * 4)[:2] + (image(size)[2] // 2 * 2,) * 2,),
     {"block_size": 2}),
    ("", "broadcast_to", (lambda size: (size // 10, 1),), {"shape": (0, 10)}),
    ("", "broadcast_axis", (lambda size: (1, size // 10),), {"axis": 0, "size": 10}),
    ("broadcast_mul by row", "broadcast_mul", (rows, lambda size: (1, 10)), {}),
    ("broadcast_mul by column", "broadcast_mul", (rows, lambda size: (size // 10, 1)), {}),
    ("sum axis 0", "sum", (rows,), {"axis": 0}),
    ("sum axis 1", "sum", (rows,), {"axis": 1}),
    ("mean axis 1", "mean", (rows,), {"axis": 1}),
    ("max axis 0", "max", (rows,), {"axis": 0}),
    ("norm axis 1", "norm", (rows,), {"axis": 1}),
    ("argmax axis 1", "argmax", (rows,), {"axis": 1}),
    ("softmax of 1000", "softmax", (lambda size: (max(1, size // 1000), min(size, 1000)),), {}),
    ("softmax axis 1", "softmax", (image,), {"axis": 1}),
    ("one_hot", "one_hot", ("index:4", ), {"depth": 4}),
    ("", "Embedding", ("index:100", lambda size: (100, 10)), {"input_dim": 100, "output_dim": 10}),
    ("", "take", (rows, "index:10"), {}),
    ("", "pick", (rows, lambda size: (size // 10,)), {}),
    ("", "gather_nd", (rows, lambda size: (2, size // 10)), {}),
    ("", "topk", (rows,), {"k": 3}),
    ("", "dot", (square, square), {}),
    ("", "batch_dot", (lambda size: (max(1, size // 400), 20, 20),) * 2, {}),
    ("", "linalg_gemm2", (square, square), {}),
    ("", "FullyConnected", (rows, lambda size: (16, 10), lambda size: (16,)), {"num_hidden": 16}),
    ("", "Convolution", (image, lambda size: (8, 4, 3, 3), lambda size: (8,)),
     {"kernel": (3, 3), "num_filter": 8}),
    ("Convolution in groups", "Convolution", (image, lambda size: (4, 1, 3, 3), lambda size: (4,)),
     {"kernel": (3, 3), "num_filter": 4, "num_group": 4}),
    ("", "Deconvolution", (image, lambda size: (4, 8, 3, 3)), {"kernel": (3, 3), "num_filter": 8}),
    ("Pooling max", "Pooling", (image,), {"kernel": (2, 2), "stride": (2, 2), "pool_type": "max"}),
    ("Pooling avg", "Pooling", (image,), {"kernel": (3, 3), "pool_type": "avg"}),
    ("Pooling global", "Pooling", (image,), {"kernel": (1, 1), "global_pool": True}),
    ("", "BatchNorm", (image,) + (lambda size: (4,),) * 4, {}),
    ("", "InstanceNorm", (image,) + (lambda size: (4,),) * 2, {}),
    ("", "LayerNorm", (rows,) + (lambda size: (10,),) * 2, {}),
    ("", "LRN", (image,), {"nsize": 3}),
    ("", "UpSampling", (image,), {"scale": 2, "sample_type": "nearest"}),
    ("", "Dropout", (rows,), {"p": 0.5, "mode": "always"}),
    ("", "SoftmaxOutput", (rows, lambda size: (size // 10,)), {}),
    ("", "SVMOutput", (rows, lambda size: (size // 10,)), {}),
    ("", "softmax_cross_entropy", (rows, lambda size: (size // 10,)), {}),
    ("", "SequenceLast", (series,), {}),
    ("", "SequenceReverse", (series,), {}),
    ("", "SequenceMask", (series, lambda size: (series(size)[1],)), {"use_sequence_length": True}),
    ("", "GridGenerator", (lambda size: (1, 6),), {"transform_type": "affine", "target_shape": square}),
    ("", "BilinearSampler", (image, lambda size: (1, 2) + image(size)[2:]), {}),
    ("", "_random_uniform", (), {"shape": rows}),
    ("", "_random_normal", (), {"shape": rows}),
    ("", "_random_exponential", (), {"shape": rows}),
    ("", "_random_gamma", (), {"shape": rows, "alpha": 2.0, "beta": 1.0}),
    ("", "_random_poisson", (), {"shape": rows, "lam": 3.0}),
    ("", "_arange", (), {"start": 0, "stop": lambda size: size}),
    ("", "_zeros", (), {"shape": rows}),
)
CASES.update({label or op: (op, inputs, params) for label, op, inputs, params in OTHERS})


def made_for(module, case, size):
    """A function of nothing that calls the operator on arrays of this size."""
    import numpy

    op, inputs, params = CASES[case]
    rng = numpy.random.RandomState(1)
    arrays = []
    for wanted in inputs:
        if isinstance(wanted, str):
            value = rng.randint(0, int(wanted.split(":")[1]), size // 10)
        else:
            value = rng.uniform(0.1, 0.9, wanted(size)) + (op == "arccosh")
        arrays.append(module.nd.array(value.astype("float32")))
    params = {key: value(size) if callable(value) else value for key, value in params.items()}
    call = getattr(module.nd, op, None) or getattr(module.nd._internal, op)
    return lambda: call(*arrays, **params)


def work():
    """One side: answers {"case", "size", "count"} by seconds a call, or by what went wrong."""
    module = __import__(sys.argv[2])
    case, call = None, None
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if case != (asked["case"], asked["size"]):
                case = (asked["case"], asked["size"])
                call = made_for(module, *case)
            outputs = [call()]
            module.nd.waitall()
            begin = time.perf_counter()
            for _ in range(asked["count"]):
                outputs = call()
            module.nd.waitall()
            answer = (time.perf_counter() - begin) / asked["count"]
            del outputs
        except Exception as error:  # noqa: BLE001: the other side of the pipe says it
            answer = str(error).strip().split("\n")[0]
        print(json.dumps(answer), flush=True)


def main():
    sides = [
        subprocess.Popen(
            [python, __file__, "--work", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for python, module in ((sys.argv[1], "treadle"), (sys.argv[2], "mxnet"))
    ]

    def ask(side, **question):
        side.stdin.write(json.dumps(question) + "\n")
        side.stdin.flush()
        answer = json.loads(side.stdout.readline())
        if not isinstance(answer, float):
            sys.exit("%s: %s" % (question, answer))
        return answer

    print("| operator | " + " | ".join("%.0e µs | ratio" % size for size in SIZES) + " |")
    print("|---|" + "---|---|" * len(SIZES))
    slower = []
    for name in sys.argv[3:] or sorted(CASES):
        cells = []
        for size in SIZES:
            count = max(3, min(200, 1_000_000 // size))
            times = ([], [])
            for _ in range(ROUNDS):
                for side, found in zip(sides, times):
                    found.append(ask(side, case=name, size=size, count=count))
            ours, theirs = (min(found) for found in times)
            cells.append("%.1f | %.2f" % (ours * 1e6, ours / theirs))
            if ours > 1.1 * theirs:
                slower.append("%s at %.0e: %.2f" % (name, size, ours / theirs))
        print("| %s | %s |" % (name, " | ".join(cells)), flush=True)
    print("\nSlower by more than a tenth: %s." % ("; ".join(slower) or "none"))
    for side in sides:
        side.stdin.close()
        side.wait()


if __name__ == "__main__":
    work() if sys.argv[1:2] == ["--work"] else main()
