"""RecordIO: files of records, and what MXNet packs into one: a header, labels, an image."""

import collections
import numbers
import os
import struct

import numpy as np

from .base import MXNetError

__all__ = ["MXRecordIO", "MXIndexedRecordIO", "IRHeader", "pack", "unpack", "pack_img", "unpack_img"]

_MAGIC = 0xCED7230A
_MAGIC_BYTES = struct.pack("<I", _MAGIC)


class MXRecordIO:
    """A file of records, read or written in order.

    A record is preceded by a mark and its length, and padded to four bytes. Where the mark occurs
    in its content at a multiple of four, the record is cut into pieces there, so that a reader can
    find the next record from anywhere.
    """

    def __init__(self, uri, flag):
        if flag not in ("r", "w"):
            raise ValueError("The flag is %r; 'r' to read or 'w' to write is expected." % (flag,))
        self.uri, self.flag = str(uri), flag
        self.writable, self.is_open, self._file = flag == "w", False, None
        self.open()

    def open(self):
        try:
            self._file = open(self.uri, "wb" if self.writable else "rb")
        except OSError as error:
            raise MXNetError("%s cannot be opened: %s." % (self.uri, error.strerror)) from None
        self.is_open, self._process = True, os.getpid()

    def close(self):
        if self.is_open:
            self._file.close()
            self.is_open = False

    def __del__(self):
        if getattr(self, "is_open", False):
            self.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def __getstate__(self):
        state = dict(self.__dict__)
        state["_position"] = self._file.tell() if self.is_open and not self.writable else 0
        state["_file"] = None
        return state

    def __setstate__(self, state):
        position = state.pop("_position")
        was_open = state["is_open"]
        self.__dict__.update(state)
        if self.writable:
            raise MXNetError("A file that is written, %s, cannot be pickled." % self.uri)
        self.is_open = False
        if was_open:
            self.open()
            self._file.seek(position)

    def reset(self):
        """Back to the start; a file that is written is emptied."""
        self.close()
        self.open()

    def tell(self):
        """Where the next record begins, in bytes."""
        return self._file.tell()

    def _check(self, writes):
        if not self.is_open:
            raise MXNetError("%s is closed; open it first." % self.uri)
        if writes != self.writable:
            raise MXNetError(
                "%s is open to be %s." % (self.uri, "written" if self.writable else "read")
            )
        if self._process != os.getpid():  # a child of a fork must not share the parent's position
            if writes:
                raise MXNetError("%s was opened for writing by another process." % self.uri)
            position = self._file.tell()
            self.open()
            self._file.seek(position)

    def write(self, buf):
        """Appends a record."""
        self._check(True)
        content = bytes(buf)
        if len(content) >= 1 << 29:
            raise MXNetError(
                "A record of %d bytes is written; less than %d are possible."
                % (len(content), 1 << 29)
            )
        cuts, place = [], content.find(_MAGIC_BYTES)
        while place >= 0:
            if place % 4 == 0:
                cuts.append(place)
            place = content.find(_MAGIC_BYTES, place + (4 if place % 4 == 0 else 1))
        starts, ends = [0] + [cut + 4 for cut in cuts], cuts + [len(content)]
        for i, (start, end) in enumerate(zip(starts, ends)):
            # 0: a whole record; 1, 2, 3: the first, a middle and the last piece of one.
            kind = 0 if not cuts else 1 if i == 0 else 3 if i == len(cuts) else 2
            length = end - start
            self._file.write(struct.pack("<II", _MAGIC, kind << 29 | length))
            self._file.write(content[start:end])
            self._file.write(b"\0" * (-length % 4))

    def _piece(self, start):
        header = self._file.read(8)
        if not header:
            return None
        if len(header) < 8:
            raise MXNetError("%s ends within a header, at byte %d." % (self.uri, start))
        magic, word = struct.unpack("<II", header)
        if magic != _MAGIC:
            raise MXNetError(
                "%s is no RecordIO file or is damaged: %#x is read at byte %d, %#x is expected."
                % (self.uri, magic, start, _MAGIC)
            )
        length = word & (1 << 29) - 1
        left = os.fstat(self._file.fileno()).st_size - start - 8  # before memory is taken for it
        if left < length:
            raise MXNetError(
                "%s ends within the record at byte %d: %d bytes of %d are there."
                % (self.uri, start, left, length)
            )
        content = self._file.read(length + -length % 4)
        return word >> 29, content[:length]

    def read(self):
        """The next record as bytes; None at the end."""
        self._check(False)
        start = self._file.tell()
        piece = self._piece(start)
        if piece is None:
            return None
        kind, content = piece
        if kind == 0:
            return content
        if kind != 1:
            raise MXNetError("%s begins a record in its middle, at byte %d." % (self.uri, start))
        pieces = [content]
        while kind != 3:
            piece = self._piece(self._file.tell())
            if piece is None or piece[0] not in (2, 3):
                raise MXNetError("%s lacks the end of the record at byte %d." % (self.uri, start))
            kind, content = piece
            pieces.append(content)
        return _MAGIC_BYTES.join(pieces)


