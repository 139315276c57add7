"""Claude: what is sent, what is checked before, and what an answer becomes."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from anthropic_calls import NAMES, our_body, same_body
from drawn_calls import litellm_bodies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medbench.errors import ProviderError, UsageError
from medbench.pricing.prices import Prices
from medbench.providers import Access, Missing, anthropic
from medbench.registry import find_model
from medbench.schema.model import Limits
from medbench.schema.response import Reply

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"
KEY = "sk-ant-canary-0123456789abcdef"


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    """The bodies that litellm sent."""
    return litellm_bodies("anthropic")


@pytest.mark.parametrize("name", NAMES)
def test_our_body_is_litellms(name: str, theirs: dict[str, Any], tmp_path: Path) -> None:
    """Messages, order, pictures, system text, sampling, effort and thinking budget: nothing differs."""
    assert same_body(our_body(name, tmp_path), theirs[name])


def test_a_difference_would_be_seen(theirs: dict[str, Any], tmp_path: Path) -> None:
    """Another order or another setting is no equal body."""
    assert not same_body(our_body("image/plain", tmp_path), theirs["image-first/plain"])
    assert not same_body(our_body("image/plain", tmp_path), theirs["image/effort"])


def test_the_request_is_what_the_api_wants(claude: Any) -> None:
    """Address, key and version in headers; nothing of medbench's own in the body."""
    seen = claude.answers()
    image = claude.image(PNG + b"\xfb\xff picture")
    more = {"order": "image-first", "image_transform": "none"}
    reply = claude.ask(request=claude.request(image, text='Say "data"; ü.', **more))
    assert (seen[0].method, str(seen[0].url)) == ("POST", "https://api.anthropic.com/v1/messages")
    assert seen[0].headers["x-api-key"] == KEY
    assert seen[0].headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in seen[0].headers
    data = base64.b64encode(PNG + b"\xfb\xff picture").decode()
    source = {"type": "base64", "media_type": "image/png", "data": data}
    assert json.loads(seen[0].content) == {
        "model": "claude-9",
        "max_tokens": 500,
        "messages": [
            {
                "role": "user",
                "content": [{"type": "image", "source": source}, {"type": "text", "text": 'Say "data"; ü.'}],
            }
        ],
    }
    assert b"a/0" not in seen[0].content
    assert reply.images_sent == (hashlib.sha256(base64.b64decode(data)).hexdigest(),)


@pytest.mark.parametrize(
    ("asked", "thinking", "effort"),
    [
        ({"thinking": "default"}, None, None),
        ({"thinking": "off"}, {"type": "disabled"}, None),
        ({"thinking": "high"}, {"type": "adaptive"}, "high"),
        ({"thinking": "max", "include_thoughts": False}, {"type": "adaptive", "display": "omitted"}, "max"),
        ({"include_thoughts": True}, {"type": "adaptive", "display": "summarized"}, None),
        (
            {"thinking_budget": 1024, "thinking": "default"},
            {"type": "enabled", "budget_tokens": 1024},
            None,
        ),
    ],
)
def test_thinking_has_the_apis_fields(claude: Any, asked: dict[str, Any], thinking: Any, effort: Any) -> None:
    """A level is an effort; a budget is for older models; 'default' sends nothing."""
    seen = claude.answers()
    claude.ask(request=claude.request(**asked))
    body = json.loads(seen[0].content)
    assert body.get("thinking") == thinking
    assert body.get("output_config") == ({"effort": effort} if effort else None)


def test_a_json_schema_goes_beside_the_effort(claude: Any) -> None:
    """`response_schema` is the format of the output, in the field that the effort stands in."""
    seen = claude.answers()
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    claude.ask(request=claude.request(response_schema=schema, thinking="low"))
    expected = {"effort": "low", "format": {"type": "json_schema", "schema": schema}}
    assert json.loads(seen[0].content)["output_config"] == expected


@pytest.mark.parametrize("how", ["request", "setting"])
def test_a_system_message_stands_beside_the_messages(claude: Any, how: str) -> None:
    """The request's system text, or the setting of that name."""
    seen = claude.answers()
    plain = claude.request().model_copy(update={"system": "You are."})
    claude.ask(request=plain if how == "request" else claude.request(system="You are."))
    assert json.loads(seen[0].content)["system"] == [{"type": "text", "text": "You are."}]


