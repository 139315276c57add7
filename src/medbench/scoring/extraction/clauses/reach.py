"""How far cues reach: to a verb, a comma or 'and'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.clauses.doubt import on_uncertain_list, on_versus
from medbench.scoring.extraction.phrases.kinds import ATTRIBUTES, CHANGES, DEGREES, NUMBERS, PLACED
from medbench.scoring.extraction.vocabulary.kin import NORMAL

if TYPE_CHECKING:
    from medbench.scoring.extraction.clauses.clause import Clause
    from medbench.scoring.extraction.phrases.phrases import Phrases

_SHOWING: Final = frozenset(
    {"shows", "showed", "demonstrates", "demonstrated", "reveals", "revealed", "is", "are"}
)
"""Verbs in front of what an examination shows now."""
_LISTED: Final = frozenset({"finding", ",", "in", "describing", *PLACED, *DEGREES, *NUMBERS, *CHANGES})
"""Kinds that stand between a doubt and the last of its alternatives."""
_CONCEDING: Final = frozenset({"while", "although", "though", "despite", "whereas"})
_TOLD: Final = (_LISTED | {"size"}) - {",", "in"}
"""Kinds of what 'is' stands before where it tells what signs are."""
_SEEN: Final = frozenset({"identified", "noted", "seen", "demonstrated", "visualized"})
_DENYING_ONE: Final = frozenset({"no", "lack", "absence", "absent", "loss"})
"""Words that may deny one thing in a list of others."""
_TELLING_ITEM: Final = frozenset({"in", "size", *PLACED, *DEGREES})
"""Kinds of what is said of something that is there."""
_PARTING: Final = frozenset({",", "break", "verb"})
_NEAR: Final = 3
"""Most words from a verb to what it tells."""


def on_verb(clause: Clause, index: int) -> None:
    """A verb ends a statement, and a negation or doubt that has met its finding."""
    if _is_attributive(clause.phrases, index):
        return
    compared = clause.negated and _is_seen_in_disease(clause.phrases, index)
    if clause.sentence.images_said and not clause.findings and not clause.scope:
        clause.scope, clause.attributes = clause.attributes, []
    if clause.statement:
        clause.before, clause.statement = clause.statement, []
        clause.sentence.aside |= clause.sentence.teaching and _tells_what(clause.phrases, index)
    if clause.used:
        clause.negated = clause.unsure = clause.listing = clause.doubted = False
    if clause.values[index].word in _SHOWING and clause.kinds[index - 1] != "past-before":
        clause.past_until = -1
    clause.skipped = compared
    if clause.parted_from < clause.starts[index]:
        clause.parted_from = len(clause.phrases.tokens)


def on_include(clause: Clause, index: int) -> None:
    """'Includes': a verb, behind which the list of a differential stands."""
    on_verb(clause, index)
    clause.sentence.aside |= clause.sentence.signs
    if clause.sentence.differing:
        on_uncertain_list(clause, index)


def on_mark(clause: Clause, index: int) -> None:
    """A comma or colon ends a doubt, unless it is of a list, and what 'although there is no …' denies."""
    if clause.unsure and clause.used and _opens_list(clause.phrases, index):
        return
    if clause.negated:
        conceded = clause.used and _concedes(clause.phrases, index)
        listed = clause.kinds[clause.negated_at - 1] == ","
        clause.negated = not (conceded or (listed and _is_item(clause, clause.negated_at, index)))
    clause.doubtable = []
    clause.doubted = clause.unsure
    clause.unsure = clause.listing


def on_bracket(clause: Clause, index: int) -> None:
    """A closing bracket ends a denial that began in the brackets: 'effusion (no pneumothorax), fractures'."""
    phrases = clause.phrases
    goes_on = phrases.kinds[index + 1] == "and" and phrases.values[index + 1].word == "or"
    if clause.negated and not goes_on and "(" not in clause.kinds[clause.negated_at : index]:
        clause.negated = "(" not in clause.kinds[clause.first : index]


def on_and(clause: Clause, index: int) -> None:
    """'And' ends the reach of 'old', and a denial of one side; 'or' between two findings doubts both."""
    clause.past_until = -1
    if clause.negated and clause.used and _contrasts(clause, index):
        clause.negated = False
    if not clause.negated and _leaves_open(clause.phrases, index):
        on_versus(clause, index)


def _is_attributive(phrases: Phrases, index: int) -> bool:
    """True for a participle behind 'or' that goes on with a list: 'no nodule or identified mass'."""
    if phrases.kinds[index + 1] != "finding" or phrases.kinds[index - 1] != "and":
        return False
    touches = phrases.ends[index - 1] == phrases.starts[index]
    return touches and phrases.values[index - 1].word == "or" and phrases.values[index].word in _SEEN


def _is_seen_in_disease(phrases: Phrases, index: int) -> bool:
    """True for a verb that says where else a thing is seen: 'no tram tracks as seen in meningioma'."""
    named = phrases.kinds[index + 1] == "in" and phrases.kinds[index + 2] == "finding"
    return named and phrases.starts[index + 1] == phrases.ends[index] and phrases.values[index + 2].is_disease


def _tells_what(phrases: Phrases, index: int) -> bool:
    """True if a verb tells what something is: 'include', and 'is' or 'are' before a finding."""
    if phrases.kinds[index] == "include":
        return True
    near = phrases.starts[index + 1] - phrases.ends[index] <= _NEAR
    return near and phrases.values[index].word in {"is", "are"} and phrases.kinds[index + 1] in _TOLD


def _opens_list(phrases: Phrases, index: int) -> bool:
    """True for a comma between alternatives: 'possibly a cyst, scarring, or pneumonia'."""
    at, named = index + 1, False
    while phrases.kinds[at] in _LISTED:
        named |= phrases.kinds[at] == "finding"
        at += 1
    ends = phrases.kinds[at] == "and" and phrases.values[at].word == "or"
    return ends and (named or phrases.kinds[at + 1] in _LISTED)


def _concedes(phrases: Phrases, index: int) -> bool:
    """True for the last comma of 'although there is no fracture or effusion, the disc bulges'."""
    behind = phrases.kinds[index + 1 :]
    begins = phrases.kinds[1] == "break" and phrases.values[1].word in _CONCEDING
    # 'Without sign of fracture, effusion is present'; a list such as 'fracture, effusion or mass' goes on.
    begins |= phrases.tokens[0] == "without" and "verb" in behind and "and" not in behind
    return begins and "," not in behind


def _is_item(clause: Clause, denier: int, index: int) -> bool:
    """True for the comma behind a denied item of a list that tells what is there.

    'Cardiomegaly, no effusion, a nodule in the left lung' has a nodule. What stands there without a place or
    degree, or goes on with 'and' or 'or', is denied too: 'cardiomegaly, no effusion, pneumothorax'.
    """
    kinds = clause.kinds
    denies_one = clause.values[denier].word in _DENYING_ONE
    if not denies_one or not clause.statement or clause.statement[0].presence != "present":
        return False
    if not clause.used and "place" not in kinds[denier:index]:
        return False
    end = next((at for at in range(index + 1, clause.end) if kinds[at] in _PARTING), clause.end)
    item = kinds[index + 1 : end]
    told = "finding" in item and not _TELLING_ITEM.isdisjoint(item)
    joined = any(kinds[at] == "and" and kinds[at + 1] == "finding" for at in range(index, clause.end))
    return told and not joined


def _contrasts(clause: Clause, index: int) -> bool:
    """True if what follows 'and' is there, beside what is denied before it.

    'No effusion on the left and a large effusion on the right', 'no acute disease as well as a hernia'.
    """
    phrases, denied = clause.phrases, clause.findings[-1].concept
    behind = phrases.ends[index]
    told = phrases.tokens[behind : behind + 1] in (["a"], ["an"])
    if phrases.values[index].word == "as" and (told or denied.name.endswith(NORMAL.name)):
        return True
    parts = phrases.kinds[clause.negated_at : index], phrases.kinds[index : clause.end]
    if any(PLACED.isdisjoint(part) for part in parts):
        return False  # 'No small nodule and large nodule in either lung'.
    at = index + 1
    while phrases.kinds[at] in ATTRIBUTES:
        told |= phrases.kinds[at] in DEGREES
        at += 1
    return told and phrases.kinds[at] == "finding" and phrases.values[at] is denied


def _leaves_open(phrases: Phrases, index: int) -> bool:
    """True for an 'or' between two findings."""
    one, other = index - 1, index + 1
    both = phrases.kinds[one] == phrases.kinds[other] == "finding"
    return phrases.values[index].word == "or" and both and phrases.values[one] is not phrases.values[other]
