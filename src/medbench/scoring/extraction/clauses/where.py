"""Places and other attributes in a clause, kept for the finding that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.attributes.sizes import is_compared_side, is_of_another
from medbench.scoring.extraction.clauses.found import find
from medbench.scoring.extraction.clauses.missing import DENYING, is_missing, is_prominent
from medbench.scoring.extraction.phrases.kinds import PLACED, SIDES
from medbench.scoring.extraction.phrases.neighbours import COMPARED, FAR
from medbench.scoring.extraction.places.paths import IMAGES, WHOLE
from medbench.scoring.extraction.vocabulary.kin import NORMAL
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.clauses.clause import Clause
    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.phrases.phrases import Phrases
    from medbench.scoring.extraction.vocabulary.entries import Place

_COMPARING: Final = frozenset({"to", "relative", "compared"})
_LEADING: Final = PLACED | {"in", "like", "normal"}
"""Kinds of what stands right before a place that a thing is compared with."""


def on_place(clause: Clause, index: int) -> None:
    """A place: of the nearest finding, or of 'normal', which alone can speak of the study as a whole."""
    before = clause.kinds[index - 1]
    if before in _LEADING and _is_compared(clause.phrases, index, clause.findings):
        return
    if clause.starts[index] <= clause.not_until and clause.spared():
        return
    if before in DENYING and is_missing(clause.phrases, index):
        clause.negated = False
        find(clause, vocabulary().concepts["absence"], index)
    place: Place = clause.values[index]
    path = place.path
    if path == IMAGES:
        clause.sentence.images_said = True
        return
    clause.free.append(index)
    if path != WHOLE:
        clause.attributes.append(index)


def on_attribute(clause: Clause, index: int) -> None:
    """A side, size, degree, number, change or sequence: of the nearest finding."""
    kind = clause.kinds[index]
    if kind == "severe" and is_prominent(clause.phrases, index):
        find(clause, vocabulary().concepts["enlargement"], index)
        return
    if kind in SIDES:
        if clause.starts[index] <= clause.not_until and clause.spared():
            return
        if is_compared_side(clause.phrases, index):
            return
    elif kind == "size" and is_of_another(clause.phrases, index):
        return
    clause.attributes.append(index)


def on_medium(clause: Clause, index: int) -> None:
    """'Oral contrast', 'due to intravenous contrast': that it is dense is not a finding."""
    if clause.findings and _is_medium_of(clause.phrases, index, clause.findings[-1]):
        clause.findings[-1].dropped = True


def _is_compared(phrases: Phrases, index: int, findings: Sequence[Draft]) -> bool:
    """True if a place is one that a thing only goes towards, or is compared with.

    Args:
        phrases: Those of the sentence.
        index: Number of the place.
        findings: Those before it in its clause.
    """
    joint = _before_places(phrases, index - 1, phrases.values[index].path)
    kind = phrases.kinds[joint]
    if kind == "normal":
        joint -= 1  # 'Hypodense compared with the normal spleen'.
        kind = phrases.kinds[joint]
    if kind == "in":
        if phrases.values[joint].word in COMPARED and phrases.kinds[joint + 1] in SIDES:
            return True
        if phrases.values[joint].word in _COMPARING:
            last = next((draft for draft in reversed(findings) if draft.concept is not NORMAL), None)
            if last is not None and last.concept.kin in {"signal", "density"}:
                return True
        if phrases.kinds[joint - 1] == "verb" and phrases.kinds[joint - 2] == "like":
            joint -= 2  # 'Similar in density to those seen in the kidneys'.
    return phrases.kinds[joint] == "like" and phrases.starts[joint + 1] - phrases.ends[joint] <= FAR


def _before_places(phrases: Phrases, at: int, path: str = "") -> int:
    """Return the phrase before a row of sides and places, of those at a path alone if one is given."""
    kinds = phrases.kinds
    while kinds[at] in PLACED and phrases.starts[at + 1] - phrases.ends[at] <= 1:
        if path and kinds[at] == "place" and phrases.values[at].path != path:
            break
        at -= 1
    return at


def _is_medium_of(phrases: Phrases, index: int, draft: Draft) -> bool:
    """True if a density before it is that of what was given to be seen: 'hyperdense oral contrast'."""
    return draft.concept.kin in {"density", "signal"} and 0 <= phrases.starts[index] - draft.end <= FAR
