"""An HTTP status that is not a success: what it means, how long to wait, and whether waiting helps."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from medbench.addresses import server_name, shown_address
from medbench.errors import ProviderError
from medbench.providers._http.body import is_crowded
from medbench.providers._http.json_values import mapping
from medbench.providers._http.meanings import SHORTER, Meaning, meaning
from medbench.providers._http.quotas import is_larger_than_allowed, is_used_up
from medbench.providers._http.refusal_facts import LONGEST_READ, Facts, facts_of
from medbench.providers._http.service import one_line

if TYPE_CHECKING:
    from medbench.providers._http.service import Service

_SHORTEST_WAIT_S = 0.5
_SHOWN = 240
"""Characters of a server's sentence that are kept."""
_NOT_TAKEN = "the server does not take this request"
_OF_AN_ACCOUNT = frozenset({"quota", "unauthorized"})
# Servers and proxies send these with statuses that mean something else elsewhere.
_SAID_IN_A_500 = frozenset({"quota", "no_images", "too_many_images", "too_long"})
_SAID_IN_A = {
    401: frozenset({"quota"}),
    403: frozenset({"quota", "blocked_prompt", "no_images", "rate_limit"}),
    404: frozenset({"quota", "no_images", "setting"}),
}
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
    text = raw[:LONGEST_READ].decode("utf-8", "replace")
    is_page = error is None and _HTML.match(text) is not None
    facts = facts_of(error, "" if is_page else text)
    quoted = _quoted(error, raw, service)
    waits = [seconds for seconds in (_retry_info(error), _retry_after(headers)) if seconds is not None]
    wait = max(waits, default=None)
    if status == 429:
        return _too_many(facts, quoted, wait)
    if status == 408:
        return ProviderError("timeout", f"the server gave up waiting (408){quoted}", final=False, status=408)
    meant = meaning(facts)
    if status >= 500 or status in {409, 424, 425, 499}:  # 499: Google broke the call off itself
        if status in {500, 501} and meant is not None and meant.kind in _SAID_IN_A_500:
            return failure(meant, f"{_NOT_TAKEN} ({status}){quoted}", status, service)
        limited = b"RESOURCE_EXHAUSTED" in raw
        reason = f"the server cannot answer now ({status}){quoted}"
        return ProviderError("unavailable", reason, final=False, status=status, wait_s=wait, limited=limited)
    known = _of_status(status, headers, service)
    if known is not None and not (meant and meant.kind in _SAID_IN_A.get(status, ())):
        return ProviderError(known[0], f"{known[1]}{quoted}", final=False, stops=True, status=status)
    return refused(status, facts, quoted, service)


def refused(status: int, facts: Facts, quoted: str, service: Service) -> ProviderError:
    """Return the failure that a server's words mean, whatever its status.

    Only what is wrong with this one request stays wrong. A setting, an account or a server can be put right,
    and then the same line must ask again: these stop the provider and leave no final failure behind.

    Args:
        status: HTTP status that came, or the one that the document names.
        facts: What the server says.
        quoted: Its sentence as it ends the reason.
        service: The server that answered.
    """
    where = server_name(service.base_url)
    meant = meaning(facts)
    if (
        status == 400
        and "failed precondition" in facts.names
        and not (meant and meant.kind in _OF_AN_ACCOUNT)
    ):
        # Google's word for what is wrong with how the service is set up now, and not with the request.
        if _NOTHING_DEPLOYED.search(facts.words):
            reason = f"nothing is deployed at {where} (400){quoted}"
            return ProviderError("not_deployed", reason, final=False, stops=True, status=status)
        reason = f"{where} cannot do this as it is set up now (400){quoted}"
        return ProviderError("not_ready", reason, final=False, later=True, status=status)
    reason = f"{_NOT_TAKEN} ({status}){quoted}"
    if meant is not None:
        return failure(meant, reason, status, service)
    return ProviderError("too_large" if status == 413 else "bad_request", reason, final=True, status=status)


