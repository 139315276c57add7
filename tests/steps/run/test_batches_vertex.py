"""`run --batch` with Gemini on Vertex AI: by a bucket, by google-genai's own client, whatever goes wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import google.auth
import pytest
from batch_world import BatchWorld
from gemini_server import KEY
from google.oauth2.credentials import Credentials
from vertex_batch_server import BUCKET, VertexBatchServer, vertex_system

from medbench.errors import UsageError
from medbench.providers.gemini import Provider
from medbench.schema.batch import CHECK
from medbench.schema.model import ModelFile
from medbench.steps.access.hosts import check_egress
from medbench.store.benchmark import BenchmarkFolder


@pytest.fixture
def world(bench: BenchmarkFolder, tmp_path: Path, vertex_batch_server: VertexBatchServer) -> BatchWorld:
    """Six cases, and Vertex AI's batches in the network's place."""
    assert vertex_batch_server.batches == {}
    return BatchWorld(bench, tmp_path / "runs", vertex_system())


def test_one_line_sends_and_the_same_line_collects(
    world: BatchWorld, vertex_batch_server: VertexBatchServer
) -> None:
    """Everything lies under the run's name in the bucket; the key is a label, which the service repeats."""
    assert world.line().waiting == 1
    (batch,) = vertex_batch_server.batches.values()
    name = world.batches()[0].name
    assert (batch["name"], batch["out"]) == (name, f"{BUCKET}/{name}")
    assert list(vertex_batch_server.files) == [f"{BUCKET}/{name}.jsonl"]
    _, line, *_ = vertex_batch_server.requests(batch)
    assert set(line) == {"request"}
    assert re.fullmatch(r"[0-9a-f]{32}", line["request"]["labels"]["medbench_key"])
    assert line["request"]["generationConfig"] == {"maxOutputTokens": 100}
    assert world.line().waiting == 1
    assert "running" in world.said[-1]
    vertex_batch_server.end()
    outcome = world.line()
    assert (outcome.run.left, outcome.waiting) == (0, 0)
    world.check_complete()
    assert vertex_batch_server.live == []
    assert len(vertex_batch_server.batches) == 1
    (answer, *_) = [one for one in world.responses() if one.call_for.stage != CHECK]
    assert answer.cost is not None
    assert answer.usage is not None
    full = ((answer.usage.input or 0) * 2.0 + (answer.usage.output or 0) * 8.0) / 1e6
    assert answer.cost.usd == pytest.approx(full / 2)


def test_googles_own_hosts_are_asked_with_the_login(
    bench: BenchmarkFolder,
    tmp_path: Path,
    vertex_batch_server: VertexBatchServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The jobs are asked for at Vertex AI and the files at Cloud Storage, both by https."""

    class Login(Credentials):
        def refresh(self, request: object) -> None:
            """Keep the token."""

    login: Any = Login(KEY)  # type: ignore[no-untyped-call]
    monkeypatch.setattr(google.auth, "default", lambda **_: (login, "p-1"))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(bench.path / "benchmark.json"))
    vertex_batch_server.at_googles = True
    world = BatchWorld(bench, tmp_path / "runs", vertex_system(None, key_env=None))
    world.line()
    vertex_batch_server.end()
    world.line()
    world.check_complete()


def test_a_failed_job_says_why_and_is_not_run(
    world: BatchWorld, vertex_batch_server: VertexBatchServer
) -> None:
    """Such as one that may not read the bucket; the next line sends it."""
    world.line()
    (batch,) = vertex_batch_server.batches.values()
    batch |= {"status": "failed", "error": {"code": 7, "message": "Permission denied on the bucket."}}
    outcome = world.line()
    assert (outcome.run.left, outcome.open_failures) == (6, {})
    assert "(failed: 'Permission denied on the bucket.'): 0 of 9 requests answered" in world.said[-1]
    world.line()
    assert len(vertex_batch_server.batches) == 2


def test_answers_that_are_not_there_are_waited_for(
    world: BatchWorld, vertex_batch_server: VertexBatchServer
) -> None:
    """A job that has succeeded was paid for: that its folder is empty is no reason to pay once more."""
    world.line()
    (batch,) = vertex_batch_server.batches.values()
    vertex_batch_server.end()
    (out,) = [name for name in vertex_batch_server.files if name.startswith(f"{batch['out']}/")]
    kept = vertex_batch_server.files.pop(out)
    assert world.line().waiting == 1
    assert f"no answers lie in '{batch['out']}'" in world.said[-1]
    vertex_batch_server.files[out] = kept
    world.line()
    world.check_complete()
    assert len(vertex_batch_server.batches) == 1


def test_without_a_bucket_nothing_is_sent(
    bench: BenchmarkFolder, tmp_path: Path, vertex_batch_server: VertexBatchServer
) -> None:
    """Neither in a batch, which needs one, nor beside a batch that is under way and cannot be asked after."""
    world = BatchWorld(bench, tmp_path / "runs", vertex_system(bucket=None))
    with pytest.raises(UsageError, match="cannot be asked in batches: there is no bucket") as refused:
        world.line()
    assert "bucket = " in str(refused.value.hint)
    bound = BatchWorld(bench, tmp_path / "runs", vertex_system())
    bound.line()
    for batch in (True, False):
        with pytest.raises(UsageError):
            world.line(batch=batch)
    assert vertex_batch_server.live == []


@pytest.mark.parametrize(
    "bucket",
    ["my-bucket", "gs://", "gs://A/x", "gs://b b/x", "gs://b/../x", "s3://bucket/x", "gs://my-bucket/"],
)
def test_a_bucket_is_an_address(bucket: str) -> None:
    """Anything else is refused when the file is read."""
    with pytest.raises(ValueError, match="bucket"):
        ModelFile(provider="gemini", id="g", bucket=bucket)


def test_the_buckets_host_counts_as_one_that_is_asked(
    bench: BenchmarkFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases go there in a batch: terms that allow Vertex AI alone do not allow it."""
    monkeypatch.delenv("GOOGLE_VERTEX_BASE_URL", raising=False)
    model = ModelFile(provider="gemini", id="g", project="p-1", bucket=BUCKET)
    vertex = "aiplatform.googleapis.com"
    assert Provider.hosts(model) == (vertex, "storage.googleapis.com")
    assert Provider.hosts(model.model_copy(update={"bucket": None})) == (vertex,)
    assert Provider.hosts(model.model_copy(update={"base_url": "http://10.0.0.1/g"})) == ("10.0.0.1",)
    bound = bench.head.model_copy(update={"egress": (vertex,)})
    with pytest.raises(UsageError, match=re.escape("is asked at 'storage.googleapis.com'")):
        check_egress(bound, [("g", model)])
    check_egress(bound, [("g", model.model_copy(update={"bucket": None}))])
