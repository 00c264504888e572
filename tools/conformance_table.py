"""docs/conformance.md from the results of MXNet's own tests, as the conformance runner's --json has
them:

    python tools/conformance_table.py v0.8.0.json v0.9.5.json v1.9.1.json > docs/conformance.md
"""

import collections
import json
import re
import sys

# What a failure's message says, and why it fails.
CAUSES = [
    (r"no sparse arrays|gives sparse arrays", "sparse arrays, which Treadle does not have"),
    (r"gluon", "Gluon, which is not part of the symbolic API"),
    (r"numpy mode|mx\.np\.", "the numpy mode, which is not part of the symbolic API"),
    (r"needs scipy|scipy", "scipy is not installed"),
    (r"needs the network", "needs the network"),
    (r"Flaky|flaky|intermittently|crashes|OMP platform|locale|Graphviz", "skipped by the test itself"),
    (r"no end within", "takes longer than its time limit on two cores"),
]
# Of single tests.
REASONS = {
    "v0.9.5/unittest/test_operator.py::test_embedding": "compares float32 sums of another order to 1e-5",
    "v0.8.0/unittest/test_operator.py::test_slice_channel": "numpy: sizes are divided to float",
    "v0.9.5/unittest/test_operator.py::test_mathematical": "expects of log10 the derivative of log, as 0.9.5 had it",
    "v0.9.5/unittest/test_optimizer.py::test_rms": "expects RMSProp of 0.9.5; 1.9.1's is kept",
    "test_operator.py::test_index_array": "binds a scalar, whose shape () inference takes for unknown",
    "test_ndarray.py::test_ndarray_legacy_load": "reads a file that is not among the tests",
    "test_ndarray.py::test_save_load_scalar_zero_size_ndarrays": "files of arrays are read alike within np_shape and outside",
    "test_symbol.py::test_eliminate_common_expr": "counts nodes of get_optimized_symbol; common parts are found below symbols",
    "test_exc_handling.py::test_exc_imperative": "expects that an error is forgotten once it was raised; here it stays with its array",
    "test_exc_handling.py::test_exc_post_fail": "expects that an error is forgotten once it was raised; here it stays with its array",
    "test_profiler.py::test_custom_operator_profiling": "expects the name _zeros of what is no operator here",
}


def reason(test, result):
    short = test.split("/")[-1]
    if test in REASONS:
        return REASONS[test]
    for pattern, cause in CAUSES:
        if re.search(pattern, result["message"]):
            return cause
    # Tests of Gluon fail in many ways, some of them as attributes of None where scipy is missing.
    if re.search(r"'NoneType' object has no attribute", result["message"]):
        return "scipy is not installed"
    return REASONS.get(short) or result["message"].strip().split("\n")[0] or "not explained yet"


def main(paths):
    print("# Conformance: MXNet's own tests\n")
    print(
        "The tests of the symbolic API in MXNet's releases, run as they are but for newer rules of\n"
        "numpy (a tuple as an index, numbers that a type holds). `tools/conformance_table.py` writes this\n"
        "page from the runner's results.\n"
    )
    for path in paths:
        with open(path) as file:
            tests = json.load(file)["tests"]
        files = collections.defaultdict(collections.Counter)
        why = collections.defaultdict(list)
        for test, result in tests.items():
            suite, name = test.split("/", 1)
            files[name.split("::")[0]][result["status"]] += 1
            if result["status"] != "passed":
                why[reason(test, result)].append(name.split("/")[-1].replace("::", " "))
        total = sum(files.values(), collections.Counter())
        print("## %s: %d passed, %d failed, %d skipped\n" % (suite, *_counts(total)))
        print("| file | passed | failed | skipped |\n|---|---|---|---|")
        for name, counts in sorted(files.items()):
            print("| %s | %d | %d | %d |" % (name, *_counts(counts)))
        if why:
            print("\n| why not | tests |\n|---|---|")
            for cause, names in sorted(why.items(), key=lambda row: (-len(row[1]), row[0])):
                print("| %s | %s |" % (cause, _by_file(names)))
        print()


def _by_file(names):
    """'test_io.py: test_a, test_b' from the names of tests with their files."""
    files = collections.defaultdict(list)
    for name in sorted(names):
        file, test = name.split(" ")
        files[file].append(test)
    return "; ".join("%s: %s" % (file, ", ".join(tests)) for file, tests in files.items())


def _counts(counter):
    return tuple(counter[status] for status in ("passed", "failed", "skipped"))


if __name__ == "__main__":
    main(sys.argv[1:])
