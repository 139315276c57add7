"""The account of a Gemini model: one of Google's two services or another server, and its credentials."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from medbench.addresses import host_of, shown_address
from medbench.errors import UsageError
from medbench.providers import NO_KEY, Access, Missing, is_set
from medbench.providers._gemini.bucket import HOST
from medbench.providers._http.address import base_url, key_hint, key_in, named_key
from medbench.providers._http.service import Service
from medbench.providers._vertex.credentials import LOGIN, default_credentials, missing_credentials

if TYPE_CHECKING:
    from medbench.schema.model import ModelFile

KEYS: Final = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
"""Variables with a key of AI Studio; the first that is set counts."""
KEY_HINT: Final = "export GEMINI_API_KEY=…   aistudio.google.com/apikey"
_SWITCHES: Final = ("GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_GENAI_USE_VERTEXAI")
"""Variables with which Google's own tools choose Vertex AI; the first that is set decides."""
_EXAMPLE: Final = "http://localhost:4000"
_NETWORK: Final = "is the network up?"


@dataclass(frozen=True, slots=True)
class Account:
    """A server, and as whom it is asked."""

    service: Service
    """The server as messages name it, with its key, if any."""
    project: str | None = None
    """Cloud project: the service is Vertex AI, or speaks as it does. None for AI Studio's way of speaking."""
    location: str = "global"
    """Cloud location; of no meaning without a project."""
    base_url: str | None = None
    """Another server than Google's, which gets no credentials of Google but the key that is named for it."""

    @property
    def api_version(self) -> str:
        """The version of the API; the SDK's own default is another one in each of its majors."""
        return "v1beta1" if self.project else "v1beta"

    @property
    def wants_credentials(self) -> bool:
        """True if it is asked with Application Default Credentials."""
        return self.project is not None and self.base_url is None


def account(model: ModelFile) -> Account:
    """Return the account of a model file and the environment.

    Raises:
        UsageError: Something is missing, or contradicts itself.
    """
    if model.base_url:
        return _elsewhere(model)
    missing = None if model.key_env else missing_at_google(model)
    # Whether there are credentials is for Google's library to say: it looks at more places.
    if missing is not None and missing.name != "credentials":
        raise UsageError(f"'{model.id}' cannot run: there is no {missing.name}.", missing.hint)
    project = _project(model)
    if project:
        if model.key_env:
            raise UsageError(
                f"'{model.id}' has both a project and key_env.",
                "leave out key_env: Vertex AI is asked with the login of gcloud",
            )
        location = model.location or os.environ.get("GOOGLE_CLOUD_LOCATION", "").strip() or "global"
        hint = f"{LOGIN}; the account needs the role 'Vertex AI User' in {project}"
        where = _named_server(model) or f"Vertex AI (project {project}, {location})"
        service = Service(model.id, where, None, hint, "it is not in that location, or is gone", _NETWORK)
        return Account(service, project, location)
    key = next((key for key in map(key_in, KEYS) if key), None) if not model.key_env else named_key(model)
    hint = f"set the environment variable {model.key_env or KEYS[0]} (aistudio.google.com/apikey)"
    where = _named_server(model) or "Gemini's API"
    return Account(Service(model.id, where, key, hint, "it is gone: medbench models", _NETWORK))


def missing_at_google(model: ModelFile) -> Missing | None:
    """Return what is missing to ask one of Google's two services, where the model file names no key."""
    if model.project or _wants_vertex():
        if not _project(model):
            return Missing("project", "export GOOGLE_CLOUD_PROJECT=…")
        return missing_credentials()
    return None if any(map(is_set, KEYS)) else Missing("key", KEY_HINT)


def hosts(model: ModelFile) -> tuple[str, ...]:
    """Return the host that is asked, as google-genai finds it; then that of a bucket, if there is one."""
    bucket = (HOST,) if model.bucket and _project(model) and not model.base_url else ()
    return (_host(model), *bucket)


def address(model: ModelFile) -> str | None:
    """Return the server of the model file, or that of the environment, which google-genai reads too."""
    return model.base_url or os.environ.get(_server_variable(model)) or None


def server(model: ModelFile) -> str:
    """Return scheme and host of the server that is asked, and what of its path stands before /v1beta."""
    return (address(model) or f"https://{_host(model)}").rstrip("/")


def _server_variable(model: ModelFile) -> str:
    return "GOOGLE_VERTEX_BASE_URL" if _project(model) else "GOOGLE_GEMINI_BASE_URL"


def _named_server(model: ModelFile) -> str | None:
    """Return the server that the environment names, which google-genai asks in the place of Google's.

    Raises:
        UsageError: It is not an address.
    """
    found, variable = address(model), _server_variable(model)
    if found is not None and not (host_of(found) and found.lower().startswith(("http://", "https://"))):
        raise UsageError(
            f"{variable} is '{shown_address(found)}', which is not an address of a server.",
            f"export {variable}={_EXAMPLE}   (or: unset {variable})",
        )
    return found


def _host(model: ModelFile) -> str:
    other = address(model)
    if other:
        return host_of(other)
    if not _project(model):
        return "generativelanguage.googleapis.com"
    location = model.location or os.environ.get("GOOGLE_CLOUD_LOCATION", "").strip() or "global"
    if location in {"us", "eu"}:
        return f"aiplatform.{location}.rep.googleapis.com"
    return f"{'' if location == 'global' else f'{location}-'}aiplatform.googleapis.com"


def access(model: ModelFile) -> Access | None:
    """Return how calls are authorised; None where it is by a key that is looked up as for any provider."""
    if model.base_url:
        return None if model.key_env else Access("key", NO_KEY)
    project = _project(model)
    return default_credentials(project) if project else None


def _elsewhere(model: ModelFile) -> Account:
    """Return the account of a server that is not Google's: the key that is named for it, or none."""
    where = base_url(model, _EXAMPLE)
    key = named_key(model)
    hint = key_hint(model.key_env)
    address = "base_url is wrong: it is what stands before /v1beta"
    service = Service(model.id, where, key, hint, address)
    return Account(service, model.project, model.location or "global", where)


def _project(model: ModelFile) -> str | None:
    """Return the project, where Vertex AI is meant; a key named in the model file means AI Studio."""
    if model.project:
        return model.project
    named = os.environ.get("GOOGLE_CLOUD_PROJECT", "").strip()
    return (named or None) if _wants_vertex() and not model.key_env else None


def _wants_vertex() -> bool:
    said = next((os.environ[name] for name in _SWITCHES if os.environ.get(name)), "")
    return said.strip().lower() in {"true", "1"}
