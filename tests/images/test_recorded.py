"""The images of a benchmark: the very bytes that were recorded, or an error."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest
from PIL import Image as pillow  # noqa: N813 - the class of that name is a record here

from medbench.errors import ImageError
from medbench.images.recorded import Pictures
from medbench.schema.case import Image


@pytest.fixture
def data() -> bytes:
    """A picture of 256 x 256 pixels."""
    png = io.BytesIO()
    pillow.radial_gradient("L").save(png, "PNG")
    return png.getvalue()


@pytest.fixture
def image(tmp_path: Path, data: bytes) -> Image:
    """The record of the picture, which lies in a folder."""
    (tmp_path / "a.png").write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    return Image(file="a.png", sha256=sha256, bytes=len(data), width=256, height=256, mode="L")


@pytest.mark.parametrize("transform", ["none", "fit-512", "fit-256"])
def test_what_needs_no_change_is_sent_as_it_is(
    tmp_path: Path, image: Image, data: bytes, transform: str
) -> None:
    """The file's bytes and its digest, also where a transform finds nothing to do."""
    assert Pictures(tmp_path).read(image) == data
    assert Pictures(tmp_path).to_send(image, transform) == (data, image.sha256)


def test_what_is_changed_has_a_digest_of_its_own(tmp_path: Path, image: Image) -> None:
    """The digest is that of the bytes that are sent."""
    sent = Pictures(tmp_path).to_send(image, "fit-32")
    with pillow.open(io.BytesIO(sent.data)) as picture:
        assert picture.size == (32, 32)
    assert sent.sha256 == hashlib.sha256(sent.data).hexdigest() != image.sha256


def test_a_file_that_changes_between_two_readings_is_never_sent(
    tmp_path: Path, image: Image, data: bytes
) -> None:
    """Other bytes in it, another file in its place, its own bytes for another image: all as long."""
    other = data[:-1] + b"?"

    def written() -> None:
        (tmp_path / "a.png").write_bytes(other)

    def replaced() -> None:
        (tmp_path / "b.png").write_bytes(other)
        times = (tmp_path / "a.png").stat()
        os.utime(tmp_path / "b.png", ns=(times.st_atime_ns, times.st_mtime_ns))
        (tmp_path / "b.png").replace(tmp_path / "a.png")

    for change in (written, replaced):
        (tmp_path / "a.png").write_bytes(data)
        pictures = Pictures(tmp_path)
        assert pictures.read(image) == pictures.read(image) == data
        change()  # at once: the clock of the disk may not have ticked
        with pytest.raises(ImageError, match="has digest"):
            pictures.read(image)
        (tmp_path / "a.png").write_bytes(data)
        assert pictures.read(image) == data
        with pytest.raises(ImageError, match="has digest"):
            pictures.read(image.model_copy(update={"sha256": "0" * 64}))


def _written(folder: Path, age_s: int) -> int:
    """Return the time at which the picture was written so many seconds ago."""
    return (folder / "a.png").stat().st_ctime_ns + age_s * 10**9


def test_an_unchanged_file_is_hashed_once(
    tmp_path: Path, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of a run reads each image before its systems do."""
    hashed: list[int] = []

    def sha256(data: bytes) -> object:
        hashed.append(len(data))
        return real(data)

    real = hashlib.sha256
    monkeypatch.setattr("medbench.images.recorded.hashlib.sha256", sha256)
    for age_s, times in ((0, 3), (1, 3), (3, 1), (-9, 3)):
        monkeypatch.setattr(
            "medbench.images.recorded.time.time_ns", lambda age=age_s: _written(tmp_path, age)
        )
        pictures = Pictures(tmp_path)
        for _ in range(2):
            pictures.read(image)
        pictures.to_send(image)
        assert hashed == [image.bytes] * times, "until its times tell a change"
        hashed.clear()


def test_a_changed_or_missing_file_is_never_sent(tmp_path: Path, image: Image, data: bytes) -> None:
    """The file is checked against its digest before anything is done with it."""
    (tmp_path / "a.png").write_bytes(data + b"x")
    with pytest.raises(ImageError, match="has digest"):
        Pictures(tmp_path).to_send(image, "fit-32")
    (tmp_path / "a.png").unlink()
    with pytest.raises(ImageError, match="cannot be read"):
        Pictures(tmp_path).read(image)
