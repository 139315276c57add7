"""Gives the finding before 'consistent with' or a comma the name behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.phrases import END
from medbench.scoring.extraction.vocabulary.kin import TRAITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.drafts.sentence_state import Sentence
    from medbench.scoring.extraction.phrases.phrases import Phrases
    from medbench.scoring.extraction.vocabulary.entries import Concept

_NAMELESS: Final = frozenset({"lesion", "collection"})
"""Kin of general words that can have a name of any kin: 'collections consistent with lipomas'."""
_SEEN_IN: Final = frozenset(
    {"flow void", "iron deposition", "feeding vessel", "calcification", "gas", "fluid", "air fluid level"}
)
"""Names of what is seen within a lesion: 'a lesion with areas of low signal consistent with flow voids'."""
_NO_NAMES: Final = frozenset({"postoperative", "bone matrix"})
"""Kin of what an operation leaves behind, and of what a tumor is made of: these are no names of others."""
_SHADOW: Final = ("lung opacity", "lesion")
"""Kin of an opacity, and of what it can be called: 'an opacity consistent with a mass'."""


def gives_name(sentence: Sentence, specific: Draft) -> bool:
    """Give the general word before a name that name; return False where there is none for it."""
    general = sentence.thing_named(specific.concept.kin)
    if general is None or specific.presence != "present" or general.presence != "present":
        return False
    if specific.concept.kin in _NO_NAMES:
        return False  # 'Surgical clips consistent with a cholecystectomy'.
    if specific.concept.kin == "hemorrhage" and _describes(sentence.drafts[-1], general):
        # 'A lesion with central high attenuation consistent with hemorrhage'.
        return False
    known = general.concept
    if not _can_be(known, specific.concept):
        return False
    general.concept = specific.concept
    general.names_the_last = True
    # A 'liver lesion' that is a metastasis is one of the liver.
    if known.place and not general.places:
        general.places = (known.place,)
    return True


def doubt_names(drafts: Sequence[Draft]) -> None:
    """Make unsure what a sentence calls its findings, or these where it calls them nothing."""
    first = next((at for at, draft in enumerate(drafts) if draft.names_the_last), 0)
    for draft in drafts[first:]:
        if draft.presence == "present":
            draft.presence = "uncertain"


def names(phrases: Phrases, findings: list[Draft], specific: Draft) -> bool:
    """Give the one general word before a comma the name that ends the sentence: 'a mass, angiomyolipoma'."""
    at = specific.at
    alone = phrases.kinds[at + 1] == END and phrases.starts[at + 1] == specific.end
    if not alone or phrases.ends[at - 1] != specific.start:
        return False
    sure = specific.presence == "present" and all(one.presence == "present" for one in findings)
    if len(findings) != 1 or not sure or not specific.concept.is_disease:
        return False
    general = findings[0]
    if general.concept.kin != specific.concept.kin or not general.concept.is_general:
        return False
    if general.concept.place and not general.places:
        general.places = (general.concept.place,)
    general.concept = specific.concept
    general.names_the_last = True
    return True


def _describes(last: Draft, general: Draft) -> bool:
    """True if the last finding before the name is a trait behind the thing, rather than the thing."""
    return last is not general and last.start > general.start and last.concept.kin in TRAITS


def _can_be(known: Concept, specific: Concept) -> bool:
    if known.kin == specific.kin != "" and (known.is_general or not known.place):
        return True
    nameless = known.kin in _NAMELESS or (known.kin, specific.kin) == _SHADOW
    return known.is_general and nameless and specific.kin not in TRAITS and specific.name not in _SEEN_IN
