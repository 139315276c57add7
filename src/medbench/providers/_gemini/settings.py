"""The settings of a Gemini system: names and values, and what the API calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from medbench.errors import UsageError
from medbench.providers._http import settings as kinds
from medbench.providers._http.settings import DEFAULT, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEVELS: Final = ("minimal", "low", "medium", "high", "xhigh")
_RESOLUTIONS: Final = ("low", "medium", "high")
_FIELDS: Final = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "seed": "seed",
    "max_tokens": "maxOutputTokens",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "stop": "stopSequences",
}
_KINDS: Final[Mapping[str, Kind]] = {
    "temperature": kinds.NUMBER,
    "top_p": kinds.NUMBER,
    "top_k": kinds.NUMBER,
    "seed": kinds.WHOLE,
    "max_tokens": kinds.MAX_TOKENS,
    "presence_penalty": kinds.NUMBER,
    "frequency_penalty": kinds.NUMBER,
    "stop": kinds.TEXTS,
    "thinking": kinds.one_of(DEFAULT, *_LEVELS, example="low"),
    "thinking_budget": Kind(
        lambda value: kinds.is_whole(value) and value >= -1, "tokens, 0 for none, -1 for any", "0"
    ),
    "include_thoughts": kinds.FLAG,
    "media_resolution": kinds.one_of(DEFAULT, *_RESOLUTIONS, example="high"),
    "response_schema": kinds.SCHEMA,
    **kinds.COMMON,
}


def check(settings: Mapping[str, Any]) -> None:
    """Check names and values; a value of None stands for a setting that is not there.

    Raises:
        UsageError: A name is not known, or a value does not fit; with the nearest name or a right value.
    """
    kinds.check(settings, _KINDS, "a Gemini model")
    if settings.get("thinking") not in {None, DEFAULT} and settings.get("thinking_budget") is not None:
        raise UsageError(
            "'thinking' and 'thinking_budget' are both set, but a model takes one of them.",
            'thinking = "low" for Gemini 3; thinking = "default" beside a budget for Gemini 2.5',
        )


def generation_config(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the API's GenerationConfig for the settings of a system, which are checked."""
    config: dict[str, Any] = {
        field: settings[name] for name, field in _FIELDS.items() if settings.get(name) is not None
    }
    thinking = {
        "thinkingLevel": _upper(settings.get("thinking")),
        "thinkingBudget": settings.get("thinking_budget"),
        "includeThoughts": settings.get("include_thoughts"),
    }
    thinking = {name: value for name, value in thinking.items() if value is not None}
    if thinking:
        config["thinkingConfig"] = thinking
    resolution = _upper(settings.get("media_resolution"))
    if resolution:
        config["mediaResolution"] = f"MEDIA_RESOLUTION_{resolution}"
    if settings.get("response_schema") is not None:
        # The other field, 'responseSchema', is a dialect of its own that the service often refuses.
        config["responseJsonSchema"] = settings["response_schema"]
        config["responseMimeType"] = "application/json"
    return config


def _upper(value: Any) -> str | None:
    return None if value is None or value == DEFAULT else str(value).upper()
