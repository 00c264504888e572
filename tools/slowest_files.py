#!/usr/bin/env python3
"""Prints the files of a Ninja build that took longest: slowest_files.py build/dev/.ninja_log [count]"""

import pathlib
import sys


def slowest(log, count):
    """The `count` longest (seconds, output) of the last build of each output in a .ninja_log."""
    seconds = {}
    for line in pathlib.Path(log).read_text().splitlines():
        fields = line.split("\t")
        if len(fields) == 5 and fields[3].endswith((".o", ".gch", ".so")):
            seconds[fields[3]] = (int(fields[1]) - int(fields[0])) / 1000
    return sorted(((time, output) for output, time in seconds.items()), reverse=True)[:count]


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    for time, output in slowest(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 10):
        print(f"{time:7.1f} s  {output}")
