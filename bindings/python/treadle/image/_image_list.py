"""Lists of files of images with their labels."""

import numpy as np

from .. import ndarray as nd
from ..base import MXNetError, numeric_types


def read_list(path, dtype):
    """Labels and names of files by number, from lines: number, labels, name with tabs between."""
    listed = {}
    with open(path) as file:
        for number, line in enumerate(file, 1):
            fields = line.strip().split("\t")
            if fields == [""]:
                continue
            try:
                label = np.array([float(field) for field in fields[1:-1]], dtype)
                listed[int(fields[0])] = nd.array(label, dtype=dtype), fields[-1]
                if len(fields) < 3:
                    raise ValueError
            except ValueError:
                raise MXNetError(
                    "%s, line %d: %r is no number, labels and file with tabs between."
                    % (path, number, line.rstrip("\n"))
                ) from None
    return listed


def from_list(images, dtype):
    """Labels and names of files by number as text, from lists [label or labels ..., name]."""
    listed = {}
    for number, image in enumerate(images, 1):
        label = image[:-1] if len(image) > 2 else image[0]
        if isinstance(label, numeric_types):
            label = [label]
        listed[str(number)] = nd.array(label, dtype=dtype), image[-1]
    return listed
