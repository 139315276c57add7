"""`judge --batch`: lists, grades and canaries, each line by line, and nothing is asked beside the batches."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Literal

import planted
import planted_batches
import pytest
from judged_world import judge, judged, mixed, plan_of, run_of
from planted_batches import BatchedPlanted, PlantedBatches

from medbench.client.retry import Policy
from medbench.client.waits import Waiting
from medbench.errors import BudgetError, UsageError
from medbench.schema.batch import JUDGES_CHECK
from medbench.schema.response import Response
from medbench.schema.results.judge_result import JudgingResult
from medbench.schema.verdict import Canary, Verdict
from medbench.steps.access import waiting
from medbench.steps.judge.dry_run import dry_run
from medbench.steps.judge.judge import judge_all
from medbench.steps.judge.judges import Judge
from medbench.steps.judge.judging_plan import JudgingHooks, SilentWatcher
from medbench.steps.reading.judged_before import known_listings
from medbench.steps.reading.spending import account_of
from medbench.steps.verify.verify import verify_run
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import AUDIT, RESPONSES, VERDICTS, RunFolder

pytestmark = pytest.mark.usefixtures("planted_judge")
PRICE = {"input": 2.0, "output": 10.0}


@pytest.fixture(autouse=True)
def _batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the batches an empty memory."""
    monkeypatch.setitem(sys.modules, "planted_batches", planted_batches)
    monkeypatch.setattr(PlantedBatches, "files", {})
    monkeypatch.setattr(PlantedBatches, "ended", set())
    monkeypatch.setattr(PlantedBatches, "mixes", False)
    monkeypatch.setattr(PlantedBatches, "drops", 0)
    monkeypatch.setattr(BatchedPlanted, "live", -1)


def _judge(rubric: str = "report-like") -> Judge:
    model: Any = {
        "provider": "planted_batches:BatchedPlanted",
        "price": PRICE,
        "settings": {"max_tokens": 200},
    }
    return judge(rubric=rubric, **model)


def _line(*runs: RunFolder, end: bool = True, **changes: Any) -> JudgingResult:
    result = judged(*runs, judges=(_judge(changes.pop("rubric", "report-like")),), batch=True, **changes)
    if end:
        PlantedBatches.ended |= PlantedBatches.files.keys()
    return result


def _verdicts(run: RunFolder) -> dict[str, Verdict]:
    return {one.case_id: one for one in read_records(run.path / VERDICTS, Verdict)}


def test_one_line_sends_and_the_same_line_collects(world: BenchmarkFolder, tmp_path: Path) -> None:
    """The grades are those of the judge asked one by one; each is at half the price, and has no seconds."""
    run = run_of(world, tmp_path, "a", mixed)
    result = _line(run, end=False)
    assert (result.waiting, result.standings[0].judged, result.standings[0].open) == (1, 0, 24)
    assert not _verdicts(run)
    result = _line(run)
    assert result.waiting == 1
    assert len(PlantedBatches.files) == 1, "what is under way is not sent again"
    result = _line(run)
    assert (result.waiting, result.standings[0].judged, result.standings[0].open) == (0, 24, 0)
    alone = run_of(world, tmp_path / "alone", "a", mixed)
    judged(alone)
    assert {name: one.grade for name, one in _verdicts(run).items()} == {
        name: one.grade for name, one in _verdicts(alone).items()
    }
    one = _verdicts(run)["case-003"]
    assert one.cost is not None
    assert one.cost.usd == pytest.approx((1_000 * 2.0 + 50 * 10.0) / 1e6 / 2)
    assert [attempt.took_s for attempt in one.attempts] == [None]
    checks = [one for one in read_records(run.path / RESPONSES, Response) if one.call_for.is_judging]
    assert sum(one.call_for.stage == JUDGES_CHECK for one in checks) == 3
    assert account_of(run).total("answers").calls == 0, "nothing of it is the system's"
    assert verify_run(run).problems == ()
    assert _line(run).waiting == 0
    assert len(PlantedBatches.files) == 1


