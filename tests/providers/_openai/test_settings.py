"""Settings that go to a server as they are: mistyped ones are refused, unknown ones are meant."""

from __future__ import annotations

from typing import Any

import pytest

from medbench.errors import UsageError
from medbench.providers._openai.settings import KNOWN, RESERVED, check_settings, fields_of
from medbench.registry import shipped_models
from medbench.schema.model import ModelFile


def _check(**settings: Any) -> None:
    check_settings(ModelFile(provider="openai", id="med-1", settings=settings))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("temprature", "temperature"),
        ("temprture", "temperature"),
        ("tempeature", "temperature"),
        ("Temperature", "temperature"),
        ("temperatur", "temperature"),
        ("temp", "temperature"),
        ("max_token", "max_tokens"),
        ("maxtokens", "max_tokens"),
        ("maxTokens", "max_tokens"),
        ("max-tokens", "max_tokens"),
        ("mas_tokens", "max_tokens"),
        ("max_new_tokens", "max_tokens"),
        ("max_output_tokens", "max_tokens"),
        ("num_predict", "max_tokens"),
        ("topp", "top_p"),
        ("topK", "top_k"),
        ("min-p", "min_p"),
        ("sed", "seed"),
        ("seeed", "seed"),
        ("stops", "stop"),
        ("stop_sequences", "stop"),
        ("systemm", "system"),
        ("system_prompt", "system"),
        ("ordre", "order"),
        ("image_label", "image_labels"),
        ("image_tranform", "image_transform"),
        ("repetition_penaly", "repetition_penalty"),
        ("frequency-penalty", "frequency_penalty"),
        ("presense_penalty", "presence_penalty"),
        ("chat_template_kwarg", "chat_template_kwargs"),
        ("extrabody", "extra_body"),
        ("response_schemas", "response_schema"),
        ("reasoning_efort", "reasoning_effort"),
    ],
)
def test_a_mistyped_setting_is_refused_with_the_one_that_was_meant(typed: str, meant: str) -> None:
    """A server would ignore it, and the run would claim a setting that it never had."""
    with pytest.raises(UsageError, match=f"'{typed}' is not a setting of 'med-1'") as caught:
        _check(**{typed: 1})
    assert caught.value.hint == f"{meant} = 1   (if '{typed}' is meant: extra_body = {{ {typed} = 1 }})"


@pytest.mark.parametrize(
    "name",
    [
        *("top_k", "min_p", "repetition_penalty", "chat_template_kwargs", "mm_processor_kwargs", "bad_words"),
        *("guided_json", "min_tokens", "stop_token_ids", "vllm_xargs", "cache_salt", "ignore_eos"),
        *("n_predict", "repeat_penalty", "cache_prompt", "id_slot", "typical_p", "mirostat"),
        *("top_a", "reasoning", "provider", "transforms", "enable_thinking", "safe_prompt", "num_ctx"),
        *("regex", "separate_reasoning", "keep_alive", "think", "max_completion_tokens"),
        *("quantisation_hint", "vision_tower_layers", "my_flag", "x", "tp"),
    ],
)
def test_a_setting_that_a_server_may_know_goes_out(name: str) -> None:
    """Whether medbench knows it or not."""
    _check(**{name: 1})
    assert fields_of({name: 1, "order": "text-first"}) == {name: 1}


def test_no_known_setting_is_taken_for_another() -> None:
    """Each known name is itself, also where it is a letter away from another."""
    for name in KNOWN - {"extra_body"}:
        _check(**{name: 1})
    for data in shipped_models().values():
        if data.get("provider") in {"openai", "vertex"}:
            _check(**data.get("settings", {}))


def test_what_is_like_a_known_setting_and_meant_goes_out_in_extra_body() -> None:
    """There is a way for each name; what medbench reads or sets itself stands beside it."""
    extra = {"top_b": 2, "temprature": 1}
    _check(temperature=0.0, extra_body=extra)
    assert fields_of({"temperature": 0.0, "extra_body": extra}) == {"temperature": 0.0, **extra}
    for name in ("max_tokens", "temperature", "order", "system", "response_schema"):
        with pytest.raises(UsageError, match=f"'{name}' stands in 'extra_body'"):
            _check(temperature=0.0, extra_body={name: 1})
    for name in RESERVED:
        with pytest.raises(UsageError, match=f"'{name}' is set by medbench"):
            _check(extra_body={name: 1})
    with pytest.raises(UsageError, match="which is a table"):
        _check(extra_body=3)


def test_a_field_called_extra_body_is_sent_from_within() -> None:
    """As by OpenAI's own client: Gemini's compatible server has a field of that name."""
    google = {"google": {"thinking_config": {"thinking_budget": 0}}}
    settings = {"extra_body": {"extra_body": google}}
    _check(**settings)
    assert fields_of(settings) == {"extra_body": google}


@pytest.mark.parametrize("name", ["mirostat_lr", "return_tokens", "tfs", "top_h", "uid"])
def test_a_field_that_looks_like_another_is_taken(name: str) -> None:
    """Servers know them."""
    _check(**{name: 1})
