#!/usr/bin/env python3
"""Runs clang-tidy over the project's files of a build: lint.py BUILD_DIR [file...]

Files are taken from compile_commands.json, in parallel. Precompiled headers and flags that only
GCC knows are dropped, since clang-tidy is a Clang.
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
# Warnings are the compilers' business, and the other flags are not known to every Clang.
DROPPED = {"-Wall", "-Wextra", "-Werror", "-Winvalid-pch", "-fpch-preprocess", "-Wno-tsan",
           "-fvect-cost-model=dynamic"}
TIDY = ROOT / ".venv/bin/clang-tidy"


def entries(build):
    """The compile commands of our own sources, as a Clang without precompiled headers takes them."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if not path.is_relative_to(ROOT) or path.is_relative_to(build) or path.suffix == ".c":
            continue
        words = [w for w in shlex.split(entry["command"])
                 if w not in DROPPED]
        while any(w.endswith("cmake_pch.hxx") for w in words):
            at = next(i for i, w in enumerate(words) if w.endswith("cmake_pch.hxx"))
            del words[at - 1:at + 1]
        compiler = next(i for i, w in enumerate(words) if pathlib.Path(w).name in
                        ("c++", "g++", "clang++"))
        yield {**entry, "command": shlex.join(words[compiler:])}


def main(build, wanted):
    build = pathlib.Path(build).resolve()
    wanted = {str(pathlib.Path(file).resolve()) for file in wanted}
    chosen = [e for e in entries(build) if not wanted or e["file"] in wanted]
    with tempfile.TemporaryDirectory() as scratch:
        pathlib.Path(scratch, "compile_commands.json").write_text(json.dumps(chosen))

        def lint(file):
            return subprocess.run([TIDY, "-quiet", "-p", scratch, file], capture_output=True,
                                  text=True)

        failed = 0
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for result in pool.map(lint, sorted({e["file"] for e in chosen})):
                if result.returncode:
                    failed += 1
                    print(result.stdout, result.stderr, flush=True)
    print(f"clang-tidy: {len(chosen)} files, {failed} with findings.")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
