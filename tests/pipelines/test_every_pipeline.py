"""What holds for every pipeline, also those not written yet; and what each baseline says."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.client.client import Client
from medbench.config import Settings
from medbench.images.recorded import Pictures
from medbench.pipelines import Result, Tools, _pool, baseline_best_list
from medbench.pipelines.baseline_best_list import Pipeline as BestList
from medbench.pipelines.baseline_random import Pipeline as Random
from medbench.pipelines.baseline_retrieval import Pipeline as Retrieval
from medbench.providers.echo import Provider as Echo
from medbench.registry import find_part, names_in
from medbench.schema.case import Case, Example, Question
from medbench.schema.reference import Reference
from medbench.schema.run import System
from medbench.schema.spec import SystemSpec
from medbench.scoring.extraction.extract import extract
from medbench.scoring.questions.reading import answer_of, right_answer
from medbench.steps.access.systems import prepare
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.ledger import Ledger

EVERY = pytest.mark.parametrize("name", names_in("pipelines"))


def _tools(name: str, bench: BenchmarkFolder, ledger: Ledger, **settings: Any) -> Tools:
    pictures, pool_pictures = Pictures(bench.path), Pictures(bench.pool_path)
    if name.startswith("baseline-"):
        system = System(name=name, family="baseline", pipeline=name, settings=settings)
        return Tools(system, pictures, bench.pool, pool_pictures)
    spec = SystemSpec(model="echo", pipeline=name, settings=settings)
    who = prepare([spec], Settings(), ledger.folder, bench)[0]
    clients = {stage.role: Client(Echo(stage.model, pictures), stage.model, ledger) for stage in who.stages}
    prompts = {stage.role: stage.prompt for stage in who.stages if stage.prompt}
    return Tools(who.system, pictures, bench.pool, pool_pictures, clients, prompts)


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


@pytest.mark.parametrize(
    "name", ["baseline-best-list", "baseline-joined-references", "baseline-random", "baseline-retrieval"]
)
def test_a_baseline_of_the_pool_never_has_the_words_of_a_case(
    name: str, write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Each reference has a finding of its own: those of the cases are in no answer, those of the pool are."""
    of_cases = ("pneumothorax", "gallstone", "meningioma", "syrinx")
    of_pool = ("splenomegaly", "glioma", "ascites", "hydronephrosis")

    def reference(case: Case) -> Reference:
        words = of_pool if case.case_id.startswith("pool") else of_cases
        text = f"There is {words[int(case.case_id[-3:]) % 4]}."
        return Reference(case_id=case.case_id, source_id=case.case_id, text=text)

    bench = write_benchmark(tmp_path / "planted", 12, pool=12, reference=reference)
    said = " ".join(result.text or "" for result in _answers(name, bench, tmp_path / "run")).casefold()
    assert not [word for word in of_cases if word in said]
    assert [word for word in of_pool if word in said]


