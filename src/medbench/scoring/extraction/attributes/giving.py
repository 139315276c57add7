"""Gives every place, side, size and degree of a clause to the finding that is nearest.

A descriptor ('enhancing') yields to the thing it describes; a preposition leads a place to what precedes
it; a size behind 'measuring' or 'diameter of' belongs to what precedes, if need be in an earlier clause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from medbench.scoring.extraction.clauses.nearby import AWAY, COMPARED, is_adjective, is_beside
from medbench.scoring.extraction.drafts.draft import (
    ANYWHERE,
    ATTRIBUTES,
    DEGREES,
    DESCRIPTORS,
    NORMAL,
    PLACED,
    SIDES,
    TAKEN,
    TRAITS,
)
from medbench.scoring.extraction.phrases.phrases import END
from medbench.scoring.extraction.places.paths import belongs, is_listed, is_spilled, second_organ

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts.draft import Draft, Sentence
    from medbench.scoring.extraction.observed import Side
    from medbench.scoring.extraction.phrases.phrases import Phrases

_NEAR: Final = 6
"""Most words between a finding and its degree, number or change."""
_DESCRIPTOR: Final = 4.0
_BACKWARD: Final = 6.0
_DESCRIPTOR_SIZE: Final = 50.0
"""Added to a distance: for a descriptor, in the wrong direction, for a descriptor's size."""
_STATING: Final = frozenset({"verb", "same"})
"""Kinds of what is said of a place that a statement begins with."""
_ONE_SIDE: Final = frozenset({"left", "right"})
_SIZES: Final = frozenset({"size"})
_TWO_PAIRS: Final = 4
"""Attributes that give a finding a size or degree on either side."""
_FORMERLY: Final = frozenset({"previously", "formerly", "prior", "earlier"})
_PARTICIPLES: Final = ("ing", "ed")
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
        attach(sentence, attributes, things)
        if len(things) == 1 and len(attributes) >= _TWO_PAIRS:
            _split(sentence.phrases, attributes, things)
        if normal_said:
            findings += [draft for draft in things if draft not in findings]
        return
    last = sentence.drafts[-1] if sentence.drafts else None
    if last is not None and last.concept is not NORMAL and not normal_said:
        carry(sentence, attributes, last)
        return
    size = sentence.phrases.last_size(attributes)
    sentence.loose_size = sentence.loose_size if size is None else size


def _split(phrases: Phrases, attributes: list[int], findings: list[Draft]) -> None:
    """Make two of a finding that has another size or degree on either side: 'mild left and severe right'."""
    kinds = phrases.kinds
    for amounts in (_SIZES, DEGREES):
        told = [at for at in attributes if kinds[at] in _ONE_SIDE or kinds[at] in amounts]
        sides, others = told[::2], told[1::2]
        if sides and kinds[sides[0]] not in _ONE_SIDE:
            sides, others = others, sides
        if len(told) != _TWO_PAIRS or {kinds[at] for at in sides} != _ONE_SIDE:
            continue
        if any(kinds[at] in _ONE_SIDE for at in others):  # 'left left right left'
            continue
        if len(findings) == 1:
            findings.append(findings[0].twin())
        for draft, side, amount in zip(findings, sides, others, strict=True):
            draft.side = cast("Side", kinds[side])
            if amounts is DEGREES:
                draft.severity = DEGREES[kinds[amount]]
            else:
                draft.size = phrases.values[amount]


def attach(sentence: Sentence, attributes: list[int], findings: list[Draft]) -> None:
    """Give the attributes of a clause to its findings.

    Args:
        sentence: The sentence as far as it was read before this clause.
        attributes: Numbers of the phrases to give away.
        findings: The clause's findings, at least one.
    """
    phrases, first = sentence.phrases, findings[0]
    joined = "and" in phrases.kinds and any(draft.concept.place for draft in findings)
    for index in attributes:
        side = sentence.sides.get(index, "")
        if side == TAKEN:
            continue
        kind, value = phrases.kinds[index], phrases.values[index]
        if joined and kind == "place" and (second := second_organ(phrases, index, findings)) is not None:
            second.take(kind, value, side)
            findings.append(second)
            continue
        measured = kind == "size" and _is_measured(phrases, index)
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


