"""The outputs of one session: each counts once, by how it ended."""

from __future__ import annotations

import random
from pathlib import Path

import planted
import pytest
from judged_world import hooks, judge, mixed, plan_of, run_of

from medbench.errors import ProviderError
from medbench.schema.response import Request
from medbench.schema.verdict import Verdict
from medbench.steps.judge.judge import judge_all
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS


@pytest.mark.usefixtures("planted_judge")
@pytest.mark.parametrize("seed", range(8))
def test_judged_and_without_a_grade_add_up_to_the_outputs_that_were_asked_about(
    world: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Whatever fails for a moment or for good, is asked once more, or is left to the fallback."""
    chance = random.Random(seed)
    lost, prose = chance.uniform(0, 0.4), chance.uniform(0, 0.4)

    def answers(request: Request, _: int) -> str:
        if request.model == "planted" and chance.random() < lost:
            raise ProviderError("timeout", "no whole answer", final=False)
        if chance.random() < prose:
            return "A fine text."
        return planted.verdict("good")

    monkeypatch.setattr(planted.Planted, "answers", staticmethod(answers))
    runs = [run_of(world, tmp_path / "runs", name, mixed) for name in ("a", "b")]
    fallback = judge("second") if seed % 2 else None
    spent = judge_all(plan_of(*runs, fallback=fallback, replicates=1 + seed % 3), hooks()).spending
    ended = {
        (run.name, one.rater, one.case_id, one.judge_replicate): one.grade is not None
        for run in runs
        for one in read_records(run.path / VERDICTS, Verdict)
    }
    assert (spent.graded, spent.failed) == (sum(ended.values()), len(ended) - sum(ended.values()))
