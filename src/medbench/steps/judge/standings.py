"""The standing of a rater on each run: judged, graded by the fallback, failed, still open."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from medbench.paths import told_apart
from medbench.schema.results.judge_result import Standing
from medbench.steps.reading.selection import selected_cases
from medbench.steps.reading.verdict_book import fallback_cases

if TYPE_CHECKING:
    from medbench.steps.judge.open_runs import OpenRun
    from medbench.steps.judge.session import JudgingSession
    from medbench.steps.reading.verdict_book import RaterKey


def standings(session: JudgingSession, rater: RaterKey) -> list[Standing]:
    """Return how a rater stands on each run."""
    by_fallback = fallback_cases(run.book(rater) for run in session.runs)
    cases = [case.case_id for case in selected_cases(session.benchmark, session.plan.limit)]
    known = {ref.case_id: ref.topic or f"case {ref.case_id}" for ref in session.benchmark.references()}
    topics = {case_id: known[case_id] for case_id in cases}
    names = told_apart([run.folder.path for run in session.runs])
    return [
        _standing(session, run, name, rater, topics, by_fallback)
        for run, name in zip(session.runs, names, strict=True)
    ]


def _standing(  # noqa: PLR0913 - which rater on which run, and what all runs share
    session: JudgingSession,
    run: OpenRun,
    name: str,
    rater: RaterKey,
    topics: dict[str, str],
    by_fallback: frozenset[str],
) -> Standing:
    book = run.book(rater)
    wanted = judged = stood_in = still_open = 0
    failures: Counter[str] = Counter()
    groups = set()
    failed_case = None
    for case_id, topic in topics.items():
        fallback = case_id in by_fallback
        failed = book.fallback_failed if fallback else book.failed
        for key in session.plan.keys_of(run.outputs, case_id):
            wanted += 1
            if book.verdict(key, by_fallback=fallback) is not None:
                judged += 1
                groups.add(topic)
                stood_in += fallback
                continue
            failure = failed.get(key)
            failures[failure.kind if failure else "not judged"] += 1
            still_open += failure is None or not failure.final
            if failure and failed_case is None:
                failed_case = case_id
    return Standing(
        rater.name,
        name,
        wanted,
        judged,
        stood_in,
        dict(failures),
        still_open,
        len(groups),
        failed_case,
    )