def _give_to_nearest(
    sentence: Sentence, index: int, findings: list[Draft], side: str, *, measured: bool
) -> None:
    """Give an attribute to one of several findings: that whose name it stands before, else the nearest."""
    phrases, kind = sentence.phrases, sentence.phrases.kinds[index]
    led = _is_led(phrases, index)
    followed = phrases.starts[index + 1] == phrases.ends[index] and (led or kind not in PLACED)
    named = _right_behind(phrases, index, findings) if followed else None
    if named is not None and not measured:
        _give(phrases, index, named, side)
        if led and kind in PLACED:
            _give_to_contained(phrases, index, findings, side)
        return
    backward = measured or led or (kind == "size" and _is_set_off(phrases, index))
    nearest, distance = _nearest(sentence, index, findings, backward=backward)
    if kind in ANYWHERE or distance <= _NEAR:
        _give(phrases, index, nearest, side)
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


def carry(sentence: Sentence, attributes: list[int], earlier: Draft) -> None:
    """Give the places, sides and sizes of a clause without a finding to the last finding before."""
    for index in attributes:
        kind, side = sentence.phrases.kinds[index], sentence.sides.get(index, "")
        described = kind == "place" and is_adjective(sentence.phrases, index)
        if kind in ANYWHERE and side != TAKEN and not described and not (kind == "size" and earlier.size):
            _give(sentence.phrases, index, earlier, side)


def _give(phrases: Phrases, index: int, draft: Draft, side: str) -> None:
    """Give an attribute to a finding, which is in a place or only beside it."""
    kind, value = phrases.kinds[index], phrases.values[index]
    if kind == "place" and draft.places and _is_next_subject(phrases, index, draft):
        return
    if kind == "place" and value.path not in draft.places:
        if is_spilled(phrases, index, draft):
            draft.listed = True
        elif is_beside(phrases, index, draft):
            draft.beside |= {value.path}
        elif draft.places and not draft.listed:
            draft.listed = is_listed(phrases, index, draft)
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


def _right_behind(phrases: Phrases, index: int, findings: list[Draft]) -> Draft | None:
    """Return the finding right behind an attribute, or behind others of it: 'a 3 cm left mass'."""
    kinds, starts, ends, tokens = phrases.kinds, phrases.starts, phrases.ends, phrases.tokens
    at = index + 1
    if kinds[index] == "size" and kinds[at] == "in" and phrases.values[at].word == "of":
        at += 1  # '5 mm of midline shift'.
    while kinds[at] in ATTRIBUTES and starts[at] == ends[at - 1]:
        at += 1
    if kinds[at] != "finding" or starts[at] != ends[at - 1]:
        return None
    joined = kinds[at + 1] == "finding" and starts[at + 1] == ends[at]
    if joined and phrases.values[at].kin in DESCRIPTORS and not tokens[ends[index] - 1].endswith("ly"):
        at += 1  # 'The large enhancing mass', but 'a markedly enhancing mass'.
    if kinds[index] in PLACED and tokens[ends[at] - 1].endswith(_PARTICIPLES):
        return None  # 'A mass at the left hilum obstructing the bronchus'.
    return next((draft for draft in findings if draft.at == at), None)


def _give_to_contained(phrases: Phrases, index: int, findings: list[Draft], side: str) -> None:
    """Give a place also to what lies in its finding, or at it: 'edema around the left frontal meningioma'."""
    before = [draft for draft in findings if draft.at < index]
    if before and not before[-1].places and before[-1].concept is not NORMAL:
        _give(phrases, index, before[-1], side)


def _nearest(sentence: Sentence, index: int, findings: list[Draft], *, backward: bool) -> tuple[Draft, float]:
    kind, offsets = sentence.phrases.kinds[index], sentence.offsets()
    aside = _DESCRIPTOR_SIZE if kind == "size" else _DESCRIPTOR if kind in PLACED else 0.0
    nearest, least, here = findings[0], 1e9, offsets[index]
    if kind == "place" and _closes_list(sentence.phrases, index) and findings[0].at < index:
        # 'A thinned and irregular ligament and fluid': the ligament is thinned.
        findings = [draft for draft in findings if draft.at < index]
    for draft in findings:
        distance = offsets[draft.at] - here
        if distance < 0:
            distance = -distance
        elif backward:
            distance += _BACKWARD
        if aside and draft.concept.kin in DESCRIPTORS:
            distance += aside
        if distance < least:
            nearest, least = draft, distance
    return nearest, least