def test_the_best_list_is_that_of_the_region(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Its commonest findings first, the graver of two first, denied ones never.

    The engine reads back what it says; of a region where nothing was ever found it says that all is normal.
    """
    texts = [
        "Pleural effusion. Renal cyst. No pneumothorax.",
        "Large left pleural effusion and consolidation. No ascites.",
        "Possible pleural effusion, which is a pleural effusion. Splenomegaly. Consolidation.",
        "Normal study.",
    ]

    def reference(case: Case) -> Reference:
        text = texts[int(case.case_id[-3:])] if case.case_id.startswith("pool") else "Fracture."
        return Reference(case_id=case.case_id, source_id=case.case_id, text=text)

    def one_region(case: Case) -> Case:
        fields = case.model_dump() | {"region": "Head", "digest": ""}
        return Case.model_validate(fields)

    bench = write_benchmark(tmp_path / "list", 2, pool=4, reference=reference)
    tools = _tools("baseline-best-list", bench, Ledger(tmp_path))
    pool = tuple(Example(case=one_region(example.case), text=example.text) for example in tools.pool)
    pipeline = BestList(Tools(tools.system, tools.pictures, pool, tools.pool_pictures))
    text = asyncio.run(pipeline.answer(one_region(next(bench.cases())), 0)).text
    assert text is not None
    assert text.splitlines()[:2] == ["- Pleural effusion.", "- Consolidation."]
    assert text.splitlines()[-1] == "- Renal cyst."
    read = extract(text)
    assert [f"- {one.concept.name.capitalize()}." for one in read] == text.splitlines()
    assert {one.presence for one in read} == {"present"}
    normal = tuple(example for example in pool if example.text == "Normal study.")
    pipeline = BestList(Tools(tools.system, tools.pictures, normal, tools.pool_pictures))
    assert asyncio.run(pipeline.answer(one_region(next(bench.cases())), 0)).text == "Normal study."


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (Question(text="Is there an effusion?", kind="yes/no"), "no"),
        (Question(text="Where?", kind="choice", choices=("Liver", "The lung", "Brain")), "The lung"),
        (Question(text="Where?", kind="choice", choices=("Spleen", "Kidney")), "Spleen"),
        (Question(text="Which organ?", kind="exact"), "heart"),
    ],
)
def test_a_question_gets_the_commonest_answer_of_its_form_in_the_pool(
    question: Question, answer: str, bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """The majority of the pool, whatever the region; of a choice among those offered; it is read as that."""
    yes_no = Question(text="Is it normal?", kind="yes/no")
    choice = Question(text="What?", kind="choice", choices=("A lung", "Liver", "Bone"))
    exact = Question(text="What is it?", kind="exact")
    known = [(yes_no, "No."), (yes_no, "no"), (yes_no, "Yes"), (choice, "A lung"), (choice, "bone")]
    known += [(choice, "lung"), (choice, "Liver"), (exact, "The heart"), (exact, "Heart"), (exact, "liver")]
    pool = tuple(
        Example(case=Case(case_id=f"p{number}", region="Foot", images=(), question=asked), text=text)
        for number, (asked, text) in enumerate(known)
    )
    tools = _tools("baseline-best-list", bench, Ledger(tmp_path))
    case = Case(case_id="x", region="Head", images=(), question=question)
    for examples, expected in ((pool, answer), (pool[::-1], answer)):
        pipeline = BestList(Tools(tools.system, tools.pictures, examples, tools.pool_pictures))
        assert asyncio.run(pipeline.answer(case, 0)).text == expected
    assert answer_of(answer, question) == right_answer(answer, question)
    if question.kind != "choice":
        failure = asyncio.run(BestList(tools).answer(case, 0)).failure
        assert failure is not None
        assert (failure.kind, failure.final) == ("no_pool_case", True)
        assert failure.reason == f"the pool has no question of the form '{question.kind}'"


def test_the_answers_of_the_pool_are_counted_once(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not with every question: of a large pool that would hold up the calls of other systems."""
    read: list[str] = []

    def noted(text: str, question: Question) -> str:
        read.append(text)
        return right_answer(text, question)

    monkeypatch.setattr(baseline_best_list, "right_answer", noted)
    asked = Question(text="Is it normal?", kind="yes/no")
    pool = (Example(case=Case(case_id="p", region="Foot", images=(), question=asked), text="no"),)
    tools = _tools("baseline-best-list", bench, Ledger(tmp_path))
    pipeline = BestList(Tools(tools.system, tools.pictures, pool, tools.pool_pictures))
    for name in "ab":
        case = Case(case_id=name, region="Head", images=(), question=asked)
        assert asyncio.run(pipeline.answer(case, 0)).text == "no"
    assert read == ["no"]


@pytest.mark.parametrize("name", ["baseline-best-list", "baseline-joined-references"])
def test_without_a_pool_case_of_the_region_it_says_so(
    name: str, bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """A final failure that names the region, as of the other baselines of the pool."""
    pipeline = find_part("pipelines", "pipeline", name)(_tools(name, bench, Ledger(tmp_path)))
    failure = asyncio.run(pipeline.answer(Case(case_id="x", region="Foot", images=()), 0)).failure
    assert failure is not None
    assert (failure.kind, failure.final) == ("no_pool_case", True)
    assert "'Foot'" in failure.reason


def test_joined_references_begin_with_the_random_one(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Three different texts of the region, the first being what the random baseline says."""

    def reference(case: Case) -> Reference:
        return Reference(case_id=case.case_id, source_id=case.case_id, text=f"Text of {case.case_id}.")

    bench = write_benchmark(tmp_path / "joined", 6, pool=15, reference=reference)
    joined = [result.text for result in _answers("baseline-joined-references", bench, tmp_path / "a")]
    drawn = [result.text for result in _answers("baseline-random", bench, tmp_path / "b")]
    for text, first in zip(joined, drawn, strict=True):
        parts = (text or "").split("\n\n")
        assert parts[0] == first
        assert len(set(parts)) == 3


def test_retrieval_reads_the_pool_once(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many cases ask at the same time, on every version of Python."""
    read: list[str] = []
    fingerprints = _pool.fingerprints

    def slow(case: Case, pictures: Pictures) -> list[Any]:
        read.append(case.case_id)
        time.sleep(0)  # the other threads get their turn
        return fingerprints(case, pictures)

    monkeypatch.setattr(_pool, "fingerprints", slow)
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
