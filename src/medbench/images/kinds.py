"""Tells pictures by their first bytes, and names what is not a picture: DICOM, NIfTI, archives, documents."""

from __future__ import annotations

import zlib
from typing import Final, NamedTuple


class Kind(NamedTuple):
    """A kind of file, and what to do with one."""

    name: str
    """Its name with the article."""
    hint: str
    """How to get pictures of it."""


_SLICES: Final = "save its slices as PNG, in the window in which they are read, and name each in the table"
_DICOM: Final = Kind("a DICOM file", "save it as PNG, in the window in which it is read")
_NIFTI: Final = Kind("a NIfTI volume", _SLICES)
_PAGE: Final = Kind("a web page", "get the picture that it stands for; the download may have been refused")
_BY_CONTENT: Final = (
    (0, b"PK\x03\x04", Kind("a ZIP archive", "unpack it, and name the pictures in it")),
    (0, b"%PDF", Kind("a PDF document", "save the pictures in it as PNG")),
    (128, b"DICM", _DICOM),
    (344, b"n+1\0", _NIFTI),
    (344, b"ni1\0", _NIFTI),
    (4, b"n+2\0", _NIFTI),
    (0, b"NRRD", Kind("an NRRD volume", _SLICES)),
    (0, b"ObjectType", Kind("a MetaImage volume", _SLICES)),
    (0, b"version https://git-lfs", Kind("a pointer of Git LFS", "git lfs pull   (in the source's folder)")),
    (4, b"ftyphei", Kind("a HEIC picture", "save it as PNG or JPEG")),
    (4, b"ftypavif", Kind("an AVIF picture", "save it as PNG or JPEG")),
    (0, b"\0\0\0\x0cjP  ", Kind("a JPEG 2000 picture", "save it as PNG or JPEG")),
    (0, b"<svg", Kind("an SVG drawing", "save it as PNG")),
    (0, b"<!doctype html", _PAGE),
    (0, b"<html", _PAGE),
)
"""Place and bytes by which a kind is known, letters in any case."""
_BY_ENDING: Final = {".dcm": _DICOM, ".dicom": _DICOM, ".nii": _NIFTI, ".nii.gz": _NIFTI}
_MEDIA_TYPES: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (128, b"DICM", "application/dicom"),
)
"""Place and bytes by which the media type of an image is known."""
_GZIP: Final = b"\x1f\x8b"
_READ: Final = 1024
"""Bytes of a packed file that are unpacked to see what it is."""


def media_type(data: bytes) -> str | None:
    """Return the media type of an image, such as 'image/png', by its first bytes; file names may be wrong."""
    return next((name for place, mark, name in _MEDIA_TYPES if data.startswith(mark, place)), None)


def kind_of(data: bytes, name: str) -> Kind | None:
    """Return the kind of a file that no picture reader takes; None where it is unknown.

    Args:
        data: Its bytes.
        name: Its name, which decides where the bytes do not.
    """
    start = _unpacked(data) if data.startswith(_GZIP) else data[:_READ]
    lower = start.lower()
    for place, mark, kind in _BY_CONTENT:
        if lower[place : place + len(mark)] == mark.lower():
            return kind
    by_name = next((kind for ending, kind in _BY_ENDING.items() if name.lower().endswith(ending)), None)
    packed = Kind("a packed file (gzip)", "unpack it") if data.startswith(_GZIP) else None
    return by_name or packed


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(data[: 64 * _READ], _READ)
    except zlib.error:
        return b""
