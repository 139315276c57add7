"""A clause while it is being read, and the statements in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.neighbours import CLOSING

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.drafts.sentence_state import Sentence
    from medbench.scoring.extraction.observed import Presence
    from medbench.scoring.extraction.phrases.phrases import Phrases

_TELLING: Final = frozenset({"involve", "involving", "affecting", "extending", "arising"})
"""Prepositions that are verbs: 'likely involves the wall' doubts that, and not what involves it."""


class Clause:
    """A clause while it is being read."""

    __slots__ = (
        "attributes", "before", "doubtable", "doubted", "end", "ends", "findings", "first", "free",
        "kinds", "listing", "negated", "negated_at", "normal_said", "not_from", "not_until",
        "parted_from", "past_until", "phrases", "scope", "sentence", "skipped", "starts",
        "statement", "unsure", "used", "values",
    )  # fmt: skip

    def __init__(self, sentence: Sentence, first: int, end: int) -> None:
        self.sentence = sentence
        self.phrases = phrases = sentence.phrases
        self.kinds, self.values = phrases.kinds, phrases.values
        self.starts, self.ends = phrases.starts, phrases.ends
        self.first, self.end = first, end
        """Numbers of the clause's first phrase and of the one behind its last."""
        self.negated = self.doubted = self.skipped = self.normal_said = False
        self.listing = sentence.listing
        self.unsure, sentence.unsure = sentence.unsure or sentence.listing, False
        self.used, self.negated_at = False, end
        """True once what negates or doubts has met a finding and a verb ends it; the phrase that negates."""
        self.not_from = self.not_until = self.past_until = -1
        """First and last token for 'not', and the last for 'old'."""
        self.parted_from = len(phrases.tokens)
        """First token that is not said to be there: 'from' behind 'distinguishes the cyst'."""
        self.findings: list[Draft] = []
        self.statement: list[Draft] = []
        """Findings since the last verb."""
        self.before = sentence.statement
        """Findings of the statement before."""
        self.doubtable: list[Draft] = []
        """Findings since the last comma."""
        self.attributes: list[int] = []
        """Numbers of the phrases that belong to a finding."""
        self.free: list[int] = []
        """Places since the last finding, of which 'normal' may speak."""
        self.scope: list[int] = []
        """Attributes of the images themselves: 'CT through the ankle shows'."""

    def spared(self) -> bool:
        """True if a side or place behind 'not' is only named to be denied."""
        return self.findings[-1].end <= self.not_from if self.findings else bool(self.before)

    def closes(self, index: int) -> bool:
        """True if nothing that a cue can act on follows it in its statement."""
        told = self.statement or self.before
        return _is_last(self.phrases, index, self.end, after_finding=bool(told))

    def look_back(self, presence: Presence, *, last: bool = False) -> None:
        """Say of what precedes, or of the last of it, how it is meant."""
        drafts = (self.statement or self.before)[-1 if last else 0 :]
        for draft in doubted(drafts, self.doubtable) if presence == "uncertain" else drafts:
            draft.presence = presence


def _is_last(phrases: Phrases, index: int, end: int, *, after_finding: bool) -> bool:
    """True if nothing that a cue can act on follows it in its statement.

    Args:
        phrases: Those of the sentence.
        index: Number of the cue.
        end: Number of the phrase behind the clause.
        after_finding: True if a finding precedes it, to which 'and' or 'in' may lead back.
    """
    if index + 1 == end:
        return True
    following = phrases.kinds[index + 1]
    at_once = after_finding and phrases.starts[index + 1] == phrases.ends[index]
    if following == "in" and phrases.values[index + 1].word in _TELLING:
        return False
    return following in CLOSING or (at_once and following in {"in", "and"})


def doubted(drafts: list[Draft], late: list[Draft]) -> list[Draft]:
    """Return which findings a doubt behind them is of: the late ones, and of these what is not denied.

    'Edema, and a fracture cannot be excluded' doubts the fracture alone.
    """
    drafts = [draft for draft in drafts if draft in late] or drafts
    return [draft for draft in drafts if draft.presence == "present"] or drafts
