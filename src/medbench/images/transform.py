"""Changes an image before it is sent, where a system asks for it; the digest of what was sent is recorded.

A transform is one step, or several joined by '+' in the order of `STEPS`: 'pad+resize-896+jpeg-75'.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from medbench.errors import ImageError, UsageError
from medbench.images.load import read_image

if TYPE_CHECKING:
    from PIL import Image

NONE = "none"
"""The file's bytes as they are."""
STEPS: Final = {
    "mirror": "left and right exchanged",
    "blank": "black, of the same size",
    "window-LOW-HIGH": "grey values LOW to HIGH spread over 0 to 255",
    "pad": "black added on both sides until the picture is square",
    "fit-N": "scaled down until the longer side has N pixels",
    "resize-N": "scaled to N x N pixels",
    "jpeg-N": "saved as JPEG of quality N (Pillow's own is 75)",
}
"""The steps, in the order in which they are taken."""
_SIDE = r"-([1-9]\d{1,4})"
_CHAIN = re.compile(
    rf"(?=.)(?:\+(?:mirror|blank))?(?:\+window-\d{{1,5}}-\d{{1,5}})?(?:\+pad)?(?:\+(?:fit|resize){_SIDE})?"
    r"(?:\+jpeg-(?:[1-9]\d?|100))?"
)
_FIT = re.compile(rf"fit{_SIDE}")


def is_transform(name: object) -> bool:
    """Return True for the name of a transform: 'none', or steps in their order."""
    return isinstance(name, str) and (name == NONE or _CHAIN.fullmatch(f"+{name}") is not None)


def check_transform(name: str) -> str:
    """Return the name of a transform, if it is one.

    Raises:
        UsageError: There is no such transform.
    """
    if is_transform(name):
        return name
    raise UsageError(
        f"unknown image transform '{name}'.",
        "none sends the file's bytes; fit-896 makes the longer side 896 pixels at most; several in this "
        f"order: {' + '.join(STEPS)}",
    )


def before(step: str, name: str) -> str:
    """Return a transform with a step put before it."""
    return step if name == NONE else f"{step}+{name}"


def transformed(data: bytes, name: str) -> bytes:
    """Return an image's bytes after a transform.

    What is changed is saved as PNG with 8 bits, unless a step says JPEG. Scaling is Lanczos; an image that is
    no larger than 'fit-N' asks for is sent as the file is. 16-bit greys are scaled to their own range, unless
    a window is given.

    Args:
        data: The file's bytes.
        name: 'none', or steps joined by '+'.

    Raises:
        ImageError: The bytes are not a picture.
        UsageError: There is no such transform.
    """
    if check_transform(name) == NONE:
        return data
    image = read_image(data)
    fit = _FIT.fullmatch(name)
    if fit and max(image.width, image.height) <= int(fit[1]):
        return data
    return _changed(data, name.split("+"))


def _changed(data: bytes, steps: list[str]) -> bytes:
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as opened:
            # Viewers turn a photograph as its camera says; the file that is made of it says nothing.
            picture = ImageOps.exif_transpose(opened)
            if steps[0] == "mirror":
                picture = ImageOps.mirror(picture)
            elif steps[0] == "blank":
                picture = Image.new("L", picture.size)
            window = next((step for step in steps if step.startswith("window-")), None)
            picture = _windowed(picture, window) if window else _eight_bits(picture)
            for step in steps:
                picture = _scaled(picture, step)
            made = io.BytesIO()
            if steps[-1].startswith("jpeg-"):
                grey = picture.mode in {"L", "LA"}
                picture.convert("L" if grey else "RGB").save(made, "JPEG", quality=_number(steps[-1]))
            else:
                picture.save(made, "PNG")
    except OSError as error:
        raise ImageError(f"an image cannot be changed: {error}.", "--set image_transform=none") from None
    return made.getvalue()


def _scaled(picture: Image.Image, step: str) -> Image.Image:
    """Return a picture after the steps that change its size; others leave it as it is."""
    from PIL import Image, ImageOps

    lanczos = Image.Resampling.LANCZOS
    if step == "pad":
        side = max(picture.size)
        return ImageOps.pad(picture, (side, side), lanczos)
    if step.startswith("fit-"):
        picture.thumbnail((_number(step), _number(step)), lanczos, reducing_gap=None)
    elif step.startswith("resize-"):
        return picture.resize((_number(step), _number(step)), lanczos)
    return picture


def _number(step: str) -> int:
    return int(step.rpartition("-")[2])


def _windowed(picture: Image.Image, step: str) -> Image.Image:
    low, high = sorted(int(value) for value in step.split("-")[1:])
    return _spread(
        picture.convert("F" if picture.mode.startswith(("I", "F")) else "L").convert("F"), low, high
    )


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode in {"L", "LA", "RGB", "RGBA"}:
        return picture
    if picture.mode.startswith(("I", "F")):
        grey = picture.convert("F")
        low, high = (float(value) for value in grey.getextrema())  # type: ignore[arg-type] # one band, two numbers
        return _spread(grey, low, high)
    return picture.convert("RGBA" if "transparency" in picture.info else "RGB")


def _spread(grey: Image.Image, low: float, high: float) -> Image.Image:
    """Return a grey picture of 8 bits in which these values are black and white; others are cut."""
    span = (high - low) or 1.0
    return grey.point(lambda value: (value - low) * (255.0 / span)).convert("L")
