"""Gain of each stage of a chain: its answers scored as if they were the output."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from medbench.schema.account import Account
from medbench.schema.response import Response
from medbench.schema.results.stage_table import StageChange, StageRow, StageTable
from medbench.schema.score import Score
from medbench.stats.bootstrap import mean_intervals
from medbench.stats.describe import describe, mean_difference
from medbench.stats.groups import grouped
from medbench.stats.intervals import rate_interval
from medbench.stats.paired import difference_intervals, rate_difference_interval
from medbench.steps.reading.score_columns import cases_of, score_table
from medbench.steps.reading.summaries import parser_for
from medbench.steps.rescore.rescore import Rescorer, scored_now
from medbench.store.jsonl import read_records
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import RESPONSES, SCORES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.schema.results.comparison import PairedDifference
    from medbench.schema.run import Output
    from medbench.schema.score import Estimate, Interval
    from medbench.steps.reading.score_columns import Cases
    from medbench.store.runs import RunFolder

    Array = NDArray[np.float64]

KEY, F1 = "finding.key", "finding.f1"


class _Answer(NamedTuple):
    """A response behind an output."""

    role: str
    text: str | None
    seconds: float | None
    reused: bool


def stage_table(run: RunFolder) -> StageTable | None:
    """Return what each stage of a run adds, scored again where its scores are stale.

    Returns:
        None where its outputs were not made by several roles one after the other, or there are none.

    Raises:
        InputError: The benchmark is gone or was changed.
    """
    roles = [stage.role for stage in run.head.system.stages]
    if len(roles) < 2:
        return None
    answers, accounts = _ledger(run, roles)
    outputs = [output for output in outputs_that_count(run) if output.text is not None]
    if not outputs or not all(_is_chain(output, answers, roles) for output in outputs):
        return None
    cases = cases_of([run])
    scores = list(_scores(run, outputs, answers, len(roles)))
    rows = (
        _row(role, accounts[role], of_role, [answers[output.responses[n]] for output in outputs], cases)
        for n, (role, of_role) in enumerate(zip(roles, scores, strict=True))
    )
    changes = (
        _change(*names, *both, cases) for names, both in zip(pairwise(roles), pairwise(scores), strict=True)
    )
    return StageTable(system=run.name, outputs=len(outputs), stages=tuple(rows), changes=tuple(changes))


def _ledger(run: RunFolder, roles: Sequence[str]) -> tuple[dict[str, _Answer], dict[str, Account]]:
    """Return the answers of a run by the id of their response, and the money of each role."""
    answers: dict[str, _Answer] = {}
    accounts = {role: Account() for role in roles}
    for one in read_records(run.path / RESPONSES, Response):
        if one.call_for.is_judging or one.call_for.role not in accounts:
            continue
        role = one.call_for.role
        accounts[role].add(one)
        answers[one.response_id] = _Answer(role, one.text, one.latency_s, one.reused_from is not None)
    return answers, accounts


def _is_chain(output: Output, answers: Mapping[str, _Answer], roles: Sequence[str]) -> bool:
    behind = [answers[name] for name in output.responses if name in answers]
    return [one.role for one in behind] == list(roles) and behind[-1].text == output.text


def _scores(
    run: RunFolder, outputs: Sequence[Output], answers: Mapping[str, _Answer], stages: int
) -> Iterator[list[Score]]:
    """Yield the scores of each stage; those of the last one are the run's."""
    summary = scored_now(run)
    rescorer = Rescorer(parser_for(summary), swap=summary.swap, finding=summary.finding)
    for n in range(stages - 1):
        given = (
            output.model_copy(
                update={"text": answers[output.responses[n]].text, "responses": output.responses[: n + 1]}
            )
            for output in outputs
        )
        yield list(rescorer.scores(run, given))
    yield [score for score in read_records(run.path / SCORES, Score) if score.failure is None]


def _row(
    role: str, account: Account, scores: Sequence[Score], answers: Sequence[_Answer], cases: Cases
) -> StageRow:
    paid = account.total()
    return StageRow(
        role=role,
        key=_estimate(scores, KEY, cases),
        f1=_estimate(scores, F1, cases),
        calls=paid.calls,
        usd=paid.known,
        unknown=paid.unknown,
        reused=paid.reused,
        reused_usd=paid.reused_usd,
        reused_unknown=paid.reused_unknown,
        seconds=_seconds([one.seconds for one in answers if not one.reused]),
        reused_seconds=_seconds([one.seconds for one in answers if one.reused]),
    )


def _seconds(values: Sequence[float | None]) -> Estimate:
    return describe([value for value in values if value is not None], len(values))


def _estimate(scores: Sequence[Score], metric: str, cases: Cases) -> Estimate:
    known = [(score, value) for score in scores if (value := score.scores.get(metric)) is not None]
    values: Array = np.array([value for _, value in known], dtype=np.float64)
    topics = cases.topics[[cases.index[score.case_id] for score, _ in known]] if known else None
    interval: Interval | None = None
    if known:
        groups = grouped(values, topics)
        interval = rate_interval(groups) if metric == KEY else mean_intervals([groups])[0]
    return describe(values.tolist(), len(scores), interval)


def _change(
    earlier: str, later: str, before: Sequence[Score], after: Sequence[Score], cases: Cases
) -> StageChange:
    was = {(score.case_id, score.replicate): score.scores.get(KEY) for score in before}
    became: dict[tuple[float, float], list[str]] = {}
    for score in after:
        first, second = was.get((score.case_id, score.replicate)), score.scores.get(KEY)
        if first is not None and second is not None:
            became.setdefault((first, second), []).append(score.case_id)
    return StageChange(
        earlier=earlier,
        later=later,
        repaired=tuple(became.get((0.0, 1.0), ())),
        broken=tuple(became.get((1.0, 0.0), ())),
        left_right=len(became.get((1.0, 1.0), ())),
        left_wrong=len(became.get((0.0, 0.0), ())),
        key=_difference(KEY, before, after, cases),
        f1=_difference(F1, before, after, cases),
    )


def _difference(
    metric: str, before: Sequence[Score], after: Sequence[Score], cases: Cases
) -> PairedDifference | None:
    tables = [score_table(scores, cases) for scores in (before, after)]
    if not all(metric in table.sums for table in tables):
        return None
    earlier, later = (table.means(metric) for table in tables)
    column = later - earlier
    if np.isnan(column).all():
        return None
    if metric == KEY:
        interval = rate_difference_interval(column, cases.topics)
    else:
        (interval,) = difference_intervals([column], cases.topics)
    return mean_difference(column, interval)
