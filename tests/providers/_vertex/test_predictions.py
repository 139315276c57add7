"""What `:predict` answers: one completion in four wrappings, and what is none."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.errors import ProviderError
from medbench.providers._openai.reply import reply_from
from medbench.providers._vertex.predictions import reply_from_predictions

COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1.0,
    "model": "google/medgemma",
    "choices": [
        {
            "index": 0.0,
            "message": {"role": "assistant", "content": "<unused94>thought\nLook.<unused95>A mass."},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 290.0, "completion_tokens": 12.0, "total_tokens": 302.0},
}
WRAPPED = {
    "dict": COMPLETION,
    "list": [COMPLETION],
    "nested": [COMPLETION["choices"]],
    "texts": [COMPLETION["choices"][0]["message"]["content"]],
    "prompted": ["Prompt:\nDescribe.\nOutput:\n" + COMPLETION["choices"][0]["message"]["content"]],
}


@pytest.mark.parametrize("shape", WRAPPED)
def test_each_wrapping_is_read(shape: str) -> None:
    """Text and thoughts come out of each; counts and names where there are any, never a guess."""
    said = {"predictions": WRAPPED[shape], "deployedModelId": "1", "modelDisplayName": "medgemma"}
    reply = reply_from_predictions(said, ("0" * 64,))
    assert (reply.text, reply.thoughts, reply.images_sent) == ("A mass.", "Look.", ("0" * 64,))
    whole = shape in {"dict", "list"}
    assert reply.answered == ("google/medgemma" if whole else None)
    assert (reply.usage.input, reply.usage.output) == ((290, 12) if whole else (None, None))
    assert reply.usage.source == ("provider" if whole else None)
    assert reply.finish_reason == (None if shape in {"texts", "prompted"} else "stop")


def test_a_completion_without_a_wrapping_is_read() -> None:
    """A front that hands on what the container said is understood, too."""
    assert reply_from_predictions(COMPLETION, None) == reply_from(COMPLETION, None)


@pytest.mark.parametrize(
    "said",
    [
        {"prediction": "id"},
        {"predictions": "id"},
        {"predictions": ["id"]},
        {"predictions": [" choices\n"]},
        {"predictions": ["id", "object", "created", "model", "choices"]},
        {"predictions": []},
        {"predictions": [[]]},
        {"predictions": [None]},
        {"predictions": None},
        {"predictions": 7},
        {"predictions": [7]},
        {"predictions": {}},
        {"predictions": [COMPLETION, COMPLETION]},
        {"predictions": {"object": "error", "message": "no worker"}},
        {"error": {"message": "no worker"}},
        {},
        [],
        "id",
        None,
    ],
    ids=str,
)
def test_what_is_no_completion_is_unreadable(said: object) -> None:
    """A field's name in place of its value, no prediction, two, an error: a failure, and never an answer."""
    with pytest.raises(ProviderError) as caught:
        reply_from_predictions(said, None)
    assert (caught.value.kind, caught.value.final) == ("unreadable", False)
    if "no worker" in str(said):
        assert "no worker" in caught.value.reason


def test_a_withheld_answer_is_blocked_in_any_wrapping() -> None:
    """Why the answer ended is looked at in each wrapping that says it."""
    choices = [{"message": {"content": "x"}, "finish_reason": "content_filter"}]
    for wrapped in ({"choices": choices}, [{"choices": choices}], [choices]):
        with pytest.raises(ProviderError, match="withheld"):
            reply_from_predictions({"predictions": wrapped}, None)


KEYS = st.sampled_from(
    ["predictions", "choices", "message", "content", "text", "usage", "error", "object", "finish_reason",
     "prompt_tokens", "completion_tokens_details", "reasoning_tokens", "refusal", "model", "reasoning"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(ANY_JSON)
def test_any_json_is_a_reply_or_a_failure(said: object) -> None:
    """Whatever a server sends, nothing but a `ProviderError` comes of it."""
    for wrapped in (said, {"predictions": said}, {"predictions": [said]}, {"choices": [{"message": said}]}):
        with contextlib.suppress(ProviderError):
            assert json.dumps(reply_from_predictions(wrapped, None).model_dump(mode="json"))
