"""An endpoint of Vertex AI: which one, and at which host it answers."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from medbench.errors import ProviderError, UsageError
from medbench.providers import Missing
from medbench.providers._http.exchange import exchange
from medbench.providers._http.service import Service
from medbench.providers._vertex.credentials import LOGIN

if TYPE_CHECKING:
    import httpx

    from medbench.providers._vertex.credentials import Token
    from medbench.schema.model import ModelFile

PROJECT: Final = "GOOGLE_CLOUD_PROJECT"
"""Variable with the project, unless the model file names one."""
SHARED_BYTES: Final = 1_500_000
DEDICATED_BYTES: Final = 10_000_000
"""Largest request body that each kind of host takes, as Google documents it."""
# These stand in an address that credentials are sent to: nothing in them may lead it elsewhere.
_PROJECT = re.compile(r"[a-z0-9][a-z0-9.:-]{0,62}")
_LOCATION = re.compile(r"[a-z]+-[a-z]+[0-9]{1,2}")
_ENDPOINT = re.compile(r"[A-Za-z0-9_-]{1,128}")
_FULL_NAME = re.compile(r"projects/([^/]+)/locations/([^/]+)/endpoints/([^/]+)")
GOOGLES: Final = ".prediction.vertexai.goog"
"""End of the names of dedicated hosts."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint's name."""

    project: str
    """Project, by id or number."""
    location: str
    """Location, such as 'us-central1'."""
    id: str
    """Id in that location."""

    @property
    def name(self) -> str:
        """Its full name, which is its path at every host."""
        return f"projects/{self.project}/locations/{self.location}/endpoints/{self.id}"


@dataclass(frozen=True, slots=True)
class Host:
    """A host at which an endpoint answers."""

    url: str
    """Scheme and host."""
    body_bytes: int | None
    """Largest request body that it takes; None where unknown."""


def missing_part(model: ModelFile) -> Missing | None:
    """Return what a model file lacks to name an endpoint."""
    if not model.endpoint:
        hint = 'endpoint = "…" of the model in medbench.toml; ids: gcloud ai endpoints list'
        if model.publisher_model is not None:
            hint = 'medbench endpoint deploy NAME   by the hour; or endpoint = "…" in medbench.toml'
        return Missing("endpoint", hint)
    if _FULL_NAME.fullmatch(model.endpoint):
        return None
    if not (model.project or os.environ.get(PROJECT)):
        return Missing("project", f"export {PROJECT}=…")
    if not model.location:
        return Missing("location", 'location = "us-central1" of the model in medbench.toml')
    return None


def endpoint_of(model: ModelFile) -> Endpoint:
    """Return the endpoint that a model file names, by its id or by its full name.

    Raises:
        UsageError: A part is missing, or is none.
    """
    missing = missing_part(model)
    if missing is not None:
        raise UsageError(f"'{model.id}' has no {missing.name} of Vertex AI.", missing.hint)
    full = _FULL_NAME.fullmatch(model.endpoint or "")
    project, location, name = (
        full.groups() if full else (model.project or os.environ[PROJECT], model.location, model.endpoint)
    )
    check_place(str(project), str(location))
    _check_part("endpoint", str(name), _ENDPOINT, "1234567890123456789")
    return Endpoint(str(project), str(location), str(name))


def check_place(project: str, location: str) -> None:
    """Check that project and location can stand in an address that credentials are sent to.

    Raises:
        UsageError: One of them cannot.
    """
    _check_part("project", project, _PROJECT, "my-project")
    _check_part("location", location, _LOCATION, "us-central1")


def _check_part(what: str, value: str, shape: re.Pattern[str], example: str) -> None:
    if not shape.fullmatch(value):
        raise UsageError(f"'{value}' is not a valid {what} of Vertex AI.", f'{what} = "{example}"')


def endpoint_at_other_host(model: ModelFile) -> Endpoint:
    """Return the endpoint that a model file names at a host of its own; what it leaves out is '-'."""
    full = _FULL_NAME.fullmatch(model.endpoint or "")
    if full:
        return Endpoint(*full.groups())
    return Endpoint(model.project or "-", model.location or "-", model.endpoint or "-")


def google_service(endpoint: Endpoint, url: str, model: str) -> Service:
    """Return Google's host as messages name it, without a key yet."""
    return Service(
        model=model,
        base_url=url,
        key_hint=(
            f"is project '{endpoint.project}' right, and has the account the role 'Vertex AI User' in it? "
            f"Another account: {LOGIN}"
        ),
        address_hint=(
            f"the endpoint's id, location or project is wrong: "
            f"gcloud ai endpoints list --region={endpoint.location} --project={endpoint.project}"
        ),
        reach_hint=f"is the network up, and location '{endpoint.location}' right?",
    )


async def find_host(connection: httpx.AsyncBaseTransport, endpoint: Endpoint, token: Token) -> Host:
    """Ask Vertex AI where an endpoint answers: it may have a host of its own.

    Args:
        connection: One that is lent.
        endpoint: Which one.
        token: Goes to Google's own hosts only.

    Raises:
        ProviderError: There is no such endpoint, it is not to be seen, or nothing is deployed there.
    """
    shared = f"https://{endpoint.location}-aiplatform.googleapis.com"
    service = google_service(endpoint, shared, endpoint.name)
    service = replace(service, key=token.secret, headers=token.headers)
    found = await exchange(connection, f"{shared}/v1/{endpoint.name}", service)
    if not isinstance(found, dict) or found.get("error"):
        raise ProviderError(
            "unreadable", f"{shared} did not describe '{endpoint.name}'", final=False, sent=False
        )
    if not found.get("deployedModels"):
        reason = (
            f"nothing is deployed at endpoint '{endpoint.id}', so nothing answers there: "
            "deploy the model first, or name another endpoint"
        )
        raise ProviderError("not_deployed", reason, final=False, stops=True, sent=False)
    name = found.get("dedicatedEndpointDns")
    if not (found.get("dedicatedEndpointEnabled") and isinstance(name, str) and name):
        return Host(shared, SHARED_BYTES)
    return Host(_googles_own(name), DEDICATED_BYTES)


def _googles_own(name: str) -> str:
    """Return the address of a dedicated host; one outside Google's domain never gets a token."""
    host = urlsplit(name if "://" in name else f"https://{name}").netloc
    if not re.fullmatch(r"[A-Za-z0-9.-]+", host) or not host.lower().endswith(GOOGLES):
        reason = f"the endpoint names a host that is not Google's, '{host[:100]}': nothing is sent there"
        raise ProviderError("not_found", reason, final=False, stops=True, sent=False)
    return f"https://{host}"
