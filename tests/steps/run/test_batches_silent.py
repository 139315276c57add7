"""`run --batch` and a service that takes a request and never answers: nothing is sent twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from batch_server import BatchServer
from batch_world import BatchWorld, batched_system
from gemini_batch_server import GEMINI_URL, GeminiBatchServer

from medbench import deadline
from medbench.api.waiting import in_full
from medbench.client import batch_tokens, patience
from medbench.providers._http import connections
from medbench.steps.access import waiting
from medbench.store.benchmark import BenchmarkFolder


class SilentError(Exception):
    """A request is not answered."""


class Silence:
    """Stands between medbench and a server, and keeps back the answers to one step."""

    def __init__(self, server: BatchServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self._server, self._patch = server, monkeypatch
        monkeypatch.setattr(connections, "transport", lambda: httpx.MockTransport(self._handle))

    def begin(self, step: str, *, arrives: bool = True) -> None:
        """Answer a step no more; `arrives` says whether the server works on it all the same."""

        def keep_back(at: str) -> None:
            if at == step:
                raise SilentError

        self.end()
        setattr(self._server, "after" if arrives else "before", keep_back)
        self._patch.setattr(deadline, "ANSWER_S", 0.5)

    def end(self) -> None:
        """Answer again."""
        self._server.before = self._server.after = lambda _: None
        self._patch.setattr(deadline, "ANSWER_S", 60.0)

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        try:
            return self._server.handle(request)
        except SilentError:
            await asyncio.Event().wait()
            raise


@pytest.fixture
def world(bench: BenchmarkFolder, tmp_path: Path, batch_server: BatchServer) -> BatchWorld:
    """Six cases, and a server of batches."""
    assert batch_server.batches == {}
    return BatchWorld(bench, tmp_path / "runs")


@pytest.fixture
def silence(batch_server: BatchServer, monkeypatch: pytest.MonkeyPatch) -> Silence:
    """A server that answers, until it is told not to."""
    return Silence(batch_server, monkeypatch)


def _collected(world: BatchWorld, server: BatchServer) -> None:
    server.end()
    assert world.line().waiting == 0
    world.check_complete()
    assert len(server.billed) == len(set(server.billed)), "nothing was billed twice"


@pytest.mark.parametrize("arrives", [True, False])
def test_a_creation_without_an_answer_is_looked_for(
    world: BatchWorld, batch_server: BatchServer, silence: Silence, arrives: bool
) -> None:
    """Its requests count as under way until the service says that it has no such batch."""
    silence.begin("create", arrives=arrives)
    outcome = world.line()
    assert outcome.waiting == 1
    assert outcome.given_up is not None
    assert "was sent, and no answer came: no answer within" in outcome.given_up.message
    silence.end()
    assert world.line().waiting == 1, "no second batch while the first may be created yet"
    assert len(batch_server.batches) == arrives
    world.wait(minutes=3)
    assert world.line().waiting == 1
    assert len(batch_server.batches) == 1
    _collected(world, batch_server)


def test_an_upload_without_an_end_is_made_again(
    world: BatchWorld, batch_server: BatchServer, silence: Silence
) -> None:
    """No batch was asked for, so that none can be billed."""
    silence.begin("upload")
    outcome = world.line()
    assert outcome.given_up is not None
    assert "the service took no batch: no end of the upload within" in outcome.given_up.message
    assert [list(batch.events) for batch in world.batches()] == [["refused"]]
    silence.end()
    assert world.line().waiting == 1
    _collected(world, batch_server)


@pytest.mark.parametrize("step", ["state", "download"])
def test_a_batch_that_cannot_be_asked_after_is_waited_for(
    world: BatchWorld, batch_server: BatchServer, silence: Silence, step: str
) -> None:
    """It is under way, as far as anybody knows."""
    world.line()
    batch_server.end()
    silence.begin(step)
    outcome = world.line()
    assert (outcome.waiting, outcome.run.left) == (1, 6)
    assert "not known: " in world.said[-1]
    silence.end()
    _collected(world, batch_server)
    assert len(batch_server.batches) == 1


def test_silence_about_one_batch_counts_for_the_next(
    world: BatchWorld, silence: Silence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them are waited for as long as one, and each a little: the service may know the next."""
    world.line(limit=3)
    world.line()
    given: list[float] = []
    whole = deadline.in_time

    async def in_time(call: Any, what: str, seconds: float) -> Any:
        given.append(seconds)
        return await whole(call, what, seconds)

    silence.begin("state")
    monkeypatch.setattr(patience, "SHORTEST_S", 0.01)
    for name, value in {"in_time": in_time, "ANSWER_S": 0.05}.items():
        monkeypatch.setattr(deadline, name, value)
    assert world.line().waiting == 2
    assert given == [0.05, 0.01]


