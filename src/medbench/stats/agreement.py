"""Agreement between raters: Cohen's kappa, Gwet's AC1, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from medbench.stats.bootstrap import bca
from medbench.stats.groups import coded, minus

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from numpy.typing import NDArray

    from medbench.schema.score import Interval
    from medbench.stats.groups import Labels

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of raters beyond chance."""

    value: float | None
    """1 is full agreement, 0 what chance gives; None where chance alone would agree always."""
    interval: Interval | None
    """By the bootstrap over groups of cases; None with fewer than two."""
    agreed: float | None
    """Share of agreement before chance is taken out, weighted as the value is; None without a rating."""
    n: int
    """Items that at least two raters graded."""


def cohen_kappa(  # noqa: PLR0913 - two lists, and what is known of their items
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    categories: Sequence[Hashable],
    *,
    quadratic: bool = False,
    labels: Labels | None = None,
    places: NDArray[np.integer[Any]] | None = None,
) -> Agreement:
    """Return Cohen's kappa of two raters (Cohen 1960; weighted: Cohen 1968).

    Args:
        first: Grades of the one rater.
        second: Grades of the other, of the same items in the same order.
        categories: All grades there are, from lowest to highest.
        quadratic: True where near grades differ less, by the square of their distance; False where any two
            differ alike.
        labels: Group of each item, such as its topic, for the interval.
        places: Place of each item's grades in the two lists, where many items share few ways to be graded;
            None where the lists are the items.

    Raises:
        ValueError: The two lists differ in length, or a grade isn't among the categories.
    """
    if len(first) != len(second):
        msg = f"{len(first)} grades stand beside {len(second)}"
        raise ValueError(msg)
    size = len(categories)
    cells = (
        categories.index(mine) * size + categories.index(theirs)
        for mine, theirs in zip(first, second, strict=True)
    )
    apart = np.subtract.outer(np.arange(size), np.arange(size)) / max(1, size - 1)
    agreeing = 1 - apart**2 if quadratic else np.eye(size)

    def kappas(tables: Array) -> Array:
        shares = tables.reshape(-1, size, size)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = shares / shares.sum(axis=(1, 2), keepdims=True)
            seen = (shares * agreeing).sum(axis=(1, 2))
            by_chance = np.einsum("bi,ij,bj->b", shares.sum(axis=2), agreeing, shares.sum(axis=1))
            return np.column_stack([_beyond(seen, by_chance), seen])

    kinds = np.fromiter(cells, np.int64)
    return _agreement(np.eye(size * size), kinds, kappas, labels, places)


def gwet_ac(
    ratings: Sequence[Sequence[Hashable | None]],
    categories: Sequence[Hashable],
    *,
    labels: Labels | None = None,
    places: NDArray[np.integer[Any]] | None = None,
) -> Agreement:
    """Return Gwet's AC1 of any number of raters (Gwet 2008; 2014, chapters 4 and 5).

    It stays meaningful where nearly all items get the same grade, where kappa falls to nothing.

    Args:
        ratings: For each item the grade by each rater; None where a rater gave none.
        categories: All grades there are, from lowest to highest.
        labels: Group of each item, for the interval.
        places: Place of each item's grades among the ratings, as for `cohen_kappa`.

    Raises:
        ValueError: A grade isn't among the categories.
    """
    size = len(categories)
    # Few ways to grade an item are there, and many items.
    ways: dict[tuple[Hashable | None, ...], int] = {}
    kinds = np.fromiter((ways.setdefault(tuple(item), len(ways)) for item in ratings), np.int64)
    parts = np.zeros((len(ways), size + 3))
    for row, item in enumerate(ways):
        votes = np.zeros(size)
        for grade in item:
            if grade is not None:
                votes[categories.index(grade)] += 1
        raters = votes.sum()
        if raters:
            parts[row, :size], parts[row, size] = votes / raters, 1
        if raters > 1:
            alike = float(votes @ (votes - 1))
            parts[row, size + 1], parts[row, size + 2] = alike / (raters * (raters - 1)), 1

    def coefficients(sums: Array) -> Array:
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = sums[:, :size] / sums[:, size : size + 1]
            seen = sums[:, size + 1] / sums[:, size + 2]
            spread = (shares * (1 - shares)).sum(axis=1)
            by_chance = spread / (size - 1) if size > 1 else spread
            return np.column_stack([_beyond(seen, by_chance), seen])

    return _agreement(parts, kinds, coefficients, labels, places, counted=size + 2)


def _agreement(  # noqa: PLR0913 - what is summed, and what is known of the items
    parts: Array,
    kinds: NDArray[np.integer[Any]],
    statistic: Callable[[Array], Array],
    labels: Labels | None,
    places: NDArray[np.integer[Any]] | None,
    counted: int | None = None,
) -> Agreement:
    """Return the agreement over items.

    Args:
        parts: What an item of each kind adds to the sums that the statistic takes.
        kinds: The kind of each item, or of each place.
        statistic: Sums to the agreement beyond chance and the share of agreement.
        labels: Group of each item.
        places: Place of each item among the kinds; None where these are the items'.
        counted: Column of `parts` with the items that at least two raters graded; None where all are.
    """
    if places is not None:  # in a byte an item, where its kind would take eight
        parts, kinds = parts[kinds], places
    n = len(kinds) if counted is None else int(parts[kinds, counted].sum())
    if not n:
        return Agreement(None, None, None, 0)
    codes = np.arange(len(kinds)) if labels is None else _in_order(coded(labels))
    by_group = np.empty((codes.max() + 1, parts.shape[1]))
    for number, column in enumerate(parts.T):
        by_group[:, number] = np.bincount(codes, column[kinds])
    value, agreed = statistic(by_group.sum(axis=0, keepdims=True))[0]
    intervals = bca(by_group, statistic, several=len(by_group) < len(kinds))
    return Agreement(None if np.isnan(value) else float(value), intervals[0], float(agreed), n)


def _in_order(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return groups numbered by their first item, without the numbers of those that have none."""
    first = np.full(codes.max(initial=-1) + 1, len(codes))
    first[codes[::-1]] = np.arange(len(codes))[::-1]  # of several the last one stays
    number = np.empty_like(first)
    number[np.argsort(first, kind="stable")] = np.arange(len(first))
    return number[codes]


def _beyond(seen: Array, by_chance: Array) -> Array:
    """Return agreement beyond chance; NaN where chance leaves no room, whatever rounding says."""
    room = 1 - by_chance
    return np.where(room > 1e-12, minus(seen, by_chance) / np.where(room > 1e-12, room, 1.0), np.nan)
