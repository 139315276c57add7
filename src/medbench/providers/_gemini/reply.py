"""What Gemini's generateContent answers: a reply, or the failure that it is."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from medbench.errors import ProviderError
from medbench.providers._http.refusals import one_line
from medbench.providers._http.service import start_of
from medbench.schema.response import Reply, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.providers._http.service import Service

_IN_THE_LOOP: Final = 256 * 1024
"""Longest answer that is parsed without a thread: about two milliseconds."""
_ENDED: Final = frozenset({"stop", "max_tokens", "finish_reason_unspecified"})
_BLOCKED: Final = frozenset(
    {
        "safety",
        "prohibited_content",
        "blocklist",
        "spii",
        "image_safety",
        "image_prohibited_content",
        "model_armor",
    }
)
_RECITED: Final = frozenset({"recitation", "image_recitation"})
_STOPPED: Final = frozenset(
    {
        "language",
        "other",
        "malformed_function_call",
        "malformed_response",
        "unexpected_tool_call",
        "too_many_tool_calls",
        "missing_thought_signature",
        "image_other",
        "no_image",
        "escalation",
        "pup_limited_disabled",
        "continuation",
    }
)


async def parsed(text: str, content_type: str, service: Service) -> object:
    """The JSON of an answer with status 200.

    Raises:
        ProviderError: There is none: 'empty_body', 'html' for a page or another content type, 'cut_json'.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if not text.strip():
        raise _passing("empty_body", "the server answered 200 with an empty body")
    if (kind and "json" not in kind) or text.lstrip()[:1] == "<":
        said = f"'{one_line(kind)}'" if kind and "json" not in kind else "a page"
        raise _passing(
            "html", f"the server answered with {said} in place of JSON, beginning {start_of(text, service)}"
        )
    try:
        # A thread is worth it only where parsing would hold up other calls.
        return json.loads(text) if len(text) <= _IN_THE_LOOP else await asyncio.to_thread(json.loads, text)
    except (ValueError, RecursionError):
        reason = (
            f"the server's {len(text):,} characters are not whole JSON; they begin {start_of(text, service)}"
        )
        raise _passing("cut_json", reason) from None


def reply_from(data: object, images_sent: tuple[str, ...] | None) -> Reply:
    """What a generateContent response says.

    An answer that was cut at max_tokens is kept, with that finish reason. One that was withheld or broken
    off is none, whatever text came with it; what it cost in tokens is kept with the failure.

    Args:
        data: The response's JSON.
        images_sent: Sha256 of the images that were sent.

    Raises:
        ProviderError: It is no such response, or holds no answer.
    """
    if not isinstance(data, dict):
        raise _passing("unreadable", f"the server answered with {type(data).__name__} in place of an object")
    candidates = data.get("candidates")
    first = candidates[0] if isinstance(candidates, list) and candidates else None
    candidate: dict[str, Any] = first if isinstance(first, dict) else {}
    answer, thoughts = _texts(candidate)
    answered = data.get("modelVersion")
    reply = Reply(
        text=answer,
        answered=answered if isinstance(answered, str) and answered.strip() else None,
        finish_reason=_word(candidate.get("finishReason")),
        thoughts=thoughts or None,
        usage=_usage(data.get("usageMetadata")),
        images_sent=images_sent,
    )
    if not isinstance(first, dict):
        raise _without_candidate(data, reply)
    _check_end(reply, candidate)
    return reply


def _without_candidate(data: Mapping[str, Any], reply: Reply) -> ProviderError:
    feedback = data.get("promptFeedback")
    feedback = feedback if isinstance(feedback, dict) else {}
    blocked = feedback.get("blockReason")
    if isinstance(blocked, str) and blocked:
        said = f"'{one_line(blocked, 60)}'{_sentence(feedback.get('blockReasonMessage'))}"
        return _lasting("blocked_prompt", f"the service refused the prompt: {said}", reply)
    error = data.get("error")
    if error:
        said = str(error.get("message")) if isinstance(error, dict) else str(error)
        return _passing("unreadable", f"the server answered 200 with an error{_sentence(said)}")
    only = one_line(", ".join(sorted(map(str, data))), 100) or "nothing"
    return _passing("unreadable", f"the server answered without a candidate, only: {only}")


def _check_end(reply: Reply, candidate: Mapping[str, Any]) -> None:
    """All that a candidate may end with but a whole answer; asking again would be choosing among answers."""
    finish = reply.finish_reason
    if finish == "max_tokens" and not reply.text.strip():
        spent = f"{reply.usage.thoughts:,} tokens of thoughts" if reply.usage.thoughts else "thoughts"
        reason = (
            f"max_tokens was spent on {spent} and no answer came; "
            "--set max_tokens with a higher number, or a lower thinking"
        )
        raise _lasting("thoughts_only", reason, reply)
    if finish is None or finish in _ENDED:
        return
    said = f"finish reason '{finish.upper()}'{_sentence(candidate.get('finishMessage'))}"
    if finish in _BLOCKED:
        raise _lasting("blocked", f"the service stopped the answer: {said}", reply)
    if finish in _RECITED:
        reason = f"the service stopped an answer that repeats a published text: {said}"
        raise _lasting("recitation", reason, reply)
    if finish in _STOPPED:
        raise _lasting("stopped", f"the model stopped before its answer was whole: {said}", reply)
    raise _lasting("unknown_finish", f"the answer ended in a way that medbench does not know: {said}", reply)


def _texts(candidate: Mapping[str, Any]) -> tuple[str, str]:
    """The answer, and the model's thoughts, which come as parts with a mark."""
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    answer: list[str] = []
    thoughts: list[str] = []
    for part in parts if isinstance(parts, list) else ():
        text = part.get("text") if isinstance(part, dict) else None
        if isinstance(text, str):
            (thoughts if part.get("thought") is True else answer).append(text)
    return "".join(answer), "\n\n".join(text.strip() for text in thoughts)


def _usage(said: object) -> Usage:
    if not isinstance(said, dict):
        return Usage()
    counts = {
        "input": _count(said, "promptTokenCount"),
        "output": _count(said, "candidatesTokenCount"),
        "thoughts": _count(said, "thoughtsTokenCount"),
        "cached": _count(said, "cachedContentTokenCount"),
    }
    if all(count is None for count in counts.values()):
        return Usage()
    total = _count(said, "totalTokenCount")
    if counts["thoughts"] is None and None not in (total, counts["input"], counts["output"]):
        # A count of zero is left out: the sum shows that nothing else was counted.
        counts["thoughts"] = 0 if total == (counts["input"] or 0) + (counts["output"] or 0) else None
    return Usage.model_validate({**counts, "source": "provider"})


def _count(said: Mapping[str, Any], key: str) -> int | None:
    value = said.get(key)
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12
    return value if whole else None


def _word(said: object) -> str | None:
    return one_line(said, 60).lower() or None if isinstance(said, str) else None


def _sentence(said: object) -> str:
    text = one_line(said, 200) if isinstance(said, str) else ""
    return f": '{text}'" if text else ""


def _passing(kind: str, reason: str) -> ProviderError:
    return ProviderError(kind, reason, final=False, status=200)


def _lasting(kind: str, reason: str, reply: Reply) -> ProviderError:
    return ProviderError(kind, reason, final=True, status=200, reply=reply)
