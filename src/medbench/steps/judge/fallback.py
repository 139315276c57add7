"""The texts that the second judge grades, where the first one gave no readable answer or is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.steps.judge.open_runs import OpenRun, places
from medbench.steps.judge.session import cases_of
from medbench.steps.reading.verdict_book import fallback_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.session import JudgeSession
    from medbench.steps.reading.verdict_book import VerdictKey


def cases_for_fallback(
    session: JudgeSession, judge: Judge, runs: Sequence[OpenRun], *, outage: bool
) -> frozenset[str]:
    """Return the cases that the fallback is to grade in the place of a judge.

    A case that needs it for one system is graded by it for all of them, so that no pair has two judges.

    Args:
        session: The cases to judge.
        judge: The judge that the fallback stands in for.
        runs: All runs of the session.
        outage: True for every case without a verdict of the judge, whether it was asked about it or not.
    """
    books = [run.book(judge.rater, judge.digest) for run in runs]
    needed = set(fallback_cases(books))
    for book in books:
        needed |= {key.case_id for key in book.failed if key not in book.own}
    if outage:
        for case, _ in cases_of(session):
            for run, book in zip(runs, books, strict=True):
                if any(key not in book.own for key in places(session, run, case.case_id)):
                    needed.add(case.case_id)
    return frozenset(needed)


def needs_fallback(run: OpenRun, key: VerdictKey, judge: Judge) -> bool:
    """True if the fallback's verdict in the place of a judge's is missing and may still come."""
    book = run.book(judge.rater, judge.digest)
    failed = book.fallback_failed.get(key)
    return key not in book.fallback and not (failed is not None and failed.final)
