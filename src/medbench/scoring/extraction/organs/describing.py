"""Makes findings of adjectives that describe an organ: 'a coarse liver', 'the ureter is kinked'.

Of a lesion, the same words only say what it is like: 'an irregular mass of the liver'. They are a finding
where they stand right before an organ that nothing else follows, behind one and a verb, or, as nouns, with
one right before or behind 'of'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.organs.comparisons import LARGER, find_comparisons
from medbench.scoring.extraction.organs.levels import MEASURED, find_levels
from medbench.scoring.extraction.organs.quantities import LEVELS, QUANTITIES, find_quantities
from medbench.scoring.extraction.organs.subject import FORM, subject_before
from medbench.scoring.extraction.organs.unfed import UNFED, find_unfed
from medbench.scoring.extraction.phrases.kinds import DEGREES, NUMBERS, SIDES
from medbench.scoring.extraction.places.paths import IMAGES, WHOLE
from medbench.scoring.extraction.vocabulary.entries import Cue
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases

DESCRIBING: Final = "describing"
"""The kind of such a word, while it is not known what it describes."""
_CHANGES: Final = {
    "decreased": "better", "reduced": "better", "diminished": "better", "increased": "worse"
}  # fmt: skip
"""First words of what is said of an organ, to the change that they are of anything else."""
_COMPARED: Final = frozenset({"since", "interval", "prior", "previous", "previously", "now", "earlier"})
"""Words beside which they are a change of an organ, too."""
_SIZES: Final = frozenset({"small", "large", "tiny", "huge", "giant"})
"""Words that are the degree of a lesion, and a finding of an organ."""
_ABNORMAL, _INVOLVEMENT = "abnormal", "involvement"
_DEGREE_OF_SIZE: Final = {"mild": "small size", "severe": "enlargement"}
"""Degree that a word for a size stands for, to the finding that it is."""
_FUNCTION: Final = frozenset(
    {"for", "when", "with", "compared", "than", "on", "as", "to", "by", "at", "bilaterally", "and", "in",
     "but", "from", "throughout", "also", "here", "suggesting", "measuring", "appearing", "due", "secondary"}
)  # fmt: skip
"""Words behind a predicate that it does not describe."""
_OF: Final = frozenset({"of", "in", "along", "within", "involving", "to", "at"})
_HAS: Final = frozenset(
    {"has", "have", "had", "with", "demonstrate", "show", "exhibit", "shows", "demonstrates"})  # fmt: skip
_BESIDE: Final = frozenset({DESCRIBING, *SIDES, *DEGREES, *NUMBERS})
_ANY: Final = ("chest", "abdomen", "pelvis", "limb", "muscle", "joint", "bone", "vessel", "scalp", "spine")
"""Places that are no one organ: what is small or large there is not said to be one."""
MAY_DESCRIBE: Final = _SIZES.union(MEASURED, LARGER, UNFED, QUANTITIES)
"""Words of other kinds that can make a finding of an organ."""
_MANY: Final = ("abdomen/bowel", "lymph node", "?", "bone", "limb", "chest/trachea", "chest/bronchus", "neck")
"""Beginnings of places that have large and small parts."""
_NOUNS: Final = (
    "ity", "ion", "ing", "ment", "ness", "asia", "size", "growth", "try", "contour", "bulge", "cy", "off",
    "gap", "asis", "set", "change", "diameter", "caliber", "height", "width", "volume", "bulk",
)  # fmt: skip
"""Endings of words that can have an organ behind 'of'."""


def describe(phrases: Phrases, tokens: Sequence[str]) -> None:
    """Make a finding of every describing word that is one; take out those that are none."""
    if not MEASURED.keys().isdisjoint(phrases.words):
        find_levels(phrases, tokens)
    if not (QUANTITIES.keys().isdisjoint(phrases.words) or LEVELS.keys().isdisjoint(phrases.words)):
        find_quantities(phrases, tokens)
    if not LARGER.keys().isdisjoint(phrases.words):
        find_comparisons(phrases, tokens)
    if not UNFED.isdisjoint(phrases.words):
        find_unfed(phrases, tokens)
    kinds, values = phrases.kinds, phrases.values
    for index in range(len(kinds) - 2, 0, -1):
        kind = kinds[index]
        if kind == DESCRIBING:
            _settle(phrases, index, tokens)
        elif kind in _DEGREE_OF_SIZE and values[index].word in _SIZES:
            organ = _described(phrases, index, tokens)
            if organ >= 0 and _is_organ(values[organ].path):
                kinds[index], values[index] = "finding", vocabulary().concepts[_DEGREE_OF_SIZE[kind]]


def find_changes(phrases: Phrases, tokens: Sequence[str]) -> None:
    """Make a change of each describing word that is one, in a sentence that names no organ."""
    for index, kind in enumerate(phrases.kinds):
        if kind == DESCRIBING and (change := _CHANGES.get(tokens[phrases.starts[index]])):
            phrases.kinds[index], phrases.values[index] = change, Cue(change, change)


def _settle(phrases: Phrases, index: int, tokens: Sequence[str]) -> None:
    """Make a finding of a describing word, or the change that it is of anything else; take it out if none."""
    change = _CHANGES.get(tokens[phrases.starts[index]], "")
    compared = change and not _COMPARED.isdisjoint(tokens)
    if not compared and (_described(phrases, index, tokens) >= 0 or _of_organ(phrases, index, tokens)):
        phrases.kinds[index] = "finding"
    elif change:
        phrases.kinds[index], phrases.values[index] = change, Cue(change, change)
    else:
        phrases.drop(index)


def _is_organ(path: str) -> bool:
    return path not in _ANY and not path.startswith(_MANY)


def _described(phrases: Phrases, index: int, tokens: Sequence[str]) -> int:
    """Return the number of the organ that an adjective describes; -1 if there is none."""
    behind = _organ_behind(phrases, index, tokens)
    return behind if behind >= 0 else _organ_before(phrases, index, tokens)


def _organ_behind(phrases: Phrases, index: int, tokens: Sequence[str]) -> int:
    """Return the organ right behind an adjective, unless it tells where something else is."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    at, end = index + 1, ends[index]
    if end < len(tokens) and tokens[end] in {"appearing", "looking"}:
        end += 1
    while (kinds[at] in _BESIDE or _is_participle(phrases, at, tokens)) and starts[at] == end:
        end = ends[at]
        at += 1
    if kinds[at] != "place" or starts[at] != end or phrases.values[at].path in {IMAGES, WHOLE}:
        return -1
    if _is_location(phrases, index, tokens):
        return -1
    last = at
    while starts[last + 1] == ends[last]:
        if kinds[last + 1] == "place":
            last += 1
        elif kinds[last + 1] == "and" and kinds[last + 2] == "place" and starts[last + 2] == ends[last + 1]:
            # 'Bulky mediastinal and hilar nodes'.
            last += 2
        else:
            break
    end = ends[last]
    if end < len(tokens) and tokens[end] in FORM:
        end += 1
    closes = starts[last + 1] == end or (end < len(tokens) and tokens[end] in _FUNCTION)
    goes_on = starts[last + 1] == end and kinds[last + 1] in {"finding", "plain"}
    return last if closes and not goes_on else -1


