"""The texts that the second judge grades, where the first one gave no readable answer or is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.steps.reading.verdict_book import fallback_cases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.session import JudgingSession
    from medbench.steps.reading.verdict_book import VerdictBook, VerdictKey


def cases_given_up(books: Iterable[VerdictBook]) -> frozenset[str]:
    """Return the cases that the fallback grades whatever a judge says now: it failed at one for good.

    Args:
        books: The verdicts of the judge, one book a system.
    """
    books = list(books)
    failed = {
        key.case_id for book in books for key in book.failed if not book.has(key) and not book.may_come(key)
    }
    return fallback_cases(books) | failed


def cases_for_fallback(session: JudgingSession, judge: Judge, *, outage: bool) -> frozenset[str]:
    """Return the cases that the fallback is to grade in the place of a judge.

    A case that needs it for one system is graded by it for all of them, so that no pair has two judges.

    Args:
        session: The session.
        judge: The judge that the fallback stands in for.
        outage: True for every case without a verdict of the judge, whether it was asked about it or not.
    """
    books = [run.book(judge.key) for run in session.runs]
    needed = set(fallback_cases(books))
    for book in books:
        needed |= {key.case_id for key in book.failed if not book.has(key)}
    if outage:
        for case, _ in session.cases():
            for run, book in zip(session.runs, books, strict=True):
                if not all(book.has(key) for key in session.keys(run, case.case_id)):
                    needed.add(case.case_id)
    return frozenset(needed)


def needs_fallback(book: VerdictBook, key: VerdictKey) -> bool:
    """Return True if the fallback's verdict in the place of a judge's is missing and may still come."""
    failed = book.fallback_failed.get(key)
    return key not in book.fallback and not (failed is not None and failed.final)
