"""The places of a finding, without those that are of something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.paths import is_part_of, narrowed
from medbench.scoring.extraction.sentences.subject import NOWHERE
from medbench.scoring.extraction.vocabulary.kin import NORMAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.observed import Finding, Side
    from medbench.scoring.extraction.sentences.subject import Subject

_SOFT: Final = "muscle"
_BONE: Final = "bone"
_MASSES: Final = frozenset({"lesion", "collection"})
_STENOSIS, _VESSELS = "stenosis", ("aorta", "vessel")
_REGIONS: Final = frozenset({"chest", "abdomen", "pelvis"})  # Kept where the narrower lies beside.
_AGENT: Final = 4  # Words from 'displaced by' to the end of what displaces, at most.
_PRESSED: Final = frozenset(
    {"displaced", "compressed", "surrounded", "effaced", "encased", "obscured", "deviated", "pushed",
     "narrowed", "indented", "flattened", "invaded"}
)  # fmt: skip
"""Words before 'by': what follows acts on a place, and need not be in it."""
HERNIATED: Final = "herniated"
_DEFINITE: Final = frozenset({"the", "this", "that", "these", "those"})
_ACTING: Final = frozenset(
    {"surrounds", "abuts", "extends", "displaces", "compresses", "encases", "invades", "indents", "effaces",
     "contacts", "crosses", "erodes", "does", "causes", "exerts", "obstructs", "narrows", "pushes",
     "deviates", "encroaches", "protrudes", "engulfs", "obliterates", "obscures"}
)  # fmt: skip
"""Verbs behind 'the mass': what follows is acted on, and not where it is."""
_REACH: Final = 3  # Words from 'the mass' to such a verb, at most.


def own_place(draft: Draft, there: Subject | Finding, tokens: Sequence[str]) -> tuple[tuple[str, ...], Side]:
    """Return the places and the side of a finding, without those of what it acts on."""
    side = draft.side
    if not draft.places:
        return (), side
    places = _fitting(draft)
    if not places or draft.concept is NORMAL:
        return places, side
    if _acts(draft, tokens):
        return NOWHERE
    if tokens[draft.start] == HERNIATED and is_known(draft, tokens):
        return (), side  # 'The herniated contents' are where they press on something.
    if not side and there.side and there.places and is_part_of(places[0], there.places[0]):
        side = there.side  # 'The right lung has a nodule in the lower lobe'.
    return places, side


def _fitting(draft: Draft) -> tuple[str, ...]:
    """Return the places of a finding without those that say nothing beside the others, or are not its own."""
    places = draft.places
    if _SOFT in places and draft.concept.place.startswith((_BONE, "skull")):
        # 'The skin over a bone tumor' is not where that is.
        places = tuple([path for path in places if path != _SOFT])
    if len(places) < 2:
        # Of a fracture, 'bone' says nothing.
        return () if places == (_BONE,) and draft.concept.family.startswith("fracture") else places
    narrow = narrowed(places, draft.concept)
    if draft.beside.issuperset(narrow):
        # 'In the pelvis, posterior to the bladder' is in the pelvis.
        return tuple([path for path in places if path in _REGIONS and path not in draft.beside]) or narrow
    if draft.concept.kin == _STENOSIS and all(path.startswith(_VESSELS) for path in narrow):
        # 'The aorta is narrow below the renal arteries': they only say at which level.
        return tuple([path for path in narrow if path not in draft.beside]) or narrow
    return narrow


def _acts(draft: Draft, tokens: Sequence[str]) -> bool:
    """True for 'the mass' that has been named and of which the sentence says what it does elsewhere."""
    general = draft.concept.is_general and draft.concept.kin == "lesion"
    named = general and draft.start > 0 and tokens[draft.start - 1] in _DEFINITE
    return named and not _ACTING.isdisjoint(tokens[draft.end : draft.end + _REACH])


def is_known(draft: Draft, tokens: Sequence[str]) -> bool:
    """Return True if 'the mass' has been named before, or 'displaced by a mass': it need not be there."""
    general = draft.concept.is_general and draft.concept.kin == "lesion"
    if (
        (general or tokens[draft.start] == HERNIATED)
        and draft.start > 0
        and tokens[draft.start - 1] in _DEFINITE
    ):
        return True
    if draft.concept.kin not in _MASSES:
        return False
    before = tokens[max(0, draft.start - _AGENT) : draft.start]
    return "by" in before and not _PRESSED.isdisjoint(tokens[max(0, draft.start - _AGENT - 2) : draft.start])
