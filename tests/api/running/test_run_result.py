"""Runs from Python: with and without a running event loop, the defaults of the command line, what failed."""

from __future__ import annotations

import asyncio
import inspect
import json
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import medbench as mb
from medbench.api import judge as judge_api
from medbench.api.running import run as run_api
from medbench.api.running.run_result import missing_outputs
from medbench.errors import StoreError, UsageError
from medbench.steps.access.stop import Stop
from medbench.steps.judge import judge as judge_module
from medbench.steps.run import run as run_module
from medbench.steps.run.unit import Outcome
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.runs import RunFolder

PROVIDER = """
import asyncio, os, signal
from medbench.errors import ProviderError
from medbench.schema.response import Reply

class Odd:
    calls = 0

    def __init__(self, model, pictures):
        pass

    async def ask(self, request):
        Odd.calls += 1
        if Odd.calls == int(os.environ.get("INTERRUPT_AT", "-1")):
            os.kill(os.getpid(), signal.SIGINT)
            while "HEARD" not in os.environ:
                await asyncio.sleep(0)
            await asyncio.sleep(0.01)  # what hears it may be another thread
        if Odd.calls % 3 == 0:
            raise ProviderError("blocked", "not <b>allowed</b>", final=True)
        return Reply(text=f"FINDINGS: There is a mass of {Odd.calls} cm. No effusion.", finish_reason="stop")
"""


@pytest.fixture
def odd(here: Path, module: Callable[[str, str], str]) -> str:
    """A model that is asked one call at a time; every third call fails for good."""
    name = module("odd_provider", PROVIDER)
    (here / "medbench.toml").write_text(
        f'[models.odd]\nprovider = "{name}:Odd"\nid = "m"\nlimits.concurrency = 1\nprice.free = true\n',
        "utf-8",
    )
    return "odd"


@pytest.mark.usefixtures("here", "bench")
def test_without_arguments_the_defaults_of_the_command_line_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """The embedded benchmark and the baselines, in `runs`; progress on stderr, nothing on stdout."""
    result = mb.run(limit=5)
    assert {"baseline-generic", "baseline-normal", "baseline-random", "baseline-retrieval"} < {*result.names}
    assert result["baseline-generic"].path == Path("runs/phantom-40/baseline-generic")
    assert (result.complete, result.problems) == (True, [])
    said = capsys.readouterr()
    assert said.out == ""
    for words in ("No benchmark named: phantom-40", "No model named: the baselines", "baseline-random   "):
        assert words in said.err
    assert repr(result).startswith(f"<RunResult {len(result)}: baseline-best-list, ")


