"""Cues behind their findings: 'is not seen', 'has resolved', 'cannot be excluded'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.clauses.denial import on_absent_before
from medbench.scoring.extraction.clauses.past import is_compared_with
from medbench.scoring.extraction.phrases.kinds import ATTRIBUTES
from medbench.scoring.extraction.phrases.phrases import END

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.clauses.clause import Clause
    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.observed import Presence
    from medbench.scoring.extraction.phrases.phrases import Phrases

AFTER: Final[dict[str, Presence]] = {
    "absent-after": "absent", "one-view": "absent", "past-after": "past", "uncertain-after": "uncertain"
}  # fmt: skip
"""Kinds of cue behind their findings, to what they say of these."""
_COMPARISONS: Final = frozenset({"plain", "same", "like", "better", "worse", "new"})
_RELATIVE: Final = frozenset({"which", "that"})
_ANY_IMAGE: Final = frozenset({"image", "images", "slice", "slices"})
"""Words for an image that need not be one of several: 'effusion, not seen on this image'."""
_COULD: Final = frozenset({"could", "would", "may", "might", "can"})


def on_after(clause: Clause, index: int) -> None:
    """'Is not seen', 'has resolved', 'cannot be excluded': what precedes."""
    told = clause.statement or clause.before
    if not told and clause.kinds[index] == "absent-after" and _touches_finding(clause.phrases, index):
        on_absent_before(clause, index)  # 'The scan has not demonstrated a fracture'.
        return
    twice = told and clause.kinds[told[-1].at - 1] == "verb" and _is_joined(clause.phrases, index)
    # 'The artery is occluded and not seen distally' speaks of it twice.
    if not twice and not _is_void(clause.phrases, index) and not _is_denied(told, clause.values[index].word):
        clause.look_back(AFTER[clause.kinds[index]])


def _touches_finding(phrases: Phrases, index: int) -> bool:
    """True if a finding follows a cue, an article or attributes between: 'not seen a small cyst'."""
    at = index + 1
    while phrases.kinds[at] in ATTRIBUTES:
        at += 1
    return phrases.kinds[at] == "finding" and phrases.starts[index + 1] - phrases.ends[index] <= 1


def _is_joined(phrases: Phrases, index: int) -> bool:
    """True if 'and', or 'and is', stands right before a cue."""
    before = index - 2 if phrases.kinds[index - 1] == "verb" else index - 1
    return phrases.kinds[before] == "and" and phrases.starts[index] - phrases.ends[before] <= 1


def _is_void(phrases: Phrases, index: int) -> bool:
    """True if a cue that looks back says nothing: of 'unchanged from 7 years ago', and of one view."""
    if phrases.kinds[index] == "one-view":
        return _is_of_one_view(phrases, index)
    return phrases.values[index].word in {"year", "years", "month"} and _is_dated(phrases, index)


def _is_dated(phrases: Phrases, index: int) -> bool:
    """True if 'years ago' is the time of a comparison: 'unchanged from the study 7 years ago'."""
    at = index - 1
    while phrases.kinds[at] not in {"finding", END}:
        if phrases.kinds[at] in _COMPARISONS or is_compared_with(phrases, at, phrases.ends[at]):
            return True
        at -= 1
    return False


def _is_of_one_view(phrases: Phrases, index: int) -> bool:
    """True if 'not seen on the lateral view' is said by the way: another view shows it.

    So it is in brackets, and behind a comma, 'and' or 'which' unless no other image need be meant.
    """
    before = index - 2 if phrases.kinds[index - 1] == "verb" else index - 1
    if phrases.starts[index] - phrases.ends[before] > 1:
        return False
    kind = phrases.kinds[before]
    by_the_way = kind in {",", "and"} or (kind == "break" and phrases.values[before].word in _RELATIVE)
    return kind == "(" or (by_the_way and phrases.tokens[phrases.ends[index] - 1] not in _ANY_IMAGE)


def _is_denied(told: Sequence[Draft], modal: str) -> bool:
    """True if 'could explain' only says what a thing that is denied before it would mean."""
    return bool(told) and modal in _COULD and told[-1].presence == "absent"
