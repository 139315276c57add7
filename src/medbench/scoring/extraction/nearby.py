"""What stands beside a phrase: the questions that a clause asks of its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.extraction.drafts import SIDES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts import Draft
    from medbench.scoring.extraction.phrases import Phrase

_COMPARING = frozenset({"to", "relative", "compared"})
_FORMERLY = frozenset({"previously", "formerly", "prior", "earlier"})
_CLOSING = frozenset({",", ":", ")", "?"})
_BETWEEN = frozenset({",", "and", "in", *SIDES})


def is_last(phrases: Sequence[Phrase], index: int, end: int, *, after_finding: bool) -> bool:
    """Return True if nothing that a cue can act on follows it in its statement.

    Args:
        phrases: Those of the sentence.
        index: Number of the cue.
        end: Number of the phrase behind the clause.
        after_finding: True if a finding precedes it, to which 'and' or 'in' may lead back.
    """
    if index + 1 == end:
        return True
    following = phrases[index + 1]
    at_once = after_finding and following.start == phrases[index].end
    return following.kind in _CLOSING or (at_once and following.kind in {"in", "and"})


def is_presupposed(phrases: Sequence[Phrase], index: int) -> bool:
    """Return True for the finding whose trait alone is denied: 'no rupture of the aneurysm'."""
    joint, trait = phrases[index - 1], phrases[index - 2]
    of_the = joint.kind == "in" and joint.value.word == "of" and phrases[index].start - joint.end == 1
    return of_the and trait.kind == "finding" and trait.end == joint.start


def is_compared(phrases: Sequence[Phrase], index: int, draft: Draft) -> bool:
    """Return True if a signal or density is only compared with a place: 'isointense to muscle'."""
    before = phrases[index - 1]
    compares = before.kind == "in" and draft.concept.kin in {"signal", "density"}
    return compares and before.value.word in _COMPARING


def is_former_size(phrases: Sequence[Phrase], index: int) -> bool:
    """Return True for a size on an earlier study: '6 mm (previously 4 mm)', '(was 4 mm)'."""
    before, after = phrases[index - 1], phrases[index + 1]
    if after.kind == "past-before" and after.value.word in _FORMERLY:
        return True
    if before.kind in {"past-before", "plain"}:
        return phrases[index].start - before.end <= 1
    if before.kind == "verb":
        return phrases[index - 2].kind in {"(", ","}
    return before.kind == "in" and before.value.word == "compared"


def places_after(phrases: Sequence[Phrase], index: int, end: int) -> tuple[list[int], bool]:
    """Return the places that an adjective 'normal' stands before, and True if it is before a finding."""
    places: list[int] = []
    for at in range(index + 1, end):
        kind, distance = phrases[at].kind, phrases[at].start - phrases[index].end
        if not places and (distance > 3 or kind in {",", "and"}):
            break
        if kind == "finding":
            return places, not places and distance <= 2
        if kind == "place":
            places.append(at)
        elif kind not in _BETWEEN:
            break
    return places, False


def is_missing(phrases: Sequence[Phrase], index: int) -> bool:
    """Return True for a place that is said to be absent before it: 'absence of the left kidney'."""
    at = index - 1
    while phrases[at].kind in SIDES:
        at -= 1
    cue = phrases[at]
    absent = cue.kind in {"absent-either", "absent-before"} and cue.value.word in {"absent", "absence"}
    return absent and phrases[at + 1].start - cue.end <= 2 and _is_head(phrases, index)


def place_that_is_missing(phrases: Sequence[Phrase], index: int) -> bool:
    """Return True if a place stands right before 'absent', and nothing is said to be in it."""
    at = index - 1
    if phrases[at].kind == "verb":
        at -= 1
    place = phrases[at]
    at -= 1
    while phrases[at].kind in SIDES:
        at -= 1
    return place.kind == "place" and _is_head(phrases, phrases.index(place)) and phrases[at].kind != "in"


def is_prominent(phrases: Sequence[Phrase], index: int) -> bool:
    """Return True if 'prominent' says that a place is large: 'prominent pelvic lymph nodes'."""
    if phrases[index].value.word != "prominent":
        return False
    at = index + 1
    while phrases[at].kind in {"place", *SIDES} and phrases[at].start - phrases[at - 1].end <= 1:
        at += 1
    last = phrases[at - 1]
    # The ventricles and sulci of an atrophic brain are prominent too.
    return last.kind == "place" and _is_head(phrases, at - 1) and not last.value.path.startswith("brain")


def _is_head(phrases: Sequence[Phrase], index: int) -> bool:
    """Return True if no unknown word follows a place, as in 'lung markings', nor a finding."""
    after = phrases[index + 1]
    return after.start == phrases[index].end and after.kind != "finding"