def test_without_progress_nothing_is_said(bench: BenchmarkFolder, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither channel has a line."""
    mb.run(bench, "echo", progress=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("here")
def test_a_run_can_be_called_where_an_event_loop_runs() -> None:
    """As in a notebook: the plain call, `await`, two at a time, and a call in a thread give the same rows."""

    async def cell() -> list[mb.Run]:
        blocking = mb.run(models="echo", limit=3, out="a", progress=False)
        awaited = await mb.run_async(models="echo", limit=3, out="b", progress=False)
        both = await asyncio.gather(
            mb.run_async(models="echo", limit=3, out="c", progress=False),
            mb.run_async(models="echo", limit=3, out="d", progress=False),
        )
        return [result["echo"] for result in (blocking, awaited, *both)]

    runs = asyncio.run(cell())
    runs.append(mb.run(models="echo", limit=3, out="e", progress=False)["echo"])
    thread = threading.Thread(target=lambda: mb.run(models="echo", limit=3, out="f", progress=False))
    thread.start()
    thread.join()
    runs.append(mb.runs("echo", root="f")[0])
    timed = ["latency_ms"]
    frames = [run.to_frame().drop(columns=timed) for run in runs]
    assert len(frames[0]) == 3
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frame, frames[0])


@pytest.mark.usefixtures("here")
def test_models_are_named_in_many_ways(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """With commas, as a list, a TOML file, an entry of `models()`; settings are a mapping or as typed."""
    file = tmp_path / "mine.toml"
    file.write_text('provider = "echo"\nid = "m"\n[settings]\ntemperature = 0.0\nname = "x"\n', "utf-8")
    named: tuple[tuple[Any, list[str]], ...] = (
        ("echo", ["echo"]),
        ("echo, baseline-normal", ["echo"]),
        (["echo"], ["echo"]),
        (file, ["mine"]),
        ([str(file), mb.models(all=True)["echo"]], ["mine", "echo"]),
        ([], []),
        ((), []),
    )
    for models, names in named:
        result = mb.run(bench, models, progress=False)
        assert [run.name for run in result if not run.system.is_floor] == names
    changed = {"temperature": 0.5, "name": "a 'quoted' \"text\""}
    run = mb.run(bench, file, settings=changed, progress=False)[0]
    assert run.system.settings == changed
    typed = mb.run(bench, file, settings=["temperature=0.5"], progress=False)[0]
    assert typed.system.settings["temperature"] == 0.5
    assert typed.name == "mine+temperature=0.5"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"models": "ekho"}, r"no model is called 'ekho'.\nTry:   -m echo"),
        ({"models": ["", " "]}, "names no model"),
        ({"models": "echo", "settings": {"temperatur": 1}}, "is not a setting of echo"),
        ({"models": "echo", "prompt": "comprehensiv"}, "comprehensive"),
        ({"benchmark": "phantom-4O"}, "no benchmark is called 'phantom-4O'"),
        ({"models": "echo", "images": "som"}, "som"),
        ({"limit": 0}, "limit cannot be 0"),
        ({"replicates": 0}, "replicates cannot be 0"),
        ({"concurrency": -1}, "concurrency cannot be -1"),
        ({"max_cost": -0.5}, "max_cost cannot be -0.5"),
        ({"limit": "5"}, "limit cannot be '5'"),
        ({"models": "gemini-flash"}, "no key"),
    ],
)
def test_wrong_arguments_are_errors_and_nothing_is_written(
    here: Path, options: dict[str, Any], words: str
) -> None:
    """Each says what to try; a plain call and an awaited one say the same."""
    with pytest.raises(UsageError, match=words) as error:
        mb.run(**options, progress=False)
    assert error.value.hint
    with pytest.raises(UsageError, match=words):
        asyncio.run(mb.run_async(**options, progress=False))
    assert not (here / "runs").exists()


def test_what_failed_is_in_the_result(bench: BenchmarkFolder, odd: str) -> None:
    """A failure is a row without numbers, and no error; a final one is asked no more."""
    result = mb.run(bench, odd, progress=False)
    run = result["odd"]
    frame = run.to_frame()
    assert frame["failure"].tolist() == [None, None, "blocked"] * 2
    assert frame["text"].isna().tolist() == [False, False, True] * 2
    assert frame.loc[frame["failure"].notna(), "finding.f1"].isna().all()
    assert frame["reason"].tolist()[2] == "not <b>allowed</b>"
    assert (result.complete, result.problems) == (True, [])
    assert len(result.to_frame()) == 6 * len(result)
    estimates = run.estimates.to_frame()
    f1 = estimates[(estimates.metric == "finding.f1") & (estimates.value == "all")].iloc[0]
    assert (f1["n"], f1["missing"]) == (4, 2)
    assert "<b>" not in result._repr_html_() + run._repr_html_()
    assert "not &lt;b&gt;allowed" in run._repr_html_()


def test_what_is_asked_once_more_is_told_from_what_failed_for_good() -> None:
    """Of 52 outputs 16 have no text: two are still to come, and the others are not passed over."""
    done = SimpleNamespace(final_failures=Counter(empty=9, blocked_prompt=5))
    run: Any = SimpleNamespace(left=2, wanted=52, folder=Path("runs/bench/m"), done=done)
    outcome = Outcome(run, open_failures={"blocked_prompt": 2}, first_reason="no")
    assert [*missing_outputs(outcome)] == [
        (
            "m: 2 of 52 outputs are missing (2 blocked prompt); "
            "14 more failed for good (9 empty, 5 blocked prompt)."
        ),
        "  the first: no",
    ]
    done.final_failures = Counter()
    assert next(missing_outputs(outcome)) == "m: 2 of 52 outputs are missing (2 blocked prompt)."


def test_the_same_call_goes_on(bench: BenchmarkFolder, odd: str) -> None:
    """More cases ask for those that are missing only; the call is on record as it would be typed."""
    first = mb.run(bench, odd, limit=2, progress=False)
    assert first.outcomes[0].answered == 2
    again = mb.run(bench, odd, limit=2, progress=False)
    assert [outcome.answered for outcome in again.outcomes] == [0] * len(again)
    whole = mb.run(bench, odd, progress=False)
    assert whole.outcomes[0].answered == 4
    second = mb.run(str(bench.path), [odd], fresh=True, progress=False)
    assert second.names[0] == "odd@2"
    assert RunFolder(first[0].path).head.command == (
        f"medbench.run(benchmark='{bench.path}', models='odd', limit=2)"
    )
    assert second[0].folder.head.command == (
        f"medbench.run(benchmark='{bench.path}', models=['odd'], fresh=True)"
    )


@pytest.mark.parametrize("way", ["plain", "in a loop", "awaited"])
def test_an_interrupt_stops_after_the_calls_in_flight(
    bench: BenchmarkFolder, odd: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """What came is kept, the cell ends with an exception, and the same call completes the run."""
    monkeypatch.setenv("INTERRUPT_AT", "2")
    interrupt = Stop.interrupt

    def heard(stop: Stop) -> None:
        interrupt(stop)
        monkeypatch.setenv("HEARD", "1")

    monkeypatch.setattr(Stop, "interrupt", heard)

    def plain() -> None:
        mb.run(bench, odd, progress=False)

    async def in_a_loop() -> None:
        plain()

    async def awaited() -> None:
        await mb.run_async(bench, odd, progress=False)

    ways: dict[str, Callable[[], object]] = {
        "plain": plain,
        "in a loop": lambda: asyncio.run(in_a_loop()),
        "awaited": lambda: asyncio.run(awaited()),
    }
    stopped = asyncio.CancelledError if way == "awaited" else KeyboardInterrupt
    with pytest.raises(stopped, match=r"^40 outputs are missing, everything that came is kept"):
        ways[way]()
    monkeypatch.delenv("INTERRUPT_AT")
    result = mb.run(bench, odd, progress=False)
    assert result.complete
    assert result.outcomes[0].answered == 4


def test_an_awaited_call_that_ctrl_c_ends_before_anything_is_sent_is_cancelled(
    bench: BenchmarkFolder, odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KeyboardInterrupt would end the notebook's loop, and with it what is awaited beside the call."""
    outputs = mb.run(bench, odd, progress=False)

    def pressed(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(run_module, "new_unit", pressed)
    monkeypatch.setattr(judge_module, "dry_run", pressed)

    async def cell() -> list[Any]:
        calls = mb.run_async(bench, odd, progress=False), mb.judge_async(outputs, judge=odd, progress=False)
        return [*await asyncio.gather(*calls, return_exceptions=True)]

    assert [type(ended) for ended in asyncio.run(cell())] == [asyncio.CancelledError] * 2


@pytest.mark.parametrize("way", ["run", "judge"])
def test_an_awaited_call_that_ctrl_c_finds_while_it_is_planned_sends_nothing(
    bench: BenchmarkFolder, odd: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Also where another one that is awaited beside it takes it, and keeps what came."""
    outputs, went_on = mb.run(bench, odd, progress=False), []

    def pressed(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)
        went_on.append(True)

    async def cell() -> list[Any]:
        stop = Stop()
        with stop.on_interrupt(lambda _: None), monkeypatch.context() as patched:
            patched.setattr(run_api, "plan_run", pressed)
            patched.setattr(judge_api, "plan_judging", pressed)
            call = mb.run_async(bench, odd) if way == "run" else mb.judge_async(outputs, judge=odd)
            return [stop, *await asyncio.gather(call, return_exceptions=True)]

    stop, ended = asyncio.run(cell())
    assert stop.is_set()
    assert isinstance(ended, asyncio.CancelledError)
    assert went_on == []


def test_a_run_of_another_system_is_not_overwritten(here: Path, bench: BenchmarkFolder) -> None:
    """An error of the disk is medbench's, with its hint."""
    file = here / "mine.toml"
    file.write_text('provider = "echo"\nid = "one"\n', "utf-8")
    mb.run(bench, file, progress=False)
    file.write_text('provider = "echo"\nid = "two"\n', "utf-8")
    with pytest.raises(StoreError, match=r"was run as another system(.|\n)*--fresh"):
        mb.run(bench, file, progress=False)


def test_a_dry_run_sends_and_writes_nothing(here: Path) -> None:
    """A row for each system: what is left, calls, tokens, dollars and minutes; unknown is missing."""
    forecast = mb.dry_run("phantom-40", ["echo", "gemini-flash"], limit=5)
    frame = forecast.to_frame().set_index("run")
    assert frame.loc["gemini-flash", ["wanted", "left", "calls"]].tolist() == [5, 5, 5]
    assert 0 < frame.loc["gemini-flash", "usd"] < frame.loc["gemini-flash", "most_usd"]
    assert pd.isna(frame.loc["echo", "tokens_out"])
    assert frame.loc["baseline-normal", ["calls", "usd"]].tolist() == [0, 0]
    assert not (here / "runs").exists()
    data = json.loads(json.dumps(forecast.to_dict(), allow_nan=False))
    assert (data["most_usd"], len(data["systems"])) == (10, len(frame))
    assert repr(forecast) == "<DryRun phantom-40: 10 calls>"
    assert "gemini-flash" in forecast._repr_html_()


def test_the_functions_of_a_run_take_the_same_arguments() -> None:
    """`run`, `run_async` and `dry_run` have the same arguments and defaults, and each its own result."""
    shown = [inspect.signature(each) for each in (mb.run, mb.run_async, mb.dry_run)]
    assert dict(shown[0].parameters) == dict(shown[1].parameters) == dict(shown[2].parameters)
    assert [each.return_annotation for each in shown] == ["RunResult", "RunResult", "DryRun"]
    with pytest.raises(TypeError, match="model_"):
        mb.dry_run(model_="echo")  # type: ignore[call-arg]
