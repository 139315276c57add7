"""The grades of each rater of a run, output by output and summed by case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from medbench.schema.verdict import GRADES
from medbench.steps.reading.raters import raters_of
from medbench.steps.reading.verdict_columns import KINDS, NONE, verdict_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from medbench.steps.reading.raters import Raters
    from medbench.steps.reading.score_columns import ScoreTable
    from medbench.steps.reading.verdict_columns import VerdictColumns
    from medbench.store.runs import RunFolder

    Array = NDArray[np.float64]
    Counts = NDArray[np.int32]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

RULES = "rules"
"""The free rater: the findings scorer's grade of each output, which stands in the scores."""
RaterKind = Literal["rules", "judge", "panel", "reviewer"]


@dataclass(slots=True)
class Grades:
    """The grades of one rater of one run, each an array over the cases."""

    rater: str
    kind: RaterKind
    counts: dict[str, Counts]
    """'good', 'partial', 'poor' and 'key_finding' to the number of graded outputs that are so."""
    graded: Counts
    """Graded outputs."""
    key_graded: Counts
    """Outputs of which the rater says whether they name the key finding."""
    failures: Counter[str] = field(default_factory=Counter)
    """Kind of failure to the number of outputs that the rater failed to grade."""
    by_fallback: int = 0
    """Grades that the fallback gave."""
    older: int = 0
    """Grades of a text that an older parser found."""

    def share(self, name: str) -> Array:
        """Return the share of each case's graded outputs that are so; NaN where none is graded."""
        graded = self.key_graded if name == "key_finding" else self.graded
        return np.where(graded > 0, self.counts[name] / np.maximum(graded, 1), np.nan)

    def level(self) -> Array:
        """Return the mean grade of each case: poor 0, partial 1, good 2; NaN where none is graded."""
        # One division: a sum of two shares would set equal levels apart by rounding.
        sums = self.counts["partial"] + 2 * self.counts["good"]
        return np.where(self.graded > 0, sums / np.maximum(self.graded, 1), np.nan)


@dataclass(frozen=True, slots=True)
class GradedOutputs:
    """The outputs that one rater graded, or failed to grade, in the order of their first verdicts."""

    rater: str
    outputs: Ints
    """Numbers of the outputs, see `VerdictColumns.output_of`."""
    first: Ints
    """Place of each output's first verdict in the file."""
    grade: Ints
    """The median of the grades, the lower of two, as a place in GRADES; NONE without any."""
    key_finding: Ints
    """1 if more than half of the gradings say that the key finding is named, else 0; NONE if none says."""
    failure: Ints
    """Number of the last failure's kind; NONE without one."""
    by_fallback: Bools
    """True if the fallback gave one of the grades."""
    older: Bools
    """True if one of the grades is of a text that an older parser found."""


def graded_outputs(
    run: RunFolder, parser: str | None = None, raters: Raters | None = None
) -> list[GradedOutputs]:
    """Return the graded outputs of a run by rater, the one with the earliest verdict first.

    The arguments are those of `grades_of`.
    """
    columns, raters = verdict_columns(run), raters or raters_of([run])
    older = np.array([parser is not None and name != parser for name in (*columns.parsers, parser)])
    found = []
    for rater in columns.raters:
        # Of a case that the fallback grades for all systems its verdict counts, and no other.
        in_fallback = columns.in_cases(raters.by_fallback.get(rater, frozenset()))
        counted = (columns.rater == columns.raters.index(rater)) & (columns.by_fallback == in_fallback)
        if counted.any():
            at = np.flatnonzero(counted)
            found.append(_graded(raters.names[rater], columns, at, older[columns.parser[at]]))
    return sorted(found, key=lambda one: int(one.first[0]))


