"""A chat completion as a reply, or the failure that it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from medbench.errors import ProviderError
from medbench.schema.response import Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping


_BLOCKED = frozenset(
    {
        "content_filter",
        "content_filtered",
        "refusal",
        "safety",
        "image_safety",
        "prohibited_content",
        "blocklist",
        "recitation",
        "spii",
    }
)


# The server gave up on the call by itself (vLLM and SGLang: 'abort'): what is there is no whole answer.
_BROKEN_OFF = frozenset({"abort", "error", "cancelled", "insufficient_system_resource"})


# MedGemma wraps its thoughts in two tokens without a name; others open the answer with a <think> block.
# One that is never closed was cut at max_tokens: nothing after it is an answer.
_THOUGHT = re.compile(
    r"<unused94>(?:thought\b)?(.*?)(?:<unused95>|\Z)|\A\s*<think>(.*?)(?:</think>|\Z)", re.DOTALL
)


def reply_from(data: object, images_sent: tuple[str, ...] | None) -> Reply:
    """What a chat completion says.

    Args:
        data: The answer's JSON.
        images_sent: Sha256 of the images that were sent.

    Raises:
        ProviderError: It is no chat completion, or the answer was withheld.
    """
    if not isinstance(data, dict):
        raise _unreadable(f"{_kind_of(data)} in place of a chat completion")
    choice = _first_choice(data)
    message = choice.get("message")
    if not isinstance(message, dict):
        raise _unreadable("a chat completion without a message")
    finish = choice.get("finish_reason")
    finish = finish.lower() if isinstance(finish, str) else None
    said = _text(message.get("content"))
    text, thoughts = _apart(said)
    apart = message.get("reasoning_content") or message.get("reasoning")
    thoughts = [apart.strip(), *thoughts] if isinstance(apart, str) else thoughts
    answered = data.get("model")
    reply = Reply(
        text=text,
        answered=answered if isinstance(answered, str) and answered else None,
        finish_reason=finish,
        thoughts="\n\n".join(thoughts) or None,
        usage=_usage(data.get("usage")),
        images_sent=images_sent,
    )
    try:
        _check_end(finish, message.get("refusal"), said)
    except ProviderError as error:
        error.reply = reply  # what came is no answer, and may have to be paid
        raise
    return reply


def _first_choice(data: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = data.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    error = data.get("error") or (data.get("object") == "error" and data.get("message"))
    if error:
        said = error.get("message") if isinstance(error, dict) else error
        raise _unreadable(f"an error in a 200: '{' '.join(str(said).split())[:200]}'")
    raise _unreadable(f"no choices, only: {', '.join(sorted(map(str, data)))[:100] or 'nothing'}")


def _text(content: object) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_text(part.get("text")) if isinstance(part, dict) else _text(part) for part in content)
    raise _unreadable(f"content that is {_kind_of(content)}")


def _check_end(finish: str | None, refusal: object, text: str) -> None:
    """An answer that was withheld or broken off is none, whatever text came with it."""
    if finish in _BLOCKED:
        raise ProviderError("blocked", f"the answer was withheld: finish_reason '{finish}'", final=True)
    if isinstance(refusal, str) and refusal.strip() and not text.strip():
        said = " ".join(refusal.split())[:200]
        raise ProviderError("blocked", f"the model refused: '{said}'", final=True)
    if finish in _BROKEN_OFF:
        raise ProviderError("unavailable", f"the server broke off: finish_reason '{finish}'", final=False)


def _apart(text: str) -> tuple[str, list[str]]:
    """The answer without the thoughts in it, and these."""
    found = [(one or other).strip() for one, other in _THOUGHT.findall(text)]
    return (_THOUGHT.sub("", text).strip(), found) if found else (text, [])


def _usage(said: object) -> Usage:
    if not isinstance(said, dict):
        return Usage()
    prompt, output = _count(said, "prompt_tokens"), _count(said, "completion_tokens")
    thoughts = _count(said.get("completion_tokens_details"), "reasoning_tokens")
    if output is not None and thoughts:
        # Most count thoughts among the completion; where the sum shows otherwise, nothing is taken off.
        beside = _count(said, "total_tokens") == (prompt or 0) + output + thoughts
        output = output if beside or thoughts > output else output - thoughts
    counts = {
        "input": prompt,
        "output": output,
        "thoughts": thoughts,
        "cached": _count(said.get("prompt_tokens_details"), "cached_tokens"),
    }
    known = any(count is not None for count in counts.values())
    return Usage.model_validate({**counts, "source": "provider" if known else None})


def _count(said: object, key: str) -> int | None:
    value = said.get(key) if isinstance(said, dict) else None
    # Vertex hands usage on as floats; true and -1 are no counts.
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return int(value) if whole and value is not None and 0 <= value < 10**12 else None


def _unreadable(what: str) -> ProviderError:
    return ProviderError("unreadable", f"the server answered with {what}", final=False)


def _kind_of(value: object) -> str:
    names = {
        "NoneType": "null",
        "str": "a text",
        "list": "a list",
        "dict": "an object",
        "bool": "true or false",
    }
    return names.get(type(value).__name__, "a number")
