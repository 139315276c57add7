"""An error of the code on one text: what it worked on is named, and no number stands for it."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import broken_engine
import pytest
from broken_engine import HARD
from scripted import Scripted, scripted, scripted_with, write_models
from systems import Quiet

import medbench as mb
from medbench.datasets import dependence
from medbench.datasets.source import SourceCase
from medbench.errors import FaultError, UsageError
from medbench.faults import begins, naming
from medbench.judging.canaries import CanaryCase, plan_canaries
from medbench.pipelines.single import Pipeline
from medbench.schema.model import Limits
from medbench.schema.reference import Reference
from medbench.schema.run import Event, Output, System
from medbench.scoring import findings
from medbench.steps.rescore.rescore import Rescorer
from medbench.steps.run.dry_run import planned
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import EVENTS, HEAD, OUTPUTS, SCORES, SUMMARY, RunFolder, new_head

pytestmark = pytest.mark.usefixtures("broken_engine")


def _run(folder: Path, bench: BenchmarkFolder, texts: list[str]) -> RunFolder:
    folder.mkdir(parents=True)
    system = System(name=folder.name, family="other", pipeline="single")
    write_one(folder / HEAD, new_head(folder, bench, system, "medbench run"))
    cases = [case.case_id for case in bench.cases()]
    outputs = [
        Output(case_id=case, case_digest="d", text=text)
        for case, text in zip(cases[: len(texts)], texts, strict=True)
    ]
    write_records(folder / OUTPUTS, outputs)
    write_records(folder / EVENTS, [Event(at="2026", kind="started", pid=1)])
    return RunFolder(folder)


def test_an_output_that_cannot_be_scored_is_named(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Run, case and replicate, the error and its place; what was scored before stays, byte for byte."""
    run = _run(tmp_path / "runs/bench/s", bench, ["A mass.", "No effusion."])
    Rescorer().rescore(run)
    before = [(run.path / name).read_bytes() for name in (SCORES, SUMMARY)]
    cases = [case.case_id for case in bench.cases()]
    outputs = [Output(case_id=cases[1], replicate=3, case_digest="d", text=f"A {HARD}.")]
    write_records(run.path / OUTPUTS, outputs)
    findings._said.cache_clear()
    with pytest.raises(FaultError) as caught:
        Rescorer().rescore(run)
    said = caught.value.message
    assert f"'{run.path}', case '{cases[1]}', replicate 3: the output cannot be scored" in said
    assert (
        f"IndexError 'tuple index out of range' in {Path(broken_engine.__file__).as_posix()}, line " in said
    )
    assert "no score of the run was written" in said
    assert "report this line" in caught.value.hint
    assert [(run.path / name).read_bytes() for name in (SCORES, SUMMARY)] == before


