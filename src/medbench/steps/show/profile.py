"""What one run shows by itself: patterns of failure, what metrics go with, parts by sequence and length."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from medbench.errors import InputError
from medbench.schema.results.comparison import Coefficient
from medbench.schema.results.profile import Association, Part, Pattern, Profile, RaterRates
from medbench.schema.score import Estimate
from medbench.sentences import by_size
from medbench.stats.agreement import kendall_tau
from medbench.stats.bootstrap import FEWEST_DRAWS, mean_intervals
from medbench.stats.groups import grouped
from medbench.stats.rates import rate
from medbench.steps.reading.grades import grades_of
from medbench.steps.reading.score_columns import cases_of, score_table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from medbench.schema.score import Summary
    from medbench.steps.reading.grades import Grades
    from medbench.steps.reading.score_columns import ScoreTable
    from medbench.store.runs import RunFolder

METRICS = ("finding.f1", "finding.recall", "finding.precision", "rouge_l.recall", "rouge_l.f1")
HARDEST = 8
_MOST_TAUS = 3_000
"""Cases for which every pair is looked at; of more the first so many."""
_LENGTHS = ((50, "1-50"), (100, "51-100"), (200, "101-200"), (400, "201-400"))


def profile_of(run: RunFolder, summary: Summary, repeated: int) -> Profile:
    """What the run shows by itself.

    Args:
        run: The run; its scores are fresh.
        summary: Its sums.
        repeated: Outputs whose text another case has too.
    """
    cases = cases_of([run])
    sheet = score_table_of(run, cases)
    graded = grades_of(run, sheet, summary.parser)
    metric = next((name for name in ("finding.f1", "rouge_l.f1") if name in sheet.sums), "rouge_l.f1")
    return Profile(
        raters=tuple(_rates(sheet, grades, summary.wanted) for grades in graded.values()),
        hardest=_hardest(sheet, metric),
        metric=metric,
        patterns=_patterns(sheet, summary, graded, repeated),
        associations=(*_with_raters(sheet, graded), *_with_length(sheet)),
        parts=(*_parts(sheet, "sequence", _sequences(run, sheet)), *_parts(sheet, "words", _lengths(sheet))),
    )


def _rates(sheet: ScoreTable, grades: Grades, wanted: int) -> RaterRates:
    topics = sheet.cases.topics
    of = {
        name: rate(grades.shares[name], grades.graded, topics, wanted) for name in ("good", "partial", "poor")
    }
    key = rate(grades.shares["key_finding"], grades.keyed, topics, wanted)
    return RaterRates(rater=grades.rater, key_finding=key, **of)


def _hardest(sheet: ScoreTable, metric: str) -> tuple[tuple[str, float], ...]:
    if metric not in sheet.sums:
        return ()
    values = sheet.means(metric)
    order = [int(place) for place in np.argsort(values, kind="stable") if not np.isnan(values[place])]
    return tuple((sheet.cases.ids[place], float(values[place])) for place in order[:HARDEST])


def _patterns(
    sheet: ScoreTable, summary: Summary, graded: Mapping[str, Grades], repeated: int
) -> tuple[Pattern, ...]:
    found = [
        Pattern(
            name="wrong modality named", count=summary.flags.get("wrong_modality", 0), of=summary.outputs
        ),
        Pattern(name="loop", count=summary.flags.get("loop", 0), of=summary.outputs),
        Pattern(name="same text as another case", count=repeated, of=summary.outputs),
    ]
    for metric in sheet.sums:
        if metric.startswith("finding.error.") or metric in {"finding.invented", "finding.contradicted"}:
            kind = metric.removeprefix("finding.").removeprefix("error.").replace("_", " ")
            title = f"wrong {kind}" if metric.startswith("finding.error.") else f"{kind} findings"
            found.append(_counted(title, sheet.means(metric) > 0, ~np.isnan(sheet.means(metric))))
    if {"finding.missed", "finding.recall", "finding.invented"} <= sheet.sums.keys():
        missed, recall, invented = (
            sheet.means(f"finding.{name}") for name in ("missed", "recall", "invented")
        )
        known = ~np.isnan(recall)
        found.append(
            _counted("no finding named where there are some", (recall == 0) & (invented == 0), known)
        )
        for grades in graded.values():
            named = grades.share("key_finding") > 0.5
            known = ~np.isnan(grades.share("key_finding")) & ~np.isnan(missed)
            title = f"key finding named, others missed ({grades.rater})"
            found.append(_counted(title, named & (missed > 0), known))
    return tuple(sorted(found, key=lambda one: (-one.count, one.name)))


def _counted(name: str, shows: NDArray[np.bool_], known: NDArray[np.bool_]) -> Pattern:
    return Pattern(name=name, count=int((shows & known).sum()), of=int(known.sum()))


def _with_raters(sheet: ScoreTable, graded: Mapping[str, Grades]) -> list[Association]:
    return [
        _associated(grades.rater, metric, grades.level(), sheet)
        for grades in graded.values()
        for metric in METRICS
        if metric in sheet.sums
    ]


def _with_length(sheet: ScoreTable) -> list[Association]:
    if "words" not in sheet.sums:
        return []
    return [
        _associated("words", metric, sheet.means("words"), sheet)
        for metric in METRICS
        if metric in sheet.sums
    ]


def _associated(what: str, metric: str, values: NDArray[np.float64], sheet: ScoreTable) -> Association:
    first, second = values[:_MOST_TAUS], sheet.means(metric)[:_MOST_TAUS]
    found = kendall_tau(first, second, sheet.cases.topics[:_MOST_TAUS])
    return Association(
        what=what, metric=metric, tau=Coefficient(value=found.value, interval=found.interval), n=found.n
    )


def _sequences(run: RunFolder, sheet: ScoreTable) -> dict[int, str]:
    """Place of each case to the pulse sequences of its images; cases without any are left out."""
    found = {}
    try:
        for case in run.benchmark().cases():
            names = sorted({image.sequence for image in case.images if image.sequence})
            if names and case.case_id in sheet.cases.place:
                found[sheet.cases.place[case.case_id]] = "+".join(names)
    except InputError:
        return {}
    common = {name for name, _ in Counter(found.values()).most_common(HARDEST)}
    return {place: name if name in common else "other" for place, name in found.items()}


def _lengths(sheet: ScoreTable) -> dict[int, str]:
    if "words" not in sheet.sums:
        return {}
    words = sheet.means("words")
    return {
        int(place): next((name for most, name in _LENGTHS if words[place] <= most), "401+")
        for place in np.flatnonzero(~np.isnan(words))
    }


def _parts(sheet: ScoreTable, by: str, value_of: Mapping[int, str]) -> list[Part]:
    places: dict[str, list[int]] = {}
    for place, value in value_of.items():
        places.setdefault(value, []).append(place)
    return [
        Part(by=by, value=value, n=len(inside), metrics=_estimates(sheet, inside))
        for value, inside in sorted(places.items(), key=lambda one: by_size(one[0]))
    ]


def _estimates(sheet: ScoreTable, inside: list[int]) -> dict[str, Estimate]:
    names = [metric for metric in METRICS if metric in sheet.sums]
    columns = [grouped(sheet.means(metric)[inside], sheet.cases.topics[inside]) for metric in names]
    intervals = mean_intervals(columns, FEWEST_DRAWS)
    return {
        metric: Estimate(
            mean=groups.mean if groups.n else None,
            median=None,
            p95=None,
            n=groups.n,
            missing=len(inside) - groups.n,
            interval=interval,
        )
        for metric, groups, interval in zip(names, columns, intervals, strict=True)
    }
