"""`run --batch` where the service counts tokens beforehand: any two answers that it exchanges are noticed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from batch_server import URL, BatchServer
from batch_world import BatchWorld, batched_system
from exhaustive import bounded
from gemini_batch_server import GEMINI_URL, GeminiBatchServer
from vertex_batch_server import VertexBatchServer, vertex_system

from medbench.client.batch_import import AnswerReader, Sent
from medbench.images.recorded import Pictures
from medbench.providers import provider_class
from medbench.schema.case import Case
from medbench.steps.access.systems import PreparedSystem
from medbench.store.batches import BatchBook
from medbench.store.benchmark import BenchmarkFolder

CASES = 970
"""Which makes 1,000 requests and some, with the checks of their batches."""
EXCHANGES = bounded(200, 25)

HISTORIES = [f"Fever{' and cough' * n}." for n in range(14)]


@pytest.fixture(params=["openai, made histories", "gemini, histories of MedPix"])
def service(request: pytest.FixtureRequest) -> tuple[PreparedSystem, BatchServer, list[str]]:
    """A system, the server that is asked, Gemini's by google-genai, and histories of patients."""
    server: BatchServer
    if request.param.startswith("openai"):
        server = request.getfixturevalue("batch_server")
        server.counts = True
        chance = random.Random(17)
        words = ["fever", "cough", "pain", "smoker", "fall", "dyspnoea", "for two weeks"]
        told = [" ".join(chance.choices(words, k=chance.randint(2, 60))) for _ in range(CASES)]
        return batched_system(url=URL), server, told
    shared: Path = request.getfixturevalue("shared")
    topics = json.loads((shared / "data" / "medpix" / "Case_topic.json").read_bytes())
    server = request.getfixturevalue("gemini_batch_server")
    server.counts = True
    return _gemini(), server, [(each["Case"] or {}).get("History") or "None." for each in topics]


def _gemini() -> PreparedSystem:
    return batched_system("gemini", GEMINI_URL, id="gemini-9-flash", key_env="GEMINI_BATCH_KEY")


def _with_histories(
    write_benchmark: Callable[..., BenchmarkFolder], folder: Path, cases: int, histories: list[str]
) -> BenchmarkFolder:
    def told(case: Case) -> Case:
        history = histories[int(case.case_id[5:]) % len(histories)]
        return Case(case_id=case.case_id, region=case.region, history=history, images=case.images)

    return write_benchmark(folder, cases, pool=0, changed=told)


def _answers_file(server: BatchServer, number: int) -> str:
    """Return the name of the file of a batch's answers."""
    batch = list(server.batches.values())[number]
    name: str = batch.get("output_file_id") or batch["output"]
    return name


def _exchange(content: bytes, one: str, other: str) -> bytes:
    """Put two answers of a file under each other's keys."""
    lines = [json.loads(line) for line in content.splitlines()]
    by_key = {line.get("custom_id", line.get("key")): line for line in lines}
    first, second = by_key[one], by_key[other]
    first["response"], second["response"] = second["response"], first["response"]
    return b"\n".join(json.dumps(line).encode() for line in lines)


def test_each_exchanged_pair_of_a_thousand_requests_is_noticed(
    write_benchmark: Callable[..., BenchmarkFolder],
    tmp_path: Path,
    service: tuple[PreparedSystem, BatchServer, list[str]],
) -> None:
    """Whichever two of a batch they are; another batch is not touched by it."""
    system, server, histories = service
    bench = _with_histories(write_benchmark, tmp_path / "large", CASES, histories)
    world = BatchWorld(bench, tmp_path / "runs", system)
    world.line()
    assert len(server.counted) == len(set(server.counted)) == len(set(histories[:CASES]))
    server.end()
    batches = world.batches()
    assert 10 < len(batches) <= 20
    with BatchBook(world.folder) as book:
        items = {batch.name: book.items(batch.name) for batch in batches}
    calls = [[item for item in items[batch.name] if not item.word] for batch in batches]
    assert sum(map(len, items.values())) >= 1000
    (model,) = (stage.model for stage in system.stages)
    assert model.provider is not None
    reader = provider_class(model.provider)(model, Pictures(bench.path)).batches()
    assert reader is not None
    chance, alike = random.Random(3), 0
    for _ in range(EXCHANGES):
        (number,) = chance.choices(range(len(batches)), [len(each) for each in calls])
        one, other = chance.sample(calls[number], 2)
        exchanged = tmp_path / "exchanged"
        kept = server.files[_answers_file(server, number)]
        exchanged.write_bytes(_exchange(kept, one.key, other.key))
        sent = Sent(
            batches[number].name, world.time, {item.key: item for item in items[batches[number].name]}
        )
        found = AnswerReader(reader, None, sent, exchanged).contents()
        alike += (one.tokens, len(one.sizes)) == (other.tokens, len(other.sizes))
        assert found.mixed_up is not None or alike, (one.prompt, other.prompt)
    assert alike == 0
    name = _answers_file(server, 0)
    server.files[name] = _exchange(server.files[name], calls[0][0].key, calls[0][1].key)
    outcome = world.line()
    assert outcome.open_failures == {"mixed_up": len(calls[0])}, "the other batches count"
    texts = [output.text for output in world.outputs().values()]
    assert sum(text is not None for text in texts) == CASES - len(calls[0])


