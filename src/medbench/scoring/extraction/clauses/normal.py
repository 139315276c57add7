"""Normality: places, findings that 'normal' denies, and results of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.clauses.denial import NOT_REACH
from medbench.scoring.extraction.drafts.draft import Draft
from medbench.scoring.extraction.phrases.kinds import CHANGES, DEGREES, PLACED, SIDES
from medbench.scoring.extraction.vocabulary.kin import DESCRIPTORS, KEPT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.clauses.clause import Clause
    from medbench.scoring.extraction.phrases.phrases import Phrases

_BETWEEN: Final = frozenset({",", "and", "in", *SIDES})
_ROW: Final = frozenset({"place", "and", ",", *SIDES})
"""Kinds of what stands between an adjective and the finding that it describes."""
_USUAL: Final = frozenset({"normal", "within", "nl", "wnl", "unremarkable", "neg", "negative", "appear"})
"""First words of cues that say of a finding that it is none."""
_TESTS: Final = frozenset(
    {"screen", "test", "workup", "study", "scan", "exam", "examination", "evaluation", "assessment", "survey"}
)
"""Words that may stand between what is looked for and what came of it: 'thrombosis screen negative'."""
_LOOKING: Final = frozenset({"for", "of"})
"""Last words of what leads to what is looked for."""


def on_normal(clause: Clause, index: int) -> None:
    """'Normal': the places before it, the places right after it, or the finding right after it."""
    start, end = clause.starts[index], clause.ends[index]
    if start <= clause.not_until:
        clause.not_until = -1  # 'Not normal' denies nothing else.
        return
    if clause.kinds[index - 1] == "absent-before":
        return
    if _answers(clause.phrases, index, clause.statement or clause.before):
        clause.look_back("absent")  # 'The test for thrombosis is negative'.
        return
    clause.normal_said = True
    if index + 1 < clause.end and clause.kinds[index + 1] == "in":
        clause.negated, clause.used = True, False  # 'normal in size' denies what it lists
    if clause.values[index].word == "symmetric" and _describes_finding(clause.phrases, index):
        return
    places, negates = _places_after(clause.phrases, index, clause.end)
    if negates and clause.values[index].word in {"normal", "negative"}:
        clause.not_until = max(end + NOT_REACH, _end_of_traits(clause.phrases, index))
        return
    if not places and clause.findings and _is_denied_by_normal(clause.phrases, index):
        clause.look_back("absent", last=True)
    places = places or clause.free
    clause.attributes = [kept for kept in clause.attributes if kept not in places]
    for place in places:
        side = clause.sentence.sides.get(place, "")
        clause.findings.append(Draft.normal(clause.values[place], side, index, start, end))
    clause.free.clear()


def on_positive(clause: Clause, index: int) -> None:
    """'Positive': there is what the test before it was for."""
    _answers(clause.phrases, index, clause.statement or clause.before)


def _places_after(phrases: Phrases, index: int, end: int) -> tuple[list[int], bool]:
    """Return the places that an adjective 'normal' stands before, and True if it is before a finding."""
    places: list[int] = []
    for at in range(index + 1, end):
        kind, distance = phrases.kinds[at], phrases.starts[at] - phrases.ends[index]
        if not places and (distance > 3 or kind in {",", "and"}):
            break
        if kind == "finding":
            return places, not places and distance <= 2
        if kind == "place":
            places.append(at)
        elif kind not in _BETWEEN:
            break
    return places, False


def _describes_finding(phrases: Phrases, index: int) -> bool:
    """True for an adjective before a row of places and a finding: 'symmetric hilar and mediastinal nodes'."""
    at = index + 1
    while phrases.kinds[at] in _ROW and phrases.starts[at] - phrases.ends[at - 1] <= 1:
        at += 1
    return at > index + 1 and phrases.kinds[at] == "finding" and phrases.starts[at] == phrases.ends[at - 1]


def _end_of_traits(phrases: Phrases, index: int) -> int:
    """Return the last token of the traits behind 'normal': 'the normal high-signal (bright) fatty marrow'."""
    kinds, at = phrases.kinds, index + 1
    while phrases.starts[at] - phrases.ends[at - 1] <= 1 and (
        kinds[at] in "()" or (kinds[at] == "finding" and phrases.values[at].kin in DESCRIPTORS)
    ):
        at += 1
    return phrases.ends[at - 1]


def _is_denied_by_normal(phrases: Phrases, index: int) -> bool:
    """True for a 'normal' that denies what precedes it: 'interstitial markings are normal'."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    word, at = phrases.values[index].word, index - 1
    if kinds[at] == "verb" and starts[index] == ends[at]:
        at -= 1
    elif word != "appear" and not _is_test(phrases, at):
        return False
    touches = kinds[at] == "finding" and (starts[at + 1] == ends[at] or _is_test(phrases, at))
    return touches and word in _USUAL and phrases.values[at].kin not in KEPT


def _is_test(phrases: Phrases, at: int) -> bool:
    """True if a finding is what the one word behind it looks for."""
    end = phrases.ends[at]
    return phrases.starts[at + 1] == end + 1 and phrases.tokens[end] in _TESTS


def _answers(phrases: Phrases, index: int, looked_for: Sequence[Draft]) -> bool:
    """Take up what was looked for if a word says what came of it: 'the test for thrombosis is negative'.

    Args:
        phrases: Those of the sentence.
        index: Number of that word.
        looked_for: The findings before it.
    """
    if not looked_for or not looked_for[-1].dropped:
        return False
    last, kinds = looked_for[-1], phrases.kinds
    before = index - 1 if kinds[index - 1] == "verb" else index
    cue = looked_for[0].at - 1
    while kinds[cue] in PLACED or kinds[cue] in DEGREES or kinds[cue] in CHANGES:
        cue -= 1
    if kinds[before - 1] in SIDES:
        before -= 1
    touches = phrases.starts[before] - last.end <= 1
    if not touches or kinds[cue] != "no-claim" or phrases.tokens[phrases.ends[cue] - 1] not in _LOOKING:
        return False
    for draft in looked_for:
        draft.dropped = False
    return True
