#!/usr/bin/env python3
"""Installs a wheel into a fresh environment outside the clone, runs the examples there, and builds a C++
program against what the wheel brings.

usage: check_wheel.py WHEEL
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def run(*command, **options):
    print("+", *command, flush=True)
    subprocess.run(command, check=True, **options)


def main(wheel):
    # Nothing of the caller's may be what makes it work.
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "CMAKE_PREFIX_PATH")
    }
    with tempfile.TemporaryDirectory() as folder:
        python = os.path.join(folder, "env", "bin", "python")
        run(sys.executable, "-m", "venv", os.path.join(folder, "env"))
        run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel)
        for part in "python", "data":
            shutil.copytree(os.path.join(ROOT, "examples", part), os.path.join(folder, part))
        for example in sorted(glob.glob(os.path.join(folder, "python", "*.py"))):
            run(python, example, cwd=folder, env=clean, stdout=subprocess.DEVNULL)

        found = subprocess.run(
            [python, "-c", "import treadle; print(treadle.get_cmake_dir())"],
            check=True, cwd=folder, env=clean, stdout=subprocess.PIPE, text=True,
        ).stdout.strip()  # fmt: skip
        consumer = os.path.join(ROOT, "tests", "install", "consumer")
        build = os.path.join(folder, "build")
        run("cmake", "-S", consumer, "-B", build, "-DCMAKE_PREFIX_PATH=" + found, env=clean)
        run("cmake", "--build", build, env=clean)
        for program in "consumer", "consumer_c":
            run(os.path.join(build, program), env=clean)
    print("the wheel of %.1f MB works" % (os.path.getsize(wheel) / 1e6))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(os.path.abspath(sys.argv[1]))
