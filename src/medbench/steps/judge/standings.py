"""How a judge stands on each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.schema.results.judge_result import Standing
from medbench.steps.reading.selection import selected_cases
from medbench.steps.reading.verdict_book import fallback_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.steps.judge.session import JudgeSession

from medbench.steps.judge.open_runs import OpenRun, places


def standings(session: JudgeSession, benches: Sequence[OpenRun], rater: str, digest: str) -> list[Standing]:
    """How a rater stands on each run."""
    moved = fallback_cases(bench.book(rater, digest) for bench in benches)
    cases = [case.case_id for case in selected_cases(session.benchmark, session.limit)]
    found = []
    for bench in benches:
        book = bench.book(rater, digest)
        wanted = judged = stood_in = still = 0
        failures: dict[str, int] = {}
        for case_id in cases:
            for place in places(session, bench, case_id):
                wanted += 1
                by_fallback = case_id in moved
                if book.said(place, by_fallback=by_fallback) is not None:
                    judged += 1
                    stood_in += by_fallback
                    continue
                failed = (book.fallback_failed if by_fallback else book.failed).get(place)
                kind = failed.kind if failed else "not judged"
                failures[kind] = failures.get(kind, 0) + 1
                still += failed is None or not failed.final
        found.append(Standing(rater, bench.run.name, wanted, judged, stood_in, failures, still))
    return found
