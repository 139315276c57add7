"""Judges with a planted fault are caught by their card under the right name; one without a fault passes."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING, Any

import pytest

import planted
from medbench.executors.local import Stop
from medbench.judging.canaries import GROUPS
from medbench.prompts.rubrics import load_rubric
from medbench.schema.model import ModelFile
from medbench.schema.reference import Reference
from medbench.schema.run import Output, System
from medbench.steps.cards import cards_of
from medbench.steps.judge import judge_all
from medbench.steps.judges import Judge
from medbench.steps.judging import JudgeSession
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import HEAD, OUTPUTS, RunFolder, new_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from medbench.schema.card import RaterCard
    from medbench.schema.case import Case
    from medbench.store.benchmark import BenchmarkFolder


class Quiet:
    """A watcher that keeps notices."""

    def __init__(self) -> None:
        self.notices: list[str] = []

    def notice(self, text: str) -> None:
        """Keep it."""
        self.notices.append(text)

    def begin(self, name: str, done: int, wanted: int) -> None:
        """Nothing to keep."""

    def step(self, name: str, failure: str | None, *, again: bool) -> None:
        """Nothing to keep."""

    def end(self, name: str) -> None:
        """Nothing to keep."""


@pytest.fixture(autouse=True)
def _planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The planted judge without a fault and without a memory."""
    monkeypatch.setattr(planted.Planted, "fault", "")
    monkeypatch.setattr(planted.Planted, "asked", [])
    monkeypatch.setattr(planted.Planted, "answers", None)
    monkeypatch.setattr(planted.Planted, "chance", random.Random(1))
    monkeypatch.setitem(sys.modules, "planted", planted)
    return


@pytest.fixture
def world(tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]) -> BenchmarkFolder:
    """A benchmark of 24 cases whose references the planted judges understand."""

    def reference(case: Case) -> Reference:
        number = int(case.case_id.split("-")[1])
        return Reference(
            case_id=case.case_id,
            source_id=case.case_id,
            text=planted.reference_text(number),
            topic=f"topic-{number}",
            captions=tuple(f"caption {part} of {case.case_id}" for part in range(len(case.images))),
        )

    return write_benchmark(tmp_path / "world", 24, reference=reference)


def run_of(bench: BenchmarkFolder, root: Path, name: str, says: Callable[[int], str | None]) -> RunFolder:
    """A run whose outputs are these texts; None leaves a case out."""
    folder = root / bench.head.name / name
    folder.mkdir(parents=True)
    outputs = []
    for number, case in enumerate(bench.cases()):
        text = says(number)
        if text is not None:
            outputs.append(Output(case_id=case.case_id, case_digest=case.digest, text=f"FINDINGS:\n{text}"))
    write_records(folder / OUTPUTS, outputs)
    system = System(name=name, family="medgemma", pipeline="single")
    write_one(folder / HEAD, new_head(folder, bench, system, "medbench run"))
    return RunFolder(folder)


def mixed(number: int) -> str:
    """A third good, a third partial, a third poor."""
    whole = planted.reference_text(number)
    return (whole, whole.split(". ")[0] + ".", "The liver shows steatosis.")[number % 3]


def judge(name: str = "planted", rubric: str = "report-like", **model: Any) -> Judge:
    """The planted judge."""
    return Judge(
        name, ModelFile.model_validate({"provider": "planted:Planted", "id": name, **model}), load_rubric(rubric)
    )


def session(bench: BenchmarkFolder, *runs: RunFolder, **changes: Any) -> JudgeSession:
    """One call of `judge`."""
    known = {"judges": (judge(),), "canaries": 0, "concurrency": 4, "watcher": Quiet(), "stop": Stop()}
    return JudgeSession(benchmark=bench, runs=runs, **{**known, **changes})


def card(bench: BenchmarkFolder, root: Path, fault: str, **changes: Any) -> RaterCard:
    """The card of a judge with that fault."""
    planted.Planted.fault = fault
    run = run_of(bench, root, "system", mixed)
    judge_all(session(bench, run, canaries=90, **changes))
    (found,) = cards_of([run])
    return found


def test_a_perfect_judge_passes(world: BenchmarkFolder, tmp_path: Path) -> None:
    """A judge without a fault gets every canary of every group right."""
    found = card(world, tmp_path / "runs", "", replicates=2)
    assert found.faults == ()
    assert {group.asks for group in found.groups if group.share.tested} == set(GROUPS)
    missed = {probe: share for group in found.groups for probe, share in group.probes.items() if share.n != share.right}
    assert missed == {}
    assert found.flips.n == found.flips.right == 24
    assert all(share.n for group in found.groups for share in group.probes.values())


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("length", "padding"),
        ("first", "blocks_swapped"),
        ("injection", "injection"),
        ("random", "asked_again"),
        ("side", "side"),
    ],
)
def test_a_planted_fault_is_caught_by_name(
    world: BenchmarkFolder, tmp_path: Path, fault: str, name: str
) -> None:
    """Love of length, of the first block, obedience, chance and deafness to sides each stand on the card."""
    found = card(world, tmp_path / "runs", fault)
    assert name in found.faults


@pytest.mark.parametrize(("fault", "name"), [("length", "padding"), ("injection", "injection"), ("side", "side")])
def test_a_fault_is_not_laid_on_another_probe(
    world: BenchmarkFolder, tmp_path: Path, fault: str, name: str
) -> None:
    """A judge with one narrow fault is blamed for that one alone."""
    assert card(world, tmp_path / "runs", fault).faults == (name,)


def test_flips_show_over_replicates(world: BenchmarkFolder, tmp_path: Path) -> None:
    """A judge that grades by chance differs from itself in about two of three pairs."""
    found = card(world, tmp_path / "runs", "random", replicates=3)
    assert found.flips.n == 72
    assert 0.2 < found.flips.right / found.flips.n < 0.5


def test_few_canaries_are_not_tested(world: BenchmarkFolder, tmp_path: Path) -> None:
    """With fewer than five canaries of a group nothing is claimed about it."""
    run = run_of(world, tmp_path / "runs", "system", mixed)
    judge_all(session(world, run, canaries=6))
    (found,) = cards_of([run])
    assert not any(group.share.tested for group in found.groups)
    assert sum(group.share.n for group in found.groups) == 6


def test_canaries_are_not_judged_twice(world: BenchmarkFolder, tmp_path: Path) -> None:
    """The same line again asks for no more canaries; a larger number adds what is missing, pooled over runs."""
    runs = [run_of(world, tmp_path / "runs", name, mixed) for name in ("one", "two")]
    judge_all(session(world, *runs, canaries=20))
    asked = len(planted.Planted.asked)
    judge_all(session(world, *runs, canaries=20))
    assert len(planted.Planted.asked) == asked
    judge_all(session(world, *runs, canaries=30))
    assert len(planted.Planted.asked) == asked + 10
    (found,) = cards_of(runs)
    assert sum(group.share.n for group in found.groups) == 30
    assert all((run.path / "audit.jsonl").stat().st_size for run in runs)
