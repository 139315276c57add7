"""Changes an image before it is sent, where a system asks for it; the digest of what was sent is recorded."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from medbench.errors import ImageError, UsageError
from medbench.images.load import read_image

if TYPE_CHECKING:
    from PIL import Image

NONE = "none"
"""The file's bytes as they are."""
_FIT = re.compile(r"fit-([1-9]\d{1,4})")


def is_transform(name: object) -> bool:
    """Return True for the name of a transform: 'none', or 'fit-N' with N pixels."""
    return isinstance(name, str) and (name == NONE or _FIT.fullmatch(name) is not None)


def check_transform(name: str) -> str:
    """Return the name of a transform, if it is one.

    Raises:
        UsageError: There is no such transform.
    """
    if is_transform(name):
        return name
    raise UsageError(
        f"unknown image transform '{name}'.",
        "none sends the file's bytes; fit-896 makes the longer side 896 pixels at most",
    )


def transformed(data: bytes, name: str) -> bytes:
    """Return an image's bytes after a transform.

    'fit-N' scales the picture down (Lanczos, aspect kept) until its longer side has N pixels, and saves it as
    PNG with 8 bits; one that is no larger is sent as the file is. 16-bit greys are scaled to their own range.

    Args:
        data: The file's bytes.
        name: 'none' or 'fit-N'.

    Raises:
        ImageError: The bytes are not a picture.
        UsageError: There is no such transform.
    """
    if check_transform(name) == NONE:
        return data
    longest = int(name.removeprefix("fit-"))
    image = read_image(data)
    return data if max(image.width, image.height) <= longest else _fitted(data, longest)


def _fitted(data: bytes, longest: int) -> bytes:
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as opened:
            # Viewers turn a photograph as its camera says; the PNG that is made of it says nothing.
            picture = _eight_bits(ImageOps.exif_transpose(opened))
            picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=None)
            png = io.BytesIO()
            picture.save(png, "PNG")
    except OSError as error:
        raise ImageError(f"an image cannot be scaled: {error}.", "--set image_transform=none") from None
    return png.getvalue()


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode in {"L", "LA", "RGB", "RGBA"}:
        return picture
    if picture.mode.startswith(("I", "F")):
        grey = picture.convert("F")
        low, high = (float(value) for value in grey.getextrema())  # type: ignore[arg-type] # one band, two numbers
        span = (high - low) or 1.0
        return grey.point(lambda value: (value - low) * (255.0 / span)).convert("L")
    return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
