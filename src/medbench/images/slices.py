"""Pictures of a volume: which slices, which window, how they are encoded. A recipe is a name for all three.

'even-24+brain+png' takes 24 slices, shows 0 to 80 HU and loses nothing.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from medbench.errors import UsageError
from medbench.sentences import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Values = NDArray[np.floating | np.integer]
    Pixels = NDArray[np.uint8]

WINDOWS: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "medgemma": ((-1024, 1024), (-135, 215), (0, 80)),
    "brain": ((0, 80),),
    "subdural": ((-32.5, 182.5),),
    "stroke": ((28, 36),),
    "lung": ((-1350, 150),),
    "mediastinum": ((-125, 225),),
    "abdomen": ((-150, 250),),
    "liver": ((-20, 140),),
    "bone": ((-500, 1500),),
}
"""Least and greatest value of each window, in Hounsfield units; three are red, green and blue.

'medgemma' is that of Google's notebook for MedGemma 1.5 (high_dimensional_ct_hugging_face.ipynb).
"""
MINMAX: Final = "minmax"
"""The window from the least to the greatest value of the whole volume: how MedGemma 1.5 is shown MR."""
NAMED: Final = {
    "medgemma-notebook": "notebook-85+medgemma+jpeg-75",
    "medgemma-lossless": "notebook-85+medgemma+png",
    "mr": "notebook-85+minmax+png",
}
"""Recipes with a name of their own."""
_FORM = re.compile(r"(all|(?:even|notebook)-[1-9]\d{0,3})\+([a-z]+)(?:\+(png|jpeg-(?:[1-9]\d?|100)))?")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a volume becomes pictures."""

    slices: str
    """'all', 'even-N' for the middles of N equal parts, 'notebook-N' for the rule of Google's notebook."""
    window: str
    """A name of `WINDOWS`, or 'minmax'."""
    encoding: str = "png"
    """'png', or 'jpeg-Q' as Pillow makes it with quality Q."""

    @property
    def name(self) -> str:
        """The recipe in its long form."""
        return f"{self.slices}+{self.window}+{self.encoding}"

    @property
    def ending(self) -> str:
        """Ending of the names of its pictures."""
        return "jpg" if self.encoding.startswith("jpeg") else "png"


def recipe_of(name: str) -> Recipe:
    """Return a recipe by its name, short or long.

    Raises:
        UsageError: There is no such recipe.
    """
    found = _FORM.fullmatch(NAMED.get(name, name))
    if found is None or found[2] not in {*WINDOWS, MINMAX}:
        near = nearest(name, NAMED) or (found and nearest(found[2], [*WINDOWS, MINMAX]))
        raise UsageError(
            f"no recipe is called '{name}'.",
            f"'{near}'?" if near else f"even-24+brain+png; or one of {', '.join(NAMED)}",
        )
    return Recipe(found[1], found[2], found[3] or "png")


def chosen(count: int, slices: str) -> list[int]:
    """Return the places of the slices that are shown, of so many in their order.

    The rule of the notebook never takes the first slice of a longer volume and always takes the last.
    """
    kind, _, number = slices.partition("-")
    most = int(number or count)
    if count <= most:
        return list(range(count))
    if kind == "notebook":
        return [round(place / most * (count - 1)) for place in range(1, most + 1)]
    return [int((place + 0.5) * count / most) for place in range(most)]


def windowed(values: Values, low: float, high: float) -> Pixels:
    """Return values as greys: `low` and below is 0, `high` and above 255, between them rounded to even."""
    scaled = (np.clip(values, low, high).astype(np.float32) - low) / (high - low) * 255.0
    return np.round(scaled).astype(np.uint8)


def picture(values: Values, windows: tuple[tuple[float, float], ...]) -> Pixels:
    """Return one slice as greys (height, width), or as red, green and blue (height, width, 3)."""
    layers = [windowed(values, low, high) for low, high in windows]
    return layers[0] if len(layers) == 1 else np.stack(layers, axis=-1)


def windows_of(volume: Values, window: str) -> tuple[tuple[float, float], ...]:
    """Return the windows of a volume; one without any contrast is shown as black by 'minmax'."""
    if window != MINMAX:
        return WINDOWS[window]
    low, high = float(np.min(volume)), float(np.max(volume))
    return ((low, high if high > low else low + 1),)


def file_of(pixels: NDArray[np.uint8 | np.uint16], kind: str, **options: Any) -> bytes:
    """Return the file of a picture, 'PNG' or 'JPEG', with Pillow's options for it."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def encoded(pixels: Pixels, encoding: str) -> bytes:
    """Return the file of a picture by the encoding of a recipe."""
    kind, _, quality = encoding.partition("-")
    return file_of(pixels, "JPEG", quality=int(quality)) if kind == "jpeg" else file_of(pixels, "PNG")


def pictures_of(volume: Values, recipe: Recipe) -> Iterator[tuple[int, bytes]]:
    """Yield the pictures of a volume by a recipe: the place of each slice that is shown, and its file."""
    windows = windows_of(volume, recipe.window)
    for place in chosen(len(volume), recipe.slices):
        yield place, encoded(picture(volume[place], windows), recipe.encoding)
