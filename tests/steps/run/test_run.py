"""The step `run`: goes on after anything, asks nothing twice, never gives a failure for an answer."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from exhaustive import spread
from scripted import PROMPT, Scripted, scripted, there_is
from systems import Quiet, prepared

from medbench.client.retry import Policy
from medbench.errors import LockedError, ProviderError, StoreError, UsageError
from medbench.schema.model import ModelFile
from medbench.schema.response import Request, Response
from medbench.schema.run import ModelUse, Output, System
from medbench.steps.access.systems import PreparedSystem
from medbench.steps.run import image_check
from medbench.steps.run import run as run_module
from medbench.steps.run import run_folder as folders
from medbench.steps.run.checks import check_parts
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_folder import find_run
from medbench.steps.run.run_plan import RunPlan
from medbench.steps.run.unit import Outcome, new_unit
from medbench.store.benchmark import BenchmarkFolder, new_folder
from medbench.store.jsonl import read_records
from medbench.store.lock import RunLock
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import EVENTS, OUTPUTS, RunFolder

RESPONSES = "responses.jsonl"


@pytest.fixture(autouse=True)
def _scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the provider an empty memory and its usual answers."""
    monkeypatch.setattr(Scripted, "asked", [])
    monkeypatch.setattr(Scripted, "says", staticmethod(there_is))


def plan_of(bench: BenchmarkFolder, root: Path, *systems: PreparedSystem, **changes: Any) -> RunPlan:
    """One call of `run`, with the scripted system unless others are named."""
    command = changes.pop("command", "medbench run")
    systems = systems or (scripted(),)
    return RunPlan(benchmark=bench.address, systems=systems, root=root, command=command, **changes)


def hooks_of(watcher: Quiet | None = None) -> RunHooks:
    """Hooks without patience."""
    return RunHooks(watcher or Quiet(), policy=Policy(patience_s=0, refused_s=0))


def run(bench: BenchmarkFolder, root: Path, *systems: PreparedSystem, **changes: Any) -> list[Outcome]:
    """Run once."""
    return run_all(plan_of(bench, root, *systems, **changes), hooks_of())


def texts(folder: Path) -> dict[str, str | None]:
    """The output that counts of each case-replicate."""
    return {
        f"{output.case_id}/{output.replicate}": output.text
        for output in outputs_that_count(RunFolder(folder))
    }


def failing(kind: str, *, final: bool, only: str = "") -> Callable[[Request], str]:
    """A script that fails, for the keys that start with `only`."""

    def says(request: Request) -> str:
        if request.case_key.startswith(only):
            raise ProviderError(kind, f"it is {kind}", final=final)
        return f"There is {request.case_key}."

    return says


