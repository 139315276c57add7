"""A comparison on one screen: what is clear, the table that carries it, costs, what to read with care."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Paragraph, flush, table
from medbench.report.cards import card_line
from medbench.report.compare.comparison import family, many, title
from medbench.report.compare.conclusion import cautions, conclusions, floors, premises
from medbench.report.compare.results import calls, results
from medbench.report.numbers import (
    BRACKETS,
    DASH,
    RECALL,
    between,
    counts,
    is_of_points,
    metric_name,
    p_value,
    percent,
    points,
    rate,
    share,
)
from medbench.report.show.screening import screening_systems
from medbench.scoring.controls import above
from medbench.sentences import alpha_text, p_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.report.blocks import Block
    from medbench.schema.results.comparison import (
        ClearDifference,
        Comparison,
        PairedDifference,
        Ranked,
    )

_DECIDED = frozenset({"better", "worse", "equivalent"})
_CLEAR = (
    "good",
    "key_finding",
    above("finding.f1"),
    "finding.f1",
    above("answer.right"),
    "answer.right",
    "rouge_l.recall",
    "rouge_l.f1",
)
"""The metrics in the order in which clear differences are told: what counts, then words."""


def summary(comparison: Comparison) -> Iterator[Block]:
    """Yield the screen of `compare`."""
    yield title(comparison)
    yield Blank()
    yield from verdict(comparison)
    yield Blank()
    yield from results(comparison)
    yield Blank()
    yield from calls(comparison)
    yield from screening_systems(comparison.screening)
    yield from with_care(comparison)


def verdict(comparison: Comparison) -> Iterator[Paragraph]:
    """Yield what is clear and what is not, in words, and why."""
    decided = any(pair.conclusion and pair.conclusion.outcome in _DECIDED for pair in comparison.pairs)
    if many(comparison):
        yield from (flush(premise) for premise in premises(comparison))
        yield from clear_differences(comparison)
        yield from _ranked(comparison)
    elif decided:
        yield from (*conclusions(comparison), *clear_differences(comparison))
    else:
        yield from (*clear_differences(comparison), *conclusions(comparison))


def overview(comparison: Comparison) -> Iterator[Block]:
    """Yield the screen that `run` and `import` end with: how the calls went, then the results. No test."""
    yield title(comparison)
    yield Blank()
    yield from calls(comparison)
    yield from results(comparison)
    yield Paragraph(BRACKETS)


def clear_differences(comparison: Comparison) -> Iterator[Paragraph]:
    """Yield the largest clear difference of each metric, but for the one that the conclusion is about."""
    told = {
        (pair.conclusion.metric, frozenset((pair.a, pair.b)))
        for pair in comparison.pairs
        if pair.conclusion and pair.conclusion.outcome in _DECIDED and not many(comparison)
    }
    clear = [one for one in comparison.clear if (one.metric, frozenset((one.higher, one.lower))) not in told]
    largest = {one.metric: one for one in reversed(clear)}
    if not largest:
        return
    more = len(clear) - len(largest)
    rest = f"; {more} more between other systems: --pairs" if more else ""
    yield Paragraph(f"Clear differences (p by {family(comparison)}{rest}):")
    for metric in _CLEAR:
        if metric in largest:
            yield Paragraph(
                f"  {_difference(largest[metric])}{_at_equal_length(comparison, largest[metric])}."
            )


def clear_table(comparison: Comparison) -> Iterator[Block]:
    """Yield every clear difference between any two systems, the largest first."""
    if comparison.clear:
        yield Blank()
        yield table(
            ["clearly above", "below", "metric", "difference", "Holm"],
            (
                [one.higher, one.lower, metric_name(one.metric), _size(one), p_value(one.difference.p_holm)]
                for one in comparison.clear
            ),
            left=(0, 1, 2),
            wraps=(0, 1, 2),
        )


def _difference(one: ClearDifference) -> str:
    p = p_text(one.difference.p_holm or 0.0)
    return f"{metric_name(one.metric)}: {one.higher} above {one.lower} by {_size(one)}, {p}"


def _size(one: ClearDifference) -> str:
    of_points = one.metric in {"good", "key_finding"} or is_of_points(one.metric)
    value = one.difference.difference
    size = f"{points(value).removeprefix('+')} points" if of_points else share(value, 2)
    return f"{size} {between(one.difference.interval, of_points=of_points)}".rstrip()


def _at_equal_length(comparison: Comparison, one: ClearDifference) -> str:
    """Say what is left of a difference in recall once the outputs are cut to one length."""
    if one.metric != RECALL:
        return ""
    for pair in comparison.pairs:
        cut = next((metric for name, metric in pair.metrics.items() if name.startswith("first")), None)
        if {pair.a, pair.b} == {one.higher, one.lower} and cut and cut.interval:
            vanishes = cut.interval.low <= 0 <= cut.interval.high
            size = share(cut.difference if pair.b == one.higher else -cut.difference, 2)
            return f"; at equal length {size}" + ": it pays for length, do not quote it" * vanishes
    return ""


def _ranked(comparison: Comparison) -> Iterator[Paragraph]:
    """Yield who is first, who cannot be told from it, and how all stand against the reference."""
    order = comparison.ranking
    assert order is not None
    first, *others = order.systems
    if not others:
        yield Paragraph(
            f"{first.name} alone has {metric_name(order.metric)}: there is nothing to rank.", hang=2
        )
        return
    if len(first.ahead_of) == len(others):
        said = "clearly ahead of all others"
    else:
        said = "; ".join(_listed(_beside_the_first(first, others)))
    yield Paragraph(f"First by {metric_name(order.metric)}: {first.name}; {said}.", hang=2)
    if comparison.omnibus is not None and comparison.omnibus.p > comparison.alpha:
        return
    clear = {
        word: [
            one.name
            for one in order.systems
            if one.difference and _side(one.difference, comparison.alpha) == sign
        ]
        for word, sign in (("above it", 1), ("below it", -1), ("not told apart", 0))
    }
    if any(clear.values()):
        clear["not compared"] = [
            one.name for one in order.systems if not one.difference and one.name != order.reference
        ]
        yield Paragraph(f"Held against {order.reference}: {'; '.join(_listed(clear))}.", hang=2)


def _beside_the_first(first: Ranked, others: Sequence[Ranked]) -> dict[str, Sequence[str]]:
    """Return how each of the others stands to the first, in words."""
    above = [one.name for one in others if first.name in one.ahead_of]
    known = {*first.ahead_of, *above, *first.not_compared}
    return {
        "clearly ahead of": first.ahead_of,
        "clearly above it on the cases of both": above,
        "not told apart from it": [one.name for one in others if one.name not in known],
        "not compared with it (too few cases of both)": first.not_compared,
    }


def _listed(names: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what is said of some names, each with them; nothing of none."""
    return (f"{words}: {', '.join(some)}" for words, some in names.items() if some)


