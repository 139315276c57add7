"""Denial: 'no', 'not', 'absent', 'non-'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.clauses.found import find
from medbench.scoring.extraction.clauses.missing import place_that_is_missing
from medbench.scoring.extraction.phrases.kinds import PLACED
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from medbench.scoring.extraction.clauses.clause import Clause

NOT_REACH: Final = 2
"""Number of words behind it that 'not' acts on."""


def on_absent_before(clause: Clause, index: int) -> None:
    """'No': to the end of the clause, or to the verb behind its findings."""
    clause.negated, clause.used, clause.negated_at = True, False, index


def on_not(clause: Clause, index: int) -> None:
    """'Not': the next words; at the end of the clause, 'the right is not', the side before it."""
    clause.not_from, clause.not_until = clause.starts[index], clause.ends[index] + NOT_REACH
    if index + 1 == clause.end and clause.attributes and clause.kinds[clause.attributes[-1]] in PLACED:
        last = clause.attributes.pop()
        clause.free = [place for place in clause.free if place != last]


def on_non(clause: Clause, index: int) -> None:
    """'Non-enhancing': the next word."""
    clause.not_until = clause.ends[index]


def on_absent(clause: Clause, index: int) -> None:
    """'Absent': what precedes; at the beginning of its statement what follows."""
    if not clause.statement and place_that_is_missing(clause.phrases, index):
        find(clause, vocabulary().concepts["absence"], index)
    elif clause.kinds[index - 1] == "verb" or (
        clause.closes(index) and clause.starts[index + 1] == clause.ends[index]
    ):
        clause.look_back("absent")
    else:
        on_absent_before(clause, index)
