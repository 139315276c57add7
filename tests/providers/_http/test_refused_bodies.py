"""Refusals as many servers send them: each body becomes the kind of failure that it is.

Each line of refusals.jsonl is a server, a status, the body and the kinds that are right; the wording is that
of public reports, with accounts and numbers changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from medbench.providers._http.refusals import refusal
from medbench.providers._http.service import Service

BODIES: Final = [
    json.loads(line)
    for line in Path(__file__).with_name("refusals.jsonl").read_text(encoding="utf-8").splitlines()
]
STOP: Final = frozenset({"quota", "unauthorized", "not_found", "setting", "no_images"})
WAIT: Final = frozenset({"rate_limit", "unavailable"})
ECHO: Final = (
    "Your credit balance is too low. It exceeds the maximum context length, was flagged by moderation, and "
    "the model does not support images."
)


def kind_of(status: int, body: object) -> str:
    """Return the kind of failure that a body becomes."""
    service = Service("m", "http://localhost:8000/v1", key="k")
    error = refusal(status, {}, json.dumps(body).encode(), service)
    if error.kind in STOP:
        assert error.stops
        assert not error.final
    if error.kind in WAIT:
        assert not error.final
        assert not error.stops
    return error.kind


@pytest.mark.parametrize("row", BODIES, ids=lambda row: f"{row['server']}-{row['status']}-{row['kinds'][0]}")
def test_bodies_of_servers(row: dict[str, Any]) -> None:
    """What stops a run, what waiting mends and what is wrong with one request alone are told apart."""
    assert kind_of(row["status"], row["body"]) in row["kinds"]


def test_many_servers_are_there() -> None:
    """The bodies are of many servers and of every kind."""
    assert len(BODIES) >= 200
    assert len({row["server"] for row in BODIES}) >= 30
    kinds = {kind for row in BODIES for kind in row["kinds"]}
    assert kinds >= STOP | WAIT | {
        "blocked_prompt",
        "too_long",
        "too_large",
        "too_many_images",
        "bad_request",
    }


@pytest.mark.parametrize(
    "message",
    [
        "Rate limit reached. Please add a payment method to your account to increase your rate limit.",
        "Too many requests per minute. Upgrade your plan or buy credits for higher limits.",
        "Limit of 5 concurrent requests reached. Contact billing to raise it.",
        "Your plan limit of 10 requests per minute was exceeded.",
        "Quota exceeded for metric: generate_requests_per_minute, limit: 60",
        "You exceeded your current quota, please check your plan and billing details. Please retry in 12s.",
        "rate_limit: 20 requests / min, please wait 30 seconds",
        "Too many tokens, please wait before trying again.",
    ],
)
def test_a_wait_of_minutes_is_no_spent_quota(message: str) -> None:
    """A limit by the minute is waited for, also where the server advertises credits."""
    assert kind_of(429, {"error": {"message": message}}) == "rate_limit"


@pytest.mark.parametrize(
    "message",
    [
        "Your prepaid credits are depleted.",
        "Usage limit for this month reached",
        "Tokens per day limit exceeded",
        "Rate limit of 50 per 86400s exceeded",
        "Please try again in 7200 seconds",
        "Payment required: the balance of your account is negative",
        "Quota exceeded, limit: 0",
    ],
)
def test_what_no_minute_mends_is_spent(message: str) -> None:
    """Money, a day's allowance, an allowance of nothing and a wait of hours stop the run."""
    assert kind_of(429, {"error": {"message": message}}) == "quota"


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [{"type": "missing", "loc": ["body", "n"], "msg": "Field required", "input": ECHO}]},
        {"error": {"message": f"Bad value, parameter=top_p, 'input': '{ECHO}'", "param": "top_p"}},
        {"error": {"message": f'temperature must be 1; in your request "{ECHO}"', "param": "temperature"}},
        {"error": {"message": "top_k is not supported", "metadata": {"flagged_input": ECHO}}, "prompt": ECHO},
        {"error": {"message": "top_k is not supported; see https://x.org/moderation/insufficient-balance"}},
    ],
)
def test_what_is_repeated_of_the_prompt_decides_nothing(body: object) -> None:
    """Only what the server itself says is read: not the prompt that it repeats, not an address."""
    assert kind_of(400, body) == "setting"


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        # max_tokens alone, against the prompt and max_tokens together.
        (400, "max_tokens is too large: 64000. This model supports at most 16384 tokens.", "setting"),
        (400, "max_tokens: 512; the prompt has 3900 tokens and the context length is 4096", "too_long"),
        (400, "max_tokens must be at least 1, got -186.", "too_long"),
        # A picture, against pictures at all.
        (400, "Could not process image", "bad_request"),
        (400, "This model cannot process images", "no_images"),
        # A status says one thing and the words another.
        (500, "image input is not supported by this server", "no_images"),
        (503, "image input is not supported by this server", "unavailable"),
        (401, "Insufficient balance", "quota"),
        (403, "Your input was flagged. No credits were charged.", "blocked_prompt"),
        (403, "Forbidden", "unauthorized"),
        (404, "No endpoints found that support image input", "no_images"),
        (424, "Request failed during generation", "unavailable"),
    ],
)
def test_the_more_exact_counts(status: int, message: str, kind: str) -> None:
    """Numbers and words together tell what the status alone does not."""
    assert kind_of(status, {"error": {"message": message}}) == kind


@pytest.mark.parametrize(
    "wrap", [lambda text: {"raw": text}, lambda text: {"raw": text, "provider_name": "x"}]
)
def test_the_words_of_the_server_behind_a_proxy_are_read_and_shown(wrap: Any) -> None:
    """OpenRouter says no more than 'Provider returned error', and hands the rest on as a text of JSON."""
    inner = json.dumps({"error": {"message": "Model 'x' supports at most 1 image per prompt."}})
    body = {"error": {"message": "Provider returned error", "code": 400, "metadata": wrap(inner)}}
    error = refusal(400, {}, json.dumps(body).encode(), Service("m", "http://localhost:8000/v1"))
    assert error.kind == "too_many_images"
    assert "at most 1 image per prompt" in error.reason


def test_hostile_bodies_are_read_in_a_moment() -> None:
    """A body that is deep, wide or of one long word is a failure like any other."""
    deep: Any = "image"
    for _ in range(200):
        deep = {"error": deep}
    for body in (deep, {"errors": [{"message": "image not " * 100}] * 60}, ["x"] * 900, 5, None):
        assert kind_of(400, body) in {"bad_request", "no_images"}


def test_the_parameter_is_shown_where_a_part_of_the_address_has_its_word() -> None:
    """A path may hold a token, which no message shows; the name of a parameter is none."""
    said = {"error": {"message": "enable_thinking must be false (see /thinking/v1 and /s3cretToken/v1)"}}
    for part, shown in (("thinking", "enable_thinking must be false (see /…/v1"), ("s3cretToken", "/…/v1)")):
        service = Service("m", f"http://localhost:8000/{part}/v1")
        assert shown in refusal(400, {}, json.dumps(said).encode(), service).reason
