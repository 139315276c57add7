"""Doubt: 'possible', 'versus', 'the differential includes'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.kinds import SIDES
from medbench.scoring.extraction.phrases.neighbours import is_head

if TYPE_CHECKING:
    from medbench.scoring.extraction.clauses.clause import Clause
    from medbench.scoring.extraction.phrases.phrases import Phrases

_WITHIN: Final = frozenset({"in", "within", "at", "along", "near", "from", "overlying"})
_CAUSE: Final = "uncertain-cause"
_CAUSED: Final = frozenset(
    {"due", "secondary", "related", "associated", "consistent", "compatible", "representing", "reflecting"}
)
_OF_NAMES: Final = frozenset(
    {"of", "for", "suggesting", "represent", "representing", "reflect", "reflecting"}
)
"""Last words of doubts that a name follows, known or not."""
_MAY: Final = frozenset({"may", "might", "could", "perhaps", "most"})
_FAR: Final = 6
"""Most words between a preposition and its place."""


def on_uncertain_before(clause: Clause, index: int) -> None:
    """'Possible', '?': what follows; at the end of its statement, 'tumor suspected', what precedes."""
    if _is_alternative(clause.phrases, index):
        on_uncertain_list(clause, index)
    elif (clause.statement or clause.before) and _is_of_place(clause.phrases, index):
        return
    elif _leads_on(clause.phrases, index):
        clause.sentence.unsure = True
    elif clause.closes(index) and not (
        _says_of_what(clause.phrases, index) or _joins_a_name(clause.phrases, index)
    ):
        clause.look_back("uncertain")
    else:
        clause.unsure, clause.used = True, False


def on_uncertain_list(clause: Clause, _index: int) -> None:
    """'The differential includes': all that follows."""
    clause.unsure = clause.listing = clause.sentence.listing = True
    clause.used = False


def on_namely(clause: Clause, index: int) -> None:
    """'Specifically', 'such as': what follows is as sure as what it explains."""
    if clause.unsure or clause.doubted:
        on_uncertain_list(clause, index)


def on_versus(clause: Clause, index: int) -> None:
    """'Versus': both sides are unsure; between two places it leaves open where, and not if."""
    if _is_between_places(clause.phrases, index) or "size" in clause.kinds[index - 1 : index + 2]:
        return
    for draft in (clause.statement or clause.before)[-1:]:
        if draft.presence == "present":
            draft.presence = "uncertain"
    clause.unsure, clause.used = True, False


def _is_alternative(phrases: Phrases, index: int) -> bool:
    """True for the doubt of an alternative behind 'or': 'or less likely, a cyst'."""
    joint = phrases.kinds[index - 1] == "and" and phrases.values[index - 1].word == "or"
    return joint and phrases.starts[index] - phrases.ends[index - 1] <= 1 and phrases.kinds[index + 1] == ","


def _is_of_place(phrases: Phrases, index: int) -> bool:
    """True for a doubt about where alone: 'a nodule, likely in the lingula'."""
    joint = index + 1
    if phrases.kinds[joint] != "in" or phrases.starts[joint] != phrases.ends[index]:
        return False
    at = joint + 1
    while phrases.kinds[at] in SIDES or phrases.kinds[at] == "in":
        at += 1
    near = phrases.starts[at] - phrases.ends[joint] <= _FAR
    return phrases.kinds[at] == "place" and near and phrases.values[joint].word in _WITHIN


def _says_of_what(phrases: Phrases, index: int) -> bool:
    """True for a doubt about a cause, 'possibly from pleuritis', or a name, 'suggestive of X'."""
    if phrases.kinds[index] == _CAUSE:
        return True
    end = phrases.ends[index]
    if phrases.tokens[end - 1] in _OF_NAMES and phrases.starts[index + 1] > end:
        return True
    return phrases.kinds[index + 1] == "in" and phrases.values[index + 1].word == "from"


def _joins_a_name(phrases: Phrases, index: int) -> bool:
    """True for the doubt of a name that nobody knows behind 'and': 'and likely the scalene muscle'."""
    before = index - 1
    joined = phrases.kinds[before] == "and" and phrases.values[before].word == "and"
    return (
        joined
        and phrases.ends[before] == phrases.starts[index]
        and phrases.starts[index + 1] > phrases.ends[index]
    )


def _leads_on(phrases: Phrases, index: int) -> bool:
    """True for a doubt about what stands behind a break: 'may be changes due to edema'."""
    if phrases.kinds[index + 1] != "break" or phrases.values[index + 1].word not in _CAUSED:
        return False
    word = phrases.values[index].word
    apart = phrases.starts[index + 1] > phrases.ends[index]
    return apart or word in _MAY or word.endswith("ly")


def _is_between_places(phrases: Phrases, index: int) -> bool:
    """True if a place stands before and behind: 'the cord and/or the conus'."""
    at = index + 1
    while phrases.kinds[at] in SIDES:
        at += 1
    return phrases.kinds[index - 1] == phrases.kinds[at] == "place" and is_head(phrases, at)
