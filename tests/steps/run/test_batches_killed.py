"""`run --batch` killed with SIGKILL at every step: nothing is billed twice, and no answer is lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import httpx
import pytest
from batch_server import BatchServer
from batch_world import BatchWorld, batched_system
from forked import Forked
from vertex_batch_server import VertexBatchServer, vertex_system

from medbench.store.benchmark import BenchmarkFolder

LINE = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
fixtures, bench, root, service, url, time, die_at = sys.argv[1:]
sys.path.insert(0, fixtures)
from batch_world import BatchWorld, batched_system
from vertex_batch_server import vertex_system
from medbench.store.benchmark import BenchmarkFolder

REAL, WRITES = os.write, [0]

def dying(handle, data):
    # In the middle of a line of the ledger: the first half of it is on the disk, torn.
    if b'"request_digest"' in bytes(data):
        WRITES[0] += 1
        if WRITES[0] == int(die_at):
            REAL(handle, bytes(data)[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
    return REAL(handle, data)

os.write = dying
system = {"openai": batched_system, "vertex": vertex_system}[service](url=url)
world = BatchWorld(BenchmarkFolder(Path(bench)), Path(root), system)
world.time = datetime.fromisoformat(time)
world.line()
"""


class LostError(Exception):
    """A request is under way, while whoever sent it is dead."""


@contextmanager
def _on_a_socket(server: BatchServer, late: SimpleQueue[httpx.Request]) -> Iterator[str]:
    """Let a server be asked at a real address, so that a process can be killed while it is asked.

    Args:
        server: The server.
        late: Takes the requests that have not arrived when their sender is dead.
    """

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.headers.get("transfer-encoding") == "chunked":
                body = _unchunked(self.rfile)
            url = f"http://127.0.0.1{self.path}"
            asked = httpx.Request(self.command, url, headers=dict(self.headers.items()), content=body)
            try:
                answer = server.handle(asked)
            except LostError:
                late.put(asked)
                return
            try:
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.content)
            except OSError:
                pass  # whoever asked is dead

        do_GET = do_POST = _answer  # noqa: N815 - names of the base class

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}/v1"
        finally:
            listening.shutdown()
            thread.join()


def _unchunked(file: Any) -> bytes:
    parts = []
    while size := int(file.readline(), 16):
        parts.append(file.read(size))
        file.readline()
    return b"".join(parts)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> BatchServer:
    """A server of batches, not yet on a socket."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return BatchServer()


def _killed_line(
    world: BatchWorld, server: BatchServer, url: str, moment: str, step: str, service: str = "openai"
) -> None:
    """Type the line in a process of its own, and kill it at a step of the server, or at a write."""
    fixtures = Path(__file__).resolve().parents[2] / "fixtures"
    die_at = step if moment == "write" else "0"
    arguments = [fixtures, world.bench.path, world.root, service, url, world.time.isoformat(), die_at]
    process = Forked(LINE, *arguments, folder=world.root.parent)

    def kill(at: str) -> None:
        if at == step:
            process.send_signal(signal.SIGKILL)
            process.end()
            if moment == "before":
                raise LostError

    if moment != "write":
        setattr(server, moment, kill)
    code, _, err = process.end()
    assert code == -signal.SIGKILL, err
    server.before = server.after = lambda _: None


def _complete(world: BatchWorld, server: BatchServer) -> None:
    """Type the line until it has nothing to do, and check that each request was billed once."""
    for _ in range(4):
        server.end()
        if world.line().run.left == 0:
            break
    world.check_complete()
    assert len(server.billed) == len(set(server.billed)) == 6 + 3, "each once, and three checks"
    assert len(server.batches) == 1
    assert server.live == []


@pytest.mark.parametrize(
    ("moment", "step", "loses_metadata"),
    [
        ("after", "count", False),
        ("after", "upload", False),
        ("before", "create", False),
        ("after", "create", False),
        ("after", "create", True),
    ],
)
def test_killed_while_it_sends(
    bench: BenchmarkFolder,
    tmp_path: Path,
    server: BatchServer,
    moment: str,
    step: str,
    loses_metadata: bool,
) -> None:
    """A batch that was created is found by its name, or its file; one that was not is created once."""
    server.loses_metadata, server.counts = loses_metadata, True
    with _on_a_socket(server, SimpleQueue()) as url:
        world = BatchWorld(bench, tmp_path / "runs", batched_system(url=url))
        _killed_line(world, server, url, moment, step)
        created = len(server.batches)
        assert created == (moment == "after" and step == "create")
        if (moment, step) == ("before", "create"):
            assert world.line().waiting == 1, "its creation may be under way"
            assert "it may be created yet" in world.said[-1]
            world.wait(minutes=3)
        assert world.line().waiting == 1
        assert len(server.batches) == 1
        (*_, batch) = world.batches()
        assert (batch.events["created"].said == "found by its name") == (created == 1)
        _complete(world, server)


def test_a_batch_that_is_created_after_its_sender_is_dead(
    bench: BenchmarkFolder, tmp_path: Path, server: BatchServer
) -> None:
    """The next line does not find it yet, sends nothing, and the one after that adopts it."""
    late: SimpleQueue[httpx.Request] = SimpleQueue()
    with _on_a_socket(server, late) as url:
        world = BatchWorld(bench, tmp_path / "runs", batched_system(url=url))
        _killed_line(world, server, url, "before", "create")
        world.wait(seconds=30)
        world.line()
        assert not server.batches
        server.handle(late.get(timeout=60))  # its thread sees the death a moment later than this one
        world.wait(minutes=3)
        assert world.line().waiting == 1
        _complete(world, server)


@pytest.mark.parametrize(
    ("moment", "step", "loses_metadata"),
    [
        ("after", "upload", False),
        ("before", "create", False),
        ("after", "create", False),
        ("after", "create", True),
        ("after", "objects", False),
        ("after", "download", False),
    ],
)
def test_killed_on_the_way_through_a_bucket(
    bench: BenchmarkFolder,
    tmp_path: Path,
    unreached_vertex_server: VertexBatchServer,
    moment: str,
    step: str,
    loses_metadata: bool,
) -> None:
    """A job of Vertex AI is created once and collected once, also where it has lost its name."""
    server = unreached_vertex_server
    server.loses_metadata = loses_metadata
    with _on_a_socket(server, SimpleQueue()) as url:
        world = BatchWorld(bench, tmp_path / "runs", vertex_system(url.removesuffix("/v1")))
        if step in {"objects", "download"}:
            world.line()
            server.end()
        _killed_line(world, server, url.removesuffix("/v1"), moment, step, "vertex")
        world.wait(minutes=3)
        world.line()
        assert len(server.batches) == 1
        _complete(world, server)


@pytest.mark.parametrize(("moment", "step"), [("after", "download"), ("write", "1"), ("write", "5")])
def test_killed_while_it_collects(
    bench: BenchmarkFolder, tmp_path: Path, server: BatchServer, moment: str, step: str
) -> None:
    """What is in the ledger stands there once, and the rest is taken in by the next line."""
    with _on_a_socket(server, SimpleQueue()) as url:
        world = BatchWorld(bench, tmp_path / "runs", batched_system(url=url))
        server.fails = {3: (503, "overloaded")}
        world.line()
        server.end()
        _killed_line(world, server, url, moment, step)
        before = len(world.responses())
        assert before == (int(step) - 1 if moment == "write" else 0)
        outcome = world.line()
        ids = [one.response_id for one in world.responses()]
        assert len(ids) == len(set(ids)) == 9
        assert outcome.open_failures == {"unavailable": 1}
        assert len(server.batches) == 1
        assert len(server.billed) == 8
