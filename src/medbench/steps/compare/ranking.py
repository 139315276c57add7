"""Systems in order, and the groups that cannot be told apart."""

from __future__ import annotations

from itertools import combinations
from string import ascii_letters
from typing import TYPE_CHECKING

from medbench.schema.results.comparison import Ranked, Ranking
from medbench.schema.results.system_row import best_floor, in_order
from medbench.stats.holm import holm
from medbench.steps.compare.family import p_of, tested

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.results.comparison import PairedDifference
    from medbench.schema.results.system_row import SystemRow
    from medbench.steps.compare.family import FamilyData


def ranking(
    systems: Sequence[SystemRow],
    floors: Sequence[SystemRow],
    data: FamilyData,
    against: str | None,
    *,
    alike: bool,
) -> Ranking | None:
    """Return the systems in order of the metric, the best first; None where none has it.

    Args:
        systems: The systems that are compared.
        floors: The baselines beside them.
        data: What they scored.
        against: The system that the others are held against; None for the best baseline.
        alike: True if the test of all systems at once does not tell them apart.
    """
    order = [row.name for row in in_order(systems, data.metric)]
    if not order:
        return None
    floor = best_floor(floors, data.metric)
    reference = against or (floor.row.name if floor and floor.by == data.metric else order[0])
    compared = {(a, b): one for a, b in combinations(order, 2) if (one := _tested_one(data, a, b))}
    pairs = list(compared)
    p_values = holm([p_of(difference) for difference in compared.values()])
    apart = {pair for pair, p in zip(pairs, p_values, strict=True) if p <= data.alpha and not alike}
    ahead = {(a, b) if compared[a, b].difference < 0 else (b, a) for a, b in apart}
    held = {
        name: difference
        for name in order
        if name != reference and (difference := _tested_one(data, reference, name, interval=True))
    }
    adjusted = dict(zip(held, holm([p_of(difference) for difference in held.values()]), strict=True))
    # One of the systems is held against the others already: a difference has one adjusted p-value.
    adjusted |= {
        name: p
        for pair, p in zip(pairs, p_values, strict=True)
        for name in held
        if {*pair} == {name, reference}
    }
    groups = letters_of(order, apart)
    return Ranking(
        metric=data.metric,
        reference=reference,
        tests=len(pairs),
        systems=tuple(
            Ranked(
                name=name,
                groups=groups[name],
                difference=held[name].model_copy(update={"p_holm": adjusted[name]}) if name in held else None,
                not_compared=tuple(
                    other
                    for other in order
                    if other != name and not compared.keys() & {(name, other), (other, name)}
                ),
                ahead_of=tuple(other for other in order if (name, other) in ahead),
            )
            for name in order
        ),
    )


def _tested_one(data: FamilyData, a: str, b: str, *, interval: bool = False) -> PairedDifference | None:
    """Return the second minus the first in the metric of the order; None where too few cases have both."""
    return tested(data, a, b, [data.metric], interval=interval).get(data.metric)


def letters_of(order: Sequence[str], apart: set[tuple[str, str]]) -> dict[str, str]:
    """Return the letters of each system: neighbours share one if no two from the one to the other differ."""
    letters = dict.fromkeys(order, "")
    end = 0
    for first in range(len(order)):
        last = next(
            (
                n
                for n in range(first, len(order))
                if any((name, order[n]) in apart for name in order[first:n])
            ),
            len(order),
        )
        if last > end:
            end, letter = (
                last,
                ascii_letters[min(len(set("".join(letters.values()))), len(ascii_letters) - 1)],
            )
            for name in order[first:last]:
                letters[name] += letter
    return letters
