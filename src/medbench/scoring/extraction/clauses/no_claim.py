"""Statements that claim nothing of the image: advice, indications, signs in general."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from medbench.scoring.extraction.clauses.clause import Clause
    from medbench.scoring.extraction.phrases.phrases import Phrases

OF_SENTENCE: Final = {
    "aside": "aside", "setting": "conditional", "signs-of": "signs", "teaching": "teaching",
    "uncertain-of": "differing",
}  # fmt: skip
"""Kinds of cue that hold for a sentence, to what of it they make true."""
_LEANS_BACK: Final = frozenset(
    {"is", "are", "not", "cannot", "difficult", "would", "should", "be", "incompletely"}
)
"""First words of a disclaimer that speaks of what precedes it: 'is recommended', 'cannot be assessed'."""
_POINTING: Final = frozenset({"this", "the", "these", "that", "those"})
"""Words in front of what the text has found."""
_BETWEEN, _PARTICIPLE = "between", "ed"


def on_sentence(clause: Clause, index: int) -> None:
    """'Indication:', 'in the right clinical setting', 'the differential for': it is of the sentence."""
    setattr(clause.sentence, OF_SENTENCE[clause.kinds[index]], True)


def on_no_claim(clause: Clause, index: int) -> None:
    """'Evaluate for', 'is recommended': the image itself isn't described."""
    clause.skipped = True
    for draft in (clause.statement or clause.before) if clause.values[index].word in _LEANS_BACK else ():
        # 'Hypodensities, which should be evaluated' are seen all the same.
        draft.dropped = draft in clause.findings


def on_apart(clause: Clause, index: int) -> None:
    """'Distinguishes this abscess from a hematoma': of the two only what the text points to is there."""
    phrases, end = clause.phrases, clause.ends[index]
    if phrases.tokens[end : end + 1] == [_BETWEEN]:
        clause.skipped = True
        return
    points = not _POINTING.isdisjoint(phrases.tokens[end : end + 1])
    if phrases.tokens[end - 1].endswith(_PARTICIPLE) and not points:
        return  # 'A poorly differentiated carcinoma 3 cm from the carina'.
    parting = next((at for at in range(index + 1, clause.end) if _is_from(phrases, at)), None)
    if parting is not None:
        clause.parted_from = clause.starts[parting]
        clause.skipped |= not points


def _is_from(phrases: Phrases, index: int) -> bool:
    return phrases.kinds[index] == "in" and phrases.values[index].word == "from"
