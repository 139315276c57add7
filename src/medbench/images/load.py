"""Reads an image: its bytes once and unchanged, every pixel decoded to know that the file is whole."""

from __future__ import annotations

import hashlib
import io
import struct
import threading
import warnings
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile

    from medbench.images.remarks import Remark

MAX_PIXELS = 64_000_000
"""Most pixels of an image that is decoded: 8,000 x 8,000; a digital mammogram has 25 million."""
MAX_BYTES = 256 * 1024 * 1024
"""Most bytes of a file that is read."""
FORMATS = ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP")
_PNG = b"\x89PNG\r\n\x1a\n"
_opening = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class LoadedImage:
    """An image that was read and found whole."""

    data: bytes
    """The file's bytes, unchanged."""
    sha256: str
    width: int
    height: int
    mode: str
    """Pillow's name of the pixel format, such as 'RGB', 'P' or 'I;16'."""
    format: str
    """'PNG', 'JPEG' …"""
    fingerprint: NDArray[np.uint8]
    """Grey thumbnail, as `images.fingerprint` makes it."""
    remarks: tuple[Remark, ...] = ()
    """Remarks on content beside the picture, or on what it lacks as one."""
    original_sha256: str | None = None
    """Sha256 of the source's file, where its metadata was taken out; else None."""

    @property
    def suffix(self) -> str:
        """Return the ending of a file name that fits the format, such as '.png'."""
        return ".jpg" if self.format == "JPEG" else f".{self.format.lower()}"


def read_image(
    source: Path | bytes, name: str = "", decoded: Mapping[str, LoadedImage] | None = None
) -> LoadedImage:
    """Read an image and decode all of it.

    Args:
        source: A file, or the bytes of one.
        name: Name of the image in messages where only its bytes are given.
        decoded: Images that were decoded already, by sha256; they are not decoded again.

    Raises:
        ImageError: The file is missing, unreadable, damaged, cut, too large, or not an image.
    """
    shown = str(source) if isinstance(source, Path) else name or "an image"
    data = _read(source, shown) if isinstance(source, Path) else source
    if not data:
        raise ImageError(f"image '{shown}' is empty (0 bytes).", "get the file again from its source")
    sha256 = hashlib.sha256(data).hexdigest()
    if decoded and sha256 in decoded:
        return replace(decoded[sha256], data=data)
    if data.startswith(_PNG):
        _check_png(data, shown)
    return _decode(data, sha256, shown)


def _read(path: Path, shown: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ImageError(
                f"image '{shown}' has {size:,} bytes; {MAX_BYTES:,} are read at most.", "make it smaller"
            )
        return path.read_bytes()
    except OSError as error:
        raise ImageError(
            f"image '{shown}' cannot be read: {error.strerror or error}.",
            "check that the file is there and may be read; is the source complete?",
        ) from None


def _decode(data: bytes, sha256: str, shown: str) -> LoadedImage:
    from PIL import UnidentifiedImageError
    from PIL.Image import DecompressionBombError, DecompressionBombWarning

    from medbench.images.fingerprint import fingerprint
    from medbench.images.remarks import remarks_on

    try:
        with _open(data) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise _bomb(shown)
            if getattr(image, "n_frames", 1) > 1:
                raise ImageError(
                    f"image '{shown}' holds several pictures.", "save each picture in a separate file"
                )
            mode = image.mode
            image.load()
            return LoadedImage(
                data=data,
                sha256=sha256,
                width=width,
                height=height,
                mode=mode,
                format=image.format or "PNG",
                fingerprint=fingerprint(image),
                remarks=remarks_on(image),
            )
    except (DecompressionBombError, DecompressionBombWarning):
        raise _bomb(shown) from None
    except UnidentifiedImageError:
        raise _no_picture(data, shown) from None
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        MemoryError,
        struct.error,
        zlib.error,
    ) as error:
        raise _damaged(shown, str(error)) from None


def _open(data: bytes) -> ImageFile:
    from PIL import Image

    # Pillow only warns between one and two times its own limit; here that is an error too. The lock keeps
    # threads apart because the warning filters belong to the whole process.
    with _opening, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(data), formats=FORMATS)


def _check_png(data: bytes, shown: str) -> None:
    # Pillow does not check the checksums of the chunks that hold the pixels.
    position = len(_PNG)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        end = position + 8 + length
        if end + 4 > len(data):
            break
        if zlib.crc32(data[position + 4 : end]) != int.from_bytes(data[end : end + 4]):
            raise _damaged(shown, "a checksum in it does not fit")
        if data[position + 4 : position + 8] == b"IEND":
            return
        position = end + 4
    raise _damaged(shown, "it ends too early")


def _no_picture(data: bytes, shown: str) -> ImageError:
    from medbench.images.kinds import kind_of

    reads = f"medbench reads: {', '.join(FORMATS)}"
    kind = kind_of(data, shown)
    if kind is not None:
        return ImageError(f"image '{shown}' is {kind.name}, which is not read.", f"{kind.hint}; {reads}")
    return ImageError(
        f"image '{shown}' is not a picture that can be read (its first bytes are '{data[:8].hex(' ')}').",
        f"save it as PNG or JPEG; {reads}",
    )


def _damaged(shown: str, why: str) -> ImageError:
    return ImageError(
        f"image '{shown}' is damaged or cut: {why.rstrip('.')}.", "get the file again from its source"
    )


def _bomb(shown: str) -> ImageError:
    return ImageError(
        f"image '{shown}' has more than {MAX_PIXELS:,} pixels: it is not decoded.",
        "make it smaller, or leave it out",
    )