def _side(difference: PairedDifference, alpha: float) -> int:
    """Return 1 or -1 for a system that is clearly above or below the reference, 0 for one that is neither."""
    if difference.p_holm is None or difference.p_holm > alpha:
        return 0
    return 1 if difference.difference > 0 else -1


def with_care(comparison: Comparison) -> Iterator[Paragraph]:
    """Yield what a reader has to know beside the tables: gaps, the judge's card, floors, marks."""
    incomplete = [
        f"{system.name} {counts(graded.missing)} (good {percent(graded.good_if_missing_poor)}"
        f"{DASH}{percent(graded.good_if_missing_good)} %)"
        for system in comparison.systems
        if (graded := system.graded) and graded.missing
    ]
    if incomplete:
        yield Paragraph(
            f"Outputs without a grade, which is not poor: {'; '.join(incomplete)}; in brackets with all of "
            "them poor or all good."
        )
    reviewed = [
        f"{system.name} {f'{shown} %' if isinstance(shown, str) else shown.text}"
        for system in comparison.systems
        if system.graded and system.graded.reviewed and (shown := rate(system.graded.reviewed))
    ]
    if reviewed:
        yield Paragraph(f"As people would grade, by the sample that they graded: good {', '.join(reviewed)}.")
    for card in comparison.cards:
        if card.rater == comparison.rater:
            yield Paragraph(card_line(card))
    alpha = comparison.alpha
    uneven = {one.by for one in comparison.strata if one.p_holm is not None and one.p_holm <= alpha}
    for by in sorted(uneven):
        yield Paragraph(
            f"A difference is not the same in all parts by {by} (interaction, "
            f"Holm p ≤ {alpha_text(alpha)}): --by {by}."
        )
    yield from cautions(comparison)
    yield from floors(comparison)
