"""Canaries are asked about until there are enough, each once, spread over the runs."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import planted
import pytest
from judged_world import hooks, judge, mixed, plan_of, run_of

from medbench.errors import ProviderError
from medbench.judging.canaries import GROUPS, ON_GRADED
from medbench.schema.response import Request, Response
from medbench.schema.verdict import Canary
from medbench.steps.judge.audit import audit
from medbench.steps.judge.grader import Grader
from medbench.steps.judge.session import open_session
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import AUDIT, RESPONSES, RunFolder

pytestmark = pytest.mark.usefixtures("planted_judge")


@pytest.fixture
def runs(world: BenchmarkFolder, tmp_path: Path) -> list[RunFolder]:
    """Two runs of 24 outputs that nobody has judged."""
    return [run_of(world, tmp_path / "runs", name, mixed) for name in ("a", "b")]


def audited(runs: list[RunFolder], canaries: int, **changes: Any) -> list[list[Canary]]:
    """The canaries on the disk of each run after one audit."""
    plan = plan_of(*runs, canaries=canaries, **changes)

    async def work() -> None:
        with open_session(plan, hooks()) as session:
            grader = Grader(session, plan.judges[0])
            grader.unusable.answered = True
            try:
                await audit(session, grader)
                await grader.settle()
            finally:
                await grader.close()

    asyncio.run(work())
    return [list(read_records(run.path / AUDIT, Canary)) for run in runs]


def test_canaries_are_spread_over_groups_and_runs(runs: list[RunFolder]) -> None:
    """Each group is probed, and no run holds them all; a judge without a fault gets all of them right."""
    a, b = audited(runs, 36)
    groups = {probe: group for group, probes in GROUPS.items() for probe in probes}
    counts = Counter(groups[canary.probe] for canary in (*a, *b))
    assert counts.total() == 36
    assert set(counts) == set(GROUPS)
    assert min(len(a), len(b)) > 6
    assert all(canary.right for canary in (*a, *b))


def test_what_is_disguised_rests_on_what_the_judge_called_poor(runs: list[RunFolder]) -> None:
    """Before an output is judged: texts that must be poor come first, and are then made to look better."""
    everything = [canary for part in audited(runs, 30) for canary in part]
    disguised = [canary for canary in everything if canary.probe in ON_GRADED]
    assert disguised
    assert all(canary.base == "poor" for canary in disguised)
    poor = {canary.case_id for canary in everything if canary.probe == "other_case"}
    assert {canary.case_id for canary in disguised} <= poor


def test_no_canary_is_asked_about_twice(runs: list[RunFolder]) -> None:
    """More are added to those on the disk; the same number again asks nothing, a smaller one neither."""
    audited(runs, 10)
    first = len(planted.Planted.asked)
    for wanted in (10, 4):
        audited(runs, wanted)
        assert len(planted.Planted.asked) == first
    everything = [canary for part in audited(runs, 16) for canary in part]
    keys = [(canary.probe, canary.case_id, canary.detail) for canary in everything]
    assert len(keys) == len(set(keys)) == 16


def test_canaries_of_another_judge_do_not_count(runs: list[RunFolder]) -> None:
    """Each rater has its own, told apart by digest as well as by name."""
    audited(runs, 6)
    other_settings = judge(settings={"temperature": 1.0})
    audited(runs, 6, judges=(other_settings,))
    everything = [canary for run in runs for canary in read_records(run.path / AUDIT, Canary)]
    assert Counter(canary.rater_digest for canary in everything).most_common() == [
        (judge().digest, 6),
        (other_settings.digest, 6),
    ]


def test_a_failure_that_may_pass_is_replaced_and_a_final_one_is_not(runs: list[RunFolder]) -> None:
    """A canary that timed out leaves its place open; one that cannot be read is a fact about the judge."""

    def answers(request: Request, number: int) -> str:
        if number == 1:
            raise ProviderError("timeout", "no answer", final=False)
        return "It is poor."

    planted.Planted.answers = staticmethod(answers)
    everything = [canary for part in audited(runs, 3, concurrency=1) for canary in part]
    failures = Counter(canary.failure.kind for canary in everything if canary.failure)
    assert failures == {"timeout": 1, "prose": 2}
    planted.Planted.answers = None
    everything = [canary for part in audited(runs, 3) for canary in part]
    assert sum(canary.is_settled for canary in everything) == 3
    assert sum(canary.grade is not None for canary in everything) == 1


def test_the_same_question_again_is_a_question(runs: list[RunFolder]) -> None:
    """A canary that asks again is not answered from the ledger, where the first answer stands."""
    audited(runs, 60)
    responses = [one for run in runs for one in read_records(run.path / RESPONSES, Response)]
    again = [one for one in responses if one.call_for.stage == "canary-asked_again"]
    assert again
    assert {one.call_for.role for one in again} == {"again"}
    digests = [one.request_digest for one in responses]
    assert all(digests.count(one.request_digest) >= 2 for one in again)
