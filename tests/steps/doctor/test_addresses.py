"""`doctor` with a model that several servers have."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from seeing_server import Asked, Server, sees

from medbench.schema.model import ModelFile
from medbench.schema.results.doctor import ModelReport
from medbench.steps.doctor.doctor import ask_all, doctor_plan, expense


def _model(**more: Any) -> ModelFile:
    known: dict[str, Any] = {
        "provider": "openai",
        "id": "med-1",
        "addresses": ["http://a:9/v1", "http://b:9/v1", "http://c:9/v1"],
        "limits": {"images": 1, "concurrency": 4, "image_tokens": 400},
        "price": {"input": 1.0, "output": 1.0},
        "settings": {"order": "text-first", "temperature": 0.0, "max_tokens": 100},
    }
    return ModelFile.model_validate({**known, **more})


def _visit(folder: Path, model: ModelFile) -> ModelReport:
    async def at_once(_: float) -> None:
        await asyncio.sleep(0)

    plan = doctor_plan("m", model, folder / "doctor")
    (report,) = ask_all([plan], print, max_cost=10.0, sleep=at_once)
    return report


def _said(report: ModelReport, name: str) -> list[tuple[str, str]]:
    return [(check.state, check.words) for check in report.checks if check.name == name]


def test_every_server_is_asked_and_one_that_is_down_is_named(server: Server, tmp_path: Path) -> None:
    """A line for each address; the model counts as there while one of them answers."""
    server.models = {"b": ""}
    report = _visit(tmp_path, _model())
    (_, a), (state, b), (_, c) = _said(report, "server")[1:]
    assert a.startswith("http://a:9/v1 answers as med-1, in")
    assert (state, b.partition(": ")[0], "connection" in b) == ("note", "http://b:9/v1", True)
    assert c.startswith("http://c:9/v1 answers")
    assert _said(report, "servers") == [("ok", "2 servers: the same model, the same answer")]
    assert _said(report, "sees")[0][0] == "ok"
    assert report.state == "note"


def test_a_server_with_another_model_is_found(server: Server, tmp_path: Path) -> None:
    """Two models under one name would be one column of a table."""
    server.models = {"c": "med-2"}
    report = _visit(tmp_path, _model())
    assert _said(report, "servers") == [("no", "med-1 and med-2 answer: they are not one model")]


def test_different_answers_to_the_same_question_are_noted(server: Server, tmp_path: Path) -> None:
    """The same name is no proof: one of them may be quantised."""
    first: list[str] = []

    def answer(asked: Asked) -> str:
        first.append(asked.text)
        return sees(asked) if len(first) != 3 else "up"

    server.answer = answer
    ((state, words),) = _said(_visit(tmp_path, _model()), "servers")
    assert (state, words.startswith("the same question has 2 answers")) == ("note", True)


def test_calls_to_each_server_are_in_the_price(server: Server, tmp_path: Path) -> None:
    """What is asked is what was announced, in number and in dollars at most."""
    plan = doctor_plan("m", _model(), tmp_path / "plan")
    announced = expense([plan])
    report = _visit(tmp_path, _model())
    assert len(server.asked) == announced.calls
    assert 0 < (report.spent.usd or 0) <= announced.usd


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"base_url": "http://a:9/v1"}, "both 'base_url' and 'addresses'"),
        ({"addresses": ["http://a:9/v1", "http://a:9/v1/"]}, "an address twice"),
    ],
)
def test_addresses_that_contradict_are_refused(more: dict[str, Any], words: str) -> None:
    """With the words that name the keys."""
    with pytest.raises(ValueError, match=words):
        _model(**more)
