"""Makes findings of lymph nodes and organs that are large by their size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.paths import within
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from medbench.scoring.extraction.phrases.phrases import Phrases

_NODE: Final = "lymph node"
_ENLARGED: Final = 10.0
"""A place, and the least extent in mm that is too large for it."""
_LARGE: Final[tuple[tuple[str, float, str], ...]] = (
    ("abdomen/spleen", 140.0, "splenomegaly"),
    ("abdomen/liver", 190.0, "hepatomegaly"),
    ("abdomen/bowel/appendix", 7.5, "appendicitis"),
    ("abdomen/bile duct", 10.0, "biliary dilatation"),
    ("vessel/pulmonary", 33.0, "pulmonary artery enlargement"),
    ("aorta/abdominal", 30.0, "aortic dilatation"),
    ("aorta", 42.0, "aortic dilatation"),
)
"""Places that are measured, the least extent in mm that is too large at any age, and what they are then."""
_WIDEST: Final = {"appendicitis": 25.0}
"""The extent in mm above which it is a length, of which nobody said so."""
_BY_LENGTH: Final = frozenset({"splenomegaly", "hepatomegaly"})
"""What is told by how long an organ is, and not by how wide."""
_LENGTH: Final = frozenset({"long", "length"})
_APART: Final = frozenset(
    {"below", "above", "from", "away", "behind", "beyond", "off", "to", "beneath", "under", "inferior"}
    | {"superior", "distal", "proximal", "lateral", "medial", "posterior", "anterior", "caudal", "cranial"}
)
"""Words behind a size that is a distance: '3 cm below the cecum'."""


def find_large(phrases: Phrases) -> bool:
    """Make a finding of a lymph node or an organ that is large by its size; return False without one."""
    kinds, values = phrases.kinds, phrases.values
    for at, kind in enumerate(kinds):
        if kind == "place" and (name := _large(phrases, at, values[at].path)):
            end = phrases.ends[at]
            phrases.insert(at + 1, "finding", vocabulary().concepts[name], end - 1, end)
            return True
    return False


def _large(phrases: Phrases, at: int, path: str) -> str:
    """Return what a place is if the size that is given is too large for it; empty if it is not."""
    kinds, values = phrases.kinds, phrases.values
    if path == _NODE:
        sizes = [value for kind, value in zip(kinds, values, strict=True) if kind == "size"]
        return "lymphadenopathy" if max(sizes) >= _ENLARGED else ""
    large = next((row for row in _LARGE if within(path, row[0])), None)
    if large is None or "normal" in kinds:
        return ""
    behind = at + 1
    while kinds[behind] in {"verb", "measure"}:
        behind += 1
    if kinds[behind] != "size":
        behind = at - 1
        if kinds[behind] != "size" or phrases.starts[at] > phrases.ends[behind]:
            return ""
    _, least, name = large
    too_large = least <= values[behind] <= _WIDEST.get(name, values[behind])
    if not too_large or _is_no_width(phrases, at, behind, name):
        return ""
    return name


def _is_no_width(phrases: Phrases, at: int, size: int, name: str) -> bool:
    """True for how far something is from the place, or how long one is that is too large by its width."""
    behind = phrases.tokens[phrases.ends[size] : phrases.ends[size] + 2]
    if behind and behind[0] in _APART:
        return True
    said = {*phrases.tokens[phrases.ends[at] : phrases.starts[size]], *behind}
    return name not in _BY_LENGTH and not said.isdisjoint(_LENGTH)
