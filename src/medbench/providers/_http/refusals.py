"""An HTTP status that is no success: what it means, how long to wait, and whether waiting helps."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Protocol

from medbench.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = 240
"""Characters of a server's sentence that are kept."""
# A day's allowance, or one of nothing: the same call fails until somebody changes something.
_USED_UP = re.compile(
    r"per[ _-]?day|daily (?:quota|limit)|limit: 0(?!\d|\.\d)|insufficient_quota|billing_hard_limit",
    re.IGNORECASE,
)
# What servers say of one request that is too much: vLLM, SGLang, llama.cpp, Vertex AI.
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


class Asked(Protocol):
    """What must be known of a service to explain its refusal."""

    @property
    def model(self) -> str:
        """Exact id of the model."""

    @property
    def base_url(self) -> str:
        """Server, as the model file says it."""

    @property
    def key_hint(self) -> str:
        """What to set where a key is missing or wrong."""

    @property
    def address_hint(self) -> str:
        """What else may be wrong where a model or a route is not found."""

    def hide(self, text: str) -> str:
        """The text without the key."""


def refusal(status: int, headers: Mapping[str, str], raw: bytes, service: Asked) -> ProviderError:
    """The failure that a status stands for.

    Args:
        status: HTTP status, not a 2xx.
        headers: Of the response; `Retry-After` is read.
        raw: Its body.
        service: Who answered.
    """
    error = _json(raw)
    said = _said(error, raw, service)
    wait = _retry_info(error)
    wait = max((known for known in (wait, _retry_after(headers)) if known is not None), default=None)
    if status == 429:
        return _too_many(said, raw, wait)
    if status == 408:
        return ProviderError("timeout", f"the server gave up waiting (408){said}", final=False, status=408)
    if status >= 500 or status in {409, 425, 499}:  # 499: Google broke the call off itself
        limited = b"RESOURCE_EXHAUSTED" in raw
        reason = f"the server cannot answer now ({status}){said}"
        return ProviderError("unavailable", reason, final=False, status=status, wait_s=wait, limited=limited)
    kind, reason = _lasting(status, headers, raw, service)
    said += next((f"; {hint}" for _, name, hint in _TOO_MUCH if name == kind), "")
    # Only what is wrong with this one request stays wrong. A key or an address can be put right, and then the
    # same line must ask again: these stop the provider and leave no final failure behind.
    stops = kind in {"unauthorized", "quota", "not_found", "not_deployed"}
    final, later = not stops and kind != "not_ready", kind == "not_ready"
    return ProviderError(kind, f"{reason}{said}", final=final, later=later, stops=stops, status=status)


def _too_many(said: str, raw: bytes, wait: float | None) -> ProviderError:
    if _USED_UP.search(raw.decode("utf-8", "replace")):
        reason = f"the quota is used up or is zero: waiting minutes does not help (429){said}"
        return ProviderError("quota", reason, final=False, stops=True, status=429, wait_s=wait)
    reason = f"too many requests (429){said}"
    return ProviderError("rate_limit", reason, final=False, status=429, wait_s=wait, limited=True)


def _lasting(status: int, headers: Mapping[str, str], raw: bytes, service: Asked) -> tuple[str, str]:
    """Kind and reason of what stays as it is until somebody changes something."""
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
    """Kind and reason where this one request is not taken: what is too much of it, if the service says so."""
    text = raw[: 64 * 1024].decode("utf-8", "replace")
    found = next((kind for pattern, kind, _ in _TOO_MUCH if pattern.search(text)), None)
    if found is None and status == 400 and "FAILED_PRECONDITION" in text:
        # Google's word for what is wrong with how the service is set up now, and not with the request.
        if _NOTHING_DEPLOYED.search(text):
            return "not_deployed", f"nothing is deployed at {where} (400)"
        return "not_ready", f"{where} cannot do this as it is set up now (400)"
    kind = found or ("too_large" if status == 413 else "bad_request")
    return kind, f"the server does not take this request ({status})"


def _json(raw: bytes) -> Any:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    # Google's servers sometimes wrap the error in a list.
    return data[0] if isinstance(data, list) and data else data


def _said(data: Any, raw: bytes, service: Asked) -> str:
    """The server's own sentence as the end of ours: quoted, in one line, without the key, cut last."""
    text = _sentence(data) if data is not None else raw[: 64 * 1024].decode("utf-8", "replace")
    if _HTML.match(text):
        return ": an HTML page"
    text = one_line(service.hide(text), _SHOWN)
    return f": '{text}'" if text else ""


def _sentence(data: Any) -> str:
    """Where the message stands: OpenAI, vLLM, Google `error.message`; FastAPI `detail[].msg`; or bare."""
    if isinstance(data, str):
        # Vertex AI hands on the error of a container as a text of JSON.
        inner = _json(data.encode()) if data.lstrip().startswith("{") else None
        return _sentence(inner) or data if isinstance(inner, Mapping) else data
    if isinstance(data, list):
        return "; ".join(filter(None, map(_sentence, data[:3])))
    if not isinstance(data, Mapping):
        return ""
    for key in ("error", "message", "msg", "detail", "error_description"):
        found = _sentence(data.get(key))
        if found:
            return found
    return ""


def one_line(text: str, longest: int = 200) -> str:
    """A text from outside as it can stand in a message: nothing that moves the cursor."""
    words = " ".join(text.split())
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in words)
    return shown if len(shown) <= longest else shown[:longest].rstrip() + "…"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, said as a number or as a date."""
    said = headers.get("retry-after", "").strip()
    try:
        seconds = float(said)
    except ValueError:
        try:
            when = parsedate_to_datetime(said)
        except (ValueError, TypeError, OverflowError):
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _retry_info(data: Any) -> float | None:
    """Seconds in a google.rpc.RetryInfo."""
    for detail in _details(data):
        delay = detail.get("retryDelay")
        if str(detail.get("@type", "")).endswith("google.rpc.RetryInfo") and isinstance(delay, str):
            found = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)s", delay)
            return float(found[1]) if found else None
    return None


def _details(data: Any) -> Iterator[Mapping[str, Any]]:
    error = data.get("error") if isinstance(data, Mapping) else None
    details = error.get("details") if isinstance(error, Mapping) else None
    yield from (item for item in details if isinstance(item, Mapping)) if isinstance(details, list) else ()