def failure(meant: Meaning, reason: str, status: int, service: Service) -> ProviderError:
    """Return the failure of a refusal whose meaning is known.

    Args:
        meant: What it means.
        reason: The failure in words; what to try is added.
        status: HTTP status that came.
        service: The server that answered.
    """
    hint = service.key_hint if meant.kind == "unauthorized" else meant.hint
    return ProviderError(
        meant.kind,
        f"{reason}; {hint}" if hint else reason,
        final=not meant.stops and not meant.passes,
        stops=meant.stops,
        status=status,
        limited=meant.kind == "rate_limit",
    )


def _too_many(facts: Facts, quoted: str, wait: float | None) -> ProviderError:
    if is_larger_than_allowed(facts):
        reason = f"this request alone is more than a minute's tokens (429){quoted}; {SHORTER}"
        return ProviderError("too_long", reason, final=True, status=429)
    if is_used_up(facts):
        reason = f"the quota is used up or is zero: waiting minutes does not help (429){quoted}"
        return ProviderError("quota", reason, final=False, stops=True, status=429, wait_s=wait)
    reason = f"too many requests (429){quoted}"
    return ProviderError("rate_limit", reason, final=False, status=429, wait_s=wait, limited=True)


def _of_status(status: int, headers: Mapping[str, str], service: Service) -> tuple[str, str] | None:
    """Return kind and reason of what is wrong with address, key or account; None for other statuses."""
    where = server_name(service.base_url)
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
        target = one_line(service.hide(_target(service.base_url, headers.get("location", ""))))
        return (
            "not_found",
            f"{where} leads to '{target}' ({status}), which is not followed: set base_url to it",
        )
    return None


def _target(url: str, location: str) -> str:
    """Return where a redirect leads, as it may be shown; '…' where that is not an address."""
    try:
        return shown_address(urljoin(url, location))
    except ValueError:
        return "…"


def _json(raw: bytes) -> Any:
    try:
        data = None if is_crowded(raw) else json.loads(raw)
    except (ValueError, RecursionError):
        return None
    # Google's servers sometimes wrap the error in a list.
    return data[0] if isinstance(data, list) and data else data


def _quoted(data: Any, raw: bytes, service: Service) -> str:
    """Return the server's own sentence as the end of ours: quoted, in one line, without the key, cut last."""
    text = sentence(data) if data is not None else raw[:LONGEST_READ].decode("utf-8", "replace")
    if _HTML.match(text):
        return ": an HTML page"
    text = one_line(service.hide(text), _SHOWN)
    request_id = mapping(data).get("request_id")
    named = f" (request {one_line(request_id, 60)})" if isinstance(request_id, str) and request_id else ""
    return f": '{text}'{named}" if text else named


def sentence(data: Any) -> str:
    """Return the message of an error document, or the start of one that is longer than anybody reads.

    It stands in `error.message` (OpenAI, vLLM, Google, Anthropic), in `detail[].msg` (FastAPI), or bare.
    """
    if isinstance(data, str):
        # Vertex AI hands on the error of a container as a text of JSON.
        inner = _json(data.encode()) if data.lstrip().startswith("{") else None
        return (isinstance(inner, Mapping) and sentence(inner)) or data[:LONGEST_READ]
    if isinstance(data, list):
        return "; ".join(filter(None, map(sentence, data[:3])))
    if not isinstance(data, Mapping):
        return ""
    texts = (sentence(data.get(key)) for key in ("error", "message", "msg", "detail", "error_description"))
    found = next(filter(None, texts), "")
    # OpenRouter says 'Provider returned error', and hands on what that provider said.
    behind = sentence(mapping(data.get("metadata")).get("raw"))
    return f"{found}: {behind}" if found and behind else found


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
    return _told(seconds)


def _told(seconds: float) -> float | None:
    """Return a wait that a server asked for; one of nearly nothing, or of the past, tells nothing."""
    return seconds if math.isfinite(seconds) and seconds >= _SHORTEST_WAIT_S else None


def _retry_info(data: Any) -> float | None:
    """Return the seconds of a google.rpc.RetryInfo."""
    details = mapping(mapping(data).get("error")).get("details")
    for detail in map(mapping, details if isinstance(details, list) else ()):
        delay = detail.get("retryDelay")
        if str(detail.get("@type", "")).endswith("google.rpc.RetryInfo") and isinstance(delay, str):
            seconds = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)s", delay)
            return _told(float(seconds[1])) if seconds else None
    return None
