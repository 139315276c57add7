"""One run by itself: patterns of failure, metrics beside grades and length, parts by sequence and length."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from medbench.errors import InputError
from medbench.schema.results.agreement import Coefficient
from medbench.schema.results.profile import Association, Part, Pattern, Profile, RaterRates
from medbench.schema.verdict import GRADES
from medbench.scoring.questions import answers
from medbench.sentences import by_size
from medbench.stats.bootstrap import draws_for_part, mean_intervals
from medbench.stats.describe import mean_of
from medbench.stats.groups import grouped
from medbench.stats.rank import kendall_tau
from medbench.stats.rates import rate
from medbench.steps.reading.grades import grades_of
from medbench.steps.reading.score_columns import cases_of, score_table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from medbench.schema.score import Estimate, Summary
    from medbench.steps.reading.grades import Grades
    from medbench.steps.reading.score_columns import ScoreTable
    from medbench.store.runs import RunFolder

    Bools = NDArray[np.bool_]

METRICS = ("finding.f1", "finding.recall", "finding.precision", "rouge_l.recall", "rouge_l.f1")
HARDEST = 8
"""Hardest cases that are listed, and most frequent pulse sequences that stand by themselves."""
_MOST_TAUS = 3_000
"""Cases of which each pair is looked at for Kendall's tau; of more, only the first so many."""
_LENGTHS = ((50, "1-50"), (100, "51-100"), (200, "101-200"), (400, "201-400"))


def profile_of(run: RunFolder, summary: Summary, repeated: int) -> Profile:
    """Return what a run shows by itself.

    Args:
        run: The run; its scores are fresh.
        summary: Its summary.
        repeated: Outputs whose text another case has too.
    """
    table = score_table_of(run, cases_of([run]))
    graded = grades_of(run, table, summary.parser)
    metric = "finding.f1" if "finding.f1" in table.sums else "rouge_l.f1"
    patterns = [
        *_text_patterns(summary, repeated),
        *_finding_patterns(table),
        *_missed_patterns(table, graded.values()),
    ]
    return Profile(
        raters=tuple(_rates(table, grades, summary.wanted) for grades in graded.values()),
        hardest=_hardest(table, metric),
        metric=metric,
        patterns=tuple(sorted(patterns, key=lambda pattern: (-pattern.count, pattern.name))),
        associations=tuple(_associations(table, graded.values())),
        parts=(*_parts(table, "sequence", _sequences(run, table)), *_parts(table, "words", _lengths(table))),
    )


def rates_of(run: RunFolder, summary: Summary) -> list[RaterRates]:
    """Return the rates of grades of each rater of a run."""
    table = score_table_of(run, cases_of([run]))
    return [
        _rates(table, grades, summary.wanted) for grades in grades_of(run, table, summary.parser).values()
    ]


def _rates(table: ScoreTable, grades: Grades, wanted: int) -> RaterRates:
    topics = table.cases.topics
    by_grade = {name: rate(grades.counts[name], grades.graded, topics, wanted) for name in GRADES}
    key = rate(grades.counts["key_finding"], grades.key_graded, topics, wanted)
    return RaterRates(rater=grades.rater, kind=grades.kind, key_finding=key, **by_grade)


def _hardest(table: ScoreTable, metric: str) -> tuple[tuple[str, float], ...]:
    if metric not in table.sums:
        return ()
    values = table.means(metric)
    order = [int(index) for index in np.argsort(values, kind="stable") if not np.isnan(values[index])]
    return tuple((table.cases.ids[index], float(values[index])) for index in order[:HARDEST])


def _text_patterns(summary: Summary, repeated: int) -> Iterator[Pattern]:
    n = summary.outputs
    yield Pattern(name="wrong modality named", count=summary.flags.get("wrong_modality", 0), of=n)
    yield Pattern(name="loop", count=summary.flags.get("loop", 0), of=n)
    if answers.NAME not in summary.signatures:  # many a question has the same right answer
        yield Pattern(name="same text as another case", count=repeated, of=n)


_ERRORS = {"conflict": "findings affirmed and denied in one output"}


