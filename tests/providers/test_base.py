"""The base class: its defaults, and how a class that derives from nothing gets them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from medbench.errors import UsageError
from medbench.images.recorded import Pictures
from medbench.providers import Access, Missing, Provider, provider_class
from medbench.providers.openai import Provider as OpenAI
from medbench.schema.model import ModelFile
from medbench.schema.response import Reply, Request


class Answers(Provider):
    """A provider that defines nothing but `ask`."""

    variables = ("FIRST_KEY", "SECOND_KEY")

    async def ask(self, request: Request) -> Reply:
        """The prompt."""
        return Reply(text=request.text)


class Plain:
    """A class as a user may write it, without a base."""

    price_service = "google"

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        self.closed = False

    async def ask(self, request: Request) -> Reply:
        """The prompt."""
        return Reply(text=request.text)

    async def close(self) -> None:
        """Remember it."""
        self.closed = True


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the classes into a module outside the package, and take the keys away."""
    module: Any = ModuleType("outside_mod")
    module.Plain, module.Answers, module.number = Plain, Answers, 7
    monkeypatch.setitem(sys.modules, "outside_mod", module)
    for name in ("FIRST_KEY", "SECOND_KEY"):
        monkeypatch.delenv(name, raising=False)


def _model(**keys: Any) -> ModelFile:
    return ModelFile(provider="outside_mod:Answers", id="m", **keys)


def test_a_key_that_the_model_file_names_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without key_env nothing is missing; a named variable must hold more than spaces."""
    assert Answers.missing(_model()) is None
    assert Answers.missing(_model(key_env="")) is None
    monkeypatch.setenv("MINE", "  ")
    assert Answers.missing(_model(key_env="MINE")) == Missing("key", "export MINE=…")
    monkeypatch.setenv("MINE", "k")
    assert Answers.missing(_model(key_env="MINE")) is None


def test_access_names_the_variable_and_never_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model file's variable goes before the provider's own, of which the first that is set counts."""
    assert Answers.access(_model()) == Access("key", "none is sent")
    monkeypatch.setenv("SECOND_KEY", "secret-2")
    assert Answers.access(_model()) == Access("key", "SECOND_KEY is set")
    monkeypatch.setenv("FIRST_KEY", "secret-1")
    assert Answers.access(_model()) == Access("key", "FIRST_KEY is set")
    assert Answers.access(_model(key_env="")) == Access("key", "none is sent")
    monkeypatch.setenv("MINE", "secret-3")
    assert Answers.access(_model(key_env="MINE")) == Access("key", "MINE is set")


@pytest.mark.parametrize("key", ["base_url", "project", "location", "endpoint"])
def test_accounts_differ_where_a_model_file_names_another_place(key: str) -> None:
    """Two models share an account only where server, project, place and key are the same."""
    one, same, other = _model(**{key: "a"}), _model(**{key: "a"}), _model(**{key: "b"})
    assert Answers.account(one) == Answers.account(same)
    assert Answers.account(one) != Answers.account(other)
    assert Answers.account(_model(key_env="A")) != Answers.account(_model())


def test_a_plain_class_gets_the_defaults(tmp_path: Path) -> None:
    """What it defines is kept, what it lacks is the base's: it can be connected, and nothing is missing."""
    kind = provider_class("outside_mod:Plain")
    assert issubclass(kind, Plain)
    assert (kind.price_service, kind.counts_thoughts_apart, kind.variables) == ("google", False, ())
    assert kind.missing(_model()) is None

    async def one_call() -> Any:
        provider = kind(_model(), Pictures(tmp_path))
        await provider.connect()
        assert (await provider.ask(Request(model="m", text="t"))).text == "t"
        await provider.close()
        return provider

    assert asyncio.run(one_call()).closed


def test_a_class_of_the_base_is_taken_as_it_is() -> None:
    """Nothing is wrapped that derives from the base, inside the package or outside."""
    assert provider_class("outside_mod:Answers") is Answers
    assert provider_class("openai") is OpenAI


@pytest.mark.parametrize("name", ["outside_mod:number", "outside_mod:gone", "opanai"])
def test_what_is_no_provider_is_a_sentence(name: str) -> None:
    """A value that is no class, a name that is not there, a typing error: each is a usage error."""
    with pytest.raises(UsageError, match=name):
        provider_class(name)


def test_a_class_without_ask_cannot_be_made(tmp_path: Path) -> None:
    """It fails when it is made, before anything is sent."""
    kind: Any = type("Mute", (Provider,), {})
    with pytest.raises(TypeError, match="ask"):
        kind(_model(), Pictures(tmp_path))
