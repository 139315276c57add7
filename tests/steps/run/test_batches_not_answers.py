"""`run --batch` where the file of answers is none: it is asked for again, and nothing is paid for twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from batch_server import BatchServer, lose_creation
from batch_world import BatchWorld, batched_system
from gemini_batch_server import GEMINI_URL

from medbench.client import batch_import
from medbench.providers._http import connections
from medbench.store.benchmark import BenchmarkFolder

PAGE = b"<html><body>Please log in to the hospital's network.</body></html>"
SYSTEMS: dict[str, dict[str, Any]] = {
    "batch_server": {},
    "gemini_batch_server": {
        "provider": "gemini",
        "url": GEMINI_URL,
        "id": "gemini-9-flash",
        "key_env": "GEMINI_BATCH_KEY",
    },
}


@pytest.fixture(params=SYSTEMS)
def server(request: pytest.FixtureRequest) -> BatchServer:
    """Each service with files of answers."""
    found: BatchServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def world(bench: BenchmarkFolder, tmp_path: Path, server: BatchServer) -> BatchWorld:
    """Six cases, whose batch has ended."""
    name = "batch_server" if type(server) is BatchServer else "gemini_batch_server"
    made = BatchWorld(bench, tmp_path / "runs", batched_system(**SYSTEMS[name]))
    made.line()
    server.end()
    return made


def _downloads(monkeypatch: pytest.MonkeyPatch, server: BatchServer, content: Any) -> None:
    """Answer downloads with something else: bytes, or what a function makes of the right ones."""

    def handle(request: httpx.Request) -> httpx.Response:
        answer = server.handle(request)
        if request.url.path.endswith(("/content", ":download")):
            made = content(answer.content) if callable(content) else content
            return httpx.Response(200, content=made, headers={"content-type": "text/html"})
        return answer

    monkeypatch.setattr(connections, "transport", lambda: httpx.MockTransport(handle))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (PAGE + b"\n", "1 line of something else, and none of them"),
        (b"", "nothing, and none of them"),
        (b'{"error": {"code": 503, "message": "try later"}}', "1 line of something else"),
        (b"[]\nnull\n7\n", "3 lines of something else"),
        (PAGE, "ends in the middle of a line"),
        (lambda right: right[:-9], "ends in the middle of a line"),
    ],
)
def test_what_is_no_answer_is_not_taken_for_a_batch_without_answers(
    world: BatchWorld, server: BatchServer, monkeypatch: pytest.MonkeyPatch, content: Any, says: str
) -> None:
    """A page of a proxy with status 200, nothing, an error, the first part: all was paid for."""
    with monkeypatch.context() as wrong:
        _downloads(wrong, server, content)
        for _ in range(2):
            outcome = world.line()
            assert (outcome.waiting, outcome.run.left, outcome.open_failures) == (1, 6, {})
            assert "not known: " in world.said[-1]
            assert says in world.said[-1]
    _downloads(monkeypatch, server, lambda right: right)
    assert world.line().waiting == 0
    world.check_complete()
    assert len(server.batches) == 1
    assert len(server.billed) == len(set(server.billed)), "nothing was billed twice"


def test_answers_that_never_come_are_given_up_after_a_week(
    world: BatchWorld, server: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a batch that its service forgot: the screen says that they may have been paid for."""
    with monkeypatch.context() as wrong:
        _downloads(wrong, server, b"")
        world.wait(days=8)
        outcome = world.line()
        assert (outcome.waiting, outcome.run.left) == (0, 6)
        assert any("may have been paid for" in " ".join(words.split()) for words in world.said)
    _downloads(monkeypatch, server, lambda right: right)
    world.line()
    server.end()
    world.line()
    world.check_complete()


def test_a_line_without_an_end_is_not_held_in_memory(
    world: BatchWorld, server: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is of no request; those after it are read."""
    monkeypatch.setattr(batch_import, "_LONGEST", 4096)
    endless = json.dumps({"key": "x" * 20_000, "custom_id": "x" * 20_000}).encode() + b"\n"
    _downloads(monkeypatch, server, lambda right: endless + right)
    assert world.line().waiting == 0
    assert "1 under no known key, not counted" in world.said[-1]
    world.check_complete()


@pytest.mark.parametrize(
    "page",
    [
        b'{"error": {"code": 503, "message": "try later"}}',
        b"[]",
        b'{"data": 7, "operations": {}}',
        b'{"status": "ok"}',
    ],
)
def test_what_is_no_list_does_not_make_a_batch_lost(
    bench: BenchmarkFolder, tmp_path: Path, server: BatchServer, monkeypatch: pytest.MonkeyPatch, page: bytes
) -> None:
    """A batch whose creation was not answered may be there: only a list without it says that it is not."""
    name = "batch_server" if type(server) is BatchServer else "gemini_batch_server"
    world = BatchWorld(bench, tmp_path / "runs", batched_system(**SYSTEMS[name]))

    server.after = lose_creation
    world.line()
    server.after = lambda _: None
    world.wait(minutes=3)

    def handle(request: httpx.Request) -> httpx.Response:
        answer = server.handle(request)
        is_list = request.method == "GET" and request.url.path.endswith("/batches")
        headers = {"content-type": "application/json"}
        return httpx.Response(200, content=page, headers=headers) if is_list else answer

    with monkeypatch.context() as wrong:
        wrong.setattr(connections, "transport", lambda: httpx.MockTransport(handle))
        assert world.line().waiting == 1
        assert "not known: the server's answer is not a list of" in world.said[-1]
    assert world.line().waiting == 1
    assert len(server.batches) == 1
    server.end()
    world.line()
    world.check_complete()