def test_an_answer_is_handed_on(claude: Any) -> None:
    """Text of all blocks, thoughts apart, the model that answered, why it ended, the service's own counts."""
    claude.answers(
        claude.message(
            {"type": "thinking", "thinking": "Look closely. ", "signature": "x"},
            {"type": "redacted_thinking", "data": "secret"},
            {"type": "text", "text": "A mass"},
            {"type": "thinking", "thinking": "Again."},
            {"type": "text", "text": " of 2 cm."},
            stop_reason="stop_sequence",
        )
    )
    reply = claude.ask()
    assert (reply.text, reply.thoughts) == ("A mass of 2 cm.", "Look closely.\n\nAgain.")
    assert (reply.answered, reply.finish_reason) == ("claude-9-20990101", "stop_sequence")
    assert (reply.usage.input, reply.usage.output, reply.usage.source) == (1100, 3, "provider")


def test_an_answer_cut_at_max_tokens_is_kept(claude: Any) -> None:
    """It is an answer that scoring flags as truncated; without any text it is a failure."""
    claude.answers(claude.message(stop_reason="max_tokens"))
    assert (claude.ask().text, claude.ask().finish_reason) == ("A mass.", "max_tokens")
    claude.answers(claude.message({"type": "thinking", "thinking": "Hm."}, stop_reason="max_tokens"))
    error = claude.fails()
    assert (error.kind, error.final) == ("thoughts_only", True)
    assert isinstance(error.reply, Reply)
    assert error.reply.usage.output == 3


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (None, (None, None, None, None)),
        ("many", (None, None, None, None)),
        ({"input_tokens": 10, "output_tokens": 4}, (10, 4, None, None)),
        ({"input_tokens": 10, "cache_read_input_tokens": 8, "output_tokens": 4}, (18, 4, None, 8)),
        (
            {"input_tokens": 10, "cache_creation_input_tokens": 90, "cache_read_input_tokens": 0},
            (100, None, None, 0),
        ),
        ({"output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}}, (None, 5, 4, None)),
        ({"output_tokens": 3, "output_tokens_details": {"thinking_tokens": 4}}, (None, 0, 3, None)),
        ({"input_tokens": True, "output_tokens": -1}, (None, None, None, None)),
    ],
)
def test_counts_are_the_services_own(claude: Any, usage: object, counts: tuple[int | None, ...]) -> None:
    """Cached tokens are part of the request, thoughts no part of the answer; nothing is counted twice."""
    claude.answers(claude.message(usage=usage))
    found = claude.ask().usage
    assert (found.input, found.output, found.thoughts, found.cached) == counts
    assert found.source == (None if counts == (None,) * 4 else "provider")


@pytest.mark.parametrize(
    ("changes", "kind", "says"),
    [
        ({"stop_reason": "refusal"}, "blocked", "the model refused"),
        (
            {"stop_reason": "refusal", "stop_details": {"category": "bio", "explanation": "Not\nso."}},
            "blocked",
            "refused: 'bio; Not so.'",
        ),
        ({"stop_reason": "pause_turn"}, "stopped", "'pause_turn'"),
        ({"stop_reason": "tool_use"}, "stopped", "'tool_use'"),
        ({"stop_reason": "model_context_window_exceeded"}, "too_long", "--images spread"),
        ({"stop_reason": "A_NEW_ONE"}, "unknown_finish", "'a_new_one'"),
    ],
)
def test_a_message_that_is_no_whole_answer_is_a_failure(
    claude: Any, changes: dict[str, Any], kind: str, says: str
) -> None:
    """Refused or not whole, with text or without: final, and what it cost is counted."""
    for content in ([], [{"type": "text", "text": "some of it"}]):
        claude.answers(claude.message(content=content, **changes))
        error = claude.fails()
        assert (error.kind, error.final, error.sent) == (kind, True, True)
        assert says in error.reason
        assert isinstance(error.reply, Reply)
        assert error.reply.usage.input == 1100


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"", "unreadable"),
        (b"<html>", "html"),
        (b'{"type": "mess', "unreadable"),
        ([], "unreadable"),
        (None, "unreadable"),
        ({"type": "message"}, "unreadable"),
        ({"content": "A mass."}, "unreadable"),
        ({"content": [7, None, {"type": "text"}], "stop_reason": "end_turn"}, None),
    ],
)
def test_what_is_no_message_is_a_failure(claude: Any, said: object, kind: str | None) -> None:
    """It may pass; blocks without a text are an empty answer, which the client calls so."""
    claude.answers(b"null" if said is None else said)
    if kind is None:
        assert claude.ask().text == ""
        return
    error = claude.fails()
    assert (error.kind, error.final) == (kind, False)