def test_other_runs_are_scored_all_the_same(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """`rescore` of several runs ends with the error, after those that can be scored."""
    texts = {"a": "A mass.", "b": f"A {HARD}.", "c": "A cyst."}
    runs = [_run(tmp_path / "runs/bench" / name, bench, [text]) for name, text in texts.items()]
    with pytest.raises(FaultError, match="2 other runs were scored") as caught:
        mb.rescore(runs, progress=False)
    assert f"'{runs[1].path}', case" in str(caught.value)
    assert [(run.path / SUMMARY).is_file() for run in runs] == [True, False, True]


@pytest.mark.usefixtures("bench")
def test_a_run_ends_with_the_rows_that_can_be_scored(
    monkeypatch: pytest.MonkeyPatch, medbench: Callable[..., Any]
) -> None:
    """The one that cannot be is named below them, and the exit code says it; so for a notebook."""
    monkeypatch.setattr(
        Scripted, "says", staticmethod(lambda request: f"A {HARD}." if request.model == "two" else "A mass.")
    )
    write_models("one", "two")
    said = medbench("run", "bench", "-m", "./one.toml,./two.toml")
    assert said.code == 1
    table = said.out.partition("finding F1")[0]
    assert ("\none " in table, "\ntwo " in table) == (True, False)
    assert "Not in the table: 'runs/bench/two', case 'case-000', replicate 0: the output can" in said.words
    assert "Try: report this line" in said.words
    assert "Wrote runs/bench/" in said.words
    result = mb.run("bench", ["./one.toml", "./two.toml"], progress=False)
    assert "Not in the table: 'runs/bench/two'" in " ".join(str(result).split())

    monkeypatch.setattr(Scripted, "says", staticmethod(lambda _: f"A {HARD}."))
    write_models("three")
    alone = medbench("run", "bench", "-m", "./three.toml", "--limit", "1")
    assert (alone.code, "Not in the table: 'runs/bench/three'" in alone.words) == (1, True)


def test_a_reference_that_cannot_be_read_is_named_instead_of_the_output(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Of the case itself, or of another one that stands in the swap control."""

    def reference(case: object) -> Reference:
        name = case.case_id  # type: ignore[attr-defined]
        return Reference(case_id=name, source_id=name, text=f"A {HARD}." if name.endswith("3") else "A mass.")

    bench = write_benchmark(tmp_path / "hard", 4, reference=reference)
    run = _run(tmp_path / "runs/hard/s", bench, ["A nodule."])
    with pytest.raises(FaultError, match="nothing can be scored against the reference of case 'case-003'"):
        Rescorer(swap="any").rescore(run)


def test_a_pipeline_that_fails_names_its_case(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came before it is kept, and the same line asks nothing twice."""
    monkeypatch.setattr(Scripted, "asked", [])
    plan = RunPlan(benchmark=bench.address, systems=(scripted(),), root=tmp_path / "runs", command="run")
    whole, parts = Pipeline.answer, {"words": None}

    async def answer(self: Pipeline, case: mb.Case, replicate: int) -> object:
        result = await whole(self, case, replicate)
        return parts["finding"] if case.case_id == "case-002" else result

    with monkeypatch.context() as broken:
        broken.setattr(Pipeline, "answer", answer)
        with pytest.raises(FaultError) as caught:
            run_all(plan, RunHooks(Quiet()))
    place = "case 'case-002', replicate 0: pipeline 'single' failed"
    assert f"{place}: KeyError 'finding' in {__file__}, line" in str(caught.value)
    asked = len(Scripted.asked)
    assert run_all(plan, RunHooks(Quiet()))[0].run.left == 0
    assert len(Scripted.asked) == len(set(Scripted.asked)) > asked - 1


def test_a_pipeline_without_a_plan_is_named_before_anything_is_sent(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a run, with a ceiling and without, and by its dry run; no run is begun."""

    def plan(*_: object) -> NoReturn:
        raise KeyError("finding")

    monkeypatch.setattr(Pipeline, "plan", plan)
    of_run = RunPlan(benchmark=bench.address, systems=(scripted(),), root=tmp_path / "runs", command="run")
    said = "'scripted', case 'case-000': pipeline 'single' has no plan: KeyError 'finding' in "
    with pytest.raises(FaultError) as caught:
        planned(of_run, (), "", lambda _: None)
    assert caught.value.message.startswith(said)
    images = scripted_with(limits=Limits(images=1))
    with pytest.raises(FaultError, match="pipeline 'single' has no plan"):
        run_all(of_run.model_copy(update={"systems": (images,)}), RunHooks(Quiet()))
    assert not (tmp_path / "runs").exists()


def test_a_provider_whose_code_fails_is_named(
    bench: BenchmarkFolder, tmp_path: Path, module: Callable[[str, str], str]
) -> None:
    """Where it is made: its model, its name, and the line."""
    code = "class Provider:\n    def __init__(self, model, pictures):\n        {}['key']\n"
    module("failing_mod", f"{code}\n    async def ask(self, request): ...\n")
    system = scripted_with(provider="failing_mod:Provider")
    of_run = RunPlan(benchmark=bench.address, systems=(system,), root=tmp_path / "runs", command="run")
    with pytest.raises(FaultError, match="'failing_mod:Provider' cannot be made: KeyError 'key' in"):
        run_all(of_run, RunHooks(Quiet()))
    assert not (tmp_path / "runs").exists()


def test_a_reference_that_cannot_be_read_ends_the_build_by_name() -> None:
    """The case of the source is named."""
    cases = [SourceCase(name, "Head", (), text) for name, text in [("a", "A mass."), ("b", f"A {HARD}.")]]
    with pytest.raises(FaultError, match="the findings of the reference of 'b' cannot be read: IndexError"):
        dependence.grouped(cases, [None, None])


def test_a_canary_that_cannot_be_made_names_its_reference() -> None:
    """The probe and the case are named."""
    cases = [CanaryCase("case-7", "Head", None, f"A {HARD} and a mass.")]
    with pytest.raises(FaultError, match="cannot be made of the reference of case 'case-7'"):
        plan_canaries(wanted=400, cases=cases, graded=[], done=[], seed=1, runs=1)


def test_a_text_at_hand_is_named_by_its_beginning(tmp_path: Path) -> None:
    """`mb.score`, `mb.findings` and `validate-metric` quote it; the cause stays for a notebook."""
    text = f"There is a {HARD}, " + "with a mass of the left lung, " * 9
    with pytest.raises(FaultError, match=r"the text 'There is a zyxt, .*…' cannot be scored") as caught:
        mb.score(text, "A mass.")
    assert isinstance(caught.value.__cause__, IndexError)
    with pytest.raises(FaultError, match=r"the findings of 'There is a zyxt, .*…' cannot be read"):
        mb.findings(text)
    file = tmp_path / "ratings.jsonl"
    row = {"reference": "A mass.", "candidate": text, "rating": 3}
    file.write_text(json.dumps(row), "utf-8")
    with pytest.raises(FaultError, match=r"candidate 'There is a zyxt, .*…' cannot be scored against"):
        mb.validate_metric(file)


def _raise(error: BaseException) -> NoReturn:
    raise error


def test_a_fault_is_placed_in_code_that_is_no_library() -> None:
    """The innermost line of medbench or of a plugin, not of a library that it calls."""
    with (
        pytest.raises(FaultError, match=r"JSONDecodeError .* in \S+test_faults.py, line \d+\."),
        naming("x"),
    ):
        json.loads("[")
    with (
        pytest.raises(FaultError, match=r"AttributeError .* in medbench/faults.py, line \d+\."),
        naming("x"),
    ):
        begins(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error", [UsageError("wrong."), FileNotFoundError("gone"), MemoryError(), KeyboardInterrupt()]
)
def test_errors_that_name_their_thing_pass(error: BaseException) -> None:
    """An error on purpose, of the system, and Ctrl-C stay what they are."""
    with pytest.raises(type(error)) as caught, naming("nothing can be done"):
        _raise(error)
    assert caught.value is error


def test_a_fault_goes_from_one_process_to_another() -> None:
    """Pickled, as by processes that score, it says the same; of two nested ones the inner one names it."""
    with pytest.raises(FaultError) as caught, naming("outer"), naming("'b'", "Kept.", "mend it"):
        _raise(ValueError("two\nlines"))
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.message.startswith("'b': ValueError 'two lines' in ")
    assert again.message.endswith(". Kept.")
    assert begins("a  b\n") == "'a b'"
