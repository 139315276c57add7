"""Pipelines in batches: what is independent goes together, what rests on an answer goes with the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batch_server import BatchServer, words_in
from batch_world import BatchWorld, batched_system

from medbench.prompts.prompt import load_prompt
from medbench.schema.run import ModelUse, PromptUse, Stage, System
from medbench.schema.score import Score
from medbench.steps.access.systems import PreparedStage, PreparedSystem
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import SCORES, RunFolder


def _two_stage() -> PreparedSystem:
    model = batched_system().stages[0].model
    prompts = {"first": load_prompt("findings", "primary"), "second": load_prompt("findings", "elaborate")}
    stages = [
        Stage(
            role=role,
            model=ModelUse(name="a", provider="openai", id=model.id),
            prompt=PromptUse(name=prompt.name, digest=prompt.digest),
            images="all",
            settings={"max_tokens": 100},
        )
        for role, prompt in prompts.items()
    ]
    system = System.of_stages(tuple(stages), name="a", family="other", pipeline="two-stage", settings={})
    asked = tuple(PreparedStage(role=role, model=model, prompt=prompt) for role, prompt in prompts.items())
    return PreparedSystem(system=system, stages=asked)


def test_each_stage_takes_a_batch(bench: BenchmarkFolder, tmp_path: Path, batch_server: BatchServer) -> None:
    """The line that collects the first answers sends what takes them up."""
    world = BatchWorld(bench, tmp_path / "runs", _two_stage())
    left = []
    for _ in range(3):
        left.append(world.line().run.left)
        batch_server.end()
    assert left == [6, 6, 0]
    first, second = batch_server.batches.values()
    assert [len(batch_server.requests(batch)) for batch in (first, second)] == [9, 9]
    asked = [words_in(line["body"])[0] for line in batch_server.requests(second)]
    assert sum("FINDINGS: there is" in text for text in asked) == 6
    assert {one.call_for.role for one in world.responses()} == {"first", "second"}


def test_samples_go_together(bench: BenchmarkFolder, tmp_path: Path, batch_server: BatchServer) -> None:
    """Five answers to each request come with one batch."""
    plain = batched_system()
    (stage,) = plain.system.stages
    parts: Any = {"name": "a", "family": "other", "pipeline": "self-consistency", "settings": {"samples": 5}}
    system = System.of_stages((stage,), **parts)
    world = BatchWorld(bench, tmp_path / "runs", plain.model_copy(update={"system": system}))
    world.line()
    (batch,) = batch_server.batches.values()
    assert len(batch_server.requests(batch)) == 30 + 3
    batch_server.end()
    assert world.line().run.left == 0


def test_the_seconds_of_a_batch_are_unknown_in_scores_and_tables(
    bench: BenchmarkFolder, tmp_path: Path, batch_server: BatchServer
) -> None:
    """They are null, never zero, and an interval over none of them is none."""
    world = BatchWorld(bench, tmp_path / "runs")
    world.line()
    batch_server.end()
    world.line()
    summary = Rescorer().rescore(RunFolder(world.folder))
    scores = list(read_records(world.folder / SCORES, Score))
    assert [score.scores["latency_ms"] for score in scores] == [None] * 6
    assert all((score.scores["cost_usd"] or 0.0) > 0 for score in scores)
    latency = summary.everything.metrics["latency_ms"]
    assert (latency.n, latency.mean, latency.p95) == (0, None, None)
