#!/usr/bin/env python3
"""Checks a Promela model with SPIN over every state it can reach.

usage: check.py MODEL.pml [-DNAME=VALUE ...] [--expect-error]
Ends with 0 when no state is wrong; with --expect-error, when one is.
"""

import pathlib
import re
import subprocess
import sys
import tempfile


def main():
    model = pathlib.Path(sys.argv[1]).resolve()
    expects_error = "--expect-error" in sys.argv
    definitions = [a for a in sys.argv[2:] if a.startswith("-D")]
    with tempfile.TemporaryDirectory() as folder:
        run = lambda *command: subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        run("spin", *definitions, "-a", str(model))
        # -w: the checker that SPIN writes is not ours to warn about.
        run("cc", "-w", "-O2", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=4000", "-o", "pan", "pan.c")
        # The depth is a bound on the search; reaching it would leave states out, which is an error.
        report = run("./pan", "-m1000000").stdout
    errors = re.search(r"errors: (\d+)", report)
    states = re.search(r"^\s*(\S+) states, stored", report, re.M)
    is_whole = "Search not completed" not in report and "max search depth too small" not in report
    print(f"{model.name} {' '.join(definitions)}: {states[1]} states, errors: {errors[1]}")
    has_error = errors[1] != "0"
    if expects_error:
        return 0 if has_error else 1
    if has_error or not is_whole:
        print(report)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
