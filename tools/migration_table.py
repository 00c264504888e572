#!/usr/bin/env python3
"""Writes the table of docs/from-mxnet.md: which of MXNet 1.9.1's public names Treadle has.

docs/mxnet-names.txt holds the names, one a line: what each module defines. What it only imports,
and the plumbing between MXNet's Python and its library, is left out. The table lies between two
marks in the page.

usage: tools/migration_table.py [--check]     (with the package on PYTHONPATH)
"""

import collections
import importlib
import os
import sys

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs")
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


def find(path):
    """Whether treadle has the name."""
    found = importlib.import_module("treadle")
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            # Attributes that a class declares and its instances have.
            return part in getattr(found, "__annotations__", ())
    return True


def table():
    with open(os.path.join(DOCS, "mxnet-names.txt")) as file:
        names = file.read().split()
    owners = collections.OrderedDict()
    for name in names:
        owner, _, last = name.rpartition(".")
        owners.setdefault(owner, []).append((last, find(name)))
    total = sum(map(len, owners.values()))
    there = sum(has for each in owners.values() for _, has in each)
    lines = ["%d of %d names are there. Those in parentheses are not.\n" % (there, total)]
    lines += ["| in `mx.` | there | names |", "|---|--:|---|"]
    for owner, each in owners.items():
        shown = ", ".join("`%s`" % name if has else "(%s)" % name for name, has in each)
        lines.append(
            "| `%s` | %d/%d | %s |" % (owner, sum(has for _, has in each), len(each), shown)
        )
    return "\n".join(lines) + "\n"


def main():
    page = os.path.join(DOCS, "from-mxnet.md")
    with open(page) as file:
        text = file.read()
    head, rest = text.split(BEGIN)
    made = head + BEGIN + table() + END + rest.split(END)[1]
    if "--check" in sys.argv:
        if made != text:
            print("docs/from-mxnet.md is not up to date; run tools/migration_table.py")
            return 1
        return 0
    with open(page, "w") as file:
        file.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
