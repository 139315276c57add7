"""Divides a sentence into clauses, and reads these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.clauses.clause import Clause
from medbench.scoring.extraction.clauses.reading import read_clause
from medbench.scoring.extraction.phrases.kinds import SIDES
from medbench.scoring.extraction.vocabulary.kin import NORMAL

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts.sentence_state import Sentence
    from medbench.scoring.extraction.phrases.phrases import Phrases

SPEAKING: Final = frozenset({"finding", "denied", "normal"})
_TURNING: Final = {"but", "however", "although", "though", "there", "yet", "while", "whereas", "which"}
"""First words of what ends a list of what is not sure."""
_NAMING: Final = frozenset(
    {"consistent", "compatible", "in", "representing", "c", "diagnostic", "indicating", "denoting",
     "signifying", "corresponding", "corresponds", "pointing"}
)  # fmt: skip
"""First words of what only names the finding before: 'consistent with', 'in keeping with'."""
_RELATIVE: Final = frozenset({"which", "that"})
_MODAL: Final = frozenset({"might", "could", "may", "suggest", "suggests"})
_SIDE_ALONE: Final = SIDES | {"in", ","}


def read_clauses(sentence: Sentence, *, divided: bool) -> None:
    """Read the clauses one after the other; breaks such as ';' or 'consistent with' stand between them."""
    phrases, kinds, values = sentence.phrases, sentence.phrases.kinds, sentence.phrases.values
    start, names_the_last, end, follows = 1, False, len(kinds) - 1, ""
    if not divided:
        read_clause(Clause(sentence, start, end), names_the_last=False)
        return
    breaks = [at for at, kind in enumerate(kinds) if kind == "break" and not _after_side(phrases, at)]
    for index in (*breaks, end):
        word = values[index].word if index < end else ""
        names = word in _NAMING
        if names and SPEAKING.isdisjoint(kinds[:index]):
            # 'A cleft of the left lobe consistent with schizencephaly': the name's place stands before.
            continue
        if start < index:
            clause = Clause(sentence, start, index)
            if follows in _RELATIVE:
                clause.negated = _is_denied_remark(sentence, start - 1)
            read_clause(clause, names_the_last=names_the_last)
        if sentence.listing and word in _TURNING and kinds[index - 1] != "uncertain-list":
            sentence.listing = False
        follows = word
        start, names_the_last = index + 1, names


def _after_side(phrases: Phrases, index: int) -> bool:
    """True for 'there is' behind nothing but a side: 'on the right there is a mass'."""
    return phrases.values[index].word == "there" and _SIDE_ALONE.issuperset(phrases.kinds[1:index])


def _is_denied_remark(sentence: Sentence, index: int) -> bool:
    """True if 'which' leads to what something would mean that is denied before it.

    'No air-fluid level, which would suggest an abscess', 'no oedema that might indicate a strain'. Behind a
    comma, 'which may suggest' is what its absence means.

    Args:
        sentence: It, as far as it was read.
        index: Number of the phrase that parts its clauses.
    """
    phrases, drafts = sentence.phrases, sentence.drafts
    if phrases.kinds[index + 1] != "uncertain-before":
        return False
    if phrases.starts[index + 1] - phrases.ends[index] > 1:
        return False
    modal = phrases.values[index + 1].word
    denied = bool(drafts) and drafts[-1].presence == "absent" and drafts[-1].concept is not NORMAL
    return denied and (modal == "would" or (modal in _MODAL and phrases.kinds[index - 1] != ","))
