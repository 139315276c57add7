"""The step `validate-metric`: how well metrics agree with people who rated the same texts."""

from __future__ import annotations

import math
from itertools import combinations
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from medbench.datasets.ratings import Preference, read_ratings
from medbench.faults import begins, naming
from medbench.registry import scorers
from medbench.schema.results.validation import Agreement, MetricAgreement, MetricValidation
from medbench.scoring.item import Item
from medbench.scoring.parsing.text import CURRENT, parse, says_nothing
from medbench.stats.bootstrap import bca
from medbench.stats.groups import ROUNDING, coded, minus
from medbench.stats.rank import kendall_tau, spearman_rho

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from medbench.datasets.ratings import Rated
    from medbench.stats.rank import RankCorrelation

    Scorer = Callable[[Item], dict[str, float | None]]
    Numbers = dict[str, float | None]

GRADE = "rules"
"""The grade of the rule rater as one number: good 1, partial .5, poor 0."""
HEADLINE = (
    *("finding.f1", "finding.recall", "finding.precision", "finding.significance", "finding.key"),
    *(GRADE, "rouge_l.f1", "rouge_l.recall", "rouge_l.precision"),
)
"""The metrics that are shown first."""


def validate_metric(path: Path) -> MetricValidation:
    """Score every candidate of a file of ratings, and compare metrics with ratings.

    Raises:
        UsageError: There is no such file.
        InputError: A row of it is broken.
    """
    rated, preferences = read_ratings(path)
    preferences += list(_preferences(rated))
    score = _Scored()
    metrics = sorted(score.metrics, key=lambda name: (HEADLINE.index(name) if name in HEADLINE else 99, name))
    agreements = (_agreement(metric, rated, preferences, score) for metric in metrics)
    rows: list[Rated | Preference] = [*rated, *preferences]
    return MetricValidation(
        file=str(path),
        candidates=len(rated),
        references=len({row.reference for row in rows}),
        groups=len({row.group for row in rows}),
        raters=max((len(one.ratings) for one in rated), default=0),
        pairs=len(preferences),
        parser=CURRENT,
        signatures=score.signatures,
        metrics=tuple(one for one in agreements if one.tau.n or one.preference.n),
    )


class _Scored:
    """Numbers of candidates against references, each computed once."""

    def __init__(self) -> None:
        modules = scorers()
        self._scorers: list[Scorer] = [module.make() for module in modules.values()]
        self._known: dict[tuple[str, str], Numbers] = {}
        self.signatures = {name: f"{module.METHOD}|parser:{CURRENT}" for name, module in modules.items()}
        self.metrics = [GRADE, *(metric for module in modules.values() for metric in module.METRICS)]

    def __call__(self, metric: str, reference: str, candidate: str) -> float:
        """Return a number; NaN where there is nothing to measure."""
        key = (reference, candidate)
        if key not in self._known:
            with naming(f"the candidate {begins(candidate)} cannot be scored against {begins(reference)}"):
                item = Item(parse(candidate), reference, empty=says_nothing(candidate))
                numbers = {name: value for score in self._scorers for name, value in score(item).items()}
            good, partial = numbers["rules.good"], numbers["rules.partial"]
            numbers[GRADE] = None if good is None or partial is None else good + partial / 2
            self._known[key] = numbers
        value = self._known[key].get(metric)
        return math.nan if value is None else value


def _preferences(rated: Sequence[Rated]) -> Iterator[Preference]:
    """Yield the pairs of candidates of one reference whose mean ratings differ."""
    by_reference: dict[tuple[str, str], list[Rated]] = {}
    for one in rated:
        by_reference.setdefault((one.group, one.reference), []).append(one)
    for (group, reference), candidates in by_reference.items():
        for first, second in combinations(candidates, 2):
            apart = fmean(first.ratings) - fmean(second.ratings)
            if abs(apart) > ROUNDING:
                better, worse = (first, second) if apart > 0 else (second, first)
                yield Preference(reference, better.candidate, worse.candidate, group)


def _agreement(
    metric: str, rated: Sequence[Rated], preferences: Sequence[Preference], score: _Scored
) -> MetricAgreement:
    numbers = [score(metric, one.reference, one.candidate) for one in rated]
    wanted = [fmean(one.ratings) for one in rated]
    labels = [one.group for one in rated]
    return MetricAgreement(
        metric=metric,
        tau=_ranked(kendall_tau(numbers, wanted, labels)),
        rho=_ranked(spearman_rho(numbers, wanted, labels)),
        preference=_preferred(metric, preferences, score),
        unmeasured=sum(map(math.isnan, numbers)),
    )


def _ranked(found: RankCorrelation) -> Agreement:
    return Agreement(value=found.value, interval=found.interval, n=found.n)


def _preferred(metric: str, preferences: Sequence[Preference], score: _Scored) -> Agreement:
    apart = minus(
        np.array([score(metric, one.reference, one.better) for one in preferences]),
        np.array([score(metric, one.reference, one.worse) for one in preferences]),
    )
    known = ~np.isnan(apart)
    if not known.any():
        return Agreement(value=None, interval=None, n=0)
    labels = [one.group for one, has in zip(preferences, known, strict=True) if has]
    codes = coded(labels)
    parts = np.zeros((int(codes.max()) + 1, 2))
    np.add.at(parts, codes, np.column_stack([(np.sign(apart[known]) + 1) / 2, np.ones(len(codes))]))
    intervals = bca(parts, lambda sums: sums[:, :1] / sums[:, 1:], several=len(parts) < len(codes))
    right, total = parts.sum(axis=0)
    return Agreement(value=float(right / total), interval=intervals[0], n=int(total))
