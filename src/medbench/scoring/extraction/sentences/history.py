"""Sets apart what a sentence says of a person: history, and what somebody of an age has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.observed import POSITIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts.draft import Draft

HISTORIES: Final = frozenset({"history", "hx", "pmh", "pmhx", "psh"})
_RECORDS: Final = frozenset({"medical", "surgical", "pmh", "pmhx", "psh"})
"""Words of a history that is a list of what a person has had."""
_PRESENTING: Final = frozenset(
    {"now", "presents", "presenting", "presented", "who", "which", "shows", "demonstrates"}
)
_PEOPLE: Final = frozenset({"patient", "patients", "old", "male", "female", "man", "woman", "boy", "girl"})
_NAMED_BY: Final = frozenset({"consistent", "compatible", "keeping"})
"""Words before a history that what is seen confirms: 'compatible with the patient's history of cancer'."""
_TOLD: Final = frozenset({"alluded", "described", "given", "mentioned", "noted", "reported", "stated"})
"""Words before the history in which something is told."""
_STILL_SEEN: Final = frozenset({"seen", "present", "visible", "shown", "noted", "confirmed", "demonstrated"})
"""Words behind the history that say that it is there."""
_IN_IT: Final = frozenset({"to", "in", "the", "his", "her", "this", "patient", "s", "clinical", "medical"})
"""Words between these and the history."""
_HISTORY_ENDS: Final = frozenset(
    {",", ";", ":", ".", "with", "now", "new", "presents", "presenting", "presented", "who", "which", "that",
     "is", "are", "was", "were", "has", "have", "shows", "showing", "demonstrates", "demonstrating", "there",
     "this", "these", "suggests", "suggesting", "consistent", "but", "in", "on"}
)  # fmt: skip
"""Words that end what a history holds."""
_NEAR: Final = 5
_FAR: Final = 8
"""Most words from a person to 'history' or from 'in' to 'old', and from that to 'with'."""


def set_history_apart(drafts: Sequence[Draft], tokens: Sequence[str]) -> None:
    """Make past what a sentence gives as history, and drop what it says of a person only.

    'With a history of hysterectomy for fibroids', 'in a 22-year-old with hypertension, the aorta …'.
    """
    if not HISTORIES.isdisjoint(tokens):
        first, end = _told_before(tokens) or _history(tokens)
        for draft in drafts:
            if first <= draft.start < end and draft.presence in POSITIVE:
                draft.presence = "past"
    if "old" in tokens:
        first, end = _person(tokens)
        for draft in drafts:
            if first <= draft.start < end and draft.presence in POSITIVE:
                draft.dropped = True


def _told_before(tokens: Sequence[str]) -> tuple[int, int] | None:
    """Return the tokens before 'mentioned in the history', back to a comma or verb; None without it."""
    at = next(at for at, token in enumerate(tokens) if token in HISTORIES)
    told = next((index for index in range(max(0, at - _NEAR), at) if tokens[index] in _TOLD), None)
    if told is None or "in" not in tokens[told:at] or not _IN_IT.issuperset(tokens[told + 1 : at]):
        return None
    if not _STILL_SEEN.isdisjoint(tokens[at:]):
        return None
    first = told - 1
    while first > 0 and tokens[first - 1] not in _HISTORY_ENDS:
        first -= 1
    return first, told


def _history(tokens: Sequence[str]) -> tuple[int, int]:
    """Return the first token behind 'history of', and the one behind the last that it holds."""
    at = next(at for at, token in enumerate(tokens) if token in HISTORIES)
    if not _RECORDS.isdisjoint(tokens[max(0, at - 1) : at + 1]):
        ends = (end for end in range(at + 1, len(tokens)) if tokens[end] in _PRESENTING)
        return at + 1, next(ends, len(tokens))
    if tokens[at + 1 : at + 2] != ["of"] or not _NAMED_BY.isdisjoint(tokens[max(0, at - _NEAR) : at]):
        return 0, 0
    of_person = not _PEOPLE.isdisjoint(tokens[max(0, at - _NEAR) : at])
    for end in range(at + 2, len(tokens)):
        if tokens[end] in _HISTORY_ENDS or (tokens[end] == "and" and not of_person):
            return at + 2, end
    return at + 2, len(tokens)


def _person(tokens: Sequence[str]) -> tuple[int, int]:
    """Return the tokens between 'in a 22-year-old with' and the next comma, if there is more behind it."""
    at = tokens.index("old")
    start = at - tokens[at::-1].index("in") if "in" in tokens[:at] else at
    opens = start == 0 or tokens[start - 1] == ":"
    if not opens or at - start > _NEAR or "year" not in tokens[start:at]:
        return 0, 0
    near = tokens[at : at + _FAR]
    if "with" not in near or "," not in tokens[at:]:
        return 0, 0
    first, end = at + near.index("with"), tokens.index(",", at)
    return (first, end) if end + 1 < len(tokens) else (0, 0)
