"""The settings of a Gemini system: which there are, which values they take, and how the API calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from medbench.errors import UsageError
from medbench.images.transform import is_transform
from medbench.sentences import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ORDERS: Final = ("text-first", "image-first")
LEVELS: Final = ("minimal", "low", "medium", "high", "xhigh")
RESOLUTIONS: Final = ("low", "medium", "high")
DEFAULT: Final = "default"
"""The value that leaves a choice to the service: nothing is sent."""

_FIELDS: Final = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "max_tokens": "max_output_tokens",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "stop": "stop_sequences",
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


_NUMBER: Final = (_is_number, "a number", "0.3")
_WHOLE: Final = (_is_whole, "a whole number", "1")
_WANTED: Final[dict[str, tuple[Callable[[Any], bool], str, str]]] = {
    "temperature": _NUMBER,
    "top_p": _NUMBER,
    "top_k": _NUMBER,
    "seed": _WHOLE,
    "max_tokens": (lambda value: _is_whole(value) and value > 0, "a whole number above 0", "8192"),
    "presence_penalty": _NUMBER,
    "frequency_penalty": _NUMBER,
    "stop": (_is_texts, "a list of texts", '["END"]'),
    "thinking": (lambda value: value in (DEFAULT, *LEVELS), f"one of: {DEFAULT}, {', '.join(LEVELS)}", "low"),
    "thinking_budget": (
        lambda value: _is_whole(value) and value >= -1,
        "tokens, 0 for none, -1 for any",
        "0",
    ),
    "include_thoughts": (lambda value: isinstance(value, bool), "true or false", "true"),
    "media_resolution": (
        lambda value: value in (DEFAULT, *RESOLUTIONS),
        f"one of: {DEFAULT}, {', '.join(RESOLUTIONS)}",
        "high",
    ),
    "response_schema": (lambda value: isinstance(value, dict), "a JSON Schema", "{…}"),
    "system": (_is_text, "a text", '"…"'),
    "order": (lambda value: value in ORDERS, f"one of: {', '.join(ORDERS)}", ORDERS[0]),
    "image_transform": (is_transform, "'none', which sends the file's bytes, or fit-N pixels", "none"),
}


def check(settings: Mapping[str, Any]) -> None:
    """Check names and values; a value of None stands for a setting that is not there.

    Raises:
        UsageError: A name is not known, or a value does not fit; with the nearest name or a right value.
    """
    for name, value in settings.items():
        if name not in _WANTED:
            close = nearest(name, _WANTED)
            hint = f"{close} = …" if close else f"one of: {', '.join(_WANTED)}"
            raise UsageError(f"'{name}' is no setting of a Gemini model.", hint)
        fits, kind, example = _WANTED[name]
        if value is not None and not fits(value):
            raise UsageError(f"'{value}' does not fit '{name}', which is {kind}.", f"--set {name}={example}")
    level, budget = settings.get("thinking"), settings.get("thinking_budget")
    if level not in {None, DEFAULT} and budget is not None:
        raise UsageError(
            "'thinking' and 'thinking_budget' are both set, but a model takes one of them.",
            'thinking = "low" for Gemini 3; thinking = "default" beside a budget for Gemini 2.5',
        )


def config_of(settings: Mapping[str, Any], system: str | None) -> dict[str, Any]:
    """The fields of google-genai's GenerateContentConfig, as plain values.

    Args:
        settings: Of the system, checked.
        system: The request's own system message, which goes before the setting of that name.
    """
    config: dict[str, Any] = {
        field: settings[name] for name, field in _FIELDS.items() if settings.get(name) is not None
    }
    thinking = {
        "thinking_level": _upper(settings.get("thinking")),
        "thinking_budget": settings.get("thinking_budget"),
        "include_thoughts": settings.get("include_thoughts"),
    }
    thinking = {name: value for name, value in thinking.items() if value is not None}
    if thinking:
        config["thinking_config"] = thinking
    resolution = _upper(settings.get("media_resolution"))
    if resolution:
        config["media_resolution"] = f"MEDIA_RESOLUTION_{resolution}"
    if settings.get("response_schema") is not None:
        # The other field, 'response_schema', is a dialect of its own that the service often refuses.
        config["response_json_schema"] = settings["response_schema"]
        config["response_mime_type"] = "application/json"
    system = system or settings.get("system")
    if system:
        config["system_instruction"] = system
    return config


def _upper(value: Any) -> str | None:
    return None if value is None or value == DEFAULT else str(value).upper()
