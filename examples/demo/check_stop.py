#!/usr/bin/env python3
"""Checks how the demo ends: by Ctrl-C, with the last checkpoint kept, and with sentences for wrong input.

usage: check_stop.py PATH_OF_TREADLE_DEMO SCRATCH_FOLDER
"""

import pathlib
import re
import shutil
import signal
import subprocess
import sys


def main(demo, folder):
    shutil.rmtree(folder, ignore_errors=True)
    training = subprocess.Popen([demo, "--quick", "--epochs", "5000", "--out", folder],
                                stdout=subprocess.PIPE, text=True)
    lines = []
    for line in training.stdout:
        lines.append(line)
        if line.startswith("epoch") and len(lines) >= 3:
            break
    training.send_signal(signal.SIGINT)
    lines += training.stdout.readlines()
    assert training.wait() == 130, f"exit status {training.returncode}, expected 130:\n" + "".join(lines)
    kept = re.search(r"stopped by Ctrl-C\. The model after (\d+) epochs is kept: (\S+)", lines[-1])
    assert kept, f"the last line says: {lines[-1]}"
    files = sorted(file.name for file in pathlib.Path(folder).iterdir())
    assert files == [pathlib.Path(kept[2]).name, "lenet-symbol.json"], files

    evaluated = subprocess.run([demo, "--evaluate", f"{folder}/lenet"], capture_output=True, text=True)
    assert evaluated.returncode == 0 and evaluated.stdout.startswith("test accuracy: "), evaluated

    nothing = subprocess.run([demo, "--evaluate", f"{folder}/nothing"], capture_output=True, text=True)
    assert nothing.returncode == 1 and "There is no file" in nothing.stderr, nothing
    unread = subprocess.run([demo, "--data", f"{folder}/lenet-symbol.json"], capture_output=True, text=True)
    assert unread.returncode == 1 and "is no number" in unread.stderr, unread
    print("the demo stops and complains as it should")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
