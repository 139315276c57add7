"""`run --batch` with each service: whatever goes wrong, a run ends right and nothing is sent twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from batch_server import BatchServer, lose_creation
from batch_world import BatchWorld, batched_system
from gemini_batch_server import GEMINI_URL
from vertex_batch_server import VertexBatchServer, vertex_system

from medbench.store.benchmark import BenchmarkFolder


class Asked(NamedTuple):
    """A run of six cases, and the service that is asked, in the network's place."""

    world: BatchWorld
    server: BatchServer


@pytest.fixture(params=["openai", "gemini", "vertex"])
def asked(request: pytest.FixtureRequest, bench: BenchmarkFolder, tmp_path: Path) -> Asked:
    """Each service, those of Google by google-genai's own client."""
    name = {"openai": "batch_server"}.get(request.param, f"{request.param}_batch_server")
    gemini: dict[str, Any] = {"id": "gemini-9-flash", "key_env": "GEMINI_BATCH_KEY"}
    systems = {
        "openai": batched_system(),
        "gemini": batched_system("gemini", GEMINI_URL, **gemini),
        "vertex": vertex_system(),
    }
    world = BatchWorld(bench, tmp_path / "runs", systems[request.param])
    return Asked(world, request.getfixturevalue(name))


@pytest.mark.parametrize(
    ("created", "loses_metadata"), [(True, False), (True, True), (False, False)], ids=["", "nameless", "not"]
)
def test_a_creation_whose_answer_is_lost_is_looked_for(
    asked: Asked, created: bool, loses_metadata: bool
) -> None:
    """Its requests count as under way; the next lines find it by name or file, or send it anew."""
    world, server = asked
    server.loses_metadata = loses_metadata
    setattr(server, "after" if created else "before", lose_creation)
    outcome = world.line()
    assert outcome.waiting == 1
    assert outcome.given_up is not None
    assert "was sent, and no answer came" in outcome.given_up.message
    server.before = server.after = lambda _: None
    assert world.line().waiting == 1
    assert len(server.batches) == created
    world.wait(minutes=3)
    assert world.line().waiting == 1
    assert len(server.batches) == 1
    server.end()
    world.line()
    world.check_complete()


@pytest.mark.parametrize("asked", ["gemini", "vertex"], indirect=True)
def test_everything_goes_wrong_and_it_ends_right(asked: Asked) -> None:
    """429 at create, a swapped pair, nothing but errors, ids, then an expiry, a drop and a doubled answer."""
    world, server = asked
    server.refuses = 1
    outcome = world.line()
    assert outcome.given_up is not None
    assert "too many requests (429)" in outcome.given_up.message
    server.swaps = [(0, 2)]
    world.line()
    server.end()
    assert world.line().open_failures == {"mixed_up": 6}
    server.swaps = []
    server.all_fail = (400, "Request contains an invalid argument.")
    world.line()
    server.end()
    assert world.line().open_failures == {"bad_request": 6}
    server.all_fail = None
    if isinstance(server, VertexBatchServer):
        _ids_in_place_of_answers(world, server)
        server.partial = True
    server.expires, server.drops, server.doubles = {1}, {2}, {3}
    server.fails = {5: (503, "The model is overloaded.")}
    world.line()
    server.end()
    outcome = world.line()
    assert outcome.open_failures == {"unavailable": 1}
    assert (outcome.answered, outcome.run.left) == (4, 3)
    assert "(expired)" in world.said[-1]
    server.expires, server.drops, server.doubles, server.fails = set(), set(), set(), {}
    if isinstance(server, VertexBatchServer):
        server.partial = False
    world.line()
    server.end()
    world.line()
    world.check_complete()


def _ids_in_place_of_answers(world: BatchWorld, server: VertexBatchServer) -> None:
    server.ids = True
    world.line()
    server.end()
    assert world.line().open_failures == {"unreadable": 6}
    (failure, *_) = [one.failure for one in reversed(world.responses()) if one.failure is not None]
    assert failure.reason == "the service gave an id in place of an answer: 'id'"
    server.ids = False
