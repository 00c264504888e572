"""Sentences of different lengths as batches of equal ones."""

import bisect
import random

import numpy as np

from ..io import DataBatch, DataDesc, DataIter
from ..ndarray import array


def encode_sentences(
    sentences, vocab=None, invalid_label=-1, invalid_key="\n", start_label=0, unknown_token=None
):
    """Words to numbers: sentences as lists of int, and the vocabulary, which is made unless it is
    given. Numbers begin at `start_label` and leave out `invalid_label`."""
    is_new = vocab is None
    vocab = {invalid_key: invalid_label} if is_new else vocab
    number = start_label
    encoded = []
    for sentence in sentences:
        coded = []
        for word in sentence:
            if word not in vocab:
                if not is_new and unknown_token is None:
                    raise ValueError("The vocabulary lacks the word %r." % (word,))
                if number == invalid_label:
                    number += 1
                if unknown_token is not None and not is_new:
                    word = unknown_token
                if word not in vocab:
                    vocab[word] = number
                    number += 1
            coded.append(vocab[word])
        encoded.append(coded)
    return encoded, vocab


class BucketSentenceIter(DataIter):
    """Batches of sentences of about one length, for a language model: each goes to the smallest
    bucket that holds it and is filled up with `invalid_label`; longer ones are dropped. The label
    of a word is the next word."""

    def __init__(
        self,
        sentences,
        batch_size,
        buckets=None,
        invalid_label=-1,
        data_name="data",
        label_name="softmax_label",
        dtype="float32",
        layout="NT",
    ):
        super().__init__(batch_size)
        if not buckets:
            counts = np.bincount([len(sentence) for sentence in sentences])
            buckets = [length for length, count in enumerate(counts) if count >= batch_size]
        if not buckets:
            raise ValueError("No length of sentence occurs %d times; give buckets." % batch_size)
        buckets = sorted(buckets)
        if layout not in ("NT", "TN"):
            raise ValueError("layout is %r; 'NT' or 'TN' is expected." % (layout,))
        rows = [[] for _ in buckets]
        for sentence in sentences:
            place = bisect.bisect_left(buckets, len(sentence))
            if place < len(buckets):
                row = np.full(buckets[place], invalid_label, dtype)
                row[: len(sentence)] = sentence
                rows[place].append(row)
        self.data = [
            np.array(each, dtype).reshape(-1, length) for each, length in zip(rows, buckets)
        ]
        self.buckets, self.layout, self.dtype = buckets, layout, dtype
        self.data_name, self.label_name = data_name, label_name
        self.invalid_label = invalid_label
        self.major_axis = layout.find("N")
        self.default_bucket_key = max(buckets)
        self.provide_data = [self._describe(data_name, self.default_bucket_key)]
        self.provide_label = [self._describe(label_name, self.default_bucket_key)]
        self.idx = [
            (bucket, first)
            for bucket, each in enumerate(self.data)
            for first in range(0, len(each) - batch_size + 1, batch_size)
        ]
        self.curr_idx = 0
        self.reset()

    def _describe(self, name, length):
        shape = (self.batch_size, length)
        return DataDesc(
            name, shape if self.layout == "NT" else shape[::-1], self.dtype, layout=self.layout
        )

    def reset(self):
        """A new order of batches, and of sentences within the buckets."""
        self.curr_idx = 0
        random.shuffle(self.idx)
        self.nddata, self.ndlabel = [], []
        for each in self.data:
            np.random.shuffle(each)
            label = np.full_like(each, self.invalid_label)
            label[:, :-1] = each[:, 1:]
            self.nddata.append(array(each, dtype=self.dtype))
            self.ndlabel.append(array(label, dtype=self.dtype))

    def next(self):
        if self.curr_idx == len(self.idx):
            raise StopIteration
        bucket, first = self.idx[self.curr_idx]
        self.curr_idx += 1
        data = self.nddata[bucket][first : first + self.batch_size]
        label = self.ndlabel[bucket][first : first + self.batch_size]
        if self.major_axis == 1:
            data, label = data.T, label.T
        length = self.buckets[bucket]
        return DataBatch(
            [data],
            [label],
            pad=0,
            bucket_key=length,
            provide_data=[self._describe(self.data_name, length)],
            provide_label=[self._describe(self.label_name, length)],
        )
