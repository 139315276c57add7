"""Makes findings of drafts: each with its place, and the name that it has there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.observed import Finding
from medbench.scoring.extraction.places.concepts import belongs, composed, usual
from medbench.scoring.extraction.places.paths import crosses, same_organ, touch
from medbench.scoring.extraction.sentences.own_place import is_known, own_place
from medbench.scoring.extraction.sentences.subject import NOWHERE, Subject
from medbench.scoring.extraction.vocabulary.kin import NORMAL, TRAITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.vocabulary.entries import Concept

_THICKENING: Final = "thickening"
_WALL: Final = frozenset({"wall", "mural"})
"""First words of a finding of the wall of what its sentence has just named."""


def finished(
    draft: Draft,
    there: Subject | Finding,
    before: Sequence[Finding],
    tokens: Sequence[str],
    span: tuple[int, int],
) -> Finding:
    """Return the finding: where it has no place at another one, by the name that it has at its place.

    Args:
        draft: What was read of it.
        there: The place and side that it has without one of its own, if it can be there.
        before: The findings before it in its sentence.
        tokens: Those of its sentence.
        span: That of its sentence.
    """
    concept, (places, side) = draft.concept, own_place(draft, there, tokens)
    named_there = False
    if before and not there.places and tokens[draft.start] in _WALL:
        there = _walled(concept, before[-1])
    if draft.names_the_last:
        there = _named_at(concept, before) or there
        # An infarct is one of the brain, and in the spleen a splenic one.
        named_there = (
            _can_be_in(there.places, usual(concept)) or composed(concept, there.places) is not concept
        )
    if places:
        within = tuple([path for path in places if path not in draft.beside]) if draft.beside else places
        concept = composed(concept, within) if within else concept
        if there.places and crosses(places) and _adds_to(there.places, places):
            # 'Over the right convexity there is a dural mass'.
            places, side = (*places, *there.places), side or there.side
    elif there.places and (
        named_there or (belongs(concept, there.places[0]) and not is_known(draft, tokens))
    ):
        concept = composed(concept, there.places)
        # The particular concept may have another usual place than the general one.
        if named_there or belongs(concept, there.places[0]):
            places, side = there.places, side or there.side
    else:
        concept = composed(concept, ())
    if concept.kin == NORMAL.name:
        # 'No acute cardiopulmonary process' says that the chest is normal.
        concept, places = NORMAL, places or usual(concept)
    words = draft.words or " ".join(tokens[draft.start : draft.end])
    if draft.presence == "absent":
        # What isn't there has no degree, number or change: 'no significant effusion'.
        severity, number, change = 0, 0, ""
    else:
        severity, number, change = draft.severity, draft.number, draft.change
        if places and before and not side:
            # 'An enlarged right ovary with a twisted pedicle of the ovary' is one ovary.
            side = next((one.side for one in reversed(before) if one.side and one.places == places), "")
    return Finding(
        concept,
        draft.presence,
        side,
        places,
        draft.size,
        severity,
        number,
        change,
        draft.sequence,
        words,
        span,
        draft.names_the_last,
    )


def _walled(concept: Concept, last: Finding) -> Subject:
    """Return whose wall is thick: that of what was named last, 'dilated bowel with wall thickening'."""
    return Subject(usual(last.concept), last.side) if concept.name == _THICKENING else NOWHERE


def _named_at(concept: Concept, findings: Sequence[Finding]) -> Finding | None:
    """Return the last finding before at whose place the one that explains it can be, a thing first."""
    usually = usual(concept)
    if usually:
        fitting = (one for one in reversed(findings) if _can_be_in(one.places, usually))
        return next(fitting, None) or next(
            (
                one
                for one in reversed(findings)
                if one.places and composed(concept, one.places) is not concept
            ),
            None,
        )
    placed = [one for one in reversed(findings) if one.places]
    return next((one for one in placed if one.concept.kin not in TRAITS), placed[0] if placed else None)


def _can_be_in(places: tuple[str, ...], usually: tuple[str, ...]) -> bool:
    """True if what usually is in one place can be at others: an infarct, in the territory of an artery."""
    in_brain = usually[:1] == ("brain",) and any(at.startswith("vessel/intracranial") for at in places)
    return in_brain or touch(places, usually)


def _adds_to(where: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """True if places say in which lobe or at which level parts that lie across these are."""
    return not crosses(where) and same_organ(where, parts) and not touch(where, parts)
