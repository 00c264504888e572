"""Damages RecordIO files at random: each is read, or an MXNetError says why not.

The reader is Python, so this is no libFuzzer target: it changes, cuts and joins valid files itself.
"""

import argparse
import os
import random
import struct
import tempfile
import time
import tracemalloc

import numpy as np

import treadle as mx

MOST_BYTES = 8 << 20  # no small file may cost more


def seeds(folder):
    """Files of the project's own writers."""
    path = os.path.join(folder, "seed.rec")
    images = np.random.default_rng(0).integers(0, 255, (2, 8, 8, 3), np.uint8)
    contents = [
        [b"", b"abc", b"12345678"],
        [struct.pack("<I", 0xCED7230A) * 3 + b"tail"],
        [mx.recordio.pack(mx.recordio.IRHeader(0, 3.0, 1, 0), b"content")],
        [mx.recordio.pack(mx.recordio.IRHeader(0, [1.0, 2.0], 1, 0), b"content")],
        [mx.recordio.pack_img(mx.recordio.IRHeader(0, 1.0, 2, 0), i, img_fmt=".png") for i in images],
    ]
    for records in contents:
        with mx.recordio.MXRecordIO(path, "w") as writer:
            for record in records:
                writer.write(record)
        with open(path, "rb") as file:
            yield file.read()


def damage(rng, corpus):
    data = bytearray(rng.choice(corpus))
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(5)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del data[at : at + rng.randint(1, 16)]
        elif kind == 2:
            data[at:at] = rng.randbytes(rng.randint(1, 8))
        elif kind == 3:
            other = rng.choice(corpus)
            data[at:] = other[rng.randrange(len(other) + 1) :]
        elif at + 4 <= len(data):
            number = rng.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x1FFFFFFF, 0xCED7230A])
            data[at : at + 4] = struct.pack("<I", number)
    return bytes(data)


def read(path):
    """The records, their headers and images, as far as they are good."""
    with mx.recordio.MXRecordIO(path, "r") as reader:
        while True:
            record = reader.read()
            if record is None:
                return
            try:
                mx.recordio.unpack(record)
                mx.recordio.unpack_img(record)
            except mx.MXNetError:
                pass  # a record that is no image


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="repeats a run")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    rng = random.Random(seed)
    runs = 0
    with tempfile.TemporaryDirectory() as folder:
        corpus = list(seeds(folder))
        path = os.path.join(folder, "damaged.rec")
        tracemalloc.start()
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            data = damage(rng, corpus)
            with open(path, "wb") as file:
                file.write(data)
            tracemalloc.reset_peak()
            try:
                read(path)
            except mx.MXNetError:
                pass
            except BaseException:
                print("run %d of --seed %d fails on %s" % (runs, seed, data.hex()))
                raise
            peak = tracemalloc.get_traced_memory()[1]
            assert peak < MOST_BYTES, "%d bytes for the file %s" % (peak, data.hex())
            runs += 1
    print("recordio: %d damaged files, --seed %d" % (runs, seed))


if __name__ == "__main__":
    main()
