"""Whom a call of `judge` asks, where some have nothing to do: what is refused, forecast and asked agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import planted
import pytest
from judged_world import PASSING, judge, judged, mixed, plan_of, run_of, verdict_by

from medbench.schema.response import Request
from medbench.schema.verdict import Verdict
from medbench.steps.judge.dry_run import dry_run
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
    assert (dry.code, "Fallback" in dry.words) == (0, False), dry.err
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


STEATOSIS = "The liver shows steatosis."


def _failing(*names: str, at: str = STEATOSIS) -> Callable[[Request, int], str]:
    """Answers in words of these judges about one text; whatever else is asked is answered well."""

    def answer(request: Request, number: int) -> str:
        judged = planted.block(request.text, "OUTPUT")
        if request.model in names and judged == at:
            return "No."
        return planted.verdict(
            planted.GRADES[planted.true_grade(planted.block(request.text, "REFERENCE"), judged)]
        )

    return answer


DEPUTY = judge("deputy", price={"input": 1000, "output": 5000}, settings={"max_tokens": 4000})


@pytest.mark.parametrize("names", [("a",), ("b",), ("a", "b")])
@pytest.mark.parametrize("judges", [("a",), ("a", "b")])
@pytest.mark.parametrize("systems", [(mixed,), (mixed, planted.reference_text), (mixed, mixed)])
@pytest.mark.parametrize("changes", [{}, {"replicates": 2}, {"limit": 9}])
def test_the_fallback_is_asked_what_the_plan_says(
    world: BenchmarkFolder,
    tmp_path: Path,
    names: tuple[str, ...],
    judges: tuple[str, ...],
    systems: tuple[Callable[[int], str], ...],
    changes: dict[str, Any],
) -> None:
    """Each question once: of judges that failed at one text, of systems with one text, and of whole cases."""
    planted.Planted.answers = staticmethod(_failing(*names))
    runs = [run_of(world, tmp_path / "runs", f"system-{n}", says) for n, says in enumerate(systems)]
    known = {"judges": tuple(map(judge, judges))} | changes
    judged(*runs, **known)
    forecast = dry_run(plan_of(*runs, fallback=DEPUTY, **known))
    planted.Planted.asked.clear()
    judged(*runs, fallback=DEPUTY, max_cost=None, **known)
    asked = [request.model for request in planted.Planted.asked]
    failing = tuple(name for name in names if name in judges)
    planned = forecast.fallback.outputs if forecast.fallback else 0
    assert asked == ["deputy"] * planned
    assert bool(planned) == bool(failing)
    if forecast.fallback:
        assert forecast.fallback.instead_of == failing
        assert (forecast.fallback.most_usd or 0.0) > (forecast.fallback.usd or 0.0) > 0
    after = dry_run(plan_of(*runs, fallback=DEPUTY, **known))
    assert after.fallback is None, "nothing is left"


def test_a_grade_that_the_fallback_gave_for_one_judge_is_not_paid_for_another(
    world: BenchmarkFolder, tmp_path: Path
) -> None:
    """The second judge of a panel came later, and failed at the same."""
    planted.Planted.answers = staticmethod(_failing("a", "b"))
    run = run_of(world, tmp_path / "runs", "system", mixed)
    judged(run, judges=(judge("a"),), fallback=DEPUTY, max_cost=None)
    both = {"judges": (judge("a"), judge("b"))}
    judged(run, **both)
    forecast = dry_run(plan_of(run, fallback=DEPUTY, **both)).fallback
    assert forecast is not None
    assert (forecast.outputs, forecast.reused, forecast.instead_of) == (0, 8, ("b",))
    planted.Planted.asked.clear()
    judged(run, fallback=DEPUTY, max_cost=None, **both)
    assert planted.Planted.asked == []


def test_a_ceiling_knows_what_the_fallback_alone_costs(
    world: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """A dry run ends as its line would: with exit code 3, and the hint at what is left to pay holds."""
    planted.Planted.answers = staticmethod(_failing("judge"))
    (tmp_path / "judge.toml").write_text(
        'provider = "planted:Planted"\nid = "judge"\nprice = {free = true}\n', "utf-8"
    )
    (tmp_path / "deputy.toml").write_text(
        'provider = "planted:Planted"\nid = "deputy"\nsettings = {max_tokens = 4000}\n'
        "price = {input = 1000, output = 5000}\n",
        "utf-8",
    )
    run_of(world, tmp_path / "runs", "medgemma-4b", mixed)
    assert medbench(*LINE).code == 3
    dry = medbench(*LINE, *FALLBACK, "--dry-run")
    assert dry.code == 3, dry.err
    assert "Fallback deputy (deputy), rubric report-like: 8 outputs, about" in dry.words
    assert "It will stop this line before its end" in dry.words
    stopped = medbench(*LINE, *FALLBACK)
    assert stopped.code == 3
    assert "--dry-run says what is left to pay" in stopped.words
    dry = medbench(*LINE, *FALLBACK, "--max-cost", 1000, "--dry-run")
    assert dry.code == 0, dry.err
    assert medbench(*LINE, *FALLBACK, "--max-cost", 1000).code == 0


def test_the_fallback_lists_what_the_judge_could_not(world: BenchmarkFolder, tmp_path: Path) -> None:
    """The list is a question of its own; the judges that are asked about a case make it in other cases."""

    def answer(request: Request, number: int) -> str:
        if request.model == "a" and planted.reference_text(5) in request.text:
            return "No."
        return planted.matching(request, number)

    planted.Planted.answers = staticmethod(answer)
    run = run_of(world, tmp_path / "runs", "system", mixed)
    known = {"judges": (judge("a", "matched-1"),), "limit": 24}
    deputy = judge("deputy", "matched-1", price={"free": True})
    judged(run, **known)
    forecast = dry_run(plan_of(run, fallback=deputy, **known)).fallback
    assert forecast is not None
    assert (forecast.outputs, forecast.listings) == (1, 1)
    planted.Planted.asked.clear()
    judged(run, fallback=deputy, **known)
    assert [request.model for request in planted.Planted.asked] == ["deputy", "deputy"]