def _graded(rater: str, columns: VerdictColumns, at: Ints, older: Bools) -> GradedOutputs:
    """Return what a rater's verdicts that count come to, those at some places of the file."""
    numbers, first, place = np.unique(columns.outputs()[at], return_index=True, return_inverse=True)
    grade, key_finding, failure = (np.full(len(numbers), NONE) for _ in range(3))
    failed = columns.grade[at] == NONE
    failure[place[failed]] = columns.failure[at][failed]  # of several the last stays

    succeeded = np.flatnonzero(~failed)
    standing, taken = standing_of(columns.judgings()[at[succeeded]], columns.corrects[at[succeeded]])
    of, grades = place[succeeded[standing]], columns.grade[at[succeeded[standing]]]
    ordered = np.lexsort((grades, of))
    graded, start, many = np.unique(of[ordered], return_index=True, return_counts=True)
    grade[graded] = grades[ordered][start + (many - 1) // 2]

    keys = columns.key_finding[at[succeeded[standing]]]
    said = np.bincount(of, keys != NONE, len(numbers))
    named = np.bincount(of, keys == 1, len(numbers))
    key_finding[said > 0] = (named * 2 > said)[said > 0]

    places, taken = place[succeeded[taken]], succeeded[taken]
    by_fallback = np.bincount(places, columns.by_fallback[at[taken]], len(numbers)) > 0
    of_older = np.bincount(places, older[taken], len(numbers)) > 0
    order = np.argsort(first, kind="stable")
    return GradedOutputs(
        rater=rater,
        outputs=numbers[order],
        first=at[first][order],
        grade=grade[order],
        key_finding=key_finding[order],
        failure=failure[order],
        by_fallback=by_fallback[order],
        older=of_older[order],
    )


def standing_of(judgings: Ints, corrects: Bools) -> tuple[Ints, Ints]:
    """Return the places of the verdicts that stand, and those of all that once did.

    The first verdict of a judging stands, unless a later one corrects it.

    Args:
        judgings: The judging of each verdict, in the order of the file.
        corrects: True for those that correct.
    """
    _, first, place = np.unique(judgings, return_index=True, return_inverse=True)
    took = corrects.copy()
    took[first] = True
    taken = np.flatnonzero(took)
    standing = first.copy()
    np.maximum.at(standing, place[taken], taken)
    return standing, taken


def grades_of(
    run: RunFolder, table: ScoreTable, parser: str | None = None, raters: Raters | None = None
) -> dict[str, Grades]:
    """Return the grades of a run by rater: those of its verdicts, and the rules' if its scores have them.

    Args:
        run: The run.
        table: Its scores.
        parser: Parser of today, to count the grades of an older text.
        raters: The raters of all systems that are compared; None for those of this run.
    """
    by_rater: dict[str, Grades] = {}
    if f"{RULES}.good" in table.sums:
        by_rater[RULES] = _by_rules(table)
    columns, first = verdict_columns(run), {}
    index_of = np.fromiter((table.cases.index.get(name, NONE) for name in columns.names), np.int64)
    for graded in graded_outputs(run, parser, raters):
        index = index_of[graded.outputs // max(1, len(columns.replicates))]
        if (index != NONE).any():
            first[graded.rater] = graded.first[index != NONE][0]
            kind: RaterKind = KINDS[columns.kind[first[graded.rater]]]
            by_rater[graded.rater] = _by_case(graded, kind, index, len(table.cases), columns)
    return dict(sorted(by_rater.items(), key=lambda one: first.get(one[0], NONE)))


def _by_case(
    graded: GradedOutputs, kind: RaterKind, index: Ints, cases: int, columns: VerdictColumns
) -> Grades:
    inside = index != NONE
    known, keyed = inside & (graded.grade != NONE), inside & (graded.key_finding != NONE)

    def count(which: Bools) -> Counts:
        return np.bincount(index[which], minlength=cases).astype(np.int32)

    counts: dict[str, Counts] = {
        name: count(known & (graded.grade == place)) for place, name in enumerate(GRADES)
    }
    counts["key_finding"] = count(keyed & (graded.key_finding == 1))
    failed = graded.failure[inside & (graded.grade == NONE)].tolist()
    return Grades(
        graded.rater,
        kind,
        counts,
        count(known),
        count(keyed),
        Counter(columns.failures[number] for number in failed),
        by_fallback=int(graded.by_fallback[known].sum()),
        older=int(graded.older[known].sum()),
    )


def _by_rules(table: ScoreTable) -> Grades:
    empty = np.zeros(len(table.cases))

    def count(of: Mapping[str, Array], name: str) -> Counts:
        return of.get(f"{RULES}.{name}", empty).astype(np.int32)

    by_name = {name: count(table.sums, name) for name in (*GRADES, "key_finding")}
    return Grades(RULES, "rules", by_name, count(table.counts, "good"), count(table.counts, "key_finding"))


def why_missing(table: ScoreTable, grades: Grades, wanted: int) -> dict[str, int]:
    """Return why outputs have no grade, and how many, the most frequent reason first.

    The reason is the failure of the output, that of the verdict, or that none was asked for.

    Args:
        table: The scores of the run.
        grades: The grades of the rater.
        wanted: Outputs asked for.
    """
    outputs, graded = int(table.outputs.sum()), int(grades.graded.sum())
    reasons = Counter({f"no output: {kind}": number for kind, number in table.failures.items()})
    reasons["no output: not run"] = wanted - outputs - table.failures.total()
    reasons.update({f"no verdict: {kind}": number for kind, number in grades.failures.items()})
    reasons["no verdict: not judged"] = outputs - graded - grades.failures.total()
    return {reason: number for reason, number in reasons.most_common() if number > 0}
