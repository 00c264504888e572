#!/usr/bin/env python3
"""Checks that the library exports what the C header declares, no less and no more.

usage: check_exports.py HEADER LIBRARY
"""

import re
import subprocess
import sys


def main():
    header, library = sys.argv[1:]
    with open(header) as file:
        declared = set(re.findall(r"TREADLE_API\s[^;(]*?(treadle_\w+)\(", file.read()))
    table = subprocess.run(
        ["nm", "--dynamic", "--defined-only", library], check=True, capture_output=True, text=True
    ).stdout
    exported = {line.split()[-1] for line in table.splitlines() if " T treadle_" in line}
    missing, surplus = declared - exported, exported - declared
    for name in sorted(missing):
        print(f"{name} is declared, but the library does not have it.")
    for name in sorted(surplus):
        print(f"{name} is exported, but the header does not declare it.")
    print(f"{len(declared)} functions are declared.")
    return 1 if missing or surplus or len(declared) < 90 else 0


if __name__ == "__main__":
    sys.exit(main())