def test_a_run_asks_each_case_once(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Every case and replicate is asked once; the same line again asks nothing and says so."""
    (outcome,) = run(bench, tmp_path, replicates=2)
    keys = [f"case-{n:03d}/{r}" for n in range(6) for r in range(2)]
    assert sorted(Scripted.asked) == keys
    assert texts(outcome.run.folder) == {key: f"There is {key}." for key in keys}
    assert (outcome.run.wanted, outcome.run.left, outcome.coverage) == (12, 0, 1.0)
    before = {path.name: path.read_bytes() for path in outcome.run.folder.iterdir()}
    (again,) = run(bench, tmp_path, replicates=2)
    assert len(Scripted.asked) == 12
    assert (again.run.left, again.answered) == (0, 0)
    assert (again.run.done.texts, [*again.run.done.cases()]) == (12, []), "which outputs, nobody asks then"
    del before[EVENTS], before["seals.json"]
    assert {name: (outcome.run.folder / name).read_bytes() for name in before} == before


def test_more_replicates_and_cases_add_to_what_is_there(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A larger --limit or --replicates asks what is missing; a smaller one afterwards asks nothing."""
    run(bench, tmp_path, limit=2)
    first = set(Scripted.asked)
    run(bench, tmp_path, limit=4, replicates=2)
    assert len(Scripted.asked) == len(set(Scripted.asked)) == 8
    assert first < set(Scripted.asked)
    (outcome,) = run(bench, tmp_path, limit=3)
    assert len(Scripted.asked) == 8
    assert (outcome.run.wanted, outcome.run.done.texts) == (3, 3)
    assert RunFolder(outcome.run.folder).goals() == ((2, 1), (4, 2), (3, 1))


def test_a_failure_that_may_pass_is_asked_again(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A time-out costs one output; the same line asks for it once more, and the first success stands."""
    Scripted.says = staticmethod(failing("timeout", final=False, only="case-002"))
    (outcome,) = run(bench, tmp_path)
    assert (outcome.run.left, outcome.open_failures, outcome.run.done.texts) == (1, {"timeout": 1}, 5)
    assert texts(outcome.run.folder)["case-002/0"] is None
    (outcome,) = run(bench, tmp_path)
    assert outcome.open_failures == {"timeout": 1}
    Scripted.says = staticmethod(lambda request: f"late {request.case_key}")
    (outcome,) = run(bench, tmp_path)
    assert outcome.run.left == 0
    assert texts(outcome.run.folder)["case-002/0"] == "late case-002/0"
    assert texts(outcome.run.folder)["case-001/0"] == "There is case-001/0."
    assert Counter(Scripted.asked) == {f"case-{n:03d}/0": 3 if n == 2 else 1 for n in range(6)}


def test_a_final_failure_is_never_asked_again(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A blocked case is settled: nothing is left, coverage is below one, no text stands in for it."""
    Scripted.says = staticmethod(failing("blocked", final=True, only="case-002"))
    (outcome,) = run(bench, tmp_path)
    assert (outcome.run.left, outcome.run.done.final_failures) == (0, {"blocked": 1})
    assert outcome.coverage == pytest.approx(5 / 6)
    Scripted.says = staticmethod(lambda _: "an answer after all")
    (outcome,) = run(bench, tmp_path)
    assert texts(outcome.run.folder)["case-002/0"] is None
    assert Counter(Scripted.asked)["case-002/0"] == 1


@pytest.mark.parametrize("said", ["", "  \n\t ", "\u2003"])
def test_an_empty_answer_is_a_failure(bench: BenchmarkFolder, tmp_path: Path, said: str) -> None:
    """An empty text is not an output and no score; it is that case's answer, and not asked for again."""
    Scripted.says = staticmethod(lambda _: said)
    (outcome,) = run(bench, tmp_path)
    assert outcome.run.done.final_failures == {"empty": 6}
    run(bench, tmp_path)
    assert len(Scripted.asked) == 6
    assert set(texts(outcome.run.folder).values()) == {None}


def test_a_changed_image_costs_its_case_alone(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """An image that is not the recorded one is never sent: that case fails, the others have their outputs."""
    image = next(bench.path.glob("images/case-002-1*"))
    image.write_bytes(image.read_bytes() + b"x")
    way = "echo"
    system = scripted("echo").system.model_copy(
        update={"model": ModelUse(name="echo", provider=way, id="echo")}
    )
    (outcome,) = run(bench, tmp_path, prepared(system, ModelFile(provider=way, id="echo"), PROMPT))
    assert (outcome.run.done.texts, outcome.open_failures) == (5, {"image": 1})
    (failure,) = [one.failure for one in read_records(outcome.run.folder / OUTPUTS, Output) if one.failure]
    assert "the benchmark says" in failure.reason


def test_a_system_that_changed_is_not_mixed_with_the_old_one(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Other settings under the same name are refused before anything is sent; --fresh begins a second run."""
    (first,) = run(bench, tmp_path, scripted(a=1))
    before = (first.run.folder / OUTPUTS).read_bytes()
    with pytest.raises(StoreError, match="was run as another system"):
        run(bench, tmp_path, scripted(a=2))
    assert len(Scripted.asked) == 6
    (second,) = run(bench, tmp_path, scripted(a=2), fresh=True)
    assert second.run.folder.name == "scripted@2"
    assert (first.run.folder / OUTPUTS).read_bytes() == before
    (third,) = run(bench, tmp_path, scripted(a=2))
    assert (third.run.folder, third.answered) == (second.run.folder, 0), "without --fresh the latest goes on"
    next_one = find_run(plan_of(bench, tmp_path, fresh=True), bench, scripted(a=2), lambda _: None)
    assert next_one.folder.name == "scripted@3"


def test_a_mistyped_provider_is_answered_with_the_nearest(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A provider that no version has is a typing error; nothing is written."""
    made = scripted()
    wrong = prepared(made.system, ModelFile(provider="opnai", id="m"), PROMPT)
    with pytest.raises(UsageError, match="no provider is called 'opnai'") as caught:
        run(bench, tmp_path / "runs", wrong)
    assert caught.value.hint == "openai"
    assert not (tmp_path / "runs").exists()


def test_a_floor_is_asked_once(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A baseline says the same again: it has one output a case, however many replicates are asked for."""
    model = ModelFile(pipeline="baseline-normal", family="baseline")
    system = System(name="baseline-normal", family="baseline", pipeline="baseline-normal")
    (outcome,) = run(bench, tmp_path, prepared(system, model, None), replicates=3)
    assert (outcome.run.wanted, outcome.run.done.texts) == (6, 6)


def test_the_same_line_goes_on_with_a_fresh_run(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """--fresh begins one second run: typed again it goes on with it until it is complete."""
    run(bench, tmp_path, command="first")
    Scripted.says = staticmethod(failing("timeout", final=False, only="case-002"))
    (second,) = run(bench, tmp_path, command="again --fresh", fresh=True)
    assert (second.run.folder.name, second.run.left) == ("scripted@2", 1)
    Scripted.says = staticmethod(lambda request: f"late {request.case_key}")
    (again,) = run(bench, tmp_path, command="again --fresh", fresh=True)
    assert (again.run.folder.name, again.answered, again.run.left) == ("scripted@2", 1, 0)
    (third,) = run(bench, tmp_path, command="again --fresh", fresh=True)
    assert (third.run.folder.name, third.answered) == ("scripted@3", 6)


def test_a_changed_benchmark_touches_nothing(
    write_benchmark: Callable[..., BenchmarkFolder], bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """A run goes on with the benchmark it began on only; otherwise nothing is sent and nothing written."""
    (outcome,) = run(bench, tmp_path / "runs", limit=3)
    before = {path.name: path.read_bytes() for path in outcome.run.folder.iterdir()}
    other = write_benchmark(tmp_path / "other" / "bench", 7)
    with pytest.raises(StoreError, match="is not what"):
        run(other, tmp_path / "runs")
    assert len(Scripted.asked) == 3
    assert {path.name: path.read_bytes() for path in outcome.run.folder.iterdir()} == before


@pytest.mark.parametrize(
    ("provider", "why"),
    [
        ("nope", "no provider is called 'nope'"),
        ("no_such_mod:Provider", "No module named 'no_such_mod'"),
        ("scripted:Nothing", "Nothing"),
    ],
)
def test_a_missing_provider_is_found_before_anything_is_written(
    bench: BenchmarkFolder, tmp_path: Path, provider: str, why: str
) -> None:
    """A provider that is not there is a usage error that leaves no run folder behind."""
    base = scripted()
    wrong = prepared(base.system, ModelFile(provider=provider, id="x"), PROMPT)
    with pytest.raises(UsageError, match=why):
        check_parts(wrong)
    with pytest.raises(UsageError, match=why):
        run(bench, tmp_path / "runs", scripted("good"), wrong)
    assert not (tmp_path / "runs").exists()
    assert Scripted.asked == []


def test_a_run_without_answers_is_not_touched_by_a_line_that_is_refused(
    bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """What another system of the line lacks is found before the first one takes its new settings."""
    (outcome,) = run(bench, tmp_path, scripted(a=1))
    for name in (OUTPUTS, RESPONSES):
        (outcome.run.folder / name).write_bytes(b"")
    wrong = prepared(scripted().system, ModelFile(provider="nope", id="x"), PROMPT)
    with pytest.raises(UsageError, match="no provider is called 'nope'"):
        run(bench, tmp_path, scripted(a=2), wrong)
    assert RunFolder(outcome.run.folder).head.system.settings == {"a": 1}


def test_a_provider_that_cannot_be_made_is_a_sentence(
    bench: BenchmarkFolder, tmp_path: Path, module: Callable[[str, str], str]
) -> None:
    """A class that does not take a model and a folder is named, with where the contract stands."""
    module("odd_mod", "class Provider:\n    pass\n")
    base = scripted()
    wrong = prepared(base.system, ModelFile(provider="odd_mod:Provider", id="x"), PROMPT)
    with pytest.raises(UsageError, match="'odd_mod:Provider' cannot be made"):
        run(bench, tmp_path, wrong)


def test_a_full_disk_stops_the_run_and_loses_nothing(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No space for a response: an error, nothing used that is not on the disk; with space it goes on."""
    real = os.write
    wrote = [0]

    def full(handle: int, data: bytes) -> int:
        wrote[0] += b'"request_digest"' in bytes(data)
        if wrote[0] > 2 and b'"request_digest"' in bytes(data):
            real(handle, bytes(data)[:30])
            raise OSError(28, "No space left on device")
        return real(handle, data)

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(StoreError, match=r"responses\.jsonl' cannot be written: No space left") as caught:
            run(bench, tmp_path, concurrency=1)
    assert caught.value.hint
    assert len(texts(tmp_path / "bench/scripted")) == 2
    (outcome,) = run(bench, tmp_path)
    assert outcome.run.left == 0
    assert Counter(Scripted.asked) == {f"case-{n:03d}/0": 2 if n == 2 else 1 for n in range(6)}


def test_a_case_that_cannot_be_read_does_not_lose_what_is_in_flight(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the cases break in the middle of a run, the calls in flight are waited for and kept."""
    real = type(bench).cases

    def breaking(self: BenchmarkFolder) -> Iterator[Any]:
        for number, case in enumerate(real(self)):
            if number == 3:
                msg = "the disk is gone"
                raise StoreError(msg)
            yield case

    monkeypatch.setattr(type(bench), "cases", breaking)
    monkeypatch.setattr(image_check, "AT_THE_START", 0)
    with pytest.raises(StoreError, match="the disk is gone"):
        run(bench, tmp_path, concurrency=4)
    assert len(Scripted.asked) == 3
    assert len(texts(tmp_path / "bench/scripted")) == 3


def _torn(folder: Path, name: str) -> Iterator[int]:
    """Every size of a file within its last two lines."""
    data = (folder / name).read_bytes()
    ends = [place for place, byte in enumerate(data) if byte == 10]
    yield from range(ends[-3] + 1, len(data) + 1)


def _around_line_ends(data: bytes, sizes: list[int]) -> set[int]:
    """The sizes at which a cut falls one byte before, at, or after the end of a line."""
    return {size for size in sizes if b"\n" in data[size - 2 : size + 1]}


@pytest.mark.parametrize("name", [OUTPUTS, RESPONSES])
def test_cut_at_every_byte_nothing_is_lost_and_nothing_repeated(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Torn anywhere in the last two lines, the same line completes the run; only torn responses cost a call.

    Where outputs are torn no call is repeated, since the responses are there. Where responses are torn after
    their outputs were written, the outputs stand and nothing is asked either; with both torn, what is asked
    again is exactly what has no whole response line.
    """

    async def here(do: Callable[..., object], *args: object) -> object:
        return do(*args)

    # Many runs: without threads, which have tests of their own.
    monkeypatch.setattr(asyncio, "to_thread", here)
    (outcome,) = run(bench, tmp_path, limit=3, concurrency=1)
    folder, complete = outcome.run.folder, texts(outcome.run.folder)
    kept = {part: (folder / part).read_bytes() for part in (OUTPUTS, RESPONSES, EVENTS)}
    first_output = kept[OUTPUTS].index(b"\n") + 1
    sizes = list(_torn(folder, name))
    assert len(sizes) > 300
    for size in sorted({*spread(sizes, 30), *_around_line_ends(kept[name], sizes)}):
        for part, data in kept.items():
            (folder / part).write_bytes(data)
        (folder / name).write_bytes(kept[name][:size])
        if name == RESPONSES:
            (folder / OUTPUTS).write_bytes(kept[OUTPUTS][:first_output])
        answered = {one.call_for.case_id for one in read_records(folder / RESPONSES, Response)}
        Scripted.asked = []
        (outcome,) = run(bench, tmp_path, limit=3, concurrency=2)
        missing = sorted({f"case-{n:03d}" for n in range(3)} - answered)
        assert sorted(Scripted.asked) == [f"{case}/0" for case in missing]
        assert outcome.run.left == 0
        assert texts(folder) == complete
        lines = [one.case_id for one in read_records(folder / OUTPUTS, Output)]
        assert sorted(lines) == sorted(set(lines)), "every case has exactly one line"
        assert (folder / OUTPUTS).read_bytes().startswith(kept[OUTPUTS][:first_output])


def test_a_system_that_never_began_may_change(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A run folder in which nothing was asked yet takes the system as it is now: there is nothing to mix."""
    (outcome,) = run(bench, tmp_path, scripted(a=1))
    for name in (OUTPUTS, RESPONSES):
        (outcome.run.folder / name).write_bytes(b"")
    (outcome,) = run(bench, tmp_path, scripted(a=2))
    assert outcome.run.left == 0
    assert RunFolder(outcome.run.folder).head.system.settings == {"a": 2}


def test_a_folder_that_another_process_made_meanwhile_is_used(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the run folder appears while it is being made, the one that is there is used: the lock decides."""
    run(bench, tmp_path / "other", limit=1)
    made_elsewhere = tmp_path / "other/bench/scripted"
    folder = tmp_path / "bench/scripted"

    @contextmanager
    def late(target: Path) -> Iterator[Path]:
        if target == folder:
            folder.parent.mkdir(exist_ok=True)
            shutil.copytree(made_elsewhere, folder)
            msg = "Directory not empty"
            raise StoreError(msg)
        with new_folder(target) as made:
            yield made

    monkeypatch.setattr(folders, "new_folder", late)
    (outcome,) = run(bench, tmp_path)
    assert outcome.run.left == 0
    assert len(Scripted.asked) == 6, "the one case that the other one had is not asked again"


def test_ctrl_c_counts_what_was_not_begun(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """After a stop the systems that were not begun stand among the outcomes, with what they lack."""

    def interrupting(request: Request) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return f"There is {request.case_key}."

    run(bench, tmp_path, scripted("third"), limit=2)
    Scripted.says = staticmethod(interrupting)
    systems = [scripted(name) for name in ("first", "second", "third")]
    hooks = hooks_of()
    first, second, third = run_all(plan_of(bench, tmp_path, *systems, concurrency=1), hooks)
    assert hooks.stop.is_set()
    assert (first.run.done.texts, first.run.left) == (1, 5)
    assert (second.run.left, third.run.left) == (6, 4)
    assert not second.run.folder.exists()


def test_ctrl_c_while_runs_are_looked_at_ends_at_once(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written then, and the other systems are not looked at first."""
    begun = []

    def looked_at(*arguments: Any) -> Any:
        begun.append(True)
        signal.raise_signal(signal.SIGINT)
        return new_unit(*arguments)

    monkeypatch.setattr(run_module, "new_unit", looked_at)
    with pytest.raises(KeyboardInterrupt):
        run_all(plan_of(bench, tmp_path, scripted("first"), scripted("second")), hooks_of())
    assert len(begun) == 1
    assert not [*tmp_path.glob("runs/*")]


def test_two_ctrl_c_end_it_at_once(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """The second interrupt is a KeyboardInterrupt for the caller, said in a notice; the lock is free."""

    def twice(request: Request) -> str:
        Scripted.asked.append("again")
        os.kill(os.getpid(), signal.SIGINT)
        if len(Scripted.asked) > 3:
            os.kill(os.getpid(), signal.SIGINT)
        return f"There is {request.case_key}."

    Scripted.says = staticmethod(twice)
    watcher = Quiet()
    with pytest.raises(KeyboardInterrupt):
        run_all(plan_of(bench, tmp_path, concurrency=2), hooks_of(watcher))
    assert len(watcher.notices) == 2
    Scripted.says = staticmethod(lambda request: f"There is {request.case_key}.")
    (outcome,) = run(bench, tmp_path)
    assert outcome.run.left == 0


def test_going_on_after_a_death_is_said(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A lock left behind, a torn line, or both: one notice says what was found; else none."""
    (outcome,) = run(bench, tmp_path, limit=1)
    for lock, tear, expected in (
        (b' {"pid": 4121}', b"{", ["4121", "torn"]),
        (b' {"pid": 4121}', b"", ["4121"]),
        (b" ", b"{", ["torn"]),
        (b" ", b"", []),
    ):
        (outcome.run.folder / ".lock").write_bytes(lock)
        with (outcome.run.folder / OUTPUTS).open("ab") as file:
            file.write(tear)
        watcher = Quiet()
        run_all(plan_of(bench, tmp_path), hooks_of(watcher))
        said = " ".join(watcher.notices)
        assert len(watcher.notices) == bool(expected)
        assert all(word in said for word in expected)


def test_a_running_process_holds_its_folder(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A folder that is locked is not written: the second run is refused and sends nothing."""
    run(bench, tmp_path, limit=1)
    Scripted.asked = []
    with RunLock(tmp_path / "bench/scripted"), pytest.raises(LockedError, match=f"process {os.getpid()}"):
        run(bench, tmp_path)
    assert Scripted.asked == []
