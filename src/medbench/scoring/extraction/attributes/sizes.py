"""Tells the size of a finding from other lengths, and from sides that are only compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.attributes.beside import AWAY
from medbench.scoring.extraction.phrases.neighbours import COMPARED
from medbench.scoring.extraction.phrases.phrases import END

if TYPE_CHECKING:
    from medbench.scoring.extraction.phrases.phrases import Phrases

_FORMERLY: Final = frozenset({"previously", "formerly", "prior", "earlier"})


def is_of_another(phrases: Phrases, index: int) -> bool:
    """Return True for a size on an earlier study, of what is no finding, or from one place to another."""
    return _is_former_size(phrases, index) or _is_of_unknown(phrases, index) or _is_distance(phrases, index)


def is_compared_side(phrases: Phrases, index: int) -> bool:
    """Return True for a side that is only compared with: 'narrow when compared to the right'."""
    before = index - 1
    return phrases.kinds[before] == "in" and phrases.values[before].word in COMPARED


def _is_of_unknown(phrases: Phrases, index: int) -> bool:
    """True for the size of what is not a finding: 'a fracture and 8 mm of shortening'."""
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


def is_measured(phrases: Phrases, index: int) -> bool:
    """Return True if a size stands behind 'measuring' or the like."""
    return phrases.kinds[index - 1] == "measure" and phrases.starts[index] - phrases.ends[index - 1] <= 2


def is_set_off(phrases: Phrases, index: int) -> bool:
    """Return True if a size stands between commas: 'a mass on the left, 45 mm, widening the foramen'."""
    return phrases.kinds[index - 1] == phrases.kinds[index + 1] == ","
