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
    return large[2] if values[behind] >= large[1] else ""
