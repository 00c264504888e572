"""Files of records, and images."""

import pickle
import struct
import tracemalloc

import numpy as np
import pytest

import treadle as mx
from treadle import recordio

MAGIC = struct.pack("<I", 0xCED7230A)


def test_records_of_any_content(tmp_path):
    path = str(tmp_path / "a.rec")
    contents = [b"", b"abc", MAGIC, b"abcd" + MAGIC + b"e", MAGIC * 3, b"x" + MAGIC, bytes(1000)]
    with recordio.MXRecordIO(path, "w") as writer:
        for content in contents:
            writer.write(content)
    reader = recordio.MXRecordIO(path, "r")
    assert [reader.read() for _ in contents] == contents
    assert reader.read() is None
    reader.reset()
    assert reader.read() == b""
    copy = pickle.loads(pickle.dumps(reader))
    assert copy.read() == reader.read() == b"abc"


def test_records_by_key(tmp_path):
    idx, rec = str(tmp_path / "a.idx"), str(tmp_path / "a.rec")
    writer = recordio.MXIndexedRecordIO(idx, rec, "w")
    for key in (3, 1, 2):
        writer.write_idx(key, b"%d" % key)
    writer.close()
    reader = recordio.MXIndexedRecordIO(idx, rec, "r")
    assert reader.keys == [3, 1, 2] == reader.keys()
    assert [reader.read_idx(key) for key in (1, 2, 3)] == [b"1", b"2", b"3"]
    with pytest.raises(KeyError, match="no record 9"):
        reader.read_idx(9)


def test_headers_and_labels():
    header, content = recordio.unpack(recordio.pack((0, 2.5, 7, 8), b"data"))
    assert header == (0, 2.5, 7, 8) and content == b"data"
    header, content = recordio.unpack(recordio.pack((0, [1, 2, 3], 7, 8), b"data"))
    assert header.flag == 3 and header.label.tolist() == [1, 2, 3] and content == b"data"
    with pytest.raises(mx.MXNetError, match="says that it has 9 labels"):
        recordio.unpack(struct.pack("<IfQQ", 9, 0, 0, 0) + b"1234")


def test_bad_files_are_refused(tmp_path):
    path = tmp_path / "bad.rec"
    for content, sentence in (
        (b"not a record", "no RecordIO file"),
        (MAGIC, "ends within a header"),
        (MAGIC + struct.pack("<I", 100) + b"short", "5 bytes of 100"),
        (MAGIC + struct.pack("<I", 2 << 29 | 4) + b"part", "in its middle"),
        (MAGIC + struct.pack("<I", 1 << 29 | 4) + b"part", "lacks the end"),
    ):
        path.write_bytes(content)
        with pytest.raises(mx.MXNetError, match=sentence):
            recordio.MXRecordIO(str(path), "r").read()
    with pytest.raises(mx.MXNetError, match="cannot be opened"):
        recordio.MXRecordIO(str(tmp_path / "gone" / "x"), "w")
    closed = recordio.MXRecordIO(str(path), "r")
    closed.close()
    with pytest.raises(mx.MXNetError, match="is closed"):
        closed.read()
    with pytest.raises(ValueError, match="'r' to read"):
        recordio.MXRecordIO(str(path), "a")


def test_a_length_takes_no_memory_before_the_file_has_it(tmp_path):
    path = tmp_path / "long.rec"
    path.write_bytes(MAGIC + struct.pack("<I", (1 << 29) - 1) + b"short")
    tracemalloc.start()
    with pytest.raises(mx.MXNetError, match="5 bytes of 536870911 are there"):
        recordio.MXRecordIO(str(path), "r").read()
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_an_index_with_a_bad_place_is_refused(tmp_path):
    idx, rec = tmp_path / "a.idx", tmp_path / "a.rec"
    with recordio.MXIndexedRecordIO(str(idx), str(rec), "w") as writer:
        writer.write_idx(1, b"one")
    for line in ("1\t-8", "1 0", "one\t0", "1\tfirst"):
        idx.write_text(line + "\n")
        with pytest.raises(mx.MXNetError, match="line 1: .* is no key and place"):
            recordio.MXIndexedRecordIO(str(idx), str(rec), "r")


def gradient_image():
    y, x = np.mgrid[0:20, 0:30]
    return np.stack([8 * y, 8 * x, 4 * (x + y)], axis=2).astype(np.uint8)


def test_png_keeps_every_pixel_and_jpeg_nearly():
    image = gradient_image()
    png = mx.image.imencode(image, img_fmt=".png")
    # What is encoded has blue first, what is decoded red.
    assert np.array_equal(mx.image.imdecode(png, to_rgb=False).asnumpy(), image)
    assert np.array_equal(mx.image.imdecode(png).asnumpy(), image[:, :, ::-1])
    assert mx.image.imdecode(png, 0).shape == (20, 30, 1)
    jpeg = mx.image.imdecode(mx.image.imencode(image, 95), to_rgb=False).asnumpy()
    assert jpeg.shape == image.shape
    assert np.abs(jpeg.astype(int) - image).mean() < 4


def test_resizing():
    flat = mx.nd.full((10, 10, 3), 77, dtype="uint8")
    assert (mx.image.imresize(flat, 7, 13).asnumpy() == 77).all()
    ramp = mx.nd.array(np.arange(4, dtype=np.uint8)[None, :, None] * 40, dtype="uint8")
    assert mx.image.imresize(ramp, 2, 1).asnumpy().ravel().tolist() == [20, 100]
    assert mx.image.resize_short(mx.nd.zeros((10, 20, 3), dtype="uint8"), 5).shape == (5, 10, 3)


def test_bad_images_are_refused():
    with pytest.raises(mx.MXNetError, match="neither a JPEG nor a PNG"):
        mx.image.imdecode(b"GIF89a")
    png = mx.image.imencode(gradient_image(), img_fmt=".png")
    with pytest.raises(mx.MXNetError, match="PNG image cannot be read"):
        mx.image.imdecode(png[: len(png) // 2])
    jpeg = mx.image.imencode(gradient_image())
    with pytest.raises(mx.MXNetError, match="JPEG image cannot be read"):
        mx.image.imdecode(jpeg[:20])
    with pytest.raises(ValueError, match="'.jpg' or '.png'"):
        mx.image.imencode(gradient_image(), img_fmt=".bmp")


def test_a_record_with_an_image():
    packed = recordio.pack_img((0, 4.0, 1, 0), gradient_image(), img_fmt=".png")
    header, image = recordio.unpack_img(packed)
    assert header.label == 4 and np.array_equal(image, gradient_image())
