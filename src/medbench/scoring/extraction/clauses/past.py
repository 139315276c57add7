"""Past findings: 'old', 'resolved', 'status post'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.clauses.clause import Clause
    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.phrases.phrases import Phrases

_PAST_REACH: Final = 4
"""Number of words behind it that 'old' acts on."""
_OF_NEXT: Final = frozenset({"prior", "previous", "old", "former", "known", "past"})
"""Adjectives of the past: 'a mass at the prior surgical site' is a mass now."""
_FROM: Final = frozenset({"from", "to", "on", "compared", "relative"})
"""First words of what leads to an earlier study."""
_HAVING: Final = frozenset({"has", "have", "had"})


def on_past_before(clause: Clause, index: int) -> None:
    """'Old', 'resolved': the next words; 'has completely resolved', what precedes."""
    reach, following = index, index + 1
    plain = clause.kinds[following] == "plain"
    if plain and clause.starts[index + 2] == clause.ends[following]:
        reach = following  # 'resolution of the previously noted effusion'
    elif clause.closes(index) or plain or _is_perfect(clause.phrases, index, clause.before):
        if _looks_back(clause.phrases, index):
            clause.look_back("past", last=_is_set_apart(clause.phrases, index))
        return
    clause.past_until = clause.ends[reach] + _PAST_REACH


def _looks_back(phrases: Phrases, index: int) -> bool:
    """True if a cue of the past can speak of what precedes it: 'tumor, now resected'.

    The end of a comparison does not: 'unchanged from prior'.
    """
    if phrases.values[index].word not in _OF_NEXT:
        return True
    unknown = phrases.starts[index + 1] > phrases.ends[index]
    return not unknown and not is_compared_with(phrases, index - 1, phrases.starts[index])


def is_compared_with(phrases: Phrases, at: int, start: int) -> bool:
    """Return True for the preposition of a comparison no more than a word before a token."""
    leads = phrases.kinds[at] == "like" or (phrases.kinds[at] == "in" and phrases.values[at].word in _FROM)
    return leads and start - phrases.ends[at] <= 1


def _is_set_apart(phrases: Phrases, index: int) -> bool:
    """True if a cue of the past stands behind a comma: 'in the site of glioma, treated before'."""
    before = index - 1
    while phrases.kinds[before] == "past-before":
        before -= 1
    return phrases.kinds[before] == ","


def _is_perfect(phrases: Phrases, index: int, told: Sequence[Draft]) -> bool:
    """True for what is over, whatever follows: 'the edema has resolved two years later'."""
    at = index - 1
    has = bool(told) and phrases.kinds[at] == "verb" and phrases.values[at].word in _HAVING
    return has and phrases.starts[index] - phrases.ends[at] <= 1