@pytest.mark.parametrize(
    ("wrong", "says", "hint"),
    [
        ({"temprature": 1.0}, "'temprature' is not a setting of a Claude model", "temperature"),
        ({"stream": True}, "'stream' is not a setting", ""),
        ({"order": "sideways"}, "'sideways' does not fit 'order'", "text-first"),
        ({"top_k": 0.5}, "'0.5' does not fit 'top_k'", "1"),
        ({"thinking": "deep"}, "'deep' does not fit 'thinking'", "low"),
        ({"thinking_budget": 1023}, "'1023' does not fit 'thinking_budget'", "4096"),
        ({"thinking": "low", "thinking_budget": 2000}, "both set", "default"),
        ({"max_tokens": None}, "needs 'max_tokens'", "8192"),
    ],
)
def test_a_wrong_setting_is_named(claude: Any, wrong: dict[str, Any], says: str, hint: str) -> None:
    """In a model file it is an error before anything is sent; changed with --set, it stops the provider."""
    seen = claude.answers()
    with pytest.raises(UsageError) as caught:
        anthropic.Provider(claude.model(settings={"max_tokens": 500, **wrong}), claude.pictures)
    assert says in caught.value.message
    assert hint in caught.value.hint
    error = claude.fails(request=claude.request(**wrong))
    assert (error.kind, error.stops, error.sent) == ("setting", True, False)
    assert not seen


def test_limits_are_checked_before_sending(claude: Any) -> None:
    """Too many images, or a body above the model file's limit or the API's own: nothing is sent."""
    seen = claude.answers()
    image = claude.image(PNG + b"x" * 1_000)
    assert claude.fails(claude.model(limits=Limits(images=1)), claude.request(image, image)).kind == (
        "too_many_images"
    )
    assert (
        claude.fails(claude.model(limits=Limits(body_bytes=900)), claude.request(image)).kind == "too_large"
    )
    assert claude.fails(request=claude.request(text="x" * 32_000_001)).kind == "too_large"
    assert not seen


@pytest.mark.parametrize(
    "base_url",
    ["https://llm.test/claude", "https://llm.test/claude/v1/", "https://llm.test/claude/v1/messages"],
)
def test_another_server_gets_the_key_that_is_named_for_it(
    claude: Any, monkeypatch: pytest.MonkeyPatch, base_url: str
) -> None:
    """Anthropic's key stays at home; the address may be given with /v1 or without."""
    seen = claude.answers()
    claude.ask(claude.model(base_url=base_url))
    assert str(seen[0].url) == "https://llm.test/claude/v1/messages"
    assert "x-api-key" not in seen[0].headers
    monkeypatch.setenv("PROXY_KEY", "sk-proxy-0123456789abcdef")
    claude.ask(claude.model(base_url=base_url, key_env="PROXY_KEY"))
    assert seen[1].headers["x-api-key"] == "sk-proxy-0123456789abcdef"


def test_what_is_missing_and_what_is_used(claude: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key there is a line to type; another server needs one only where its file says so."""
    provider, model = anthropic.Provider, claude.model
    assert provider.missing(model()) is None
    assert provider.access(model()) == Access("key", "ANTHROPIC_API_KEY is set")
    assert provider.access(model(base_url="http://x.test")) == Access("key", "none is sent")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    missing = provider.missing(model())
    assert missing is not None
    assert missing.hint.startswith("export ANTHROPIC_API_KEY=…")
    assert provider.missing(model(base_url="http://x.test")) is None
    assert provider.missing(model(key_env="MINE")) == Missing("key", "export MINE=…")


@pytest.mark.parametrize("name", ["claude-opus", "claude-sonnet", "claude-haiku"])
def test_the_shipped_models_can_be_asked_and_priced(claude: Any, name: str) -> None:
    """Their settings are ones that the API takes, and the price list has them and their versions."""
    seen = claude.answers()
    model = find_model(name, {})
    request = claude.request(**model.settings).model_copy(update={"model": model.id})
    reply = claude.ask(model, request)
    assert json.loads(seen[0].content)["model"] == model.id
    prices = Prices(model)
    now = Prices(model).date
    assert now is not None
    assert prices.charged == "token"
    assert reply.usage.thoughts is None, "unknown thoughts do not make the cost unknown: they are output"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("type", "content", "text", "thinking", "stop_reason", "stop_details", "usage", "error", "model")
MESSAGES = st.recursive(
    JSON | st.sampled_from(["text", "thinking", "end_turn", "refusal", "error", "message"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=15,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MESSAGES)
def test_any_answer_is_a_reply_or_a_failure(claude: Any, said: object) -> None:
    """Whatever JSON comes, it is read or refused by a ProviderError."""
    claude.answers(json.dumps(said).encode())
    with suppress(ProviderError):
        assert isinstance(claude.ask(), Reply)
