"""The verdicts of a panel: the majority of its judges, where all of them have graded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.judging.grade import majority, steps_between
from medbench.schema.verdict import JudgedText, Verdict
from medbench.scoring.parsing.text import CURRENT
from medbench.steps.reading.verdict_book import StoredVerdict, fallback_cases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.steps.judge.judges import Panel
    from medbench.steps.judge.session import JudgingSession
    from medbench.steps.reading.verdict_book import VerdictKey


async def write_panel(session: JudgingSession, panel: Panel) -> None:
    """Write the panel's verdict of each text that all its judges have graded and it has not."""
    by_fallback = {
        judge.rater: fallback_cases(run.book(judge.key) for run in session.runs) for judge in panel.members
    }
    for run in session.runs:
        for case, _ in session.cases():
            for key in session.plan.keys_of(run.outputs, case.case_id):
                verdicts = {
                    judge.name: run.book(judge.key).verdict(
                        key, by_fallback=case.case_id in by_fallback[judge.rater]
                    )
                    for judge in panel.members
                }
                known = {name: verdict for name, verdict in verdicts.items() if verdict is not None}
                if len(known) == len(panel.members) and not run.book(panel.key).has(key):
                    await run.add(_majority_of(panel, key, known))


def _majority_of(panel: Panel, key: VerdictKey, verdicts: Mapping[str, StoredVerdict]) -> Verdict:
    grades = {name: verdict.grade for name, verdict in verdicts.items()}
    key_findings = [verdict.key_finding for verdict in verdicts.values() if verdict.key_finding is not None]
    texts = {verdict.sha256 for verdict in verdicts.values() if verdict.sha256}
    return Verdict(
        case_id=key.case_id,
        replicate=key.replicate,
        rater=panel.rater,
        rater_digest=panel.digest,
        rater_kind="panel",
        judge_replicate=key.judge_replicate,
        grade=majority(list(grades.values())),
        key_finding=2 * sum(key_findings) > len(key_findings) if key_findings else None,
        members=grades,
        spread=steps_between(list(grades.values())),
        same_family=any(verdict.same_family for verdict in verdicts.values()),
        judged_text=JudgedText(sha256=texts.pop(), parser=CURRENT) if len(texts) == 1 else None,
    )
