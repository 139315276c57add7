"""Images to find out whether a model sees: the same patient with a spot on one side, the other, or none.

A large, bright, round hemorrhage in a drawn head: 44 mm in a brain of 136 mm. Within a pair of images nothing
differs but the spot, and nothing is written on them: letters that mark the patient's sides would let a
reader say 'left' for what lies at the right of the image.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from medbench.datasets.phantom import head
from medbench.datasets.phantom.patient import Patient
from medbench.datasets.phantom.plan import complete
from medbench.datasets.phantom.scene import Scene
from medbench.schema.reference import KnownFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.datasets.phantom.kinds import Side

_REGION: Final = "Head"
_VIEW: Final = "ventricles"
_SIZE_MM: Final = 44
_SITES: Final = ("frontal lobe", "parietal lobe")
_MIRRORED: Final[dict[str, Side]] = {"left": "right", "right": "left"}


def side_images() -> Iterator[tuple[str, bytes]]:
    """Four PNGs with the side of the image, not of the patient, on which the spot lies."""
    for site, sides in zip(_SITES, (("left", "right"), ("right", "left")), strict=True):
        for side in sides:
            yield side, _drawn(f"probe side {site}", site, _MIRRORED[side])


def presence_images() -> Iterator[tuple[str, bytes]]:
    """Four PNGs with 'yes' or 'no': whether the spot is there."""
    for site, side, truths in zip(_SITES, ("left", "right"), (("no", "yes"), ("yes", "no")), strict=True):
        for truth in truths:
            yield truth, _drawn(f"probe presence {site}", site, _MIRRORED[side] if truth == "yes" else None)


@cache
def _drawn(patient: str, site: str, side: Side | None) -> bytes:
    """One drawn slice; `side` is the patient's, None for no spot."""
    spot = KnownFinding(kind="hemorrhage", site=site, side=side, size_mm=_SIZE_MM)
    findings = (complete(_REGION, spot),) if side else ()
    return head.draw(Scene(_REGION, Patient(patient), findings, marked=False), _VIEW).png
