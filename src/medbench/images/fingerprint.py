"""Makes small grey thumbnails of images, to find the nearest one and those that are almost the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

SIDE = 32
"""Width and height of the thumbnail: enough to tell neighbouring slices apart, 1 kB an image."""
NEAR_IDENTICAL = 0.94
"""Similarity above which two images count as the same picture; docs/building.md says how it was chosen."""


_BLOCK = 512


def fingerprint(image: Image) -> NDArray[np.uint8]:
    """Return the grey thumbnail of an image as one row of 1,024 numbers, 0 to 255.

    The thumbnail is square whatever the image, and 16-bit values are spread over their own range, so that the
    same picture in another size or depth has almost the same fingerprint. Transparent parts count as black.
    """
    import numpy as np
    from PIL.Image import Resampling

    # BOX averages whole areas: every pixel counts once, which resampling by points does not give.
    small = _grey(image).resize((SIDE, SIDE), Resampling.BOX, reducing_gap=2.0)
    return np.asarray(small, dtype=np.uint8).reshape(-1)


def similarities(fingerprints: NDArray[np.uint8], many: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the similarity of a fingerprint to each row of many.

    It is the correlation of the greys, from -1 to 1; 0 where one of the two is a flat area. Every sum in it
    is a whole number, so that its last bit is the same on every machine, in whatever order a library adds.

    Args:
        fingerprints: A fingerprint; or several, one per row, and then the result has a column for each.
        many: Fingerprints, one per row; there may be none.
    """
    import numpy as np

    rows, own = _Greys.of(many), _Greys.of(fingerprints if fingerprints.ndim == 2 else fingerprints[None, :])
    alike = (rows.values @ own.values.T).astype(np.float64)
    alike *= SIDE * SIDE
    alike -= np.outer(rows.sums, own.sums)
    spread = np.sqrt(np.outer(rows.spreads, own.spreads))
    # A flat area has no pattern to compare; it stays at zero instead of becoming NaN.
    found: NDArray[np.float64] = np.divide(alike, spread, out=np.zeros_like(alike), where=spread > 0)
    return found if fingerprints.ndim == 2 else found[:, 0]


def near_pairs(
    own: Sequence[NDArray[np.uint8]], others: Sequence[NDArray[np.uint8]], over: float
) -> Iterator[tuple[int, int]]:
    """Yield the places of each of the one and of the other fingerprints that are more alike than that."""
    import numpy as np

    # In blocks: the numbers that are compared take many times the room of those that are kept.
    for start in range(0, len(others) if own else 0, _BLOCK):
        near = similarities(np.stack(own), np.stack(others[start : start + _BLOCK])) > over
        for other, one in zip(*np.nonzero(near), strict=True):
            yield int(one), start + int(other)


class _Greys(NamedTuple):
    """Fingerprints with what their correlations need, all of it whole numbers."""

    values: NDArray[np.float32]
    """The greys, around zero."""
    sums: NDArray[np.float64]
    """Their sum, of each row."""
    spreads: NDArray[np.float64]
    """Their variance times the square of their number."""

    @classmethod
    def of(cls, rows: NDArray[np.uint8]) -> _Greys:
        """Prepare fingerprints, one per row."""
        import numpy as np

        # From -128 to 127 no sum of 1,024 products is above 2 ** 24: single precision holds it to the unit.
        values = rows.astype(np.float32) - 128
        sums = values.sum(axis=1, dtype=np.float64)
        squares = np.einsum("ij,ij->i", values, values, dtype=np.float64)
        return cls(values, sums, SIDE * SIDE * squares - sums * sums)


def _grey(image: Image) -> Image:
    import numpy as np
    from PIL import Image as pillow  # noqa: N813 - the class of that name is imported for the types

    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, dtype=np.float32)
        low, high = float(values.min()), float(values.max())
        scaled = (values - low) * (255.0 / (high - low)) if high > low else np.zeros_like(values)
        return pillow.fromarray(scaled.astype(np.uint8))
    if image.mode == "L":
        return image
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        seen = image.convert("RGBA")
        black = pillow.new("RGBA", seen.size, (0, 0, 0, 255))
        return pillow.alpha_composite(black, seen).convert("L")
    return image.convert("RGB").convert("L") if image.mode not in {"RGB", "1"} else image.convert("L")
