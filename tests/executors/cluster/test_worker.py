"""A worker on a machine: images by their content, one call, and what goes between."""

from __future__ import annotations

import asyncio
import hashlib
import pickle
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from fake_cluster import Shown

from medbench.errors import ProviderError
from medbench.executors.cluster.wire import Failed, Source
from medbench.executors.cluster.worker import Images, Worker
from medbench.schema.case import Image
from medbench.schema.model import ModelFile
from medbench.schema.response import Reply, Request

DATA = b"a picture"
SHA = hashlib.sha256(DATA).hexdigest()
SEEN = f"case-1/0: there is {hashlib.sha256(DATA.hex().encode()).hexdigest()}."


def _image(sha256: str) -> Image:
    return Image(file="images/a.png", sha256=sha256, bytes=9, width=1, height=1, mode="L")


IMAGE = _image(SHA)
REQUEST = Request(model="m", text="What is there?", images=(IMAGE,), case_key="case-1/0")


def _done(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def _worker(folder: Path) -> Worker:
    worker = Worker()
    model = ModelFile(provider="fake_cluster:Shown", id="m")
    assert _done(worker.prepare(0, Source(model, folder))) == ""
    return worker


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shown, "error", None)


def test_a_file_that_is_there_is_used(tmp_path: Path) -> None:
    """Nothing needs to come with the call."""
    (tmp_path / "images").mkdir()
    (tmp_path / IMAGE.file).write_bytes(DATA)
    answer = _done(_worker(tmp_path).ask(0, REQUEST, {}))
    assert answer.reply.text == SEEN
    assert answer.reply.seconds >= 0


def test_what_is_not_there_is_asked_for_before_anything_is_sent(tmp_path: Path) -> None:
    """The image comes with the call then, and later calls find it."""
    worker = _worker(tmp_path)
    assert _done(worker.ask(0, REQUEST, {})).lacks == (SHA,)
    assert _done(worker.ask(0, REQUEST, {SHA: DATA})).reply.text == SEEN
    assert _done(worker.ask(0, REQUEST, {})).reply.text == SEEN


def test_a_changed_file_or_a_wrong_image_is_not_shown(tmp_path: Path) -> None:
    """What is shown has the digest that the benchmark says."""
    (tmp_path / "images").mkdir()
    (tmp_path / IMAGE.file).write_bytes(b"another picture")
    worker = _worker(tmp_path)
    assert _done(worker.ask(0, REQUEST, {})).lacks == (SHA,)
    assert _done(worker.ask(0, REQUEST, {SHA: b"another picture"})).lacks == (SHA,)
    assert _done(worker.ask(0, REQUEST, {SHA: DATA})).reply.text == SEEN


def test_a_failure_comes_home_as_it_was(tmp_path: Path) -> None:
    """Each fact of the error, through a pickle."""
    Shown.error = ProviderError(
        "busy", "too many", final=False, status=429, wait_s=3.0, limited=True, reply=Reply(text="part")
    )
    answer = pickle.loads(pickle.dumps(_done(_worker(tmp_path).ask(0, REQUEST, {SHA: DATA}))))
    assert vars(answer.failed.error()) == vars(Shown.error)
    for facts in ({"stops": True}, {"later": True}, {"sent": False}, {"status": 200}):
        error = ProviderError("k", "r", final=True, **facts)
        assert vars(Failed.of(error).error()) == vars(error)


def test_images_of_calls_in_flight_stay_others_go_by_last_use() -> None:
    """The bound is of those that no call needs."""
    images = Images(most_bytes=20)
    named = {hashlib.sha256(data).hexdigest(): data for data in (b"one" * 3, b"two" * 3, b"six" * 3)}
    one, two, six = named
    first = _image(one)
    with images.in_use([first]):
        for name, data in named.items():
            images.keep(name, data)
        assert images.get(one) == b"one" * 3
        assert images.get(two) is None
        assert images.get(six) == b"six" * 3
        images.keep(two, named[two])
        assert images.get(one) == b"one" * 3
    images.keep(six, named[six])
    assert images.get(two) is None  # the other was looked at after it
    assert images.get(one) == b"one" * 3


def test_what_a_machine_lacks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is not in the environment of the machine, or a provider that it does not have."""
    monkeypatch.delenv("OTHER_KEY", raising=False)
    keyed = ModelFile(provider="fake_cluster:Shown", id="m", key_env="OTHER_KEY")
    assert _done(Worker().prepare(0, Source(keyed, tmp_path))) == "no key (export OTHER_KEY=…)"
    gone = ModelFile(provider="no_such_module:Shown", id="m")
    assert "no_such_module" in _done(Worker().prepare(0, Source(gone, tmp_path)))