def test_a_list_that_never_comes_does_not_make_a_batch_lost(
    world: BatchWorld, batch_server: BatchServer, silence: Silence
) -> None:
    """Whether it was created is unknown for as long as the service does not say."""
    silence.begin("create")
    world.line()
    world.wait(minutes=3)
    silence.begin("list")
    assert world.line().waiting == 1
    assert "not known: no list of batches within" in world.said[-1]
    silence.end()
    assert world.line().waiting == 1
    _collected(world, batch_server)
    assert len(batch_server.batches) == 1


def test_a_cancellation_without_an_answer_is_asked_for_again(
    world: BatchWorld, batch_server: BatchServer, silence: Silence
) -> None:
    """The batch is under way until then, and none of its calls is asked one by one."""
    options: dict[str, Any] = {"batch_then": "live", "batch_deadline_h": 26.0}
    world.line(**options)
    world.wait(hours=27)
    silence.begin("cancel", arrives=False)
    assert world.line(**options).waiting == 1
    assert "cancelled" not in world.batches()[0].events
    assert batch_server.live == []
    silence.end()
    world.line(**options)
    assert "cancelled" in world.batches()[0].events
    _collected(world, batch_server)


def test_a_creation_by_googles_client_ends_too(
    bench: BenchmarkFolder,
    tmp_path: Path,
    gemini_batch_server: GeminiBatchServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The SDK has no deadline of its own here; the batch that it made is adopted."""
    system = batched_system("gemini", GEMINI_URL, id="gemini-9-flash", key_env="GEMINI_BATCH_KEY")
    world, silence = BatchWorld(bench, tmp_path / "runs", system), Silence(gemini_batch_server, monkeypatch)
    silence.begin("create")
    assert world.line().waiting == 1
    silence.end()
    world.wait(minutes=3)
    assert world.line().waiting == 1
    assert len(gemini_batch_server.batches) == 1
    _collected(world, gemini_batch_server)


@pytest.mark.parametrize(
    ("step", "asked"),
    [
        ("count", "count"),
        ("upload", "end of the upload"),
        ("create", "answer"),
        ("state", "state"),
        ("download", "end of the download"),
        ("list", "list of batches"),
        ("cancel", "answer to its cancellation"),
    ],
)
def test_what_is_waited_for_is_told(
    world: BatchWorld,
    batch_server: BatchServer,
    silence: Silence,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    asked: str,
) -> None:
    """Each second, and until when: a person sees that the service is silent, not that all stands still."""
    options: dict[str, Any] = {"batch_then": "live", "batch_deadline_h": 26.0} if step == "cancel" else {}
    batch_server.counts = step == "count"
    if step in {"state", "download", "list", "cancel"}:
        if step == "list":
            silence.begin("create")
        world.line(**options)
        world.wait(hours=27 * (step == "cancel"), minutes=3)
    if step == "download":
        batch_server.end()
    monkeypatch.setattr(waiting, "EVERY_S", 0.01)
    monkeypatch.setattr(batch_tokens, "PATIENCE_S", 0.2)
    silence.begin(step)
    world.line(**options)
    told = [one for one in world.waits if one.asked == asked]
    assert told
    assert told[0].silent_s < 0.4, "each question has a silence of its own"
    assert (told[0].left_s > 0) == (step != "download")
    assert in_full(told[0]).startswith(f"no answer for 0 s: no {asked} yet from the service of batches")
