"""What holds for every pipeline, also those not written yet; and what each baseline says."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import time
from typing import TYPE_CHECKING, Any

import pytest

from medbench.client.client import Client
from medbench.images.recorded import Pictures
from medbench.pipelines import Result, Tools, baseline_retrieval
from medbench.pipelines.baseline_random import Pipeline as Random
from medbench.pipelines.baseline_retrieval import Pipeline as Retrieval
from medbench.prompts.prompt import load_prompt
from medbench.providers.echo import Provider as Echo
from medbench.registry import find_model, find_part, names_in
from medbench.schema.case import Case
from medbench.schema.response import MODEL
from medbench.schema.run import ModelUse, PromptUse, System
from medbench.store.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.store.benchmark import BenchmarkFolder

EVERY = pytest.mark.parametrize("name", names_in("pipelines"))


def _tools(name: str, bench: BenchmarkFolder, ledger: Ledger, **settings: Any) -> Tools:
    model = find_model("echo", {})
    prompt = load_prompt("findings", "comprehensive")
    system = System(
        name=name,
        family="other",
        pipeline=name,
        model=ModelUse(name="echo", provider="echo", id="echo"),
        prompt=PromptUse(name=prompt.name, digest=prompt.digest),
        settings=settings,
    )
    pictures, pool_pictures = Pictures(bench.path), Pictures(bench.pool_path)
    client = Client(Echo(model, pictures), model, ledger)
    return Tools(system, pictures, bench.pool, pool_pictures, {MODEL: client}, {MODEL: prompt})


def _answers(name: str, bench: BenchmarkFolder, folder: Path) -> list[Result]:
    folder.mkdir(exist_ok=True)
    with Ledger(folder) as ledger:
        pipeline = find_part("pipelines", "pipeline", name)(_tools(name, bench, ledger))

        async def ask() -> list[Result]:
            return [await pipeline.answer(case, replicate) for case in bench.cases() for replicate in (0, 1)]

        return asyncio.run(ask())


@EVERY
def test_it_runs_on_echo(name: str, bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Every pipeline gives each case a text or a failure, never both, and names its responses."""
    results = _answers(name, bench, tmp_path / "run")
    assert len(results) == 12
    for result in results:
        assert (result.text is None) != (result.failure is None)
        assert result.text is None or result.text.strip()


@EVERY
def test_it_gives_the_same_again(name: str, bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Begun anew, with or without the ledger, it gives the same texts: nothing depends on chance or time."""
    first = [result.text for result in _answers(name, bench, tmp_path / "a")]
    assert [result.text for result in _answers(name, bench, tmp_path / "a")] == first
    assert [result.text for result in _answers(name, bench, tmp_path / "b")] == first


@EVERY
def test_it_has_the_shape(name: str) -> None:
    """It holds a described class `Pipeline`, made from tools, with an async `answer(case, replicate)`."""
    module = importlib.import_module(f"medbench.pipelines.{name.replace('-', '_')}")
    assert module.__doc__
    assert module.Pipeline.__doc__
    assert list(inspect.signature(module.Pipeline).parameters) == ["tools"]
    assert inspect.iscoroutinefunction(module.Pipeline.answer)
    assert list(inspect.signature(module.Pipeline.answer).parameters) == ["self", "case", "replicate"]


def test_random_stays_in_the_region(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A pool text of the case's own region; where the pool has none, a final failure that says so."""
    (tmp_path / "l").mkdir()
    with Ledger(tmp_path / "l") as ledger:
        tools = _tools("baseline-random", bench, ledger, seed=1)
        of_region = {example.case.region: example.text for example in tools.pool}
        for case in bench.cases():
            assert asyncio.run(Random(tools).answer(case, 0)).text == of_region[case.region]
        case = Case(case_id="x", region="Foot", images=())
        failure = asyncio.run(Random(tools).answer(case, 0)).failure
    assert failure is not None
    assert (failure.kind, failure.final) == ("no_pool_case", True)
    assert "'Foot'" in failure.reason


def test_retrieval_reads_the_pool_once(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many cases ask at the same time, on every version of Python."""
    read: list[str] = []
    fingerprints = baseline_retrieval._fingerprints

    def slow(case: Case, pictures: Pictures) -> list[Any]:
        read.append(case.case_id)
        time.sleep(0)  # the other threads get their turn
        return fingerprints(case, pictures)

    monkeypatch.setattr(baseline_retrieval, "_fingerprints", slow)
    (tmp_path / "l").mkdir()
    with Ledger(tmp_path / "l") as ledger:
        pipeline = Retrieval(_tools("baseline-retrieval", bench, ledger))

        async def all_at_once() -> None:
            await asyncio.gather(*(pipeline.answer(case, 0) for case in bench.cases()))

        asyncio.run(all_at_once())
    pool = [example.case.case_id for example in bench.pool]
    assert sorted(read) == sorted([*pool, *(case.case_id for case in bench.cases())])


def test_retrieval_finds_the_pool_case_that_looks_the_same(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A case with the very image of a pool case gets that case's text; without a pool, a final failure."""
    (tmp_path / "l").mkdir()
    with Ledger(tmp_path / "l") as ledger:
        tools = _tools("baseline-retrieval", bench, ledger)
        for example in tools.pool:
            twin = example.case.model_copy(update={"case_id": "twin"})
            at_pool = Tools(tools.system, tools.pool_pictures, tools.pool, tools.pool_pictures)
            assert asyncio.run(Retrieval(at_pool).answer(twin, 0)).text == example.text
        empty = Tools(tools.system, tools.pictures, (), tools.pool_pictures)
        failure = asyncio.run(Retrieval(empty).answer(next(bench.cases()), 0)).failure
    assert failure is not None
    assert (failure.kind, failure.final) == ("no_pool_case", True)