def test_what_is_said_of_tokens(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, gemini_batch_server: GeminiBatchServer
) -> None:
    """Requests that share theirs are counted when they are sent, and answers of their own when they came."""
    gemini_batch_server.counts = True
    histories = list(HISTORIES)
    bench = _with_histories(write_benchmark, tmp_path / "bench", 14, histories)
    world = BatchWorld(bench, tmp_path / "runs", _gemini())
    world.line()
    assert world.said[-1] == "a: no request has as many tokens and images as another of the same batch."
    gemini_batch_server.end()
    world.line()
    assert any(
        "14 of 14 answers to calls have tokens that only their own request has" in s for s in world.said
    )
    world.check_complete()
    histories[4] = histories[2]
    bench = _with_histories(write_benchmark, tmp_path / "other", 14, histories)
    world = BatchWorld(bench, tmp_path / "other runs", _gemini())
    world.line()
    assert "2 requests have as many tokens and images as another of the same batch: if" in world.said[-1]
    gemini_batch_server.end()
    world.line()
    assert any("12 of 14 answers to calls have tokens" in said for said in world.said)


def test_a_counter_that_breaks_loses_nothing(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, batch_server: BatchServer
) -> None:
    """What was counted by then is used, all is sent, and the line says what may go unnoticed."""
    asked = []

    def breaks(step: str) -> None:
        asked.append(step)
        if step == "count" and len(asked) > 3:
            raise httpx.ReadError("reset")

    batch_server.counts, batch_server.before = True, breaks
    bench = _with_histories(write_benchmark, tmp_path / "bench", 14, HISTORIES)
    world = BatchWorld(bench, tmp_path / "runs")
    assert world.line().waiting == 1
    assert any(
        "did not count the tokens of all requests beforehand: the connection to" in s for s in world.said
    )
    with BatchBook(world.folder) as book:
        items = book.items(world.batches()[0].name)
    assert 3 <= sum(item.tokens is not None for item in items) < 14
    batch_server.before = lambda _: None
    batch_server.end()
    world.line()
    world.check_complete()


def test_tokens_that_are_billed_otherwise_than_counted(
    write_benchmark: Callable[..., BenchmarkFolder],
    tmp_path: Path,
    batch_server: BatchServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is held against the service; answers are compared by their length, which is said."""
    monkeypatch.setattr(batch_server, "tokens_of_text", lambda text: len(text) * len(text))
    batch_server.counts = True
    bench = _with_histories(write_benchmark, tmp_path / "bench", 14, HISTORIES)
    world = BatchWorld(bench, tmp_path / "runs")
    world.line()
    batch_server.end()
    world.line()
    assert any(
        "the tokens that were billed are not those that the service had counted" in s for s in world.said
    )
    world.check_complete()


def test_vertex_counts_too(
    bench: BenchmarkFolder, tmp_path: Path, vertex_batch_server: VertexBatchServer
) -> None:
    """By google-genai, as Gemini does."""
    vertex_batch_server.counts = True
    world = BatchWorld(bench, tmp_path / "runs", vertex_system())
    world.line()
    with BatchBook(world.folder) as book:
        items = book.items(world.batches()[0].name)
    assert [item.tokens is not None for item in items if not item.word] == [True] * 6
    vertex_batch_server.end()
    world.line()
    world.check_complete()
