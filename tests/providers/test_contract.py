"""What holds for every provider, also those not written yet; and how echo and replay answer."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
from pathlib import Path
from types import ModuleType

import pytest

from medbench.errors import ImageError, ProviderError, RecordError
from medbench.images.recorded import Pictures
from medbench.providers.echo import Provider as Echo
from medbench.providers.replay import Provider as Replay
from medbench.registry import names_in
from medbench.schema.model import ModelFile
from medbench.schema.response import CallFor, Failure, Reply, Request, Response
from medbench.schema.run import Output
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_records

EVERY = pytest.mark.parametrize("name", names_in("providers"))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"medbench.providers.{name.replace('-', '_')}")


@EVERY
def test_it_has_the_shape(name: str) -> None:
    """It holds a described class `Provider`, made with a model and a reader of images; `ask` is async."""
    module = _module(name)
    assert module.__doc__
    assert module.Provider.__doc__
    assert list(inspect.signature(module.Provider).parameters) == ["model", "pictures"]
    assert inspect.iscoroutinefunction(module.Provider.ask)
    assert list(inspect.signature(module.Provider.ask).parameters) == ["self", "request"]


@EVERY
def test_it_leaves_to_others_what_is_not_its_own(name: str) -> None:
    """A provider asks once: it imports no ledger, no retry library and no prices, and never sleeps."""
    tree = ast.parse(Path(str(_module(name).__file__)).read_text("utf-8"))
    imported = {
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for part in [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
    }
    forbidden = {
        "tenacity",
        "stamina",
        "backoff",
        "medbench.store.ledger",
        "medbench.pricing.prices",
        "medbench.client.client",
    }
    assert not imported & forbidden
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not calls & {"time.sleep", "asyncio.sleep"}


@EVERY
def test_only_replay_reads_the_case_key(name: str) -> None:
    """The opaque key is for replay: the name does not even occur in any other provider."""
    source = Path(str(_module(name).__file__)).read_text("utf-8")
    assert ("case_key" in source) == (name == "replay")


def test_echo_answers_with_the_prompt(bench: BenchmarkFolder) -> None:
    """Echo reads and checks every image, and names the bytes that it would have sent."""
    case = list(bench.cases())[1]
    request = Request(model="echo", text="the prompt", images=case.images)
    reply = asyncio.run(Echo(ModelFile(provider="echo"), Pictures(bench.path)).ask(request))
    assert reply.text == "the prompt"
    assert reply.images_sent == tuple(image.sha256 for image in case.images)
    assert len(case.images) == 2


@pytest.mark.parametrize("change", ["changed", "gone"])
def test_echo_sends_no_other_image(bench: BenchmarkFolder, change: str) -> None:
    """An image that is gone or changed since it was recorded is never sent."""
    case = next(bench.cases())
    path = bench.path / case.images[0].file
    path.unlink() if change == "gone" else path.write_bytes(b"other")
    request = Request(model="echo", text="x", images=case.images)
    with pytest.raises(ImageError, match=case.images[0].file):
        asyncio.run(Echo(ModelFile(provider="echo"), Pictures(bench.path)).ask(request))


def _recorded(folder: Path) -> Replay:
    failure = Failure(kind="k", reason="r", final=True)
    outputs = [
        Output(case_id="a", case_digest="d", text="first ü"),
        Output(case_id="b", case_digest="d", failure=failure),
        Output(case_id="a", case_digest="d", replicate=1, text="x" * 1_000_000),
    ]
    write_records(folder / "outputs.jsonl", outputs)
    return Replay(ModelFile(provider="replay", base_url=str(folder)), Pictures(folder))


def _ask(provider: Replay, key: str) -> Reply:
    return asyncio.run(provider.ask(Request(model="m", text="t", case_key=key)))


def test_replay_answers_from_the_record(tmp_path: Path) -> None:
    """The recorded text of case and replicate; its time says nothing, its tokens are unknown."""
    provider = _recorded(tmp_path)
    assert _ask(provider, "a/0").text == "first ü"
    assert len(_ask(provider, "a/1").text) == 1_000_000
    assert not _ask(provider, "a/0").measured
    assert _ask(provider, "a/0").usage.output is None


def test_replay_fails_as_the_recorded_call_failed(tmp_path: Path) -> None:
    """A recorded failure keeps its kind and whether it is final."""
    with pytest.raises(ProviderError) as caught:
        _ask(_recorded(tmp_path), "b/0")
    assert (caught.value.kind, caught.value.reason, caught.value.final) == ("k", "r", True)


@pytest.mark.parametrize("key", ["c/0", "a/2", ""])
def test_replay_has_no_answer_where_none_was_recorded(tmp_path: Path, key: str) -> None:
    """Another case or replicate is a failure, not an empty text; the recorded run may get it yet."""
    with pytest.raises(ProviderError) as caught:
        _ask(_recorded(tmp_path), key)
    assert (caught.value.kind, caught.value.final) == ("not_recorded", False)


def test_replay_hands_on_what_was_recorded_about_the_call(tmp_path: Path) -> None:
    """Why the answer ended, which model answered, what was sent: as in the recorded run's ledger."""
    response = Response(
        response_id="r1",
        request_digest="0" * 64,
        call_for=CallFor(case_id="a", stage="single"),
        asked="m",
        answered="m-001",
        prompt="the words sent then",
        text="cut short",
        finish_reason="length",
        images_sent=("1" * 64,),
    )
    write_records(tmp_path / "responses.jsonl", [response])
    output = Output(case_id="a", case_digest="d", text="cut short", responses=("r1",))
    write_records(tmp_path / "outputs.jsonl", [output])
    provider = Replay(ModelFile(provider="replay", base_url=str(tmp_path)), Pictures(tmp_path))
    reply = _ask(provider, "a/0")
    assert (reply.finish_reason, reply.answered, reply.prompt) == ("length", "m-001", "the words sent then")
    assert reply.images_sent == ("1" * 64,)


def test_replay_of_a_broken_record_is_a_sentence(tmp_path: Path) -> None:
    """A record with a broken line is refused before anything is answered."""
    (tmp_path / "outputs.jsonl").write_bytes(b"{]\n")
    with pytest.raises(RecordError, match="line 1"):
        Replay(ModelFile(provider="replay", base_url=str(tmp_path)), Pictures(tmp_path))
