"""A server as messages name it, and its key, which no message may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from medbench.providers._http.refusals import one_line

if TYPE_CHECKING:
    from medbench.errors import ProviderError


_SECRET_LENGTH = 16
"""Shorter keys ('EMPTY', 'lm-studio') are words that an answer may hold; they are hidden in messages only."""


@dataclass(frozen=True, slots=True)
class Service:
    """Who is asked: what messages call it, and what they must never hold."""

    model: str
    """Exact id of the model."""
    base_url: str
    """Server, as the model file says it."""
    key: str | None = None
    """Key or token that goes with the request."""
    key_hint: str = ""
    """What to set where it is missing or wrong."""
    address_hint: str = "base_url is wrong: it often ends in /v1"
    """What else may be wrong where a model or a route is not found."""
    reach_hint: str = "is the server running, and base_url right?"
    """What to look at where nobody answers."""

    def hide(self, text: str) -> str:
        """The text without the key, also where it was escaped for an address."""
        if not self.key or len(self.key) < 4:
            return text
        return text.replace(self.key, "…").replace(quote(self.key, safe=""), "…")

    def cleaned(self, raw: bytes) -> bytes:
        """An answer without the key: a server that repeats what it was sent must not get it into a record."""
        if not self.key or len(self.key) < _SECRET_LENGTH:
            return raw
        return raw.replace(self.key.encode(), "…".encode())

    def hidden(self, error: ProviderError) -> ProviderError:
        """The error with a reason that does not hold the key."""
        error.reason = self.hide(error.reason)
        error.args = (error.reason,)
        return error


def start_of(said: bytes | str, service: Service) -> str:
    """How an answer begins, in quotes, for a message."""
    text = said[:4096].decode("utf-8", "replace") if isinstance(said, bytes) else said[:4096]
    # The key is hidden before the text is cut: half a key is still one.
    return f"'{one_line(service.hide(text), 60)}'"
