"""Facts that a server's refusal states: its sentences, the names of the error, the parameter it is about.

Only fields that servers write themselves are read. What they repeat of the request, such as the prompt, and
the addresses in a sentence are left out: their words mean nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

LONGEST_READ: Final = 64 * 1024
"""Characters of a refusal that are read."""
_LONGEST_SENTENCE: Final = 4_000
_MOST_PARTS: Final = 60
_DEEPEST: Final = 8
_SENTENCES: Final = (
    "error",
    "message",
    "msg",
    "detail",
    "details",
    "error_description",
    "error_message",
    "error_msg",
    "description",
    "raw",
    "cause",
)
"""Keys of sentences, or of objects that hold some."""
_INSIDE: Final = (
    "errors",
    "metadata",
    "innererror",
    "violations",
    "fieldViolations",
    "provider_specific_fields",
)
"""Keys of objects that say more of the error."""
_NAMES: Final = (
    "code",
    "type",
    "status",
    "reason",
    "error_type",
    "error_code",
    "__type",
    "quotaId",
    "retryDelay",
)
_PARAMETERS: Final = ("param", "parameter", "field")
# Pydantic and others repeat what they were sent under these keys, also in a text of Python or JSON.
_REPEATED: Final = re.compile(
    r"""(['"])(?:input|prompt|content|messages|text|flagged_input)\1\s*:.*?"""
    r"""(?=['"](?:type|loc|msg|ctx|url)['"]\s*:|\Z)""",
    re.DOTALL,
)
_QUOTED: Final = re.compile(r'(?<!": )(?<!":)"[^"\n]{60,}"')
_ADDRESS: Final = re.compile(r"https?://[^\s'\")\]]+")
# LiteLLM lists its own settings after the server's words.
_SETTINGS_OF_A_PROXY: Final = re.compile(r"(?:content_policy|context_window)_fallbacks?\b[^\s.]*")
_EDGE: Final = re.compile(r"(?<=[a-z\d])(?=[A-Z])|[^A-Za-z\d]+")


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts that a refusal states."""

    words: str
    """Its sentences, one a line."""
    names: str = ""
    """Codes and types of the error in small words: 'insufficient quota | invalid request error'."""
    parameters: tuple[str, ...] = field(default=())
    """Parameters that it is about."""


def facts_of(document: object, text: str = "") -> Facts:
    """Return what a refusal says.

    Args:
        document: Its JSON; None where there is none.
        text: What came in its place.
    """
    if document is None:
        return Facts(_cleaned(text[:LONGEST_READ]))
    sentences: list[str] = []
    names: list[str] = []
    parameters: list[str] = []
    _read(document, sentences, names, parameters, _DEEPEST)
    addresses = (_ADDRESS.findall(sentence) for sentence in sentences)
    anchors = [address.partition("#")[2] for found in addresses for address in found if "#" in address]
    return Facts(
        words="\n".join(dict.fromkeys(map(_cleaned, sentences))),
        names=" | ".join(dict.fromkeys(map(_in_words, (*names, *anchors)))),
        parameters=tuple(parameters),
    )


def _read(value: object, sentences: list[str], names: list[str], parameters: list[str], deep: int) -> None:
    if deep == 0 or len(sentences) + len(names) > _MOST_PARTS:
        return
    if isinstance(value, str):
        inner = _json(value)
        if inner is None:
            sentences.append(value[:_LONGEST_SENTENCE])
        else:
            _read(inner, sentences, names, parameters, deep - 1)
    elif isinstance(value, list):
        for part in value[:10]:
            _read(part, sentences, names, parameters, deep - 1)
    elif isinstance(value, Mapping):
        names += [str(value[key])[:100] for key in _NAMES if isinstance(value.get(key), str | int)]
        parameters += _parameters(value)
        inside = [value[key] for key in _INSIDE if isinstance(value.get(key), Mapping | list)]
        for part in (*(value.get(key) for key in _SENTENCES), *inside):
            _read(part, sentences, names, parameters, deep - 1)


def _parameters(value: Mapping[str, Any]) -> list[str]:
    found = [value[key] for key in _PARAMETERS if isinstance(value.get(key), str)]
    place = value.get("loc")
    if isinstance(place, list):
        found.append(".".join(str(part) for part in place[:4] if part != "body"))
    return list(filter(None, found))


def _json(text: str) -> Any:
    """Return the JSON that a text is, as proxies hand on the errors of others; None for other texts."""
    if text.lstrip()[:1] not in {"{", "["} or len(text) > LONGEST_READ:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, Mapping | list) else None


def _cleaned(sentence: str) -> str:
    for pattern in (_REPEATED, _ADDRESS, _QUOTED, _SETTINGS_OF_A_PROXY):
        sentence = pattern.sub(" ", sentence)
    return sentence[:_LONGEST_SENTENCE].replace("\u2019", "'")


def _in_words(name: str) -> str:
    return _EDGE.sub(" ", name).strip().lower()


SAME_SENTENCE: Final = r"(?:[^.;!?\n]|\.(?! |\n|$))"
"""Pattern of a character in the same sentence: 'gpt-4.1' does not end one."""


def near(thing: str, wrong: str, apart: int = 50) -> str:
    """Return a pattern of two in one sentence, in either order, with at most so many characters between."""
    gap = f"{SAME_SENTENCE}{{0,{apart}}}?"
    return f"(?:{thing}){gap}(?:{wrong})|(?:{wrong}){gap}(?:{thing})"


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    # Compiled when the first refusal is read: most runs see none.
    return re.compile("|".join(patterns), re.IGNORECASE)


def says(text: str, *patterns: str) -> bool:
    """Return True if one of the patterns is found, in large or small letters."""
    return _compiled(patterns).search(text) is not None


def found_in(text: str, pattern: str) -> re.Match[str] | None:
    """Return where a pattern is found first."""
    return _compiled((pattern,)).search(text)


def without(pattern: str, text: str) -> str:
    """Return a text without what a pattern finds."""
    return _compiled((pattern,)).sub(" ", text)
