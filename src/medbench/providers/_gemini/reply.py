"""An answer of Gemini's generateContent as a reply, or the failure that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from medbench.errors import ProviderError
from medbench.providers._http.body import json_of
from medbench.providers._http.error_documents import UNNAMED, error_in_answer
from medbench.providers._http.exchange import page
from medbench.providers._http.json_values import count, kind_of, mapping, name, usage_of
from medbench.providers._http.service import one_line, start_of
from medbench.schema.response import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.providers._http.service import Service
    from medbench.schema.response import Usage

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


async def parsed(text: str, headers: Mapping[str, str], service: Service) -> Any:
    """Return the JSON of an answer with status 200.

    Raises:
        ProviderError: There is none: 'empty_body', 'html' for a page or another content type, 'cut_json'.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not text.strip():
        raise _passing("empty_body", "the server answered 200 with an empty body")
    if (kind and "json" not in kind) or text.lstrip()[:1] == "<":
        raise page(kind, text, service)
    try:
        return await json_of(text, service)
    except (ValueError, RecursionError):
        begins = start_of(text, service)
        reason = f"the server's {len(text):,} characters are not whole JSON; they begin {begins}"
        raise _passing("cut_json", reason) from None


def reply_from(data: object, images_sent: tuple[str, ...] | None, service: Service = UNNAMED) -> Reply:
    """Return the reply that a generateContent response holds.

    An answer that was cut at max_tokens is kept, with that finish reason. One that was withheld or broken
    off is none, whatever text came with it; its tokens are kept with the failure.

    Args:
        data: The response's JSON.
        images_sent: Sha256 of the images that were sent.
        service: The server that answered.

    Raises:
        ProviderError: It is not such a response, or holds no answer.
    """
    if not isinstance(data, dict):
        reason = f"the server answered with {kind_of(data)} in place of an object"
        misshapen = ProviderError("unreadable", reason, final=False, later=True, status=200)
        raise error_in_answer(data, service) or misshapen
    candidates = data.get("candidates")
    first = candidates[0] if isinstance(candidates, list) and candidates else None
    candidate = mapping(first)
    answer, thoughts = _texts(candidate)
    reply = Reply(
        text=answer,
        answered=name(data.get("modelVersion")),
        finish_reason=_word(candidate.get("finishReason")),
        thoughts=thoughts or None,
        usage=_usage(data.get("usageMetadata")),
        images_sent=images_sent,
    )
    if not isinstance(first, dict):
        raise _without_candidate(data, reply, service)
    _check_end(reply, candidate)
    return reply


def _without_candidate(data: Mapping[str, Any], reply: Reply, service: Service) -> ProviderError:
    feedback = mapping(data.get("promptFeedback"))
    blocked = feedback.get("blockReason")
    if isinstance(blocked, str) and blocked:
        words = f"'{one_line(blocked, 60)}'{_quoted(feedback.get('blockReasonMessage'))}"
        return _lasting("blocked_prompt", f"the service refused the prompt: {words}", reply)
    error = error_in_answer(data, service)
    if error is not None:
        return error
    only = one_line(", ".join(sorted(map(str, data))), 100) or "nothing"
    return _passing("unreadable", f"the server answered without a candidate, only: {only}")


def _check_end(reply: Reply, candidate: Mapping[str, Any]) -> None:
    """Check that a candidate ended with an answer; no failure is asked again, which would be choosing."""
    finish = reply.finish_reason
    if finish == "max_tokens" and not reply.text.strip():
        spent = f"{reply.usage.thoughts:,} tokens of thoughts" if reply.usage.thoughts else "thoughts"
        reason = (
            f"max_tokens was spent on {spent} and no answer came; "
            "try a higher max_tokens (run --set, or [settings] of its file), or less thinking"
        )
        raise _lasting("thoughts_only", reason, reply)
    if finish is None or finish in _ENDED:
        return
    words = f"finish reason '{finish.upper()}'{_quoted(candidate.get('finishMessage'))}"
    if finish in _BLOCKED:
        raise _lasting("blocked", f"the service stopped the answer: {words}", reply)
    if finish in _RECITED:
        reason = f"the service stopped an answer that repeats a published text: {words}"
        raise _lasting("recitation", reason, reply)
    if finish in _STOPPED:
        raise _lasting("stopped", f"the model stopped before its answer was whole: {words}", reply)
    raise _lasting("unknown_finish", f"the answer ended in a way that medbench does not know: {words}", reply)


def _texts(candidate: Mapping[str, Any]) -> tuple[str, str]:
    """Return the answer, and the model's thoughts, which come as parts with a mark."""
    parts = mapping(candidate.get("content")).get("parts")
    answer: list[str] = []
    thoughts: list[str] = []
    for part in parts if isinstance(parts, list) else ():
        text = part.get("text") if isinstance(part, dict) else None
        if isinstance(text, str):
            (thoughts if part.get("thought") is True else answer).append(text)
    return "".join(answer), "\n\n".join(text.strip() for text in thoughts)


def _usage(usage: object) -> Usage:
    prompt, output = count(usage, "promptTokenCount"), count(usage, "candidatesTokenCount")
    thoughts, total = count(usage, "thoughtsTokenCount"), count(usage, "totalTokenCount")
    if thoughts is None and total is not None and None not in (prompt, output):
        # A count of zero is left out: the sum shows that nothing else was counted.
        thoughts = 0 if total == (prompt or 0) + (output or 0) else None
    cached = count(usage, "cachedContentTokenCount")
    return usage_of(input=prompt, output=output, thoughts=thoughts, cached=cached)


def _word(value: object) -> str | None:
    return one_line(value, 60).lower() or None if isinstance(value, str) else None


def _quoted(value: object) -> str:
    text = one_line(value, 200) if isinstance(value, str) else ""
    return f": '{text}'" if text else ""


def _passing(kind: str, reason: str) -> ProviderError:
    return ProviderError(kind, reason, final=False, status=200)


def _lasting(kind: str, reason: str, reply: Reply) -> ProviderError:
    return ProviderError(kind, reason, final=True, status=200, reply=reply)
