"""The verdicts of a panel: the majority of its judges, where all of them have graded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.judging.grade import majority, steps_between
from medbench.schema.verdict import JudgedText, Verdict
from medbench.scoring.parsing.text import CURRENT
from medbench.steps.judge.open_runs import OpenRun, places
from medbench.steps.judge.session import cases_of
from medbench.steps.reading.verdict_book import fallback_cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.schema.verdict import Grade
    from medbench.steps.judge.judges import Panel
    from medbench.steps.judge.session import JudgeSession
    from medbench.steps.reading.verdict_book import StoredVerdict


async def write_panel(
    session: JudgeSession, panel: Panel, bench: OpenRun, benches: Sequence[OpenRun]
) -> None:
    """Write the panel's verdict of each text that all its judges have graded."""
    moved = {
        judge.rater: fallback_cases(other.book(judge.rater, judge.digest) for other in benches)
        for judge in panel.members
    }
    book = bench.book(panel.rater, panel.digest)
    for case, _ in cases_of(session):
        for place in places(session, bench, case.case_id):
            said = {
                judge.name: bench.book(judge.rater, judge.digest).said(
                    place, by_fallback=case.case_id in moved[judge.rater]
                )
                for judge in panel.members
            }
            grades: dict[str, Grade] = {name: one.grade for name, one in said.items() if one is not None}
            if len(grades) < len(panel.members) or place in book.own:
                continue
            keys = [one.key_finding for one in said.values() if one and one.key_finding is not None]
            await bench.add(
                Verdict(
                    case_id=place.case_id,
                    replicate=place.replicate,
                    rater=panel.rater,
                    rater_digest=panel.digest,
                    rater_kind="panel",
                    judge_replicate=place.judge_replicate,
                    grade=majority(list(grades.values())),
                    key_finding=2 * sum(keys) > len(keys) if keys else None,
                    members=grades,
                    spread=steps_between(list(grades.values())),
                    same_family=any(one.same_family for one in said.values() if one),
                    judged_text=_text_of(said.values()),
                )
            )


def _text_of(said: Iterable[StoredVerdict | None]) -> JudgedText | None:
    digests = {one.sha256 for one in said if one and one.sha256}
    return JudgedText(sha256=digests.pop(), parser=CURRENT) if len(digests) == 1 else None
