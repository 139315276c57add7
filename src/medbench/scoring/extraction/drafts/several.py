"""Findings that are named once for two organs or both sides, and are one of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from medbench.scoring.extraction.drafts.spill import in_ventricle, with_spill
from medbench.scoring.extraction.places.concepts import composed
from medbench.scoring.extraction.places.paths import VAGUE, crosses, region, structure, touch, within

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.observed import Side

_SHARED: Final = frozenset(
    {"displacement", "dislocation", "hernia", "ascites", "postoperative", "osteopenia"}
)
"""Names and kin of what organs that lie together have together."""
_NODE: Final = "lymph node"
_NODES: Final = frozenset({_NODE, "?node"})
_QUADRANTS: Final = {f"abdomen/{side} {half}" for side in ("left", "right") for half in ("upper", "lower")}
_NO_ORGAN: Final = (VAGUE - {"bone", "spine"}) | _NODES | _QUADRANTS
"""Places of which nothing is one of each."""
_OF_EACH: Final = frozenset({"enlargement", "dilatation", "thickening", "narrowing", "hypertrophy"})
"""General words for what each of two parts is like."""
_INVASION: Final = "invasion"
_TERRITORY: Final = "vessel/intracranial"
"""A place that says, beside one in the brain, to what of it blood flows."""
_NERVE: Final = "muscle/nerve"
_IN_BONE: Final = {"pelvis"}
_LIMBS: Final = ("muscle", "limb")
_SOFT: Final = (*_LIMBS, "neck", "face", "scalp", "chest/wall", "abdomen/wall")
_LUNG, _PATCHY = "chest/lung", ("lung opacity", "interstitial", "airways")
"""Where, and of what kin, patches in lobes of both sides are one finding of both: 'bilateral opacities'."""
_SPREADING: Final = frozenset({"gas", "edema"})
"""Beginnings of places with soft parts, and kin of what is one in these."""


def parts_of(draft: Draft) -> Iterator[Draft]:
    """Yield a finding of a left and of another, right place, or of two organs, once for each of these."""
    sides = {side for _, side in draft.placed}
    if draft.side == "both" and len(draft.places) > 1 and sides == {"left", "right"}:
        if draft.concept.kin.startswith(_PATCHY) and all(within(path, _LUNG) for path in draft.places):
            yield draft
            return
        for side in ("left", "right"):
            draft.side = side
            draft.places = tuple(path for path, on in draft.placed if on == side)
            yield draft
        return
    if draft.spills or (draft.concept.kin == "hemorrhage" and any(map(in_ventricle, draft.places))):
        for one in with_spill(draft):
            yield from _of_each(one) if one.concept.kin == _INVASION else (one,)
        return
    yield from _of_each(draft)


def _of_each(draft: Draft) -> Iterator[Draft]:
    """Yield a finding once for each structure of a row of places."""
    groups = _groups(draft) if draft.row and not draft.beside else []
    if len(groups) < 2:
        yield draft
        return
    concept, before = draft.concept, ""
    side: str = draft.side
    on_nodes = not _NODES.isdisjoint(draft.places)
    is_sided = any(on for _, on in draft.row)
    for group in groups:
        draft.places = tuple([path for path, _ in group])
        # Of nodes, what is said is of each station.
        draft.concept = composed(concept, (*draft.places, _NODE)) if on_nodes else concept
        if is_sided:
            on = next((on for _, on in group if on), "")
            # 'The left femur and tibia' are on one side.
            side = on or (side if region(before) == region(draft.places[0]) else "")
            before = draft.places[0]
            draft.side = cast("Side", side)
        yield draft


def _groups(draft: Draft) -> list[list[tuple[str, str]]]:
    """Return the places of a row, each with its side, by the structure that they are in.

    There are none if it is not a finding of each of these.
    """
    concept = draft.concept
    none = _NO_ORGAN - (
        {"muscle"} if concept.kin == _INVASION else _IN_BONE if concept.place == "bone" else set()
    )
    row = {path: on for path, on in draft.row if path not in none}
    names = [composed(concept, (path,)).name for path in row]
    if len({*names}) > 1 and _is_said_of_each(draft, names):
        keys = names
    elif _is_one_thing(draft, row) or (len({*names}) < 2 and (draft.size or draft.presence == "absent")):
        return []
    else:
        keys = [structure(path) for path in row]
    groups: dict[str, list[tuple[str, str]]] = {}
    for key, placed in zip(keys, row.items(), strict=True):
        known = next((one for one in groups if within(one, key) or within(key, one)), key)
        groups.setdefault(known, []).append(placed)
    return [*groups.values()]


def _is_said_of_each(draft: Draft, names: Collection[str]) -> bool:
    """True for how large parts are that have names of their own for it: 'the left atrium and ventricle'."""
    return draft.concept.name in _OF_EACH and draft.concept.name not in names


def _is_one_thing(draft: Draft, row: Collection[str]) -> bool:
    """True for what lies across parts or in soft ones, or is at another place besides."""
    concept, places = draft.concept, tuple(row)
    known = {concept.name, concept.kin, *(composed(concept, (path,)).name for path in row)}
    if not known.isdisjoint(_SHARED) or crosses(places):
        return True
    if any(path.startswith(_TERRITORY) for path in row) and any(path.startswith("brain") for path in row):
        return True
    others = [path for path in draft.places if path not in row and path not in _NO_ORGAN]
    if any(not touch((path,), places) for path in others):
        return True
    sides = {on for _, on in draft.row}
    if draft.side == "both" and {""} < sides and "both" not in sides:
        return True
    if concept.kin == _INVASION:
        return False
    soft = _SOFT if concept.kin in _SPREADING else _LIMBS
    return any(path.startswith(soft) and path != _NERVE for path in row)
