"""`python -m treadle.mxnet script.py arguments`: runs a script in which mxnet means Treadle."""

import os
import runpy
import sys

from ._as_mxnet import install


def main():
    if len(sys.argv) < 2:
        print("usage: python -m treadle.mxnet SCRIPT [ARGUMENT ...]", file=sys.stderr)
        return 2
    install()
    script, sys.argv = sys.argv[1], sys.argv[1:]
    if not os.path.isfile(script):
        print("treadle.mxnet: there is no script %s." % script, file=sys.stderr)
        return 2
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    runpy.run_path(script, run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