def test_lists_then_grades_then_canaries(world: BenchmarkFolder, tmp_path: Path) -> None:
    """Each rests on what comes before, and is sent by the line that has it."""
    planted.Planted.answers = staticmethod(planted.matching)
    runs = [run_of(world, tmp_path, name, mixed) for name in ("a", "b")]
    said = []
    for _ in range(8):
        result = _line(*runs, rubric="matched-1", canaries=8)
        lists = len(known_listings(runs[0].path.parent))
        canaries = sum(1 for run in runs for _ in read_records(run.path / AUDIT, Canary))
        said.append((lists, *(len(_verdicts(run)) for run in runs), canaries))
        if not result.waiting:
            break
    assert said[:3] == [(0, 0, 0, 0), (24, 0, 0, 0), (24, 24, 24, 0)]
    assert said[-1] == (24, 24, 24, 8)
    answers = [one for run in runs for one in read_records(run.path / RESPONSES, Response)]
    paid = [one for one in answers if one.call_for.stage == "judge" and one.reused_from is None]
    assert len(paid) == 24, "the runs have the same outputs, and each question is paid for once"


def test_an_unreadable_answer_is_asked_again_by_the_next_batch(
    world: BenchmarkFolder, tmp_path: Path
) -> None:
    """As it is one by one; where the second cannot be read either, the failure is final."""
    run = run_of(world, tmp_path, "a", mixed)

    def prose(request: Any, _: int) -> str:
        text = request.text
        if "14 mm" in text and "could not be read" not in text:
            return "Well, it is good."
        return planted.verdict("poor")

    planted.Planted.answers = staticmethod(prose)
    results = [_line(run) for _ in range(3)]
    assert [result.waiting for result in results] == [1, 1, 0]
    assert results[1].standings[0].judged == 23
    assert results[2].standings[0].judged == 24
    assert len(_verdicts(run)["case-003"].responses) == 2


_MANGLED = {
    "wrong_type": {"reason": None, "key_finding": None, "rating": None},
    "unknown_grade": {"reason": "true", "key_finding": True, "rating": "The mass is missed."},
    "missing_field": {"key_finding": "so it is", "true": "poor"},
    "several_objects": [{"reason": "r"}, {"rating": "good"}],
}


@pytest.mark.parametrize("kind", _MANGLED)
def test_an_answer_of_another_shape_is_a_failure_and_no_grade(
    world: BenchmarkFolder, tmp_path: Path, kind: str
) -> None:
    """As some services answer a schema in a batch: null in each field, or words in the wrong ones."""
    run = run_of(world, tmp_path, "a", mixed)
    shape = json.dumps(_MANGLED[kind])
    planted.Planted.answers = staticmethod(
        lambda request, _: shape if " lung. " in request.text else planted.verdict("good")
    )
    results = [_line(run) for _ in range(3)]
    assert results[-1].standings[0].failures == {kind: 8}
    assert results[-1].standings[0].judged == 16
    assert {one.failure.kind for one in _verdicts(run).values() if one.failure} == {kind}
    assert {one.grade for one in _verdicts(run).values()} == {None, "good"}
    assert len([one for one in _verdicts(run).values() if one.grade]) == 16


def test_a_mixed_up_batch_grades_nothing(world: BenchmarkFolder, tmp_path: Path) -> None:
    """It is paid for and kept aside; the line after that asks again."""
    run = run_of(world, tmp_path, "a", mixed)
    PlantedBatches.mixes = True
    _line(run)
    result = _line(run)
    assert result.standings[0].failures == {"mixed_up": 24}
    assert (result.waiting, result.standings[0].open) == (0, 24)
    assert result.spending.account.total().usd > 0
    assert list(run.path.glob("batches/*.answers.jsonl"))
    PlantedBatches.mixes = False
    _line(run)
    assert _line(run).standings[0].judged == 24


