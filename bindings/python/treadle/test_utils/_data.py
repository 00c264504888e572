"""Data sets of MXNet's examples, from files that are there: nothing is downloaded."""

import bz2
import gzip
import os
import zipfile

import numpy as np

from .. import io

__all__ = [
    "download",
    "download_model",
    "get_mnist",
    "get_mnist_pkl",
    "get_mnist_ubyte",
    "get_mnist_iterator",
    "get_cifar10",
    "get_zip_data",
    "get_bz2_data",
    "get_im2rec_path",
    "DummyIter",
]

_MNIST = {
    "train_data": "train-images-idx3-ubyte",
    "train_label": "train-labels-idx1-ubyte",
    "test_data": "t10k-images-idx3-ubyte",
    "test_label": "t10k-labels-idx1-ubyte",
}
_CIFAR = ("train.rec", "test.rec", "train.lst", "test.lst")


def _missing(what, places, source=None):
    """The error of a file that is in none of its places."""
    return FileNotFoundError(
        "%s is not there: %s is expected in the working folder %s. Nothing is downloaded here%s."
        % (what, " or ".join(places), os.getcwd(), "; get it from %s" % source if source else "")
    )


def _first(what, places):
    for place in places:
        if os.path.exists(place):
            return place
    raise _missing(what, places)


def _unzip(what, files, archive, folder):
    """Has the files there, from the archive if need be."""
    if all(map(os.path.exists, files)):
        return
    if not os.path.exists(archive):
        lacking = next(name for name in files if not os.path.exists(name))
        raise _missing(what, (lacking, archive))
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)


def download(url, fname=None, dirname=None, overwrite=False, retries=5):
    """The path at which MXNet would keep what is at `url`, if the file is there; an OSError
    otherwise, and where `overwrite` asks for it anew."""
    path = fname or url.split("/")[-1]
    if dirname is not None:
        path = os.path.join(dirname, path)
    if overwrite:
        raise OSError("download(%r, overwrite=True): nothing is downloaded here." % url)
    if not os.path.exists(path):
        raise _missing(os.path.basename(path), (path,), url)
    return path


def download_model(model_name, dst_dir="./", meta_info=None):
    """The prefix of a model's files in a folder, and the epoch 0, for `load_checkpoint`."""
    prefix = os.path.join(dst_dir, model_name)
    for ending in ("-symbol.json", "-0000.params"):
        _first("The model %s" % model_name, (prefix + ending,))
    return prefix, 0


def _read_idx(name):
    """Bytes of an idx file, as numpy has them, from data/ or the working folder."""
    places = [folder + name + ending for folder in ("data/", "") for ending in ("", ".gz")]
    path = _first("MNIST", places)
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        content = file.read()
    axes = content[3]
    shape = np.frombuffer(content, ">i4", axes, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def get_mnist():
    """MNIST as a dict of numpy arrays: train_data and test_data (n, 1, 28, 28) from 0 to 1,
    train_label and test_label (n,) of int8. Read from the idx files in data/ or the working folder,
    packed with gzip or not."""
    made = {name: _read_idx(file) for name, file in _MNIST.items()}
    for part in ("train", "test"):
        images = made[part + "_data"]
        made[part + "_data"] = images[:, np.newaxis].astype(np.float32) / 255
        made[part + "_label"] = made[part + "_label"].astype(np.int8)
    return made


def get_mnist_pkl():
    """Checks that data/mnist.pkl.gz is there."""
    _first("MNIST", ("data/mnist.pkl.gz",))


def get_mnist_ubyte():
    """Has MNIST's four idx files in data/, from data/mnist.zip if need be."""
    _unzip("MNIST", ["data/" + name for name in _MNIST.values()], "data/mnist.zip", "data")


def get_mnist_iterator(batch_size, input_shape, num_parts=1, part_index=0):
    """MNISTIter's of data/ for training, shuffled, and for validation. Images are flat unless
    `input_shape` has three axes."""
    get_mnist_ubyte()

    def make(part, **kwargs):
        return io.MNISTIter(
            image="data/" + _MNIST[part + "_data"],
            label="data/" + _MNIST[part + "_label"],
            input_shape=input_shape,
            batch_size=batch_size,
            flat=len(input_shape) != 3,
            num_parts=num_parts,
            part_index=part_index,
            **kwargs,
        )

    return make("train", shuffle=True), make("test")


def get_cifar10():
    """Has CIFAR-10's records and lists in data/cifar/, from data/cifar10.zip if need be."""
    _unzip("CIFAR-10", ["data/cifar/" + name for name in _CIFAR], "data/cifar10.zip", "data")


def get_zip_data(data_dir, url, data_origin_name):
    """Unpacks the archive `data_origin_name` in a folder, unless what it holds is there."""
    archive = os.path.join(data_dir, data_origin_name)
    if not os.path.exists(archive):
        raise _missing(data_origin_name, (archive,), url)
    with zipfile.ZipFile(archive) as file:
        names = [os.path.join(data_dir, name) for name in file.namelist()]
    _unzip(data_origin_name, names, archive, data_dir)


def get_bz2_data(data_dir, data_name, url, data_origin_name):
    """Unpacks the file `data_origin_name` in a folder as `data_name`, unless that is there."""
    path, packed = os.path.join(data_dir, data_name), os.path.join(data_dir, data_origin_name)
    if os.path.exists(path):
        return
    if not os.path.exists(packed):
        raise _missing(data_name, (path, packed), url)
    with bz2.open(packed) as source, open(path, "wb") as target:
        target.write(source.read())


def get_im2rec_path(home_env="MXNET_HOME"):
    """The path of MXNet's im2rec.py, below the folder that an environment variable names."""
    home = os.environ.get(home_env)
    path = os.path.join(home or "", "tools", "im2rec.py")
    if home is None or not os.path.isfile(path):
        raise FileNotFoundError(
            "tools/im2rec.py is not there: %s is %r; the folder of MXNet's sources is expected. "
            "mx.recordio writes records too." % (home_env, home)
        )
    return path


class DummyIter(io.DataIter):
    """The first batch of an iterator, again and again."""

    def __init__(self, real_iter):
        super().__init__(real_iter.batch_size)
        self.real_iter = real_iter
        self.provide_data, self.provide_label = real_iter.provide_data, real_iter.provide_label
        self.the_batch = next(iter(real_iter))

    def next(self):
        """The batch."""
        return self.the_batch
