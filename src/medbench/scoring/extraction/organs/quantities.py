"""Makes findings of what is measured of an organ and is high or low: 'the echogenicity is increased'."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.kinds import DEGREES, SIDES
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases

QUANTITIES: Final = {
    "signal": ("hyperintensity", "hypointensity", "signal abnormality"),
    **dict.fromkeys(("density", "attenuation"), ("hyperattenuation", "hypoattenuation", "abnormality")),
    "echogenicity": ("increased echogenicity", "decreased echogenicity", "abnormality"),
    "perfusion": ("hyperperfusion", "perfusion defect", "abnormal perfusion"),
    **dict.fromkeys(
        ("blood flow", "blood volume", "flow", "vascularity"),
        ("increased flow", "perfusion defect", "abnormality"),
    ),
    **dict.fromkeys(
        ("metabolism", "uptake", "activity"), ("abnormal uptake", "decreased uptake", "abnormal uptake")
    ),
    "enhancement": ("enhancement", "perfusion defect", "enhancement"),
    **dict.fromkeys(("size", "volume", "bulk"), ("enlargement", "small size", "abnormality")),
    "height": ("enlargement", "decreased height", "abnormality"),
    **dict.fromkeys(("caliber", "diameter", "width"), ("dilatation", "narrowing", "abnormality")),
    "thickness": ("thickening", "thinning", "abnormality"),
}  # fmt: skip
"""What is measured of an organ, to the findings if it is high, low or abnormal."""
LEVELS: Final = {
    **dict.fromkeys(("increased", "elevated", "raised", "high", "higher", "excessive"), 0),
    **dict.fromkeys(("decreased", "reduced", "diminished", "low", "lower", "poor", "absent", "lost"), 1),
    **dict.fromkeys(("abnormal", "altered"), 2),
}
"""Words for how much of it there is."""
_QUANTITIES_FOUND: Final = frozenset({"abnormal uptake", "enhancement", "density"})
"""Findings that a quantity is by itself."""
_ENHANCEMENT, _WEAK = "enhancement", frozenset({"absent", "poor"})
"""Enhancement that is absent is denied, and where it is poor, contrast came too early or late."""
_CHANGED: Final = frozenset({"since", "interval", "prior", "previous", "previously", "now", "earlier"})
"""Words beside which it has only changed."""
_AS_IT_SHOULD: Final = frozenset({"physiologic", "physiological", "excreted", "excretion", "timing"})
"""Words beside which its level is no finding."""
_NORMAL: Final = frozenset({"normal", "expected"})
"""Words right behind a level that say the same: 'high, which is normal'; 'lower than normal' does not."""
_THAN, _NEAR = "than", 4
_NOT_OF_ORGAN: Final = frozenset({"pressure", "pool", "rate", "resistance", "normal"})
"""Words of quantities that tell nothing of how an organ looks, or that it looks as it should."""
_WITHOUT: Final = frozenset({"no", "not", "without"})
_OPENING: Final = frozenset({"that", "where", "which"})
"""Words by which what is denied before a quantity is denied of it: 'no evidence that the size is …'."""
_DOUBTING: Final = frozenset({"likely", "probably", "possibly", "perhaps", "presumably", "apparently"})
_CLOSING: Final = frozenset(
    {"for", "when", "with", "compared", "than", "on", "as", "by", "at", "bilaterally", "in", "but", "from",
     "throughout", "suggesting", "due", "secondary", "relative"}
)  # fmt: skip
"""Words behind a level that it does not belong to."""
_BEHIND: Final = frozenset({"in", *SIDES})
_OF_ORGAN: Final = frozenset({"place", "in", "measure", "plain", "t1", "t2", *SIDES})
"""Kinds of what a quantity and its organ consist of."""
_STATEMENT: Final = frozenset({"|", ",", "and", ":", "break", ";", "("})


def find_quantities(phrases: Phrases, tokens: Sequence[str]) -> None:
    """Make findings of quantities with their level behind a verb: 'the density of the pons is low'."""
    if not (_CHANGED.isdisjoint(phrases.words) and _AS_IT_SHOULD.isdisjoint(phrases.words)):
        return
    for at, word in enumerate(tokens):
        if word not in LEVELS or (word in _WEAK and _ENHANCEMENT in phrases.words):
            continue
        if _is_normal(tokens[at + 1 : at + 1 + _NEAR]):
            continue
        index = bisect_right(phrases.ends, at)
        own = phrases.starts[index] == at
        alone = phrases.ends[index] == at + 1 if own else phrases.starts[index] > at
        if not alone or not _closes(phrases, index + own, at + 1):
            continue
        verb = _verb_before(phrases, index)
        doubted = not _DOUBTING.isdisjoint(tokens[phrases.starts[verb] : at])
        if verb >= 0 and not doubted and (name := _measured(phrases, verb, index + own, LEVELS[word])):
            if own:
                phrases.drop(index)
            phrases.insert(index, "finding", vocabulary().concepts[name], at, at + 1)
            _drop_quantity(phrases, verb)


def _is_normal(behind: Sequence[str]) -> bool:
    """True if the words behind a level say that it is as it should be."""
    return not _NORMAL.isdisjoint(behind) and _THAN not in behind


def _closes(phrases: Phrases, index: int, end: int) -> bool:
    """True if nothing that a level could describe stands right behind it."""
    tokens = phrases.tokens
    if end == len(tokens) or tokens[end] in _CLOSING:
        return True
    return phrases.starts[index] == end and phrases.kinds[index] in _STATEMENT | _BEHIND


def _verb_before(phrases: Phrases, index: int) -> int:
    """Return the number of the verb of a level; -1 if there is none."""
    verb = index - 1
    while phrases.kinds[verb] == "not" or phrases.kinds[verb] in DEGREES:
        verb -= 1
    is_verb = phrases.kinds[verb] == "verb" or phrases.tokens[phrases.starts[verb]] in {"is", "are"}
    return verb if is_verb else -1


def _measured(phrases: Phrases, verb: int, behind: int, level: int) -> str:
    """Return the finding if the verb before a level speaks of a quantity of an organ; empty if not.

    Args:
        phrases: Those of the sentence.
        verb: Number of the verb.
        behind: Number of the first phrase behind the level.
        level: Which of a quantity's findings it makes.
    """
    kinds, values, first = phrases.kinds, phrases.values, verb
    while kinds[first - 1] in _OF_ORGAN or (
        kinds[first - 1] == "finding" and values[first - 1].name in _QUANTITIES_FOUND
    ):
        first -= 1
    if kinds[first - 1] not in _STATEMENT:
        return ""
    begins = phrases.ends[first - 1]
    spoken_of = phrases.tokens[begins : phrases.starts[verb]]
    if not _NOT_OF_ORGAN.isdisjoint(spoken_of) or _is_denied(phrases.tokens, begins):
        return ""
    said = _quantity(spoken_of)
    while kinds[behind] in _BEHIND:
        behind += 1
    # 'Metabolism is reduced in the pons'.
    has_organ = "place" in kinds[first:verb] or kinds[behind] == "place"
    return QUANTITIES[said][level] if said and has_organ else ""


def _quantity(words: Sequence[str]) -> str:
    """Return the first quantity that is spoken of; empty if none is."""
    for word, following in zip(words, (*words[1:], ""), strict=False):  # There may be no word.
        if (pair := f"{word} {following}") in QUANTITIES:
            return pair
        if word in QUANTITIES:
            return word
    return ""


def _is_denied(tokens: Sequence[str], begins: int) -> bool:
    """True if what begins at a token is said to be what nothing shows: 'no evidence that'."""
    before = tokens[max(0, begins - 1) : begins + 1]
    return not (_OPENING.isdisjoint(before) or _WITHOUT.isdisjoint(tokens[:begins]))


def _drop_quantity(phrases: Phrases, verb: int) -> None:
    """Take out what the quantity before a verb would be by itself."""
    while phrases.kinds[verb - 1] in _OF_ORGAN or phrases.kinds[verb - 1] == "finding":
        verb -= 1
        if phrases.kinds[verb] == "finding":
            phrases.drop(verb)