def _closes_list(phrases: Phrases, index: int) -> bool:
    """True for a place right behind which 'and' leads to the next finding."""
    joint, following = index + 1, index + 2
    joined = phrases.kinds[joint] == "and" and phrases.starts[joint] == phrases.ends[index]
    return joined and phrases.kinds[following] == "finding"


def _share(trait: Draft, kind: str, value: Any, side: str, thing: Draft | None) -> None:
    """Where only a trait of the last finding has a place behind it, the place is that finding's too.

    So it is of a part of a lesion: 'a cyst with a calcified rim in the right lobe'.
    """
    if thing is None or thing.places or thing.concept.kin in TRAITS:
        return
    concept = trait.concept
    part = concept.kin in _PARTS or concept.family == _CYST
    lesion = thing.concept.kin == "lesion" and (kind != "place" or belongs(thing.concept, value.path))
    if concept.kin in TRAITS or (part and lesion):
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


def _is_measured(phrases: Phrases, index: int) -> bool:
    """True if a size stands behind 'measuring' or the like."""
    return phrases.kinds[index - 1] == "measure" and phrases.starts[index] - phrases.ends[index - 1] <= 2


def _is_set_off(phrases: Phrases, index: int) -> bool:
    """True if a size stands between commas: 'a mass on the left, 45 mm, widening the foramen'."""
    return phrases.kinds[index - 1] == phrases.kinds[index + 1] == ","


def _is_led(phrases: Phrases, index: int) -> bool:
    """True if a preposition leads an attribute to what precedes it: 'mass in the left lobe'."""
    before = index - 2 if phrases.kinds[index - 1] in SIDES else index - 1
    return phrases.kinds[before] == "in" and phrases.starts[index] - phrases.ends[before] <= 3


def _words_between(phrases: Phrases, index: int, draft: Draft) -> int:
    end = phrases.ends[index]
    return draft.start - end if end <= draft.start else phrases.starts[index] - draft.end


def is_of_another(phrases: Phrases, index: int) -> bool:
    """Return True for a size on an earlier study, and for a side that is only compared with.

    'Narrow when compared to the right' is not on the right.
    """
    if phrases.kinds[index] == "size":
        return (
            _is_former_size(phrases, index) or _is_of_unknown(phrases, index) or _is_distance(phrases, index)
        )
    before = index - 1
    compared = phrases.kinds[before] == "in" and phrases.values[before].word in COMPARED
    return compared and phrases.kinds[index] in SIDES


def _is_of_unknown(phrases: Phrases, index: int) -> bool:
    """True for the size of what is no finding: 'a fracture and 8 mm of shortening'."""
    of = index + 1
    is_of = phrases.kinds[of] == "in" and phrases.values[of].word == "of"
    return is_of and phrases.starts[of + 1] == phrases.ends[of] + 1 and phrases.kinds[of + 1] == END


def _is_distance(phrases: Phrases, index: int) -> bool:
    """True for a length that says how far off something is: '5 cm from the anal verge'."""
    after = index + 1
    leads = phrases.kinds[after] == "in" and phrases.values[after].word in AWAY
    return leads and phrases.starts[after] == phrases.ends[index] and phrases.kinds[after + 1] != "size"


def _is_former_size(phrases: Phrases, index: int) -> bool:
    """True for a size on an earlier study: '6 mm (previously 4 mm)', '(was 4 mm)'."""
    kinds, values = phrases.kinds, phrases.values
    before = kinds[index - 1]
    if kinds[index + 1] == "past-before" and values[index + 1].word in _FORMERLY:
        return True
    if before in {"past-before", "plain"}:
        return phrases.starts[index] - phrases.ends[index - 1] <= 1
    if before == "verb":
        return kinds[index - 2] in {"(", ","}
    return before == "in" and values[index - 1].word == "compared"
