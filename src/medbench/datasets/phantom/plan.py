"""Chooses region, findings and views of a case, and completes findings that are named in part."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from medbench.datasets.phantom.patient import Dice
from medbench.datasets.phantom.regions import REGIONS, Kind, Region, View
from medbench.errors import UsageError
from medbench.schema.reference import KnownFinding

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECOND = 0.35  # share of the abnormal cases that have a second finding, where the kind allows one
_THIRD = 0.25  # share of the cases with a third image that shows no finding
_OTHER = {"left": "right", "right": "left"}


def plan_case(seed: int, number: int, edition: int = 1) -> tuple[str, tuple[KnownFinding, ...]]:
    """Return region and findings of one case; they depend on seed, number and edition alone.

    The regions take turns. Each round of five has one normal case, in another region than the round before.
    In every region the kinds take turns in an order that is shuffled anew each time.
    """
    lap, place = divmod(number - 1, len(REGIONS))
    region = list(REGIONS.values())[place]
    if place == (2 * lap + seed) % len(REGIONS):
        return region.name, ()
    kinds = [kind for kind in region.kinds if kind.sentences or edition > 1]
    deal, turn = divmod(lap, len(kinds))
    main = Dice(f"{seed} {region.name} deal {deal}").order(kinds)[turn]
    dice = Dice(f"{seed}/{number} plan")
    first = _throw(main, dice)
    if not main.partners or not dice.chance(_SECOND):
        return region.name, (first,)
    second = _throw(region.kind(dice.pick(main.partners)), dice)
    if first.side in _OTHER and second.side in _OTHER:
        # On opposite sides two findings never hide each other.
        second = second.model_copy(update={"side": _OTHER[first.side]})
    return region.name, (first, second)


def complete(region: Region, finding: KnownFinding) -> KnownFinding:
    """Return the same finding with site, side and size filled in where they were left out.

    Raises:
        UsageError: The region has no such kind, or the kind no such site, side, size or number.
    """
    kind = region.kind(finding.kind)
    whole = finding.model_copy(
        update={
            "site": finding.site or kind.sites[0],
            "side": finding.side or (kind.sides[0] if kind.sides else None),
            "size_mm": finding.size_mm or (sum(kind.sizes) // 2 if kind.sizes else None),
        }
    )
    _check(kind, whole)
    return whole


def choose_views(
    region: Region, findings: Sequence[KnownFinding], dice: Dice, edition: int = 1
) -> list[View]:
    """Return the two or three views of a case, those first that show its findings, as in a published case.

    In the second edition there are two, of which each finding has one.
    """
    showing = dict.fromkeys(name for finding in findings for name in region.kind(finding.kind).views)
    others = [name for name in dice.order([view.name for view in region.views]) if name not in showing]
    if edition > 1:
        shown = Counter(name for finding in findings for name in region.kind(finding.kind).views)
        chosen = [*(name for name, _ in shown.most_common()), *others][:2]
        return [view for view in region.views if view.name in chosen]
    number = max(3 if dice.chance(_THIRD) else 2, min(len(showing), 3))
    chosen = [*showing, *others][:number]
    return [view for view in region.views if view.name in chosen]


def _check(kind: Kind, finding: KnownFinding) -> None:
    if finding.site not in kind.sites:
        raise UsageError(f"'{kind.name}' cannot lie in '{finding.site}'", f"one of {', '.join(kind.sites)}")
    if finding.side not in (kind.sides or (None,)):
        sides = ", ".join(kind.sides) or "none"
        raise UsageError(f"'{kind.name}' has no side '{finding.side}'", f"one of {sides}")
    if finding.size_mm is not None and not (kind.sizes and kind.sizes[0] <= finding.size_mm <= kind.sizes[1]):
        limits = f"{kind.sizes[0]} to {kind.sizes[1]} mm" if kind.sizes else "leave it out"
        raise UsageError(f"'{kind.name}' has no size '{finding.size_mm}'", limits)
    if finding.count not in kind.counts:
        counts = ", ".join(str(count) for count in sorted(set(kind.counts)))
        raise UsageError(f"'{kind.name}' cannot be drawn '{finding.count}' times", f"one of {counts}")


def _throw(kind: Kind, dice: Dice) -> KnownFinding:
    # The order of the throws is part of what a seed means.
    return KnownFinding(
        kind=kind.name,
        side=dice.pick(kind.sides) if kind.sides else None,
        site=dice.pick(kind.sites),
        size_mm=dice.whole(*kind.sizes) if kind.sizes else None,
        count=dice.pick(kind.counts),
    )
