"""Takes the metadata out of an image's file: the container is written anew, the pixels stay as they are."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import TYPE_CHECKING

from medbench.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
# Pixels and what decides how they are shown: palette, transparency, gamma, colour space, size of a pixel.
_PNG_KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs mDCV cLLI".split())
_ORIENTATION = 0x0112
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_MARKER_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
_COMMENT, _SCAN, _END = 0xFE, 0xDA, 0xD9


def stripped(data: bytes, name: str) -> bytes:
    """Return a JPEG or PNG file without texts, thumbnails and whatever follows its end.

    Kept is what changes how it is shown: its colour profile, gamma, and a note of its orientation.

    Args:
        data: The file's bytes, which were read as a whole image.
        name: Name of the image in messages.

    Raises:
        ImageError: It is of another kind, or would not keep its pixels.
    """
    if data.startswith(_SOI):
        new = _jpeg(data)
    elif data.startswith(_PNG):
        new = _png(data)
    else:
        raise ImageError(
            f"image '{name}' is neither JPEG nor PNG: its metadata cannot be taken out.",
            "save it as PNG, or leave out --strip-metadata",
        )
    if _shown(new) != _shown(data):
        raise ImageError(
            f"image '{name}' would be shown otherwise without its metadata.",
            "save it as PNG without metadata, and leave out --strip-metadata",
        )
    return new


def _jpeg(data: bytes) -> bytes:
    parts = list(_jpeg_parts(data))
    exif = _orientation(data)
    if exif:
        payload = b"Exif\0\0" + exif
        first = 1 if parts[0].startswith(b"\xff\xe0") else 0  # JFIF comes first
        parts.insert(first, b"\xff\xe1" + struct.pack(">H", 2 + len(payload)) + payload)
    return b"".join([_SOI, *parts])


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    """Yield the segments and scans that are kept, up to the end of the image."""
    position = len(_SOI)
    while position + 4 <= len(data):
        if data[position + 1] == 0xFF:  # a marker may have fill bytes before it
            position += 1
            continue
        code = data[position + 1]
        if code == _END:
            break
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        yield _kept_segment(code, data[position:end])
        position = end
        if code == _SCAN:
            found = _MARKER_AFTER_SCAN.search(data, position)
            end = found.start() if found else len(data)
            yield data[position:end]
            position = end
    yield _EOI


def _kept_segment(code: int, segment: bytes) -> bytes:
    """Return a segment, without what is not part of the picture; nothing where all of it is not."""
    payload = segment[4:]
    if code == 0xE0:  # JFIF without its thumbnail
        return b"\xff\xe0\x00\x10" + payload[:12] + b"\0\0" if payload.startswith(b"JFIF\0") else b""
    if code == 0xE2:
        return segment if payload.startswith(b"ICC_PROFILE\0") else b""
    if code == 0xEE:  # says how the colours are coded
        return segment if payload.startswith(b"Adobe") else b""
    return b"" if code == _COMMENT or 0xE0 <= code <= 0xEF else segment


def _png(data: bytes) -> bytes:
    parts = [_PNG]
    exif = _orientation(data)
    position = len(_PNG)
    while position + 12 <= len(data):
        kind = data[position + 4 : position + 8]
        end = position + 12 + int.from_bytes(data[position : position + 4])
        if kind in _PNG_KEPT:
            parts.append(data[position:end])
        if kind == b"IHDR" and exif:
            chunk = b"eXIf" + exif
            parts.append(struct.pack(">I", len(exif)) + chunk + struct.pack(">I", zlib.crc32(chunk)))
        if kind == b"IEND":
            break
        position = end
    return b"".join(parts)


def _orientation(data: bytes) -> bytes:
    """Return EXIF that holds the orientation alone; nothing for an image that is stored upright."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        turned = image.getexif().get(_ORIENTATION, 1)
    if turned not in range(2, 9):
        return b""
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, turned, 0, 0)


def _shown(data: bytes) -> tuple[object, ...]:
    """Return all that decides how an image is shown."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        image.load()
        info = [
            image.info.get(key) for key in ("icc_profile", "gamma", "transparency", "srgb", "chromaticity")
        ]
        turned = image.getexif().get(_ORIENTATION, 1)
        return image.mode, image.size, image.tobytes(), image.getpalette(), turned, info
