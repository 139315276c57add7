"""An HTTP status that is no success: what it means, how long to wait, and whether waiting helps."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from medbench.errors import ProviderError
from medbench.providers._http.json_values import mapping
from medbench.providers._http.service import one_line

if TYPE_CHECKING:
    from medbench.providers._http.service import Service

_SHOWN = 240
"""Characters of a server's sentence that are kept."""
# A day's allowance, or one of nothing: the same call fails until somebody changes something.
_USED_UP = re.compile(
    r"per[ _-]?day|daily (?:quota|limit)|limit: 0(?!\d|\.\d)|insufficient_quota|billing_hard_limit",
    re.IGNORECASE,
)
# The wording of vLLM, SGLang, llama.cpp and Vertex AI for one request that is too much.
_TOO_MUCH = (
    (
        re.compile(r"at most \d+ images?\b|at most \d+ image\(s\)|too many images", re.IGNORECASE),
        "too_many_images",
        "try --images spread",
    ),
    (
        re.compile(
            r"payload size exceeds|request size .{0,40}exceeds"
            r"|(?:request|body|payload) (?:entity )?(?:is )?too large",
            re.IGNORECASE,
        ),
        "too_large",
        "send fewer images: --images spread",
    ),
    (
        re.compile(r"context (?:length|size|window)|max_model_len|maximum model length", re.IGNORECASE),
        "too_long",
        "try a lower max_tokens, or fewer images: --images spread",
    ),
)
_NOTHING_DEPLOYED = re.compile(r"deployed[ _]?model|not deployed", re.IGNORECASE)
_HTML = re.compile(r"\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)


def refusal(status: int, headers: Mapping[str, str], raw: bytes, service: Service) -> ProviderError:
    """Return the failure that a status stands for.

    Args:
        status: HTTP status, not a 2xx.
        headers: Of the response; `Retry-After` is read.
        raw: Its body.
        service: The server that answered.
    """
    error = _json(raw)
    quoted = _quoted(error, raw, service)
    waits = [seconds for seconds in (_retry_info(error), _retry_after(headers)) if seconds is not None]
    wait = max(waits, default=None)
    if status == 429:
        return _too_many(quoted, raw, wait)
    if status == 408:
        return ProviderError("timeout", f"the server gave up waiting (408){quoted}", final=False, status=408)
    if status >= 500 or status in {409, 425, 499}:  # 499: Google broke the call off itself
        limited = b"RESOURCE_EXHAUSTED" in raw
        reason = f"the server cannot answer now ({status}){quoted}"
        return ProviderError("unavailable", reason, final=False, status=status, wait_s=wait, limited=limited)
    kind, reason = _lasting(status, headers, raw, service)
    quoted += next((f"; {hint}" for _, name, hint in _TOO_MUCH if name == kind), "")
    # Only what is wrong with this one request stays wrong. A key or an address can be put right, and then the
    # same line must ask again: these stop the provider and leave no final failure behind.
    stops = kind in {"unauthorized", "quota", "not_found", "not_deployed"}
    final, later = not stops and kind != "not_ready", kind == "not_ready"
    return ProviderError(kind, f"{reason}{quoted}", final=final, later=later, stops=stops, status=status)


def _too_many(quoted: str, raw: bytes, wait: float | None) -> ProviderError:
    if _USED_UP.search(raw.decode("utf-8", "replace")):
        reason = f"the quota is used up or is zero: waiting minutes does not help (429){quoted}"
        return ProviderError("quota", reason, final=False, stops=True, status=429, wait_s=wait)
    reason = f"too many requests (429){quoted}"
    return ProviderError("rate_limit", reason, final=False, status=429, wait_s=wait, limited=True)


def _lasting(status: int, headers: Mapping[str, str], raw: bytes, service: Service) -> tuple[str, str]:
    """Return kind and reason of a failure that stays until somebody changes something."""
    where = service.base_url
    if status in {401, 403}:
        hint = f"; {service.key_hint}" if service.key_hint else ""
        return "unauthorized", f"{where} refused the key or account, or there is none ({status}){hint}"
    if status == 402:
        return "quota", f"{where} wants to be paid first (402)"
    if status == 404:
        return "not_found", f"{where} knows no '{service.model}', or {service.address_hint} (404)"
    if status == 405:
        return "not_found", f"{where} does not take this request; {service.address_hint} (405)"
    if 300 <= status < 400:
        target = one_line(service.hide(headers.get("location", "")))
        return (
            "not_found",
            f"{where} leads to '{target}' ({status}), which is not followed: set base_url to it",
        )
    return _of_this_request(status, raw, where)


def _of_this_request(status: int, raw: bytes, where: str) -> tuple[str, str]:
    """Return kind and reason where this one request is not taken: what is too much of it, if that is said."""
    text = raw[: 64 * 1024].decode("utf-8", "replace")
    too_much = next((kind for pattern, kind, _ in _TOO_MUCH if pattern.search(text)), None)
    if too_much is None and status == 400 and "FAILED_PRECONDITION" in text:
        # Google's word for what is wrong with how the service is set up now, and not with the request.
        if _NOTHING_DEPLOYED.search(text):
            return "not_deployed", f"nothing is deployed at {where} (400)"
        return "not_ready", f"{where} cannot do this as it is set up now (400)"
    kind = too_much or ("too_large" if status == 413 else "bad_request")
    return kind, f"the server does not take this request ({status})"


def _json(raw: bytes) -> Any:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    # Google's servers sometimes wrap the error in a list.
    return data[0] if isinstance(data, list) and data else data


def _quoted(data: Any, raw: bytes, service: Service) -> str:
    """Return the server's own sentence as the end of ours: quoted, in one line, without the key, cut last."""
    text = sentence(data) if data is not None else raw[: 64 * 1024].decode("utf-8", "replace")
    if _HTML.match(text):
        return ": an HTML page"
    text = one_line(service.hide(text), _SHOWN)
    request_id = mapping(data).get("request_id")
    named = f" (request {one_line(request_id, 60)})" if isinstance(request_id, str) and request_id else ""
    return f": '{text}'{named}" if text else named


def sentence(data: Any) -> str:
    """Return the message of an error document.

    It stands in `error.message` (OpenAI, vLLM, Google, Anthropic), in `detail[].msg` (FastAPI), or bare.
    """
    if isinstance(data, str):
        # Vertex AI hands on the error of a container as a text of JSON.
        inner = _json(data.encode()) if data.lstrip().startswith("{") else None
        return sentence(inner) or data if isinstance(inner, Mapping) else data
    if isinstance(data, list):
        return "; ".join(filter(None, map(sentence, data[:3])))
    if not isinstance(data, Mapping):
        return ""
    texts = (sentence(data.get(key)) for key in ("error", "message", "msg", "detail", "error_description"))
    return next(filter(None, texts), "")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, which is a number or a date."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _retry_info(data: Any) -> float | None:
    """Return the seconds of a google.rpc.RetryInfo."""
    details = mapping(mapping(data).get("error")).get("details")
    for detail in map(mapping, details if isinstance(details, list) else ()):
        delay = detail.get("retryDelay")
        if str(detail.get("@type", "")).endswith("google.rpc.RetryInfo") and isinstance(delay, str):
            seconds = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)s", delay)
            return float(seconds[1]) if seconds else None
    return None
