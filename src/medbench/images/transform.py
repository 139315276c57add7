"""Change an image before it is sent, where a system asks for it; the digest of what was sent is recorded."""

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
    """Whether it is a name of one: 'none', or 'fit-N' for pixels."""
    return isinstance(name, str) and (name == NONE or _FIT.fullmatch(name) is not None)


def check_transform(name: str) -> str:
    """The name, if it is one.

    Raises:
        UsageError: It is none.
    """
    if is_transform(name):
        return name
    raise UsageError(
        f"no image transform is called '{name}'.",
        "none sends the file's bytes; fit-896 makes the longer side 896 pixels at most",
    )


def transformed(data: bytes, name: str) -> bytes:
    """An image's bytes after a transform.

    'fit-N' scales the picture down (Lanczos, aspect kept) until its longer side has N pixels, and saves it as
    PNG with 8 bits; one that is no larger is sent as the file is. 16-bit greys are scaled to their own range.

    Args:
        data: The file's bytes.
        name: As `check_transform` takes it.

    Raises:
        ImageError: The bytes are no picture.
        UsageError: There is no such transform.
    """
    found = _FIT.fullmatch(check_transform(name))
    if found is None:
        return data
    most = int(found[1])
    about = read_image(data)
    if max(about.width, about.height) <= most:
        return data
    return _fitted(data, most)


def _fitted(data: bytes, most: int) -> bytes:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as opened:
            picture = _eight_bits(opened)
            picture.thumbnail((most, most), Image.Resampling.LANCZOS, reducing_gap=None)
            made = io.BytesIO()
            picture.save(made, "PNG")
    except OSError as error:
        raise ImageError(f"an image cannot be scaled: {error}.", "--set image_transform=none") from None
    return made.getvalue()


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode in {"L", "LA", "RGB", "RGBA"}:
        return picture
    if picture.mode.startswith(("I", "F")):
        grey = picture.convert("F")
        low, high = (float(value) for value in grey.getextrema())  # type: ignore[arg-type] # one band, two numbers
        span = (high - low) or 1.0
        return grey.point(lambda value: (value - low) * (255.0 / span)).convert("L")
    return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
