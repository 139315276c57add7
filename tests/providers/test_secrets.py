"""A key reaches the header of a request, and no other place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medbench as mb
from medbench.addresses import shown_address
from medbench.errors import UsageError
from medbench.providers import openai
from medbench.registry import find_model
from medbench.store.benchmark import BenchmarkFolder

KEY = "sk-canary-0123456789abcdef"


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "MY_SERVER_KEY"])
def test_the_key_is_in_the_header_and_nowhere_else(
    chat: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It comes from the environment, from the variable that the model file names; the body has none."""
    monkeypatch.setenv(name, f" {KEY}\n")
    seen = chat.answers(chat.completion)
    chat.ask(chat.model(key_env=None if name == "OPENAI_API_KEY" else name))
    assert seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY.encode() not in seen[0].content


def test_no_key_is_sent_where_none_is_wanted(chat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`key_env = ""` keeps a key that is set for something else at home."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    seen = chat.answers(chat.completion)
    chat.ask(chat.model(key_env=""))
    assert "authorization" not in seen[0].headers


@pytest.mark.parametrize(
    "value",
    [
        "sk-canary two words",
        "sk-canary-ü",
        "sk-canary\r\nX: y",
        '"sk-canary"',
        "'sk-canary'",
        "Bearer sk-canary",
    ],
    ids=["space", "umlaut", "lines", "quotes", "single quotes", "Bearer"],
)
def test_what_can_be_no_key_is_not_shown(chat: Any, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """It is refused by the variable's name before a library could quote it."""
    monkeypatch.setenv("OPENAI_API_KEY", value)
    with pytest.raises(UsageError, match="'OPENAI_API_KEY' holds no key") as caught:
        openai.Provider(chat.model(), chat.pictures)
    assert "canary" not in caught.value.message + caught.value.hint


def test_a_password_in_an_address_is_not_shown(chat: Any) -> None:
    """An address with a password or a query is refused: addresses stand in messages."""
    urls = ("https://me:{}@h/v1", "https://{}@h/v1", "https://h/v1?key={}", "https://h/v1?X-Amz-Signature={}")
    for url in (
        url.format(KEY) for url in (*urls, "https://h/v1?api-version=1&api-key={}", "https://h/v1#{}")
    ):
        with pytest.raises(UsageError, match="holds a user, a password or a query") as caught:
            openai.Provider(chat.model(base_url=url), chat.pictures)
        assert KEY not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("name", ["sk-canary-0123", "sk_canary", "a b"])
def test_a_key_in_place_of_a_variable_is_refused(tmp_path: Path, name: str) -> None:
    """What cannot be the name of a variable is not taken for one, and not repeated."""
    path = tmp_path / "mine.toml"
    path.write_text(f'provider = "openai"\nid = "m"\nkey_env = "{name}"\n', "utf-8")
    with pytest.raises(UsageError, match="'key_env'") as caught:
        find_model(str(path), {})
    assert name not in caught.value.message.replace(str(path), "") + caught.value.hint


@pytest.mark.parametrize("status", [200, 400, 401, 404])
def test_a_server_that_repeats_the_key_does_not_get_it_into_a_record(
    bench: BenchmarkFolder,
    tmp_path: Path,
    chat: Any,
    medbench: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    """Neither an answer nor an error brings the key into a file of the run, stdout or stderr."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    text = f"Bearer {KEY} is what was sent, {'x' * 180} {KEY}"
    said = chat.answer(message={"content": text}) if status == 200 else {"error": {"message": text}}
    seen = chat.answers(said, status=status)
    (tmp_path / "mine.toml").write_text(
        'provider = "openai"\nid = "m"\nbase_url = "http://127.0.0.1:9/v1"\n', "utf-8"
    )
    said_on_screen = medbench("run", bench.path, "-m", "./mine.toml")
    assert seen
    assert "canary" not in said_on_screen.out + said_on_screen.err
    files = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert any("what was sent" in path.read_text("utf-8") for path in files)
    assert not any("canary" in path.read_text("utf-8") for path in files)


def test_half_a_key_is_hidden_too(chat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is cleaned before it is cut: no cut leaves the beginning of a key."""
    monkeypatch.setenv("OPENAI_API_KEY", "canary-9")
    for start in range(30, 60):
        chat.answers(b"x" * start + b"canary-9")
        assert "can" not in chat.fails().reason.replace("cannot", "")
    for start in range(230, 245):
        chat.answers(b"x" * start + b"canary-9", status=400)
        assert "can" not in chat.fails().reason


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"v1/{KEY}", 404),
        (f"{KEY}/v1", 302),
        (f"v1/acc/{KEY}/gateway/openai", 200),
        (f"v1;sig={KEY}", 401),
        ("openai/canary-9/v1", 404),
    ],
    ids=["last", "first", "gateway", "parameter", "short"],
)
def test_a_token_in_an_address_is_sent_and_never_recorded(
    bench: BenchmarkFolder,
    tmp_path: Path,
    chat: Any,
    medbench: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    path: str,
) -> None:
    """The server gets its path; runs, screens and lists have the host and words of interfaces."""
    monkeypatch.chdir(tmp_path)
    text = f"what was asked: /{path if KEY in path else ''}"
    said = (
        chat.answer(message={"content": text}) if status == 200 else {"error": {"message": f"/{path} {text}"}}
    )
    headers = {"location": f"https://elsewhere/{path}?state={KEY}"}
    seen = chat.answers(said, status=status, headers=headers)
    (tmp_path / "medbench.toml").write_text(
        f'[models.mine]\nprovider = "openai"\nid = "m"\nbase_url = "http://127.0.0.1:9/{path}"\n', "utf-8"
    )
    lines = [("run", bench.path, "-m", "mine", "--limit", 1), ("models",), ("show",), ("doctor",), ("trust",)]
    screens = [medbench(*line) for line in lines]
    assert path.encode() in seen[0].url.raw_path
    shown = "".join(each.out + each.err for each in screens) + str(mb.models().to_dict())
    assert "127.0.0.1:9/" in shown
    assert "canary" not in shown
    files = [file for file in (tmp_path / "runs").rglob("*") if file.is_file()]
    assert any("127.0.0.1" in file.read_text("utf-8") or status == 200 for file in files)
    assert not any("canary" in file.read_text("utf-8") for file in files)


def test_an_address_without_tokens_is_shown_whole() -> None:
    """What servers usually have after the host."""
    for url in ("http://localhost:8000/v1", "https://openrouter.ai/api/v1", "https://[::1]:80/openai/v1beta"):
        assert shown_address(url) == url
