"""An error in an answer with status 200: the refusal that its own status, name or words mean."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from medbench.errors import ProviderError
from medbench.providers._http.json_values import mapping
from medbench.providers._http.meanings import meaning
from medbench.providers._http.refusal_facts import facts_of
from medbench.providers._http.refusals import failure, refusal, sentence
from medbench.providers._http.service import Service, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHOWN: Final = 240
"""Characters of a server's sentence that are kept."""
STATUSES: Final = {
    # Anthropic, and OpenAI where the names are the same.
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
    # OpenAI and LiteLLM.
    "invalid_api_key": 401,
    "auth_error": 401,
    "model_not_found": 404,
    "insufficient_quota": 429,
    "rate_limit_exceeded": 429,
    "server_error": 500,
    # Google.
    "invalid_argument": 400,
    "failed_precondition": 400,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "resource_exhausted": 429,
    "cancelled": 499,
    "internal": 500,
    "unavailable": 503,
    "deadline_exceeded": 504,
}
"""The status that goes with each name of an error."""
_NAMES: Final = ("code", "status", "type", "status_code", "statusCode")
"""Keys under which a status or a name stands."""
UNNAMED: Final = Service("this model", "the server")
"""A server of which nothing is known."""


def error_in_answer(document: object, service: Service = UNNAMED) -> ProviderError | None:
    """Return the failure that an answer with status 200 means which holds an error; None where it has none.

    Proxies send errors so. What names the status of a refusal, by number or by name, is that refusal: a wrong
    key stops here as it does with a 401. Else its words decide; where they say nothing, the next session may
    try.

    Args:
        document: JSON that is not an answer.
        service: The server that answered.
    """
    # Google's servers sometimes wrap the error in a list.
    first = document[0] if isinstance(document, list) and document else document
    data = mapping(first) if first is document or "error" in mapping(first) else {}
    said = sentence(data)
    error = data.get("error") or (data if data.get("object") == "error" or said else None)
    if not error:
        return None
    words = one_line(service.hide(said or json.dumps(error)), _SHOWN)
    status = _status_in(data)
    if 400 <= status < 600:
        found = refusal(status, {}, json.dumps(data).encode(), service)
        found.reason = f"the server answered 200 with an error: {found.reason}"
        found.args = (found.reason,)
        return found
    reason = f"the server answered 200 with an error: '{words}'"
    meant = meaning(facts_of(data))
    if meant is not None and meant.kind == "unauthorized":
        return refusal(401, {}, json.dumps(data).encode(), service)  # it was not worked on
    if meant is not None:
        return failure(meant, reason, 200, service)
    return ProviderError("unreadable", reason, final=False, later=True, status=200)


def _names_in(data: Mapping[str, Any]) -> Iterator[str]:
    for part in (mapping(data.get("error")), data):
        yield from (str(part[key]) for key in _NAMES if isinstance(part.get(key), str | int))


def _status_in(data: Mapping[str, Any]) -> int:
    """Return the status that a document names, the most exact first; 0 where there is none."""
    names = list(_names_in(data))
    numbers = [int(name) for name in names if re.fullmatch(r"[45]\d\d", name)]
    return next(iter([*numbers, *(STATUSES[name.lower()] for name in names if name.lower() in STATUSES)]), 0)
