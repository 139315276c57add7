"""Which region and which findings a case gets, and what a half-named finding is completed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.datasets.phantom.kinds import KINDS, REGIONS, Kind
from medbench.datasets.phantom.patient import Dice
from medbench.datasets.phantom.scene import views_of
from medbench.errors import UsageError
from medbench.schema.reference import KnownFinding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.datasets.phantom.kinds import Side

_SECOND = 0.35  # share of the abnormal cases that have a second finding, where the kind allows one
_THIRD = 0.25  # share of the cases with a third image that shows no finding
_OTHER = {"left": "right", "right": "left", "midline": "midline"}


def plan_case(seed: int, number: int) -> tuple[str, tuple[KnownFinding, ...]]:
    """Region and findings of one case; it depends on seed and number alone.

    Regions go round; each round of five has one normal case, in another region than the round before; in
    every region the kinds go round in an order that is shuffled anew each time.
    """
    lap, place = divmod(number - 1, len(REGIONS))
    region = REGIONS[place]
    if place == (2 * lap + seed) % len(REGIONS):
        return region, ()
    kinds = KINDS[region]
    deal, turn = divmod(lap, len(kinds))
    main = Dice(f"{seed} {region} deal {deal}").order(kinds)[turn]
    dice = Dice(f"{seed}/{number} plan")
    first = _throw(main, dice)
    if not main.partners or not dice.chance(_SECOND):
        return region, (first,)
    partner = dice.pick(main.partners)
    second = _throw(next(kind for kind in kinds if kind.name == partner), dice)
    if first.side in {"left", "right"} and second.side in {"left", "right"}:
        # On opposite sides two findings never hide each other.
        second = second.model_copy(update={"side": _OTHER[first.side]})
    return region, (first, second)


def complete(region: str, finding: KnownFinding) -> KnownFinding:
    """The same finding with site, side and size filled in where they were left out.

    Raises:
        UsageError: The region has no such kind, or the kind no such site, side or number.
    """
    if region not in KINDS:
        raise UsageError(f"'{region}' is no region of the phantom", f"one of {', '.join(REGIONS)}")
    kind = next((kind for kind in KINDS[region] if kind.name == finding.kind), None)
    if kind is None:
        names = ", ".join(kind.name for kind in KINDS[region])
        raise UsageError(f"'{finding.kind}' cannot be drawn in '{region}'", f"one of {names}")
    whole = finding.model_copy(
        update={
            "site": finding.site or next(iter(kind.sites)),
            "side": finding.side or (kind.sides[0] if kind.sides else None),
            "size_mm": finding.size_mm or (sum(kind.sizes) // 2 if kind.sizes else None),
        }
    )
    _check(kind, whole)
    return whole


def choose_views(
    region: str, findings: Sequence[KnownFinding], views: tuple[str, ...], dice: Dice
) -> tuple[str, ...]:
    """The views of a case: two or three, those first that show its findings, as in a published case."""
    found: dict[str, None] = {}
    for finding in findings:
        found.update(dict.fromkeys(views_of(region, finding)))
    others = [view for view in dice.order(views) if view not in found]
    wanted = 3 if dice.chance(_THIRD) else 2
    chosen = [*found, *others][: max(wanted, min(len(found), 3))]
    return tuple(view for view in views if view in chosen)


def _check(kind: Kind, finding: KnownFinding) -> None:
    if finding.site not in kind.sites:
        raise UsageError(f"'{kind.name}' cannot lie in '{finding.site}'", f"one of {', '.join(kind.sites)}")
    sides = ", ".join(kind.sides) or "none"
    if finding.side not in (kind.sides or (None,)):
        raise UsageError(f"'{kind.name}' has no side '{finding.side}'", f"one of {sides}")
    if finding.size_mm is not None and not (kind.sizes and kind.sizes[0] <= finding.size_mm <= kind.sizes[1]):
        limits = f"{kind.sizes[0]} to {kind.sizes[1]} mm" if kind.sizes else "leave it out"
        raise UsageError(f"'{kind.name}' has no size '{finding.size_mm}'", limits)
    if finding.count not in kind.counts:
        counts = ", ".join(str(count) for count in sorted(set(kind.counts)))
        raise UsageError(f"'{kind.name}' cannot be drawn '{finding.count}' times", f"one of {counts}")


def _throw(kind: Kind, dice: Dice) -> KnownFinding:
    side: Side | None = dice.pick(kind.sides) if kind.sides else None
    return KnownFinding(
        kind=kind.name,
        side=side,
        site=dice.pick(tuple(kind.sites)),
        size_mm=dice.whole(*kind.sizes) if kind.sizes else None,
        count=dice.pick(kind.counts),
    )
