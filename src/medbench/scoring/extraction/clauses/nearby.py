"""What stands beside a phrase: the questions that a clause asks of its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.drafts.draft import ATTRIBUTES, DESCRIPTORS, NORMAL, PLACED, SIDES
from medbench.scoring.extraction.phrases.phrases import END

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.phrases.phrases import Phrases

GENERAL: Final = frozenset({"mass", "lesion", "nodule"})
"""Words that may only close the name of a finding: 'cystic mass'."""
_FAR: Final = 3
"""Most words between a preposition and its place."""
_OF_A_THING: Final = frozenset({"of", "in", "within", "inside"})
_NEXT_TO: Final = frozenset({"near", "adjacent", "next", "close"})
_DESCRIBED: Final = ATTRIBUTES | {"finding", "describing"}
"""Kinds of what may stand between a preposition and the finding that it leads to."""
_COMPARING: Final = frozenset({"to", "relative", "compared"})
COMPARED: Final = frozenset({"relative", "compared", "comparison", "opposed", "contrast", "unlike"})
"""First words of what only compares: 'compared with the left kidney'."""
_OF_NEXT: Final = frozenset({"prior", "previous", "old", "former", "known", "past"})
"""Adjectives of the past: 'a mass at the prior surgical site' is a mass now."""
_VARIABLE: Final = ("brain", "?ventricle")
"""Beginnings of places that are prominent with age: ventricles, which may be the heart's, and sulci."""
_CLOSING: Final = frozenset({",", ":", ")", "?"})
_COMPARISONS: Final = frozenset({"plain", "same", "like", "better", "worse", "new"})
_FROM: Final = frozenset({"from", "to", "on", "compared", "relative"})
"""First words of what leads to an earlier study."""
_BETWEEN: Final = frozenset({",", "and", "in", *SIDES})
_TELLING: Final = frozenset({"involve", "involving", "affecting", "extending", "arising"})
"""Prepositions that are verbs: 'likely involves the wall' doubts that, and not what involves it."""
LEANS_BACK: Final = frozenset(
    {"is", "are", "not", "cannot", "difficult", "would", "should", "be", "incompletely"}
)
"""First words of a disclaimer that speaks of what precedes it: 'is recommended', 'cannot be assessed'."""
DENYING: Final = frozenset({"absent-either", "absent-before", *SIDES})
"""Kinds of what stands before a place that is missing."""
SHOWING: Final = frozenset(
    {"shows", "showed", "demonstrates", "demonstrated", "reveals", "revealed", "is", "are"}
)
"""Verbs in front of what an examination shows now."""
KEPT: Final = frozenset({"postoperative", "implant", "line", "enteric tube", "airway tube", "drain"})
"""Kin that are in place although, or because, they are 'status post'."""
_DIRECTIONS: Final = frozenset(
    {"anterior", "posterior", "medial", "lateral", "superior", "inferior", "caudal", "cephalad", "cranial",
     "dorsal", "ventral", "anteromedial", "anterolateral", "posteromedial", "posterolateral", "inferolateral",
     "superolateral", "inferomedial", "superomedial", "behind", "distal", "proximal", "just"}
)  # fmt: skip
"""First words of what leads to a place that a finding is not in, but lies beside."""
_CLOSE: Final = frozenset(
    {"adjacent", "near", "next", "close", "above", "below", "separate", "distinct", "discrete", "abutting",
     "abuts", "abut", "contiguous", "surrounding", "encasing", "overlying", "overlies", "between"}
)  # fmt: skip
"""The same, for a lesion; the inflamed fat around an organ is that organ's."""
AWAY: Final = frozenset(
    {"above", "below", "from", "superior", "inferior", "cephalad", "caudal", "distal", "proximal", "beyond",
     "anterior", "posterior", "lateral", "medial"}
)  # fmt: skip
"""First words of what a distance leads to a place by: '3 cm above the bifurcation'."""
_ASPECT, _MASS, _BONE = "aspect", "mass", "bone"
"""A mass at an aspect of a bone is of the soft parts: it is not said to be in it."""


