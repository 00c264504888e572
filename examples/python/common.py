"""What the examples share: the digits, a text, and a line that shows how far training is."""

import gzip
import os
import sys

import numpy as np

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")


def digits():
    """Images (count, 1, 8, 8) from 0 to 1 and labels of UCI's handwritten digits: 1,500 for training
    and 297 for testing."""
    with gzip.open(os.path.join(DATA, "digits.csv.gz"), "rt") as file:
        rows = np.loadtxt(file, delimiter=",", dtype=np.float32)
    images, labels = rows[:, :-1].reshape(-1, 1, 8, 8) / 16, rows[:, -1]
    return images[:1500], labels[:1500], images[1500:], labels[1500:]


def text():
    """35,000 letters of English that every Debian system has: the GNU General Public License."""
    path = "/usr/share/common-licenses/GPL-3"
    if not os.path.exists(path):
        sys.exit("There is no %s; it comes with the Debian package base-files." % path)
    with open(path) as file:
        return file.read()


class Bar:
    """A callback: a bar for each epoch, with the metric at its end."""

    def __init__(self, batches):
        self.batches = batches

    def __call__(self, param):
        done = (param.nbatch + 1) / self.batches
        values = ", ".join("%s %.3f" % pair for pair in param.eval_metric.get_name_value())
        line = "epoch %2d [%-30s] %s" % (param.epoch + 1, "=" * int(30 * done), values)
        is_last = param.nbatch + 1 >= self.batches
        if sys.stdout.isatty() or is_last:
            sys.stdout.write("\r" + line + ("\n" if is_last else ""))
            sys.stdout.flush()


def table(rows):
    """Prints rows of a table, the first as its head."""
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for number, row in enumerate(rows):
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
