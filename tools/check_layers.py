#!/usr/bin/env python3
"""Holds the layer rule: which folder may include which, and where a library may be used.

usage: check_layers.py [--root DIR] [--self-test]
Prints every include that breaks the rule as file:line and a sentence; exits 1 if there is one.
"""

import argparse
import pathlib
import re
import sys
import tempfile

# What each folder may include besides itself. tests, bench, examples and tools are free.
LAYERS = {
    "core": "",
    "device": "core",
    "engine": "core device",
    "tensor": "core device engine",
    "graph": "core",
    "operators": "core device engine tensor graph",
    "executor": "core device engine tensor graph operators",
    "serialization": "core tensor graph",
    "io": "core device engine tensor graph operators executor serialization",
    "training": "core device engine tensor graph operators executor serialization io",
    "bindings": "core device engine tensor graph operators executor serialization io training",
}
# The generated header needs the operators: only what lies above them may include it.
OPS_HEADER_USERS = {"executor", "io", "training", "bindings"}
# Libraries that stay behind one wall: (include, the files that may name it, what to use instead).
WALLS = [
    ("rapidjson/", r"serialization/|engine/trace_json", "use treadle/serialization"),
    ("spdlog/", r"core/log\.cc", "use treadle/core/log.h"),
    ("(oneapi/)?tbb/", r"(device/tbb_pool\.cc|operators/onednn/)", "use treadle/device/pool.h"),
    ("(nanobind/|Python\\.h)", r"bindings/python/", "only the Python module knows Python"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
SOURCES = {".h", ".cc", ".cu", ".cuh"}


def complaint(file, quote, header):
    """What is wrong with this include in `file` (relative, with slashes), or None."""
    folder = file.split("/")[0]
    for library, allowed, advice in WALLS:
        if re.match(library, header) and not re.match(allowed, file):
            return f"<{header}> stays behind {allowed}: {advice}."
    if not header.startswith("treadle/"):
        if quote == '"':
            return f'"{header}" is not written from the root: say "treadle/{folder}/...".'
        return None
    parts = header.split("/")
    if len(parts) == 2:
        if header == "treadle/ops.h" and folder in OPS_HEADER_USERS:
            return None
        if folder == "bindings":
            return None
        return f"{folder}/ may not include {header}: it lies above {folder}."
    target = parts[1]
    allowed = LAYERS[folder].split()
    if target != folder and target not in allowed:
        may = ", ".join(allowed) or "the standard library alone"
        return f"{folder}/ may not include {header}: its layer may use {may}."
    return None


def check(root):
    """All complaints about the tree at `root`, and how many files were read."""
    found, count = [], 0
    for folder in LAYERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SOURCES or not path.is_file():
                continue
            count += 1
            file = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                words = match and complaint(file, match[1], match[2])
                if words:
                    found.append(f"{file}:{number}: {words}")
    return found, count


def self_test():
    """Plants includes that are right and wrong in a scratch tree; the verdicts must agree."""
    planted = [
        ("core/a.h", "<vector>", True),
        ("core/a.cc", '"treadle/engine/engine.h"', False),
        ("core/a.cc", '"error.h"', False),
        ("core/log.cc", "<spdlog/spdlog.h>", True),
        ("core/a.cc", "<spdlog/spdlog.h>", False),
        ("graph/a.cc", '"treadle/core/shape.h"', True),
        ("graph/a.cc", '"treadle/tensor/array.h"', False),
        ("graph/a.cc", "<treadle/executor/program.h>", False),
        ("serialization/a.cc", "<rapidjson/document.h>", True),
        ("graph/a.cc", "<rapidjson/document.h>", False),
        ("serialization/a.cc", '"treadle/engine/engine.h"', False),
        ("operators/nn/a.op.cc", '"treadle/tensor/array.h"', True),
        ("operators/nn/a.op.cc", '"treadle/ops.h"', False),
        ("operators/nn/a.op.cc", "<tbb/parallel_for.h>", False),
        ("training/a.cc", '"treadle/ops.h"', True),
        ("training/a.cc", '"treadle/treadle.h"', False),
        ("bindings/python/a.cc", '"treadle/training/fit.h"', True),
        ("bindings/python/a.cc", "<nanobind/nanobind.h>", True),
        ("executor/a.cc", "<nanobind/nanobind.h>", False),
    ]
    wrong = []
    for file, include, is_legal in planted:
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch, file)
            path.parent.mkdir(parents=True)
            path.write_text(f"// a line before\n#include {include}\n")
            found, count = check(pathlib.Path(scratch))
        if count != 1 or (not found) != is_legal or (found and not found[0].startswith(f"{file}:2:")):
            wrong.append(f"{file} with {include}: expected legal={is_legal}, got {found}")
    print("\n".join(wrong) or f"layers: the check judged {len(planted)} planted includes rightly.")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[1])
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    found, count = check(options.root)
    print("\n".join(found) or f"layers: {count} files, each includes only what its layer may use.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
