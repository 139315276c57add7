"""A server as messages name it, and its secrets, which no message holds: a key, tokens in its address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from medbench.addresses import secret_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.errors import ProviderError

_SECRET_LENGTH = 16
"""Shorter keys ('EMPTY', 'lm-studio') are words that an answer may hold; they are hidden in messages only."""


@dataclass(frozen=True, slots=True)
class Service:
    """A server that is asked for one model."""

    model: str
    """Exact id of the model."""
    base_url: str
    """Server, as the model file names it; messages have `server_name` of it."""
    key: str | None = field(default=None, repr=False)
    """Key or token that goes with the request."""
    key_hint: str = ""
    """Advice where the key is missing or wrong."""
    address_hint: str = "base_url is wrong: it often ends in /v1"
    """Another cause where a model or a route is not found."""
    reach_hint: str = "is the server running, and base_url right?"
    """Advice where nothing answers."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Headers of each request beside the content type, such as 'Authorization'."""

    secrets: tuple[str, ...] = field(init=False, repr=False)
    """The key, and parts of the address's path that may be tokens."""

    def __post_init__(self) -> None:
        parts = [part for part in secret_parts(self.base_url) if part != self.model]
        object.__setattr__(self, "secrets", (*([self.key] if self.key else []), *parts))

    def hide(self, text: str) -> str:
        """Return the text without secrets, also where they were escaped for an address."""
        for secret in self.secrets:
            if secret != self.key and _is_word(secret):
                # A part of the address such as 'vision' is hidden where it stands by itself, and the names of
                # parameters that hold it are shown: 'enable_vision'.
                text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", text)
            elif len(secret) >= 4:
                text = text.replace(secret, "…").replace(quote(secret, safe=""), "…")
        return text

    def cleaned(self, value: Any) -> Any:
        """Return a text, or a list of texts, without secrets: a server may repeat them, and answers are kept.

        Texts are decoded by now: escapes of JSON cannot hide a secret.
        """
        if isinstance(value, str):
            for secret in self.secrets:
                if len(secret) >= _SECRET_LENGTH:
                    value = value.replace(secret, "…")
            return value
        return [self.cleaned(each) for each in value] if isinstance(value, list) else value

    def hidden(self, error: ProviderError) -> ProviderError:
        """Return the error with a reason that does not hold the key."""
        error.reason = self.hide(error.reason)
        error.args = (error.reason,)
        return error


def _is_word(secret: str) -> bool:
    return secret.isalpha() and secret.islower() and 4 <= len(secret) < _SECRET_LENGTH


def one_line(text: str, longest: int = 200) -> str:
    """Return a text from outside as it can stand in a message: nothing that moves the cursor, cut if long."""
    words = " ".join(text.split())
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in words)
    return shown if len(shown) <= longest else shown[:longest].rstrip() + "…"


def start_of(answer: bytes | str, service: Service) -> str:
    """Return the first words of an answer, in quotes, for a message."""
    text = answer[:4096].decode("utf-8", "replace") if isinstance(answer, bytes) else answer[:4096]
    # The key is hidden before the text is cut: half a key is still one.
    return f"'{one_line(service.hide(text), 60)}'"