def is_last(phrases: Phrases, index: int, end: int, *, after_finding: bool) -> bool:
    """Return True if nothing that a cue can act on follows it in its statement.

    Args:
        phrases: Those of the sentence.
        index: Number of the cue.
        end: Number of the phrase behind the clause.
        after_finding: True if a finding precedes it, to which 'and' or 'in' may lead back.
    """
    if index + 1 == end:
        return True
    following = phrases.kinds[index + 1]
    at_once = after_finding and phrases.starts[index + 1] == phrases.ends[index]
    if following == "in" and phrases.values[index + 1].word in _TELLING:
        return False
    return following in _CLOSING or (at_once and following in {"in", "and"})


def touches_finding(phrases: Phrases, index: int) -> bool:
    """Return True if a finding follows a cue, an article or attributes between: 'not seen a small cyst'."""
    at = index + 1
    while phrases.kinds[at] in ATTRIBUTES:
        at += 1
    return phrases.kinds[at] == "finding" and phrases.starts[index + 1] - phrases.ends[index] <= 1


def looks_back(phrases: Phrases, index: int) -> bool:
    """Return True if a cue of the past can speak of what precedes it: 'tumor, now resected'.

    The end of a comparison does not: 'unchanged from prior'.
    """
    if phrases.values[index].word not in _OF_NEXT:
        return True
    unknown = phrases.starts[index + 1] > phrases.ends[index]
    return not unknown and not _is_compared_with(phrases, index - 1, phrases.starts[index])


def is_void(phrases: Phrases, index: int) -> bool:
    """Return True if a cue that looks back says nothing: of 'unchanged from 7 years ago', and of one view."""
    if phrases.kinds[index] == "one-view":
        return _is_of_one_view(phrases, index)
    return phrases.values[index].word in {"year", "years", "month"} and _is_dated(phrases, index)


def _is_dated(phrases: Phrases, index: int) -> bool:
    """True if 'years ago' is the time of a comparison: 'unchanged from the study 7 years ago'."""
    at = index - 1
    while phrases.kinds[at] not in {"finding", END}:
        if phrases.kinds[at] in _COMPARISONS or _is_compared_with(phrases, at, phrases.ends[at]):
            return True
        at -= 1
    return False


def _is_compared_with(phrases: Phrases, at: int, start: int) -> bool:
    """True for the preposition of a comparison no more than a word before a token."""
    leads = phrases.kinds[at] == "like" or (phrases.kinds[at] == "in" and phrases.values[at].word in _FROM)
    return leads and start - phrases.ends[at] <= 1


def _is_of_one_view(phrases: Phrases, index: int) -> bool:
    """True if 'not seen on the lateral view' stands behind a comma or 'and': another view shows it."""
    before = index - 2 if phrases.kinds[index - 1] == "verb" else index - 1
    return phrases.kinds[before] in {",", "and"} and phrases.starts[index] - phrases.ends[before] <= 1


def is_set_apart(phrases: Phrases, index: int) -> bool:
    """Return True if a cue of the past stands behind a comma: 'in the site of glioma, treated before'."""
    before = index - 1
    while phrases.kinds[before] == "past-before":
        before -= 1
    return phrases.kinds[before] == ","


def is_seen_in_disease(phrases: Phrases, index: int) -> bool:
    """Return True for a verb that says where else a thing is seen: 'no tram tracks as seen in meningioma'."""
    named = phrases.kinds[index + 1] == "in" and phrases.kinds[index + 2] == "finding"
    return named and phrases.starts[index + 1] == phrases.ends[index] and phrases.values[index + 2].is_disease


def is_presupposed(phrases: Phrases, index: int) -> bool:
    """Return True for the finding of which a trait alone is denied: 'no gas within the large abscess'."""
    joint = _joint(phrases, index, _OF_A_THING)
    trait_ends = phrases.kinds[joint - 1] == "finding" and phrases.ends[joint - 1] == phrases.starts[joint]
    return joint > 0 and trait_ends and phrases.starts[joint + 1] - phrases.ends[joint] == 1


def is_near(phrases: Phrases, index: int) -> bool:
    """Return True for a finding that is only a landmark: 'there may be edema near the fracture'."""
    joint = _joint(phrases, index, _NEXT_TO)
    return joint > 0 and phrases.starts[joint + 1] - phrases.ends[joint] <= _FAR


