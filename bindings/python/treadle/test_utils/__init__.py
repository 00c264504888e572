"""Helpers for tests of operators and models: random arrays, comparisons, numeric gradients."""

# MXNet's module lists no names, so tests that import all of it have these from there, too.
import bz2
import errno
import gzip
import json
import logging
import numbers
import os
import platform
import struct
import sys
import time
import traceback
import zipfile
from collections import OrderedDict
from contextlib import contextmanager

import numpy as np
import numpy.random as rnd
import numpy.testing as npt

import treadle as mx

from ..context import Context, current_context
from ..ndarray import NDArray, array
from ..runtime import Features
from ..symbol import Symbol
from ..util import get_cuda_compute_capability, use_np
from ._arrays import *
from ._compare import *
from ._data import *
from ._environment import *
from ._generators import *
from ._runs import *
from ._symbols import *
from ._tolerances import *
