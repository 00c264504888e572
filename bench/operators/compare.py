#!/usr/bin/env python3
"""Times operators on arrays of 1e2, 1e4 and 1e6 floats, ours against MXNet's, and prints a table of
ratios: below 1, ours takes less time.

    bench/operators/compare.py OURS THEIRS [NAME ...]

OURS and THEIRS are Python interpreters that find `treadle` and `mxnet`. Both stay alive and take
turns at every measurement, so what else the machine does meets both alike; a figure is the median
over the rounds of the time of one call among many, queued and waited for together.
"""

import json
import statistics
import subprocess
import sys
import time

SIZES = (100, 10_000, 1_000_000)
ROUNDS = 7

# Name: number of inputs, parameters. Inputs are (size / 10, 10), between 0.1 and 0.9.
UNARY = (
    "abs arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil cos cosh degrees erf erfinv exp expm1 "
    "fix floor gamma gammaln log log10 log1p log2 logical_not negative radians rcbrt reciprocal relu rint "
    "round rsqrt sigmoid sign sin sinh softsign sqrt square tan tanh trunc ones_like zeros_like "
    "softmax log_softmax sum mean max min prod norm transpose Flatten argmax argmin sort argsort"
)
CASES = {name: (1, {}) for name in UNARY.split()}
CASES.update(
    {
        name: (2, {})
        for name in "elemwise_add elemwise_sub elemwise_mul elemwise_div broadcast_power "
        "broadcast_maximum broadcast_hypot broadcast_equal broadcast_mod".split()
    }
)
CASES.update(
    {
        "where": (3, {}),
        "add_n": (4, {}),
        "clip": (1, {"a_min": 0.2, "a_max": 0.7}),
        "Cast": (1, {"dtype": "float64"}),
        "LeakyReLU": (1, {"act_type": "elu"}),
        "Activation": (1, {"act_type": "softrelu"}),
        "smooth_l1": (1, {"scalar": 1.0}),
        "expand_dims": (1, {"axis": 1}),
        "slice_axis": (1, {"axis": 1, "begin": 2, "end": 8}),
        "tile": (1, {"reps": (1, 2)}),
        "repeat": (1, {"repeats": 2}),
        "reverse": (1, {"axis": 0}),
        "Concat": (2, {"dim": 1}),
        "stack": (2, {}),
        "one_hot": (1, {"depth": 4}),
        "topk": (1, {"k": 3}),
        "sgd_update": (2, {"lr": 0.1}),
        "adam_update": (4, {"lr": 0.1}),
    }
)


def work():
    """One side: answers {"op", "size", "count"} by seconds a call."""
    import numpy

    module = __import__(sys.argv[2])
    for line in sys.stdin:
        asked = json.loads(line)
        number, params = CASES[asked["op"]]
        rng = numpy.random.RandomState(1)
        shape = (asked["size"] // 10, 10)
        values = [rng.uniform(0.1, 0.9, shape).astype("float32") for _ in range(number)]
        arrays = [module.nd.array(value + (asked["op"] == "arccosh")) for value in values]
        call = getattr(module.nd, asked["op"])
        outputs = [call(*arrays, **params)]
        module.nd.waitall()
        begin = time.perf_counter()
        for _ in range(asked["count"]):
            outputs = call(*arrays, **params)
        module.nd.waitall()
        print((time.perf_counter() - begin) / asked["count"], flush=True)
        del outputs


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
        return float(side.stdout.readline())

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
                    found.append(ask(side, op=name, size=size, count=count))
            ours, theirs = (statistics.median(found) for found in times)
            cells.append("%.1f | %.2f" % (ours * 1e6, ours / theirs))
            if ours > 1.1 * theirs:
                slower.append("%s %.0e: %.2f" % (name, size, ours / theirs))
        print("| %s | %s |" % (name, " | ".join(cells)), flush=True)
    print("\nSlower by more than a tenth: %s." % ("; ".join(slower) or "none"))
    for side in sides:
        side.stdin.close()
        side.wait()


if __name__ == "__main__":
    work() if sys.argv[1:2] == ["--work"] else main()
