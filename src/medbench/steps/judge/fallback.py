"""The texts that the second judge grades, where the first one gave no readable answer or is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.steps.reading.verdict_book import fallback_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from medbench.steps.judge.judging_plan import JudgingPlan
    from medbench.steps.reading.verdict_book import VerdictBook, VerdictKey
    from medbench.store.outputs import OutputIndex


def cases_for_fallback(
    plan: JudgingPlan,
    case_ids: Iterable[str],
    judged: Sequence[tuple[OutputIndex, VerdictBook]],
    is_left: Callable[[VerdictBook, VerdictKey], bool],
) -> frozenset[str]:
    """Return the cases that the fallback is to grade in the place of a judge.

    A case that needs it for one system is graded by it for all of them, so that no pair has two judges: also
    where its verdict is one that this plan does not ask for, such as of another repeat. What the judge did
    not grade counts where the plan asks for it.

    Args:
        plan: What is to be judged.
        case_ids: The cases of the plan.
        judged: The outputs of each run, and the verdicts of the judge on them.
        is_left: True for what is left to the fallback: `is_given_up` before the judge is asked, `has_failed`
            when it was, `is_missing` if it is down.
    """
    left = {
        case_id
        for case_id in case_ids
        for outputs, book in judged
        if any(is_left(book, key) for key in plan.keys_of(outputs, case_id))
    }
    return fallback_cases(book for _, book in judged) | left


def is_given_up(book: VerdictBook, key: VerdictKey) -> bool:
    """Return True if a judge has failed for good: it is not asked again."""
    return not book.has(key) and not book.may_come(key)


def has_failed(book: VerdictBook, key: VerdictKey) -> bool:
    """Return True if a judge has failed, and has not succeeded since."""
    return key in book.failed and not book.has(key)


def is_missing(book: VerdictBook, key: VerdictKey) -> bool:
    """Return True if there is no verdict of a judge, whether it was asked or not."""
    return not book.has(key)


def needs_fallback(book: VerdictBook, key: VerdictKey) -> bool:
    """Return True if the fallback's verdict in the place of a judge's is missing and may still come."""
    failed = book.fallback_failed.get(key)
    return key not in book.fallback and not (failed is not None and failed.final)