def _finding_patterns(table: ScoreTable) -> Iterator[Pattern]:
    """Yield in how many cases there is an error of each kind."""
    for metric in table.sums:
        kind = metric.removeprefix("finding.error.").replace("_", " ")
        values = table.means(metric)
        if metric.startswith("finding.error."):
            named = kind if kind.endswith("omitted") else _ERRORS.get(kind, f"wrong {kind}")
            yield _counted(named, values > 0, ~np.isnan(values))
        elif metric in {"finding.invented", "finding.contradicted"}:
            yield _counted(f"{metric.removeprefix('finding.')} findings", values > 0, ~np.isnan(values))


def _missed_patterns(table: ScoreTable, graded: Iterable[Grades]) -> Iterator[Pattern]:
    """Yield in how many cases nothing is found, or only the key finding."""
    if not {"finding.missed", "finding.recall", "finding.invented"} <= table.sums.keys():
        return
    missed, recall, invented = (table.means(f"finding.{name}") for name in ("missed", "recall", "invented"))
    nothing = (recall == 0) & (invented == 0)
    # The first version of the metric has none that are unverifiable.
    if "finding.unverifiable" in table.sums:
        nothing &= table.means("finding.unverifiable") == 0
    yield _counted("no finding named where there are some", nothing, ~np.isnan(recall))
    for grades in graded:
        key = grades.share("key_finding")
        title = f"key finding named, others missed ({grades.rater})"
        yield _counted(title, (key > 0.5) & (missed > 0), ~np.isnan(key) & ~np.isnan(missed))


def _counted(name: str, shows: Bools, known: Bools) -> Pattern:
    return Pattern(name=name, count=int((shows & known).sum()), of=int(known.sum()))


def _associations(table: ScoreTable, graded: Iterable[Grades]) -> Iterator[Association]:
    """Yield how grades, and then length, go with each metric."""
    columns = [(grades.rater, grades.level()) for grades in graded]
    if "words" in table.sums:
        columns.append(("words", table.means("words")))
    topics = table.cases.topics[:_MOST_TAUS]
    for what, values in columns:
        for metric in METRICS:
            if metric in table.sums:
                tau = kendall_tau(values[:_MOST_TAUS], table.means(metric)[:_MOST_TAUS], topics)
                coefficient = Coefficient(value=tau.value, interval=tau.interval)
                yield Association(what=what, metric=metric, tau=coefficient, n=tau.n)


def _sequences(run: RunFolder, table: ScoreTable) -> dict[int, str]:
    """Return the pulse sequences of each case's images, by its index; cases without any are left out."""
    sequences = {}
    try:
        for case in run.benchmark().cases():
            names = sorted({image.sequence for image in case.images if image.sequence})
            if names and case.case_id in table.cases.index:
                sequences[table.cases.index[case.case_id]] = "+".join(names)
    except InputError:
        return {}
    common = {name for name, _ in Counter(sequences.values()).most_common(HARDEST)}
    return {index: name if name in common else "other" for index, name in sequences.items()}


def _lengths(table: ScoreTable) -> dict[int, str]:
    if "words" not in table.sums:
        return {}
    words = table.means("words")
    return {
        int(index): next((name for most, name in _LENGTHS if words[index] <= most), "401+")
        for index in np.flatnonzero(~np.isnan(words))
    }


def _parts(table: ScoreTable, by: str, value_of: Mapping[int, str]) -> Iterator[Part]:
    indexes: dict[str, list[int]] = {}
    for index, value in value_of.items():
        indexes.setdefault(value, []).append(index)
    for value in sorted(indexes, key=by_size):
        inside = indexes[value]
        yield Part(by=by, value=value, n=len(inside), metrics=_estimates(table, inside))


def _estimates(table: ScoreTable, inside: list[int]) -> dict[str, Estimate]:
    names = [metric for metric in METRICS if metric in table.sums]
    columns = [grouped(table.means(metric)[inside], table.cases.topics[inside]) for metric in names]
    draws = [
        draws_for_part(groups.n, int(np.count_nonzero(~np.isnan(table.means(name)))))
        for name, groups in zip(names, columns, strict=True)
    ]
    intervals = mean_intervals(columns, draws)
    return {
        metric: mean_of(groups, interval, len(inside) - groups.n)
        for metric, groups, interval in zip(names, columns, intervals, strict=True)
    }