def _joint(phrases: Phrases, index: int, words: frozenset[str]) -> int:
    """Return the preposition, one of some words, that leads to a finding or its attributes; 0 without one."""
    joint, kinds = index - 1, phrases.kinds
    while kinds[joint] in _DESCRIBED and phrases.starts[joint + 1] - phrases.ends[joint] <= 1:
        joint -= 1  # 'Near the large enhancing mass'.
    return joint if kinds[joint] == "in" and phrases.values[joint].word in words else 0


def is_compared(phrases: Phrases, index: int, findings: Sequence[Draft]) -> bool:
    """Return True if a place is one that a thing only goes towards, or is compared with.

    Args:
        phrases: Those of the sentence.
        index: Number of the place.
        findings: Those before it in its clause.
    """
    joint = _before_places(phrases, index - 1, phrases.values[index].path)
    kind = phrases.kinds[joint]
    if kind == "normal":
        joint -= 1  # 'Hypodense compared with the normal spleen'.
        kind = phrases.kinds[joint]
    if kind == "in":
        if phrases.values[joint].word in COMPARED and phrases.kinds[joint + 1] in SIDES:
            return True
        if phrases.values[joint].word in _COMPARING:
            last = next((draft for draft in reversed(findings) if draft.concept is not NORMAL), None)
            if last is not None and last.concept.kin in {"signal", "density"}:
                return True
        if phrases.kinds[joint - 1] == "verb" and phrases.kinds[joint - 2] == "like":
            joint -= 2  # 'Similar in density to those seen in the kidneys'.
    near = phrases.starts[joint + 1] - phrases.ends[joint] <= _FAR
    return phrases.kinds[joint] == "like" and near


def _before_places(phrases: Phrases, at: int, path: str = "") -> int:
    """Return the phrase before a row of sides and places, of those at a path alone if one is given."""
    kinds = phrases.kinds
    while kinds[at] in PLACED and phrases.starts[at + 1] - phrases.ends[at] <= 1:
        if path and kinds[at] == "place" and phrases.values[at].path != path:
            break
        at -= 1
    return at


def is_medium_of(phrases: Phrases, index: int, draft: Draft) -> bool:
    """Return True if a density before it is that of what was given to be seen: 'hyperdense oral contrast'."""
    return draft.concept.kin in {"density", "signal"} and 0 <= phrases.starts[index] - draft.end <= _FAR


def is_joined(phrases: Phrases, index: int) -> bool:
    """Return True if 'and', or 'and is', stands right before a cue."""
    before = index - 2 if phrases.kinds[index - 1] == "verb" else index - 1
    return phrases.kinds[before] == "and" and phrases.starts[index] - phrases.ends[before] <= 1


def is_beside(phrases: Phrases, index: int, draft: Draft) -> bool:
    """Return True if a place only says what a finding lies beside: 'a mass posterior to the bladder'."""
    before = _leading(phrases, index)
    if phrases.kinds[before] != "in" or phrases.starts[before + 1] - phrases.ends[before] > _FAR:
        return False
    word = phrases.values[before].word
    if _is_away(phrases, before) or (word in {"above", "below"} and draft.places):
        return True
    if word == _ASPECT:
        at = phrases.kinds[before - 1] == "in" and phrases.values[before - 1].word == "at"
        return at and draft.concept.name == _MASS and phrases.values[index].path.startswith(_BONE)
    if _is_reached(phrases, before):
        return True
    return word in _DIRECTIONS or (word in _CLOSE and draft.concept.kin in {"lesion", "hemorrhage"})


def _is_away(phrases: Phrases, before: int) -> bool:
    """True for the preposition of a distance: 'a tear 5 cm above the insertion into the calcaneus'."""
    at = before - 1 if phrases.kinds[before - 1] == "in" else before
    return phrases.kinds[at - 1] == "size" and phrases.values[at].word in AWAY


def _leading(phrases: Phrases, index: int) -> int:
    """Return what leads to a place: before its side, and before a place that it is listed with."""
    before = _before_sides(phrases, index - 1)
    if phrases.kinds[before] == "and" and phrases.kinds[before - 1] == "place":
        before = _before_sides(phrases, before - 2)
    return before