def _is_participle(phrases: Phrases, at: int, tokens: Sequence[str]) -> bool:
    """True for 'and', a comma or another adjective between one and its organ: 'coarse and enlarged'."""
    kind = phrases.kinds[at]
    if kind in {"and", ","}:
        return True
    return kind == "finding" and tokens[phrases.ends[at] - 1].endswith(("ed", "ing", "ic"))


def _is_location(phrases: Phrases, index: int, tokens: Sequence[str]) -> bool:
    """True if an adjective and its organ only say where something is, or if what is known is meant."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    start = starts[index]
    before = index - 1
    if kinds[before] in {"and", ","}:
        # Of 'a thinned and irregular ligament' one adjective is enough.
        joined = starts[before] == ends[before - 1] and start == ends[before]
        return joined and kinds[before - 1] in {"finding", "normal"}
    while kinds[before] in _BESIDE:
        before -= 1
    if kinds[before] == "in" and start - ends[before] <= 2:
        return "finding" in kinds[:before]
    return start > 0 and tokens[start - 1] == "the" and tokens[start] == _ABNORMAL


def _organ_before(phrases: Phrases, index: int, tokens: Sequence[str]) -> int:
    """Return the organ that is the subject of an adjective behind a verb."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    end, has_form = ends[index], False
    if end < len(tokens) and tokens[end] in FORM:
        end, has_form = end + 1, True
    following = index + 1
    if starts[following] == end:
        if kinds[following] in {"finding", "place", DESCRIBING} or kinds[following] in DEGREES:
            return -1
    elif end < len(tokens) and tokens[end] not in _FUNCTION:
        return -1
    verb = index - 1
    if kinds[verb] == "in" and tokens[starts[verb]] == "of":
        verb -= 1  # 'The cortex is of increased echogenicity'.
    while verb > 0 and (
        kinds[verb] in _BESIDE or kinds[verb] == "not" or _is_participle(phrases, verb, tokens)
    ):
        verb -= 1  # 'The thyroid is enlarged and hypoechoic'.
    said = tokens[starts[verb]] if verb else ""
    is_verb = kinds[verb] == "verb" or said in _HAS or (kinds[verb] == "break" and said in {"is", "are"})
    if not is_verb or starts[verb + 1] - ends[verb] > 2:
        return -1
    led = kinds[following] == "in" and starts[following] == end and tokens[end] == "of"
    if said in _HAS and not has_form and (led or not _is_noun(tokens[end - 1])):
        return -1  # 'The images demonstrate a paucity of contrast'.
    return subject_before(phrases, verb - 1, tokens)


