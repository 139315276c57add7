"""Tokens of Google's Application Default Credentials: fetched when needed, for all calls together."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from medbench.errors import ProviderError
from medbench.providers import Access, Missing
from medbench.providers._http.service import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.auth.credentials import Credentials

SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
LOGIN: Final = "gcloud auth application-default login"
"""The line to type where credentials are missing or no longer good."""
_WINDOWS = os.name == "nt"
_MACHINE = Path("/sys/class/dmi/id/product_name")


@dataclass(frozen=True, slots=True)
class Token:
    """Authorisation of a request to Google."""

    headers: Mapping[str, str]
    """'authorization', and the project that quotas are counted for."""
    secret: str
    """The token itself, which no message may hold."""
    number: int
    """Number of tokens that were fetched before it."""


class Tokens:
    """Gives the same token to every call as long as it is good."""

    def __init__(self) -> None:
        self._credentials: Credentials | None = None
        self._token: Token | None = None
        self._refused = False
        self._on_trial = False
        self._fetching = asyncio.Lock()

    async def get(self) -> Token:
        """Return a token that is good for minutes at least; a new one is fetched once, whoever waits for it.

        Raises:
            ProviderError: There are no credentials, or Google does not take them.
        """
        async with self._fetching:
            credentials, token = self._credentials, self._token
            # valid: there is a token, and it will not expire in the next minutes.
            if credentials is None or token is None or self._refused or not credentials.valid:
                token = await asyncio.to_thread(self._fetched, 0 if token is None else token.number + 1)
                self._token, self._on_trial, self._refused = token, self._refused, False
            return token

    def accepted(self, token: Token) -> None:
        """Note that a server took it."""
        if self._token is token:
            self._on_trial = False

    def refused(self, token: Token) -> bool:
        """Return True if a new one may help where a server did not take it, which is so once."""
        if self._token is token and not self._on_trial:
            self._refused = True
        return self._token is not token or not self._on_trial

    def _fetched(self, number: int) -> Token:
        """Return a new token, in a thread: this reads files, asks servers and starts programs."""
        from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, TransportError
        from google.auth.transport.requests import Request

        try:
            self._credentials = self._credentials or application_default()
            self._credentials.refresh(Request())
        except DefaultCredentialsError as error:
            reason = f"no Google credentials can be used ({one_line(str(error), 120)}): {LOGIN}"
            raise ProviderError("unauthorized", reason, final=False, stops=True, sent=False) from None
        except TransportError as error:
            reason = f"no token from Google: {self._without_secrets(error)}; is the network up?"
            raise ProviderError("connection", reason, final=False, sent=False) from None
        except GoogleAuthError as error:
            said = self._without_secrets(error)
            if error.retryable:
                raise ProviderError(
                    "unavailable", f"no token from Google: {said}", final=False, sent=False
                ) from None
            reason = f"Google does not take the credentials: {said}; log in again: {LOGIN}"
            raise ProviderError("unauthorized", reason, final=False, stops=True, sent=False) from None
        headers: dict[str, str] = {}
        self._credentials.apply(headers)
        return Token(headers, str(self._credentials.token), number)

    def _without_secrets(self, error: Exception) -> str:
        """Return the first words of an error; the rest is the server's whole answer."""
        said = str(error.args[0]) if error.args else type(error).__name__
        for name in ("token", "refresh_token", "client_secret", "id_token"):
            secret = getattr(self._credentials, name, None)
            said = said.replace(secret, "…") if isinstance(secret, str) and secret else said
        return one_line(said, 160)


def application_default() -> Credentials:
    """Return the credentials of whoever runs this, without a token yet; for a thread.

    Raises:
        google.auth.exceptions.DefaultCredentialsError: There are none.
    """
    import google.auth

    log = logging.getLogger("google.auth")
    if log.level == logging.NOTSET:
        # It warns of each place where it found nothing; what matters is said by the error at the end.
        log.setLevel(logging.ERROR)
    return google.auth.default(scopes=[SCOPE])[0]


def missing_credentials() -> Missing | None:
    """Return the login to type where no credentials can be seen; loads no library and asks no server."""
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    there = Path(named).is_file() if named else _login_file().is_file() or _on_google_cloud()
    return None if there else Missing("credentials", LOGIN)


def default_credentials(project: str | None) -> Access:
    """Return how calls are authorised where Google's own hosts are asked."""
    project = project or os.environ.get("GOOGLE_CLOUD_PROJECT", "").strip()
    return Access("credentials", "application default" + (f", project {project}" if project else ""))


def _login_file() -> Path:
    """Return the file that `gcloud auth application-default login` writes."""
    folder = os.environ.get("CLOUDSDK_CONFIG")
    if folder is None and _WINDOWS:
        folder = str(Path(os.environ.get("APPDATA", "")) / "gcloud")
    return Path(folder or Path.home() / ".config" / "gcloud") / "application_default_credentials.json"


def _on_google_cloud() -> bool:
    """Return True on a machine of Google's, which needs no file."""
    if os.environ.get("GCE_METADATA_HOST") or os.environ.get("K_SERVICE"):
        return True
    try:
        return _MACHINE.read_text("utf-8").startswith("Google")
    except (OSError, UnicodeDecodeError):
        return False