def is_adjective(phrases: Phrases, index: int) -> bool:
    """Return True if a place only tells what an unknown word is of: 'with pleural tagging'."""
    before = phrases.kinds[index - 1]
    alone = before == "break" and phrases.starts[index] - phrases.ends[index - 1] == 0
    unknown = phrases.starts[index + 1] == phrases.ends[index] + 1
    return alone and unknown and phrases.kinds[index + 1] == END


def _is_reached(phrases: Phrases, at: int) -> bool:
    """True for the preposition of where something only extends to: 'extends into the pelvis'."""
    if phrases.values[at].word == "extending":
        return True
    extends = phrases.kinds[at - 1] == "verb" and phrases.values[at - 1].word.startswith("extend")
    return extends and phrases.starts[at] - phrases.ends[at - 1] <= 1


def places_after(phrases: Phrases, index: int, end: int) -> tuple[list[int], bool]:
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


def end_of_traits(phrases: Phrases, index: int) -> int:
    """Return the last token of the traits behind 'normal': 'the normal high-signal (bright) fatty marrow'."""
    kinds, at = phrases.kinds, index + 1
    while phrases.starts[at] - phrases.ends[at - 1] <= 1 and (
        kinds[at] in "()" or (kinds[at] == "finding" and phrases.values[at].kin in DESCRIPTORS)
    ):
        at += 1
    return phrases.ends[at - 1]


def is_missing(phrases: Phrases, index: int) -> bool:
    """Return True for a place that is said to be absent before it: 'absence of the left kidney'."""
    at = _before_sides(phrases, index - 1)
    denied = phrases.kinds[at] in {"absent-either", "absent-before"}
    absent = denied and phrases.values[at].word in {"absent", "absence"}
    return absent and phrases.starts[at + 1] - phrases.ends[at] <= 2 and _is_head(phrases, index)


def place_that_is_missing(phrases: Phrases, index: int) -> bool:
    """Return True if a place stands right before 'absent', and nothing is said to be in it."""
    kinds = phrases.kinds
    place = index - 2 if kinds[index - 1] == "verb" else index - 1
    at = _before_sides(phrases, place - 1)
    return kinds[place] == "place" and _is_head(phrases, place) and kinds[at] != "in"


def _before_sides(phrases: Phrases, at: int) -> int:
    while phrases.kinds[at] in SIDES:
        at -= 1
    return at


def is_prominent(phrases: Phrases, index: int) -> bool:
    """Return True if 'prominent' says that a place is large: 'prominent pelvic lymph nodes'."""
    kinds, values = phrases.kinds, phrases.values
    if values[index].word != "prominent":
        return False
    if kinds[index - 1] == "verb" and phrases.starts[index] == phrases.ends[index - 1]:
        return _is_said_of_place(phrases, index)
    at = index
    while kinds[at + 1] in PLACED and phrases.starts[at + 1] - phrases.ends[at] <= 1:
        at += 1
    # The ventricles and sulci of an atrophic brain are prominent too.
    return kinds[at] == "place" and _is_head(phrases, at) and not values[at].path.startswith("brain")


def _is_said_of_place(phrases: Phrases, index: int) -> bool:
    """True if an adjective behind a verb is all that is said of a place: 'the hila are prominent'."""
    kinds, place = phrases.kinds, index - 2
    if kinds[place] != "place" or phrases.starts[index - 1] != phrases.ends[place]:
        return False
    alone = kinds[index + 1] in {*_CLOSING, END, "break"} and phrases.starts[index + 1] == phrases.ends[index]
    return alone and "finding" not in kinds[:place] and not phrases.values[place].path.startswith(_VARIABLE)


def _is_head(phrases: Phrases, index: int) -> bool:
    """Return True if no unknown word follows a place, as in 'lung markings', nor a finding."""
    return phrases.starts[index + 1] == phrases.ends[index] and phrases.kinds[index + 1] != "finding"


def is_between_places(phrases: Phrases, index: int) -> bool:
    """Return True if a place stands before and behind: 'the cord and/or the conus'."""
    at = index + 1
    while phrases.kinds[at] in SIDES:
        at += 1
    return phrases.kinds[index - 1] == phrases.kinds[at] == "place" and _is_head(phrases, at)


def is_closed(draft: Draft, start: int) -> bool:
    """Return True if a general word at a token only closes the finding before: 'cystic tumor'."""
    return draft.end == start and draft.concept.kin in {"lesion", "bone lesion"}