def _of_organ(phrases: Phrases, index: int, tokens: Sequence[str]) -> bool:
    """True for a noun of form with its organ right before, or behind 'of': 'irregularity of the ureter'."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    end = ends[index]
    if end < len(tokens) and tokens[end] in FORM:
        end += 1
        if "finding" in kinds[:index]:
            # 'A mass with irregular margins in the liver'.
            return False
        if end < len(tokens) and tokens[end] in FORM:
            end += 1  # 'Heterogeneous signal intensity'.
    elif not _is_noun(tokens[end - 1]) or (
        tokens[end - 1] == _INVOLVEMENT and _is_lesion_said(phrases, index)
    ):
        return False
    elif kinds[index - 1] == "place" and ends[index - 1] == starts[index] and kinds[index + 1] != "finding":
        return True
    after = index + 1
    while kinds[after] == "verb" and starts[after] - end <= 1:
        end, after = ends[after], after + 1  # 'An irregular contour is seen in the liver'.
    if kinds[after] != "in" or starts[after] != end or phrases.values[after].word not in _OF:
        return False
    at = after + 1
    if kinds[at] == "in" and set(tokens[ends[after] : starts[at]]) & FORM:
        # 'Irregularity to the contour of the hilum'.
        after, at = at, at + 1
    while kinds[at] in _BESIDE:
        at += 1
    return (
        kinds[at] == "place"
        and starts[at] - ends[after] <= 3
        and phrases.values[at].path not in {IMAGES, WHOLE}
    )


def _is_lesion_said(phrases: Phrases, index: int) -> bool:
    """True if a finding stands before a noun in its statement: what it involves is where it is."""
    kinds = phrases.kinds[:index]
    while kinds and kinds[-1] != "finding":
        if kinds.pop() == "break" and phrases.values[len(kinds)].word == "there":
            return False
    return bool(kinds)


def _is_noun(word: str) -> bool:
    return word.endswith(_NOUNS)
