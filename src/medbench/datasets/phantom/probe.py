"""Images to find out whether a model sees: the same patient with a spot on one side, the other, or none.

A large, bright, round hemorrhage in a drawn head: 44 mm in a brain of 136 mm. Within a pair of images nothing
differs but the spot, and nothing is written on them: letters that mark the patient's sides would let a
reader say 'left' for what lies at the right of the image.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from medbench.datasets.phantom.drawing import draw_view
from medbench.datasets.phantom.patient import Patient
from medbench.datasets.phantom.regions import REGIONS
from medbench.schema.reference import KnownFinding, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

_SITES: Final = ("frontal lobe", "parietal lobe")
_MIRRORED: Final[dict[str, Side]] = {"left": "right", "right": "left"}


def side_images() -> Iterator[tuple[str, bytes]]:
    """Yield four PNGs, each with the side of the image (not of the patient) on which the spot lies."""
    for site, sides in zip(_SITES, (("left", "right"), ("right", "left")), strict=True):
        for side in sides:
            yield side, _drawn(f"probe side {site}", site, _MIRRORED[side])


def presence_images() -> Iterator[tuple[str, bytes]]:
    """Yield four PNGs, each with 'yes' if the spot is there, or 'no'."""
    for site, side, truths in zip(_SITES, ("left", "right"), (("no", "yes"), ("yes", "no")), strict=True):
        for truth in truths:
            yield truth, _drawn(f"probe presence {site}", site, _MIRRORED[side] if truth == "yes" else None)


@cache
def _drawn(patient: str, site: str, side: Side | None) -> bytes:
    """Draw one slice; `side` is the patient's, None for no spot."""
    head = REGIONS["Head"]
    spot = KnownFinding(kind="hemorrhage", site=site, side=side, size_mm=44)
    return draw_view(head, head.views[0], Patient(patient), (spot,) if side else (), marked=False)
