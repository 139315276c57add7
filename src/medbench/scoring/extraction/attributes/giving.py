"""Gives every place, side, size and degree of a clause to the finding that is nearest.

A descriptor ('enhancing') yields to the thing it describes; a preposition leads a place to what precedes
it; a size behind 'measuring' or 'diameter of' belongs to what precedes, if need be in an earlier clause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from medbench.scoring.extraction.attributes.beside import is_adjective, is_beside
from medbench.scoring.extraction.attributes.nearest import is_led, nearest_of, right_behind
from medbench.scoring.extraction.attributes.second_organ import is_listed, row_before, second_organ
from medbench.scoring.extraction.attributes.sizes import is_measured, is_set_off
from medbench.scoring.extraction.attributes.two_amounts import TWO_PAIRS, split
from medbench.scoring.extraction.drafts.sentence_state import TAKEN
from medbench.scoring.extraction.drafts.spill import is_spilled
from medbench.scoring.extraction.phrases.kinds import ANYWHERE, PLACED, SIDES
from medbench.scoring.extraction.places.concepts import belongs
from medbench.scoring.extraction.vocabulary.kin import DESCRIPTORS, NORMAL, TRAITS

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.drafts.sentence_state import Sentence
    from medbench.scoring.extraction.phrases.phrases import Phrases

_NEAR: Final = 6
"""Most words between a finding and its degree, number or change."""
_STATING: Final = frozenset({"verb", "same"})
"""Kinds of what is said of a place that a statement begins with."""
_LISTED: Final = frozenset({"and", "same", *PLACED})
"""Kinds of what stands with it: 'stable mediastinal and hilar contours'."""
_PARTS: Final = frozenset({"calcification", "gas"})
_CYST: Final = "lesion/cyst"
"""Kin and family of what a lesion can have a part of."""


def give_away(sentence: Sentence, attributes: list[int], findings: list[Draft], *, normal_said: bool) -> None:
    """Give the attributes of a clause to its findings, else to the last one before.

    Args:
        sentence: The sentence as far as it was read before this clause.
        attributes: Numbers of the phrases to give away.
        findings: The clause's findings.
        normal_said: True if the clause says of something that it is normal.
    """
    things = [draft for draft in findings if draft.concept is not NORMAL] if normal_said else findings
    if things:
        _attach(sentence, attributes, things)
        if len(things) == 1 and len(attributes) >= TWO_PAIRS:
            split(sentence.phrases, attributes, things)
        if normal_said:
            findings += [draft for draft in things if draft not in findings]
        return
    last = sentence.drafts[-1] if sentence.drafts else None
    if last is not None and last.concept is not NORMAL and not normal_said:
        _carry(sentence, attributes, last)
        return
    size = sentence.phrases.last_size(attributes)
    sentence.loose_size = sentence.loose_size if size is None else size


def _attach(sentence: Sentence, attributes: list[int], findings: list[Draft]) -> None:
    """Give the attributes of a clause to its findings.

    Args:
        sentence: The sentence as far as it was read before this clause.
        attributes: Numbers of the phrases to give away.
        findings: The clause's findings, at least one.
    """
    phrases, first = sentence.phrases, findings[0]
    joined = "and" in phrases.kinds and any(
        draft.concept.place or draft.end > draft.start + 1 for draft in findings
    )
    second: Draft | None = None
    for index in attributes:
        side = sentence.sides.get(index, "")
        if side == TAKEN:
            continue
        kind, value = phrases.kinds[index], phrases.values[index]
        if joined and kind == "place":
            second = _second_at(phrases, index, findings, second)
            if second is not None:
                second.take(kind, value, side)
                continue
        measured = kind == "size" and is_measured(phrases, index)
        if measured and phrases.ends[index] <= first.start and (earlier := sentence.last_thing()) is not None:
            earlier.take(kind, value)
        elif len(findings) > 1:
            _give_to_nearest(sentence, index, findings, side, measured=measured)
        elif kind in PLACED:
            _give(phrases, index, first, side)
            if phrases.starts[index] >= first.end:
                _share(first, kind, value, side, sentence.last_thing())
        elif kind == "size" or _words_between(phrases, index, first) <= _NEAR:
            thing = sentence.last_thing() if measured and first.concept.kin in DESCRIPTORS else None
            # 'A mass with intermediate signal, measuring 3 cm'.
            (thing if thing is not None and thing.size is None else first).take(kind, value)


def _second_at(phrases: Phrases, index: int, findings: list[Draft], before: Draft | None) -> Draft | None:
    """Return the finding of a second organ, which the findings then have; None where a place is of none.

    Args:
        phrases: Those of the sentence.
        index: Number of the place.
        findings: Those of its clause.
        before: The finding of the second organ that the attribute before is of.
    """
    touches = phrases.kinds[index - 1] == "place" and phrases.starts[index] == phrases.ends[index - 1]
    if before is not None and touches:
        return before  # 'Enlarged spleen and mediastinal nodes'.
    second = second_organ(phrases, index, findings)
    findings += [] if second is None else [second]
    return second


def _give_to_nearest(
    sentence: Sentence, index: int, findings: list[Draft], side: str, *, measured: bool
) -> None:
    """Give an attribute to one of several findings: that whose name it stands before, else the nearest."""
    phrases, kind = sentence.phrases, sentence.phrases.kinds[index]
    led = is_led(phrases, index)
    followed = phrases.starts[index + 1] == phrases.ends[index] and (led or kind not in PLACED)
    named = right_behind(phrases, index, findings) if followed else None
    if named is not None and not measured:
        _give(phrases, index, named, side)
        if led and kind in PLACED:
            _give_to_contained(phrases, index, findings, side)
        return
    backward = measured or led or (kind == "size" and is_set_off(phrases, index))
    nearest, distance = nearest_of(sentence, index, findings, backward=backward)
    if kind in ANYWHERE or distance <= _NEAR:
        _give(phrases, index, nearest, side)
        if kind in SIDES:
            # 'Fractures of the clavicle and the scapula on the left'.
            for draft in findings:
                if draft.at == nearest.at and not draft.side:
                    draft.take(kind, phrases.values[index])
        if kind == "place" and backward and nearest.at < index:
            _give_to_joined(phrases, index, nearest, findings, side)


def widened(sentence: Sentence, scope: list[int], attributes: list[int]) -> list[int]:
    """Return attributes with those of the images that show them: their places, or beside other places a side.

    'MR of the right ankle shows a tear of the peroneal tendon' is of that tendon, on the right.

    Args:
        sentence: The sentence as far as it was read before this clause.
        scope: Numbers of the phrases that say what the images are of.
        attributes: Numbers of the phrases that stand behind.
    """
    kinds = sentence.phrases.kinds
    if not scope:
        return attributes
    if all(kinds[index] != "place" for index in attributes):
        return scope + attributes
    if any(kinds[index] in SIDES for index in attributes):
        return attributes
    sided = [index for index in scope if kinds[index] in SIDES]
    for index in sided:
        sentence.sides.pop(index, None)
    return sided + attributes


def _carry(sentence: Sentence, attributes: list[int], earlier: Draft) -> None:
    """Give the places, sides and sizes of a clause without a finding to the last finding before."""
    thing = sentence.last_thing() if earlier.concept.kin in DESCRIPTORS else None
    for index in attributes:
        kind, side = sentence.phrases.kinds[index], sentence.sides.get(index, "")
        if thing is not None and kind == "place" and is_spilled(sentence.phrases, index, thing):
            _give(
                sentence.phrases, index, thing, side
            )  # 'A mass with enhancement that extends into the IVC'.
            continue
        described = kind == "place" and is_adjective(sentence.phrases, index)
        if kind in ANYWHERE and side != TAKEN and not described and not (kind == "size" and earlier.size):
            _give(sentence.phrases, index, earlier, side)


def _give(phrases: Phrases, index: int, draft: Draft, side: str) -> None:
    """Give an attribute to a finding, which is in a place or only beside it."""
    kind, value = phrases.kinds[index], phrases.values[index]
    if kind == "place" and draft.places and _is_next_subject(phrases, index, draft):
        return
    if kind == "place" and draft.places and is_listed(phrases, index, draft):
        draft.row += row_before(phrases, index, draft)
    if kind == "place" and value.path not in draft.places:
        if is_spilled(phrases, index, draft):
            draft.row, draft.spills = (*draft.row, (value.path, side)), (*draft.spills, value.path)
        elif is_beside(phrases, index, draft):
            draft.beside |= {value.path}
    draft.take(kind, value, side)


def _give_to_joined(phrases: Phrases, index: int, nearest: Draft, findings: list[Draft], side: str) -> None:
    """Give a place to what 'and' joins with its finding, too: 'dilatation and stricturing of the ducts'."""
    at = nearest.at
    starts, ends = phrases.starts, phrases.ends
    if phrases.kinds[at - 1] != "and" or starts[at] != ends[at - 1] or starts[at - 1] != ends[at - 2]:
        return
    for draft in findings:
        if draft.at == at - 2 and not draft.places and belongs(draft.concept, phrases.values[index].path):
            _give(phrases, index, draft, side)


def _give_to_contained(phrases: Phrases, index: int, findings: list[Draft], side: str) -> None:
    """Give a place also to what lies in its finding, or at it: 'edema around the left frontal meningioma'."""
    before = [draft for draft in findings if draft.at < index]
    if before and not before[-1].places and before[-1].concept is not NORMAL:
        _give(phrases, index, before[-1], side)


def _share(trait: Draft, kind: str, value: Any, side: str, thing: Draft | None) -> None:
    """Where only a trait of the last finding has a place behind it, the place is that finding's too.

    So it is of a part of a lesion: 'a cyst with a calcified rim in the right lobe'.
    """
    if thing is None or thing.places or thing.concept.kin in TRAITS:
        return
    concept = trait.concept
    part = concept.kin in _PARTS or concept.family == _CYST
    fits = kind != "place" or belongs(thing.concept, value.path)
    if fits and (concept.kin in TRAITS or (part and thing.concept.kin == "lesion")):
        thing.take(kind, value, side)


def _is_next_subject(phrases: Phrases, index: int, draft: Draft) -> bool:
    """True for a place of which the next statement speaks: 'heart enlarged, mediastinal contours stable'."""
    kinds, first, last = phrases.kinds, index - 1, index + 1
    while kinds[first] in _LISTED:
        first -= 1
    # 'Nodules in the liver, spleen and kidney are unchanged' has one subject.
    if kinds[first] != "," or first < draft.at or "place" in kinds[draft.at : first]:
        return False
    while kinds[last] in _LISTED:
        last += 1
    return kinds[last] in _STATING or "same" in kinds[first:index]


def _words_between(phrases: Phrases, index: int, draft: Draft) -> int:
    end = phrases.ends[index]
    return draft.start - end if end <= draft.start else phrases.starts[index] - draft.end
