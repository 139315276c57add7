"""Files that are given as pictures and are none: each is named, with what to do."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from medbench.errors import ImageError
from medbench.images.load import read_image


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.png", b"x")
    return made.getvalue()


NIFTI = b"\x5c\x01\0\0".ljust(344, b"\0") + b"n+1\0" + bytes(64)
FILES = {
    "a.dcm": (bytes(128) + b"DICM" + bytes(64), "a DICOM file", "save it as PNG"),
    "old.dcm": (b"\x08\0\x05\0CS", "a DICOM file", "in the window in which it is read"),
    "b.nii": (NIFTI, "a NIfTI volume", "its slices"),
    "b.nii.gz": (gzip.compress(NIFTI), "a NIfTI volume", "its slices"),
    "cut.nii.gz": (b"\x1f\x8b\x08\0\0", "a NIfTI volume", "its slices"),
    "c.zip": (_zip(), "a ZIP archive", "unpack it"),
    "c.png": (_zip(), "a ZIP archive", "unpack it"),
    "d.pdf": (b"%PDF-1.7\n", "a PDF document", "the pictures in it"),
    "e.gz": (gzip.compress(b"words"), "a packed file (gzip)", "unpack it"),
    "f.png": (
        b"version https://git-lfs.github.com/spec/v1\n",
        "a pointer of Git LFS",
        "git lfs",
    ),
    "g.jpg": (b"<!DOCTYPE HTML><title>403</title>", "a web page", "refused"),
    "h.jpg": (b"\0\0\0\x18ftypheic", "a HEIC picture", "PNG or JPEG"),
    "i.png": (b"words", "not a picture that can be read (its first bytes are '77 6f 72 64 73')", "save it"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_picture_is_named(name: str) -> None:
    """By its bytes, whatever its ending says; by its ending where the bytes do not tell."""
    data, kind, hint = FILES[name]
    with pytest.raises(ImageError) as caught:
        read_image(data, name)
    assert f"'{name}' is {kind}" in caught.value.message
    assert hint in caught.value.hint
    assert "PNG, JPEG, GIF, TIFF, BMP, WEBP" in caught.value.hint


def test_a_packed_bomb_is_not_unpacked() -> None:
    """A kilobyte is enough to see what a file is."""
    with pytest.raises(ImageError, match="a packed file"):
        read_image(gzip.compress(bytes(50_000_000)), "x.gz")
