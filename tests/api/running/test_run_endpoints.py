"""`mb.run(with_endpoint=True)`: from a script and a notebook, and nothing stays up."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import threading
from pathlib import Path

import pytest
from vertex_cloud import Cloud, FakeTime

import medbench as mb
from medbench.api.running.run_result import RunResult
from medbench.endpoints.clock import Clock
from medbench.errors import UnfinishedError, UsageError

pytestmark = pytest.mark.usefixtures("bench")


@pytest.fixture(autouse=True)
def moving(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeTime:
    """A clock that begins now, and moves when somebody waits; the folder is empty."""
    monkeypatch.chdir(tmp_path)
    made = FakeTime(dt.datetime.now(dt.UTC).replace(microsecond=0))
    monkeypatch.setattr("medbench.endpoints.clock.system_clock", lambda: Clock(made.now, made.sleep))
    return made


def _run(*, accept_eula: bool = False) -> RunResult:
    return mb.run(
        "bench", "medgemma-4b", limit=2, with_endpoint=True, accept_eula=accept_eula, progress=False
    )


def test_price_and_licence_are_shown_before_they_are_accepted(cloud: Cloud) -> None:
    """The error has what a person has to read; nothing is asked for, by a dry run neither."""
    with pytest.raises(
        UsageError, match=r"accepted.\n.*\n\$1.15 an hour(.|\n)*Licence: (.|\n)*accept_eula=True"
    ):
        _run()
    with pytest.raises(UsageError, match="a run that blocks"):
        asyncio.run(mb.run_async("bench", "medgemma-4b", with_endpoint=True, accept_eula=True))
    planned = mb.dry_run("bench", "medgemma-4b", limit=2, with_endpoint=True)
    assert planned.problems == []
    assert not [line for line in cloud.log if line.endswith(":deploy")]


@pytest.mark.parametrize("notebook", [False, True])
def test_it_is_up_for_the_run_only(cloud: Cloud, notebook: bool) -> None:
    """Put up, asked, taken down; also where an event loop runs already."""

    async def cell() -> RunResult:
        return _run(accept_eula=True)

    result = asyncio.run(cell()) if notebook else _run(accept_eula=True)
    assert result.complete
    assert cloud.is_empty
    assert [line for line in cloud.log if line.endswith(":deploy")]
    assert "with_endpoint=True, accept_eula=True" in result["medgemma-4b"].folder.head.command


def test_the_interrupt_of_a_notebook_while_it_comes_up_leaves_nothing(cloud: Cloud, moving: FakeTime) -> None:
    """Ctrl-C arrives where the event loop runs; the work is in another thread, and takes it down."""
    cloud.polls = 10**9
    pressed = threading.Event()

    def press(seconds: float) -> None:
        if not pressed.is_set() and any(line.endswith(":deploy") for line in cloud.log):
            pressed.set()
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        if pressed.is_set():  # the clock stands still until it is heard: nothing else ends the waiting
            moving.at -= dt.timedelta(seconds=seconds)

    async def cell() -> None:
        _run(accept_eula=True)

    moving.on_sleep = press
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(cell())
    assert pressed.is_set()
    assert cloud.is_empty


def test_what_may_still_be_up_is_an_error(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers are kept, and who reads no progress is told all the same."""
    monkeypatch.setattr("medbench.steps.endpoint.session.all_down", lambda *_: False)
    with pytest.raises(UnfinishedError, match="may still be up"):
        _run(accept_eula=True)
    assert mb.runs("medgemma-4b")[0].state.texts == 2
