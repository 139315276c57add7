"""Gives every place, side, size and degree of a clause to the finding that is nearest.

A descriptor ('enhancing') yields to the thing it describes; a preposition leads a place to what precedes
it; a size behind 'measuring' or 'diameter of' belongs to what precedes, if need be in an earlier clause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.finding.drafts import ANYWHERE, DESCRIPTORS, PLACED, SIDES, TRAITS, Draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.finding.observed import Item

TAKEN = "taken"
"""Stands for the side of a place that has its own: that side's item is no attribute by itself."""
_NEAR = 6
"""How far, in words, a degree, number or change may stand from its finding."""
_COMMA, _AND, _WORDS, _BESIDE, _AGAINST, _FAR = 3.0, 2.0, 0.5, 4.0, 6.0, 50.0
"""What a comma, 'and', any phrase, a descriptor, the wrong direction add to a distance; and never."""


def attach(
    items: Sequence[Item],
    attributes: list[int],
    sides: dict[int, str],
    found: list[Draft],
    earlier: Draft | None,
) -> None:
    """Give the attributes of a clause to its findings.

    Args:
        items: All items of the sentence.
        attributes: Indices of those to give away.
        sides: Index of a place to the side before it.
        found: The clause's findings, at least one.
        earlier: The last thing found in a clause before.
    """
    free = [index for index in attributes if sides.get(index) != TAKEN]
    cost = _costs(items, free, found) if len(found) > 1 else {}
    for index in free:
        item = items[index]
        measured = item.kind == "size" and _is_measured(items, index)
        if measured and earlier is not None and item.end <= found[0].start:
            earlier.take(item)
            continue
        if len(found) == 1:
            best, least = found[0], float(_gap(item, found[0]))
        else:
            backward = measured or _is_led(items, index)
            best, least = _nearest(item, cost, found, backward=backward)
        if item.kind in ANYWHERE or least <= _NEAR:
            best.take(item, sides.get(index, ""))
            if len(found) == 1 and item.kind in PLACED and earlier is not None:
                _share(item, sides.get(index, ""), best, earlier)


def carry(items: Sequence[Item], attributes: list[int], sides: dict[int, str], earlier: Draft) -> None:
    """Give the places, sides and sizes of a clause without a finding to the last thing found before."""
    for index in attributes:
        item = items[index]
        if item.kind in ANYWHERE and sides.get(index) != TAKEN and not (item.kind == "size" and earlier.size):
            earlier.take(item, sides.get(index, ""))


def sides_of_places(items: Sequence[Item]) -> dict[int, str]:
    """Index of a place to the side that stands right before it; that side's own index to 'taken'."""
    found: dict[int, str] = {}
    before: Item | None = None
    for index, item in enumerate(items):
        if (
            item.kind == "place"
            and before is not None
            and before.kind in SIDES
            and item.start - before.end <= 1
        ):
            found[index] = before.kind
            found[index - 1] = TAKEN
        before = item
    return found


def _nearest(
    item: Item, cost: dict[int, float], found: list[Draft], *, backward: bool
) -> tuple[Draft, float]:
    at = cost[item.start]
    best, least = found[0], 1e9
    for draft in found:
        distance = abs(cost[draft.start] - at)
        if item.kind in ANYWHERE and draft.concept.kin in DESCRIPTORS:
            distance += _FAR if item.kind == "size" else _BESIDE
        if backward and draft.start > item.start:
            distance += _AGAINST
        if distance < least:
            best, least = draft, distance
    return best, least


def _share(item: Item, side: str, holder: Draft, thing: Draft) -> None:
    """Where only a trait of the last finding has a place behind it, the place is that finding's too."""
    trails = holder.concept.kin in TRAITS and item.start >= holder.end
    if trails and thing.concept.kin not in TRAITS and not thing.places:
        thing.take(item, side)


def _is_measured(items: Sequence[Item], index: int) -> bool:
    before = items[index - 1] if index else None
    return before is not None and before.kind == "measure" and items[index].start - before.end <= 2


def _is_led(items: Sequence[Item], index: int) -> bool:
    """Whether a preposition leads an attribute to what precedes it: 'mass in the left lobe'."""
    at = index - 1
    if at >= 0 and items[at].kind in SIDES:
        at -= 1
    return at >= 0 and items[at].kind == "in" and items[index].start - items[at].end <= 3


def _gap(item: Item, draft: Draft) -> int:
    return draft.start - item.end if item.end <= draft.start else item.start - draft.end


def _costs(items: Sequence[Item], attributes: list[int], found: list[Draft]) -> dict[int, float]:
    """First token of findings and attributes to how far it is from the start: words, commas, joints."""
    wanted = {draft.start for draft in found}
    wanted.update(items[index].start for index in attributes)
    cost: dict[int, float] = {}
    total, before = 0.0, 0
    for item in items:
        total += item.start - before
        if item.start in wanted:
            cost[item.start] = total
        if item.kind == ",":
            total += _COMMA
        elif item.kind == "and":
            total += _AND
        elif item.kind != "in":
            total += _WORDS
        before = item.end
    return cost
