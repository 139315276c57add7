"""Answers of other runs of the same system: whose, to which cases, and not from elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from scripted import scripted

from medbench.schema.response import CallFor, Failure, Request, Response
from medbench.schema.run import Output, SourceFile
from medbench.steps.run.reuse import SharedAnswers, paid_elsewhere
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import HEAD, OUTPUTS, RESPONSES, new_head

REQUEST = Request(model="m", text="describe")
SYSTEM = scripted().system


def _call(case: int, role: str = "model") -> CallFor:
    return CallFor(case_id=f"case-{case:03d}", stage="single", role=role)


def _run(
    root: Path, bench: BenchmarkFolder, name: str, *, settings: bool = False, imported: bool = False
) -> None:
    """A run that answered the first case, failed at the second, and did not get to the third."""
    folder = root / bench.head.name / name
    folder.mkdir(parents=True)
    system = SYSTEM.model_copy(update={"settings": {"a": 1}}) if settings else SYSTEM
    source = (SourceFile(file="f", sha256="0" * 64),) if imported else ()
    write_one(folder / HEAD, new_head(folder, bench, system, "x", source))
    cases = list(bench.cases())[:2]
    failure = Failure(kind="blocked", reason="r", final=True)
    responses = [
        Response(
            response_id=f"{name}-{number}",
            request_digest=REQUEST.digest,
            call_for=_call(number),
            asked="m",
            text=None if number else "a mass",
            failure=failure if number else None,
        )
        for number in range(2)
    ]
    outputs = [
        Output(
            case_id=case.case_id,
            case_digest=case.digest,
            text=None if number else "a mass",
            failure=failure if number else None,
        )
        for number, case in enumerate(cases)
    ]
    write_records(folder / RESPONSES, responses)
    write_records(folder / OUTPUTS, outputs)


@pytest.fixture
def larger(write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path) -> BenchmarkFolder:
    """A benchmark with the same first cases and more of them."""
    return write_benchmark(tmp_path / "larger", 9)


def test_the_answer_to_the_same_request_is_found_and_marked(
    bench: BenchmarkFolder, larger: BenchmarkFolder, tmp_path: Path
) -> None:
    """By request, case, role and sample; the run that paid stands in it. A failure is not taken over."""
    _run(tmp_path / "runs", bench, "a")
    answers = paid_elsewhere(tmp_path / "runs", larger, SYSTEM)
    assert answers is not None
    found = answers.find(REQUEST, _call(0), 0)
    assert found is not None
    assert (found.response_id, found.reused_from) == ("a-0", "bench/a")
    assert answers.find(REQUEST, _call(1), 0) is None
    assert answers.find(REQUEST, _call(0), 1) is None
    assert answers.find(REQUEST, _call(0, "reader"), 0) is None
    assert answers.find(REQUEST.model_copy(update={"text": "other"}), _call(0), 0) is None


def test_a_case_that_was_changed_is_not_the_same(
    bench: BenchmarkFolder, write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """An answer is to the case as it was shown: with another history it is of no use."""
    _run(tmp_path / "runs", bench, "a")
    other = write_benchmark(
        tmp_path / "other", 9, changed=lambda case: case.model_copy(update={"history": "x", "digest": ""})
    )
    answers = paid_elsewhere(tmp_path / "runs", other, SYSTEM)
    assert answers is not None
    assert answers.find(REQUEST, _call(0), 0) is None


@pytest.mark.parametrize("why", ["same benchmark", "other system", "imported", "nothing there"])
def test_other_runs_are_not_looked_at(
    bench: BenchmarkFolder, larger: BenchmarkFolder, tmp_path: Path, why: str
) -> None:
    """This benchmark's run goes on by itself, another system answers otherwise, imports were not paid."""
    if why != "nothing there":
        on = larger if why == "same benchmark" else bench
        _run(tmp_path / "runs", on, "a", settings=why == "other system", imported=why == "imported")
    (tmp_path / "runs").mkdir(exist_ok=True)
    assert paid_elsewhere(tmp_path / "runs", larger, SYSTEM) is None


def test_systems_that_ask_the_same_at_the_same_time_take_turns(tmp_path: Path) -> None:
    """However they come and go, no two are inside together, and nothing is kept afterwards."""
    shared = SharedAnswers(tmp_path)
    inside: list[int] = []
    most = 0

    async def ask(number: int) -> None:
        nonlocal most
        for _ in range(number % 3):
            await asyncio.sleep(0)
        async with shared.of(SYSTEM, None).alone(REQUEST, 0):
            inside.append(number)
            most = max(most, len(inside))
            await asyncio.sleep(0)
            inside.remove(number)

    async def all_of_them() -> None:
        await asyncio.gather(*map(ask, range(12)))

    asyncio.run(all_of_them())
    assert most == 1
    assert shared.asking == {}
