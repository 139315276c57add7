"""A chat completion as a reply, or the failure that it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from medbench.errors import ProviderError
from medbench.providers._http.error_documents import UNNAMED, error_in_answer
from medbench.providers._http.json_values import count, kind_of, name, usage_of
from medbench.schema.response import Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.providers._http.service import Service

_BLOCKED: Final = frozenset(
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
# The server gave up on the call by itself (vLLM and SGLang: 'abort'): the text is not a whole answer.
_BROKEN_OFF: Final = frozenset({"abort", "error", "cancelled", "insufficient_system_resource"})
# MedGemma wraps its thoughts in two tokens without a name; others open the answer with a <think> block.
# One that is never closed was cut at max_tokens: nothing after it is an answer.
_THOUGHT: Final = re.compile(
    r"<unused94>(?:thought\b)?(.*?)(?:<unused95>|\Z)|\A\s*<think>(.*?)(?:</think>|\Z)", re.DOTALL
)


def reply_from(data: object, images_sent: tuple[str, ...] | None, service: Service = UNNAMED) -> Reply:
    """Return the reply that a chat completion holds.

    Args:
        data: The answer's JSON.
        images_sent: Sha256 of the images that were sent.
        service: The server that answered.

    Raises:
        ProviderError: It is not a chat completion, or the answer was withheld.
    """
    if not isinstance(data, dict):
        error = error_in_answer(data, service)
        raise error or _misshapen(f"{kind_of(data)} in place of a chat completion")
    choice = _first_choice(data, service)
    message = choice.get("message")
    if not isinstance(message, dict):
        raise _misshapen("a chat completion without a message")
    finish = choice.get("finish_reason")
    finish = finish.lower() if isinstance(finish, str) else None
    content = _text(message.get("content"))
    text, thoughts = _apart(content)
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    thoughts = [reasoning.strip(), *thoughts] if isinstance(reasoning, str) else thoughts
    reply = Reply(
        text=text,
        answered=name(data.get("model")),
        finish_reason=finish,
        thoughts="\n\n".join(thoughts) or None,
        usage=_usage(data.get("usage")),
        images_sent=images_sent,
    )
    try:
        _check_end(finish, message.get("refusal"), content)
    except ProviderError as error:
        error.reply = reply  # no answer, but it may have to be paid
        raise
    return reply


def _first_choice(data: Mapping[str, Any], service: Service) -> Mapping[str, Any]:
    choices = data.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    error = error_in_answer(data, service)
    if error is not None:
        raise error
    keys = ", ".join(sorted(map(str, data)))[:100] or "nothing"
    raise _unreadable(f"no choices, only: {keys}; is it a server of chat completions?")


def _text(content: object) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        if any(isinstance(part, list) for part in content):
            raise ProviderError(
                "nested_content", "the answer's content is a list of lists", final=False, later=True
            )
        return "".join(map(_text, content))
    if isinstance(content, dict) and "text" in content:
        return _text(content["text"])
    if isinstance(content, dict):
        return ""  # a part of another kind, such as a thought
    raise _misshapen(f"content that is {kind_of(content)}")


def _check_end(finish: str | None, refusal: object, text: str) -> None:
    """Check that the answer was neither withheld nor broken off, whatever text came with it."""
    if finish in _BLOCKED:
        raise ProviderError("blocked", f"the answer was withheld: finish_reason '{finish}'", final=True)
    if isinstance(refusal, str) and refusal.strip() and not text.strip():
        words = " ".join(refusal.split())[:200]
        raise ProviderError("blocked", f"the model refused: '{words}'", final=True)
    if finish in _BROKEN_OFF:
        raise ProviderError("unavailable", f"the server broke off: finish_reason '{finish}'", final=False)


def _apart(text: str) -> tuple[str, list[str]]:
    """Return the answer without the thoughts in it, and these."""
    thoughts = [(first or second).strip() for first, second in _THOUGHT.findall(text)]
    return (_THOUGHT.sub("", text).strip(), thoughts) if thoughts else (text, [])


def _usage(usage: object) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    prompt, output = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
    thoughts = count(usage.get("completion_tokens_details"), "reasoning_tokens")
    if output is not None and thoughts:
        # Most count thoughts among the completion; where the sum shows otherwise, nothing is taken off.
        beside = count(usage, "total_tokens") == (prompt or 0) + output + thoughts
        output = output if beside or thoughts > output else output - thoughts
    cached = count(usage.get("prompt_tokens_details"), "cached_tokens")
    return usage_of(input=prompt, output=output, thoughts=thoughts, cached=cached)


def _misshapen(words: str) -> ProviderError:
    """Return the error for an answer of a shape that this server will give the next time, too."""
    return ProviderError("unreadable", f"the server answered with {words}", final=False, later=True)


def _unreadable(words: str) -> ProviderError:
    return ProviderError("unreadable", f"the server answered with {words}", final=False)
