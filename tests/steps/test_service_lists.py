"""What services list beside the models that medbench knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from medbench.providers._http import connections

LISTS = {
    "generativelanguage.googleapis.com": {
        "models": [
            {"name": f"models/{name}", "supportedGenerationMethods": [method]}
            for name, method in (
                ("gemini-3.8-flash", "generateContent"),
                ("gemini-3.1-pro-preview", "generateContent"),
                ("gemini-9-flash", "generateContent"),
                ("gemini-embedding-9", "embedContent"),
            )
        ]
    },
    "api.anthropic.com": {"data": [{"id": "claude-haiku-5-5-20261001"}, {"id": "claude-opus-9"}]},
    "localhost": {"data": [{"id": "Qwen/Qwen3-VL-8B-Instruct"}]},
}
KEYS = {"GEMINI_API_KEY": "AIza-canary-0123456789abcdef", "ANTHROPIC_API_KEY": "canary-0123456789abcdef"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, gem: Any) -> list[httpx.Request]:
    """The services in the network's place; the requests that they got."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=LISTS[request.url.host])

    monkeypatch.setattr(connections, "transport", lambda: httpx.MockTransport(answer))
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    return seen


def test_new_and_gone_models_stand_by_service(
    asked: list[httpx.Request], medbench: Callable[..., Any]
) -> None:
    """A dated release is the model; what answers no prompt is none; each service is asked once."""
    said = " ".join(medbench("models", "--new").out.split())
    assert "gemini-9-flash" in said
    assert "claude-opus-9" in said
    for name in ("embedding", "claude-haiku", "canary"):
        assert name not in said
    for gone in ("gemini-lite", "claude-sonnet", "lingshu-7b"):
        assert gone in said
    assert sorted(request.url.host for request in asked) == sorted(LISTS)
    assert {request.method for request in asked} == {"GET"}


def test_a_service_without_a_key_is_not_asked(
    asked: list[httpx.Request], medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be asked says why, and the others are shown."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    said = " ".join(medbench("models", "--new").out.split())
    assert "not asked: no key" in said
    assert "api.anthropic.com" not in {request.url.host for request in asked}
