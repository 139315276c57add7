"""Plan of a deployment: where, on which machine, at what price an hour; nothing is changed."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from medbench.endpoints.options import options_of
from medbench.endpoints.place import PREFIX, Place
from medbench.endpoints.refusals import refused
from medbench.endpoints.service import VertexService
from medbench.errors import EndpointError, ProviderError, UsageError
from medbench.providers._vertex.credentials import LOGIN, missing_credentials
from medbench.providers._vertex.endpoint import PROJECT
from medbench.schema.endpoint import Intent
from medbench.steps.access.deployments import is_deployable
from medbench.store.lock import process_began

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from medbench.endpoints.options import Option
    from medbench.schema.model import ModelFile, Price


@dataclass(frozen=True, slots=True)
class Choice:
    """A person's choice of the service's options, and the price that they know."""

    machine: str | None = None
    """Machine type; None for the one that the price is of, or else the first."""
    image_uri: str | None = None
    """Container image; None for the service's usual one."""
    usd_hour: float | None = None
    """Dollars an hour; None for the price of the model's file."""
    price_source: str = ""
    """Where these dollars are from."""
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """`[models.*]` of medbench.toml, whose prices need no trust and so are shown as what they are."""


@dataclass(frozen=True, slots=True)
class DeployPlan:
    """A deployment that nobody has asked for yet."""

    name: str
    """Display name that endpoint and model will have."""
    intent: Intent
    """All that will be asked for."""
    option: Option
    """Machine and container."""
    options: tuple[Option, ...]
    """Those to choose from, as the service lists them."""
    own_container: bool
    """True if the container was chosen, and so is named."""
    licence: str
    """Terms that have to be accepted."""

    @property
    def place(self) -> Place:
        """Where it will be."""
        return Place(self.intent.project, self.intent.location)


def place_of(label: str, model: ModelFile) -> Place:
    """Return where a model would be put up.

    Raises:
        UsageError: It is none that medbench puts up, or a part of the place is missing.
    """
    if model.endpoint or model.base_url or model.addresses:
        raise UsageError(
            f"'{label}' has an endpoint by its file, which medbench did not put up and leaves alone.",
            "take 'endpoint' out of [models.…] of medbench.toml to have one put up",
        )
    if not is_deployable(model):
        raise UsageError(
            f"'{label}' is not a model that medbench puts up: it names none of Vertex AI's Model Garden.",
            'publisher_model = "publishers/google/models/NAME@VERSION" of the model in medbench.toml',
        )
    project = model.project or os.environ.get(PROJECT, "").strip()
    if not project:
        raise UsageError(f"no project of Google Cloud is named for '{label}'.", f"export {PROJECT}=…")
    missing = missing_credentials()
    if missing is not None:
        raise UsageError("there are no credentials of Google Cloud.", LOGIN)
    return Place(project, model.location or "us-central1")


async def plan_deployment(
    label: str, model: ModelFile, choice: Choice, now: datetime, *, stays: bool
) -> DeployPlan:
    """Ask the service for its options, and return what would be put up.

    Args:
        label: Name of the model at -m.
        model: Its file.
        choice: What of the options is wanted.
        now: The time, which is in the name.
        stays: False where the process takes it down at its end.

    Raises:
        UsageError: There is no such option, or no price for it.
        EndpointError: The service does not offer the model, or does not answer.
    """
    place = place_of(label, model)
    assert model.publisher_model is not None
    async with VertexService(place) as service:
        try:
            options = await options_of(service, model.publisher_model)
        except ProviderError as error:
            raise EndpointError(*_no_options(error, model.publisher_model, place)) from None
    if not options:
        raise EndpointError(
            f"Vertex AI lists no machine for '{model.publisher_model}'.",
            "another version as publisher_model of the model in medbench.toml",
        )
    option = _chosen(options, choice, model.price)
    price, source, day = _price(label, option, choice, model.price, now.date())
    intent = Intent(
        model=label,
        model_id=model.id,
        publisher_model=model.publisher_model,
        project=place.project,
        location=place.location,
        machine=option.machine,
        accelerator=option.accelerator,
        accelerators=option.accelerators,
        image_uri=option.image_uri,
        usd_hour=price,
        price_date=day,
        price_source=source,
        stays=stays,
        process_began=process_began(os.getpid()),
    )
    return DeployPlan(
        new_name(label, now),
        intent,
        option,
        tuple(options),
        own_container=choice.image_uri is not None,
        licence=model.licence,
    )


def new_name(label: str, now: datetime) -> str:
    """Return the name that a deployment is found by: no other has it, here or elsewhere."""
    plain = re.sub(r"[^a-z0-9.-]+", "-", label.lower()).strip("-.")[:40] or "model"
    return f"{PREFIX}{plain}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def _no_options(error: ProviderError, publisher_model: str, place: Place) -> tuple[str, str]:
    if error.kind == "not_found":
        return (
            f"Vertex AI's Model Garden has no '{publisher_model}' in {place.location}.",
            "its name and version stand on its page there: publisher_model of the model in medbench.toml",
        )
    return refused(error, place)


def _chosen(options: list[Option], choice: Choice, price: Price | None) -> Option:
    fitting = [
        option
        for option in options
        if choice.machine in {None, option.machine} and choice.image_uri in {None, option.image_uri}
    ]
    if not fitting:
        what = f"machine '{choice.machine}'" if choice.machine else f"container '{choice.image_uri}'"
        listed = dict.fromkeys(option.machine if choice.machine else option.image_uri for option in options)
        raise UsageError(f"Vertex AI does not offer {what} for it.", " | ".join(filter(None, listed)))
    priced = [option for option in fitting if price is not None and _is_of(price, option)]
    return (priced or fitting)[0]


def _is_of(price: Price, option: Option) -> bool:
    return price.hardware == option.hardware and price.machine in {"", option.machine}


def _price(
    label: str, option: Option, choice: Choice, price: Price | None, today: date
) -> tuple[float, str, date]:
    """Return dollars an hour, where that is from and of which day.

    Raises:
        UsageError: One of them is not known for this machine: nothing is put up at an unknown price.
    """
    if choice.usd_hour is not None:
        if not choice.price_source:
            raise UsageError(
                "--price says what an hour costs, and not where that is from.",
                '--price-source "Google\'s list, cloud.google.com/vertex-ai/pricing"',
            )
        return choice.usd_hour, choice.price_source, today
    if price is None or price.gpu_hour is None or not _is_of(price, option):
        raise UsageError(
            f"what an hour of {option.words} costs is not known for '{label}'.",
            "--price USD --price-source WHERE   (Google's list: cloud.google.com/vertex-ai/pricing)",
        )
    own = choice.own.get(label, {}).get("price", {})
    # A file that changes the dollars and not where they are from would lend them the shipped source.
    if price.as_of is None or not price.source or (own and not {"gpu_hour", "date", "source"} <= own.keys()):
        raise UsageError(
            f"the price of '{label}' has no date or no source.",
            'price = { gpu_hour = …, hardware = "…", date = 2026-11-29, source = "…" } in medbench.toml',
        )
    return price.gpu_hour, f"medbench.toml, '{price.source}'" if own else price.source, price.as_of
