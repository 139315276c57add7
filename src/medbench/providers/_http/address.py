"""A server's address and its key, from the model file and the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from medbench.addresses import shown_address
from medbench.errors import UsageError

if TYPE_CHECKING:
    from medbench.schema.model import ModelFile


def base_url(model: ModelFile, example: str) -> str:
    """Return the server's address, without a slash at its end.

    Raises:
        UsageError: There is none, it is not an address, or it holds a password: addresses stand in messages.
    """
    example = f'base_url = "{example}"'
    if not model.base_url:
        raise UsageError(f"the model file of '{model.id}' does not say where its server is.", example)
    try:
        parts = urlsplit(model.base_url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise UsageError(f"base_url of '{model.id}' is not an address.", example) from None
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            f"base_url of '{model.id}' holds a user, a password or a query.",
            'keep keys in the environment only: key_env = "NAME_OF_A_VARIABLE"',
        )
    if not usable:
        raise UsageError(
            f"base_url '{shown_address(model.base_url)}' is not an address of a server.", example
        )
    return model.base_url.rstrip("/")


def key_in(name: str | None) -> str | None:
    """Return the key in an environment variable; None where there is none.

    Raises:
        UsageError: The variable holds what can be no key; it is not shown.
    """
    key = os.environ.get(name, "").strip() if name else ""
    # An illegal header would be quoted, key and all, by the error of the library that refuses it.
    # Files of variables, as containers read them, keep quotes that a shell would take away.
    if key and (not key.isascii() or not key.isprintable() or any(sign in key for sign in " \"'")):
        raise UsageError(
            f"'{name}' holds no key: it has spaces, quotes or letters that no key has.", "set it again"
        )
    return key or None


def named_key(model: ModelFile) -> str | None:
    """Return the key in the variable that the model file names; None where it names none.

    Raises:
        UsageError: That variable is not set, or holds what can be no key.
    """
    key = key_in(model.key_env)
    if model.key_env and not key:
        raise UsageError(
            f"'{model.id}' needs a key, and '{model.key_env}' is not set.", f"export {model.key_env}=…"
        )
    return key


def key_hint(name: str | None) -> str:
    """Return advice where a server refuses the key of that variable."""
    return f"set the environment variable {name}" if name else 'name its variable: key_env = "…"'
