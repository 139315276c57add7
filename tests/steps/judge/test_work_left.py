"""Whom a call of `judge` asks, where some have nothing to do: what is refused, forecast and asked agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import planted
import pytest
from judged_world import PASSING, judge, mixed, run_of, verdict_by

from medbench.schema.verdict import Verdict
from medbench.store.benchmark import HEAD, BenchmarkFolder
from medbench.store.jsonl import read_records, write_one, write_records
from medbench.store.runs import VERDICTS, RunFolder

pytestmark = pytest.mark.usefixtures("planted_judge")
LINE = ("judge", "--judge", "./judge.toml", "--rubric", "report-like", "--audit", 0)
FALLBACK = ("--fallback", "./deputy.toml")


@pytest.fixture
def run(world: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]) -> RunFolder:
    """A run that a judge has graded whole, beside the file of a fallback."""
    for name in ("judge", "deputy"):
        (tmp_path / f"{name}.toml").write_text(f'provider = "planted:Planted"\nid = "{name}"\n', "utf-8")
    made = run_of(world, tmp_path / "runs", "medgemma-4b", mixed)
    assert medbench(*LINE).code == 0
    planted.Planted.asked.clear()
    return made


def _note(run: RunFolder, case: int, grade: str | None = None, **changes: Any) -> None:
    """Append a verdict of the judge."""
    first = next(read_records(run.path / VERDICTS, Verdict))
    verdict = verdict_by(judge("judge"), case, grade, rater=first.rater, **changes)
    with (run.path / VERDICTS).open("ab") as file:
        changed = verdict.model_copy(update={"rater_digest": first.rater_digest})
        file.write(changed.model_dump_json().encode() + b"\n")


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize("allowed", ["judge", "deputy", "neither"])
@pytest.mark.parametrize("failed", [False, True])
def test_no_host_is_passed_over_for_want_of_work(
    run: RunFolder,
    world: BenchmarkFolder,
    medbench: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    allowed: str,
    failed: bool,
    dry: tuple[str, ...],
) -> None:
    """A judge or a fallback where the cases may not go is refused also if nothing is left for it."""
    hosts = staticmethod(lambda model: (f"{model.id}.example",))
    monkeypatch.setattr(planted.Planted, "hosts", hosts, raising=False)
    write_one(world.path / HEAD, world.head.model_copy(update={"egress": (f"{allowed}.example",)}))
    if failed:
        _note(run, 0, judge_replicate=1, failure=PASSING)
    refused = medbench(*LINE, *FALLBACK, *dry)
    assert (refused.code, planted.Planted.asked) == (2, []), refused.err
    elsewhere = [name for name in ("judge", "deputy") if name != allowed]
    for name in elsewhere if dry else elsewhere[:1]:
        assert f"'{name}' is asked at '{name}.example'" in refused.words


@pytest.mark.parametrize("fallback", [(), FALLBACK])
@pytest.mark.parametrize("failure", [{"failure": PASSING}, {}])
@pytest.mark.parametrize(
    ("case", "beyond", "options"),
    [
        (0, {"judge_replicate": 1}, ()),
        (0, {"replicate": 1}, ()),
        (0, {"judge_replicate": 1}, ("--limit", 5)),
        (0, {}, ("--stale",)),
        (0, {"judge_replicate": 2}, ("--stale", "--limit", 5)),
        (23, {}, ("--limit", 5)),
        (23, {"judge_replicate": 1}, ("--limit", 5)),
    ],
)
def test_a_failure_that_is_not_asked_about_costs_nothing(
    run: RunFolder,
    medbench: Callable[..., Any],
    case: int,
    beyond: dict[str, Any],
    options: tuple[Any, ...],
    failure: dict[str, Any],
    fallback: tuple[str, ...],
) -> None:
    """Neither the fallback nor the judge, to hear whether it is there, gets a question; no plan has one."""
    if case == 23:
        _forget(run, case)
    _note(run, case, **beyond, **failure)
    dry = medbench(*LINE, *options, *fallback, "--dry-run")
    assert (dry.code, "to the fallback" in dry.words) == (0, False), dry.err
    assert "0 outputs, about 0 tokens in" in dry.words
    assert medbench(*LINE, *options, *fallback).code == 0
    assert planted.Planted.asked == []


def _forget(run: RunFolder, case: int) -> None:
    """Take the verdicts on a case away."""
    kept = [
        verdict
        for verdict in read_records(run.path / VERDICTS, Verdict)
        if verdict.case_id != f"case-{case:03d}"
    ]
    write_records(run.path / VERDICTS, kept)
