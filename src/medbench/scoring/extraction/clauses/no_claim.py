"""Statements that claim nothing of the image: advice, indications, signs in general."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from medbench.scoring.extraction.clauses.clause import Clause

OF_SENTENCE: Final = {
    "aside": "aside", "setting": "conditional", "signs-of": "signs", "teaching": "teaching",
    "uncertain-of": "differing",
}  # fmt: skip
"""Kinds of cue that hold for a sentence, to what of it they make true."""
_LEANS_BACK: Final = frozenset(
    {"is", "are", "not", "cannot", "difficult", "would", "should", "be", "incompletely"}
)
"""First words of a disclaimer that speaks of what precedes it: 'is recommended', 'cannot be assessed'."""


def on_sentence(clause: Clause, index: int) -> None:
    """'Indication:', 'in the right clinical setting', 'the differential for': it is of the sentence."""
    setattr(clause.sentence, OF_SENTENCE[clause.kinds[index]], True)


def on_no_claim(clause: Clause, index: int) -> None:
    """'Evaluate for', 'is recommended': the image itself isn't described."""
    clause.skipped = True
    for draft in (clause.statement or clause.before) if clause.values[index].word in _LEANS_BACK else ():
        # 'Hypodensities, which should be evaluated' are seen all the same.
        draft.dropped = draft in clause.findings