@pytest.mark.parametrize("then", ["live", "stop"])
def test_a_batch_is_given_up_after_its_deadline(
    world: BenchmarkFolder, tmp_path: Path, then: Literal["live", "stop"]
) -> None:
    """What it has done is kept, and the rest is asked one by one at the full price, or not at all."""
    run = run_of(world, tmp_path, "a", mixed)
    options: dict[str, Any] = {"batch_then": then, "batch_deadline_h": 26.0}
    PlantedBatches.drops = 7  # two of them are checks
    assert _line(run, end=False, **options).waiting == 1
    assert _line(run, end=False, **options).waiting == 1
    late = {**options, "batch_deadline_h": 0.0}
    if then == "live":
        BatchedPlanted.live = 0
        result = _line(run, end=False, **late)
        assert (result.standings[0].judged, BatchedPlanted.live) == (24, 5)
        dollars = sorted(one.cost.usd or 0.0 for one in _verdicts(run).values() if one.cost)
        assert dollars == pytest.approx([0.00125] * 19 + [0.0025] * 5)
    else:
        for _ in range(2):
            result = _line(run, end=False, **late)
            assert (result.waiting, result.standings[0].judged, result.standings[0].open) == (0, 19, 5)
        PlantedBatches.drops = 0
        _line(run)
        assert _line(run).standings[0].judged == 24
    assert len(PlantedBatches.files) == (1 if then == "live" else 2)


def test_the_ceiling_holds_and_a_dry_run_knows_what_is_under_way(
    world: BenchmarkFolder, tmp_path: Path
) -> None:
    """The rest is sent with a higher one; a question that is under way costs nothing more."""
    run = run_of(world, tmp_path, "a", mixed)
    plan = plan_of(run, judges=(_judge(),), batch=True)
    (whole,) = dry_run(plan).judges
    assert whole.most_usd is not None
    (live,) = dry_run(plan_of(run, judges=(_judge(),))).judges
    assert whole.most_usd == pytest.approx((live.most_usd or 0.0) / 2)
    result = _line(run, max_cost=whole.most_usd / 2, end=False)
    assert isinstance(result.down["planted/report-like"], BudgetError)
    (left,) = dry_run(plan).judges
    assert left.waiting + left.outputs == 24
    assert 4 < left.outputs < 20
    PlantedBatches.ended |= PlantedBatches.files.keys()
    _line(run)
    assert _line(run).standings[0].judged == 24


def test_a_judge_without_batches_is_refused(world: BenchmarkFolder, tmp_path: Path) -> None:
    """Before anything is asked."""
    run = run_of(world, tmp_path, "a", mixed)
    with pytest.raises(UsageError, match="cannot be asked in batches"):
        judged(run, batch=True)
    assert planted.Planted.asked == []


def test_a_judge_of_files_is_refused_without_them(
    world: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is asked; the name is the one that was typed."""
    monkeypatch.setattr(planted.Planted, "only_batches", True, raising=False)
    run = run_of(world, tmp_path, "a", mixed)
    with pytest.raises(UsageError, match="'planted' answers files of requests only"):
        judged(run)
    assert planted.Planted.asked == []


@pytest.mark.parametrize(
    ("step", "asked"), [("create", "answer"), ("state", "state"), ("download", "end of the download")]
)
def test_what_the_service_is_silent_about_is_told(
    world: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, asked: str
) -> None:
    """Also before the first verdict, while what came of batches is collected."""
    run = run_of(world, tmp_path, "a", mixed)
    if step != "create":
        _line(run)
    whole = getattr(PlantedBatches, step)

    async def late(*args: object) -> object:
        await asyncio.sleep(0.1)
        return await whole(*args)

    monkeypatch.setattr(PlantedBatches, step, late)
    monkeypatch.setattr(waiting, "EVERY_S", 0.01)
    told: list[str] = []

    class Watcher(SilentWatcher):
        def waiting(self, waiting: Waiting) -> None:
            told.append(waiting.asked)

    hooks = JudgingHooks(Watcher(), policy=Policy(patience_s=0, refused_s=0, most_tries=1))
    judge_all(plan_of(run, judges=(_judge(),), batch=True), hooks)
    assert asked in told
