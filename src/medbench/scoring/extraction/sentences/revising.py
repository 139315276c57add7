"""Looks at the findings of a sentence together, when its clauses are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.sentences.history import HISTORIES, set_history_apart
from medbench.scoring.extraction.sentences.traits import lend_organs, name_fluid_around, place_traits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.phrases.phrases import Phrases

REVISING: Final = HISTORIES | {"old", "fluid"}
"""Words for which even a single finding is looked at again."""
_AGENT: Final = frozenset({"by", "from", "to"})
_WHERE: Final = frozenset({"of", "in", "within", "into", "inside", "around", "near", "beneath", "through"})
"""Words before a definite finding that is there, whatever acts on it or lies in it."""
_DEFINITE: Final = frozenset({"the", "this", "these"})
_ADJECTIVES: Final = 4


def revise(drafts: Sequence[Draft], phrases: Phrases, *, unsure: bool) -> None:
    """Look at the findings of a sentence together: history, what a doubt only refers to, traits of things."""
    tokens, words = phrases.tokens, phrases.words
    if "old" in words or not HISTORIES.isdisjoint(words):
        set_history_apart(drafts, tokens)
    if unsure:
        _keep_known_sure(drafts, tokens)
    if "fluid" in words:
        name_fluid_around(drafts, tokens)
    if len(drafts) > 1:
        place_traits(drafts)
        lend_organs(drafts)


def _keep_known_sure(drafts: Sequence[Draft], tokens: Sequence[str]) -> None:
    """Make sure what a doubt of something else only refers to: 'possibly displaced by the goiter'."""
    doubted = False
    for draft in drafts:
        if draft.presence != "uncertain":
            continue
        leading = _leading(draft.start, tokens)
        if leading in _AGENT or (doubted and leading in _WHERE):
            draft.presence = "present"
        doubted = True


def _leading(start: int, tokens: Sequence[str]) -> str:
    """Return the word before the 'the' of a finding, adjectives between them; empty if there is none."""
    for at in range(start - 1, max(0, start - 1 - _ADJECTIVES), -1):
        if tokens[at] in _DEFINITE:
            return tokens[at - 1]
        if not tokens[at].isalpha():
            break
    return ""


def is_supposed(tokens: Sequence[str]) -> bool:
    """Return True for a sentence such as 'should an abscess remain a concern, CT is advised'."""
    return tokens[0] == "should" and tokens[1:2] != ["be"]