class _Keys(list):
    """Keys in their order: a list, as later releases have it, that the first ones called."""

    def __call__(self):
        return self


class MXIndexedRecordIO(MXRecordIO):
    """Records with keys; a second file has the place of each."""

    def __init__(self, idx_path, uri, flag, key_type=int):
        self.idx_path, self.key_type = str(idx_path), key_type
        self.idx, self.keys = {}, _Keys()
        super().__init__(uri, flag)

    def open(self):
        super().open()
        self.idx, self.keys = {}, _Keys()
        if self.writable:
            return
        try:
            with open(self.idx_path) as file:
                lines = file.read().splitlines()
        except OSError as error:
            raise MXNetError("%s cannot be opened: %s." % (self.idx_path, error.strerror)) from None
        for number, line in enumerate(lines, 1):
            fields = line.split("\t")
            try:
                key, place = self.key_type(fields[0]), int(fields[1])
                if place < 0:
                    raise ValueError
            except (ValueError, IndexError):
                raise MXNetError(
                    "%s, line %d: %r is no key and place with a tab between."
                    % (self.idx_path, number, line)
                ) from None
            self.idx[key] = place
            self.keys.append(key)

    def close(self):
        if self.is_open and self.writable:
            with open(self.idx_path, "w") as file:
                file.writelines("%s\t%d\n" % (key, self.idx[key]) for key in self.keys)
        super().close()

    def seek(self, idx):
        """Moves to the record with a key."""
        self._check(False)
        if idx not in self.idx:
            raise KeyError("%s has no record %r." % (self.idx_path, idx))
        self._file.seek(self.idx[idx])

    def read_idx(self, idx):
        """The record with a key."""
        self.seek(idx)
        return self.read()

    def write_idx(self, idx, buf):
        """Appends a record under a key."""
        key, place = self.key_type(idx), self.tell()
        self.write(buf)
        self.idx[key] = place
        self.keys.append(key)


def read_records(path):
    """All records of a file."""
    with MXRecordIO(path, "r") as file:
        return list(iter(file.read, None))


IRHeader = collections.namedtuple("HEADER", ["flag", "label", "id", "id2"])
_HEADER = struct.Struct("<IfQQ")


def pack(header, s):
    """Bytes of a record: header, more than one label, content."""
    header = IRHeader(*header)
    if isinstance(header.label, numbers.Number):
        header = header._replace(flag=0)
        labels = b""
    else:
        label = np.asarray(header.label, dtype=np.float32)
        header = header._replace(flag=label.size, label=0)
        labels = label.tobytes()
    return _HEADER.pack(*header) + labels + s


def unpack(s):
    """Header and content of what `pack` gave."""
    if len(s) < _HEADER.size:
        raise MXNetError(
            "A record of %d bytes is too short for a header of %d." % (len(s), _HEADER.size)
        )
    header, content = IRHeader(*_HEADER.unpack(s[: _HEADER.size])), s[_HEADER.size :]
    if header.flag > 0:
        if len(content) < 4 * header.flag:
            raise MXNetError(
                "A record says that it has %d labels; it has %d bytes after its header."
                % (header.flag, len(content))
            )
        label = np.frombuffer(content, np.float32, header.flag)
        header, content = header._replace(label=label), content[4 * header.flag :]
    return header, content


def unpack_img(s, iscolor=-1):
    """Header and image, an array (height, width, channel) of bytes in the order blue, green, red."""
    from .image import imdecode

    header, content = unpack(s)
    image = imdecode(content, 0 if iscolor == 0 else 1, to_rgb=False).asnumpy()
    return header, image


def pack_img(header, img, quality=95, img_fmt=".jpg"):
    """As `pack`, with an image in the order blue, green, red, encoded as JPEG or PNG."""
    from .image import imencode

    return pack(header, imencode(img, quality, img_fmt))
