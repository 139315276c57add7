"""A deployment: a model on an endpoint that medbench put up, from the intent until all of it is gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from medbench.schema.base import FileRecord, OutsideText, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

DeploymentKind = Literal[
    "intended", "created", "deployed", "refused", "failed", "used", "removing", "removed"
]
"""Kind of an event of a deployment."""
DeploymentState = Literal["intended", "deploying", "up", "failed", "removing", "removed"]
"""State of a deployment, as far as it was written down here."""


class Intent(Record):
    """A deployment as it was asked for, written before the service was asked."""

    model: str
    """Name of the model, as it is typed at -m."""
    model_id: str
    """Exact id of the model at its provider."""
    publisher_model: str
    """Name of the model in the service's Model Garden."""
    project: str
    """Cloud project that pays."""
    location: str
    """Location, such as 'us-central1'."""
    machine: str
    """Machine type, such as 'g2-standard-12'."""
    accelerator: str = ""
    """Kind of accelerator, such as 'NVIDIA_L4'; '' for none."""
    accelerators: int = 0
    """Number of accelerators."""
    image_uri: str = ""
    """Container image of the option that was chosen."""
    usd_hour: float
    """Dollars an hour that it is up."""
    price_date: date
    """Day on which the price was looked up."""
    price_source: str
    """Where the price is from."""
    stays: bool = True
    """True if it stays up until somebody takes it down; False if its process does so at its end."""
    process_began: str | None = None
    """When that process began, as the system counts, so that another one with its number is told apart."""


class DeploymentEvent(FileRecord):
    """Something that happened to a deployment: a line of endpoints.jsonl of the user."""

    what: ClassVar[str] = "deployment event"

    at: str
    """When: UTC, ISO 8601."""
    kind: DeploymentKind
    """Kind of the event."""
    name: str
    """Display name of the endpoint and of the model at the service."""
    pid: int
    """Process that wrote this."""
    intent: Intent | None = None
    """All that was asked for; with the kind 'intended' only."""
    operation: str | None = None
    """Name of the service's operation that deploys it."""
    endpoint: str | None = None
    """Full name of the endpoint."""
    resource: str | None = None
    """Full name of the model at the service."""
    run: str | None = None
    """Folder of a run that asks it; with the kind 'used' only."""
    said: OutsideText = ""
    """The event in words; empty where the kind says it all."""


class EndpointUse(Record):
    """A deployment that answered a run, and for how long it was up: part of an event of the run."""

    name: str
    """Display name of the endpoint."""
    model_id: str
    """Exact id of the model on it."""
    began: str
    """When it was asked for: UTC, ISO 8601."""
    until: str
    """When it was gone; before that, the end of the session that wrote this."""
    is_gone: bool
    """True once all of it is gone, so that `until` is the end."""
    usd_hour: float
    """Dollars an hour that it is up."""
    machine: str = ""
    """Machine and accelerators that are paid for, such as 'g2-standard-12, 1 x L4'."""
    share: float = Field(default=1.0, ge=0, le=1)
    """The run's part of these hours; less than 1 where it answered several runs, by what each used."""

    @property
    def seconds(self) -> float:
        """Seconds between both times; 0 where a clock was set back, as nothing is earned by being up."""
        return max(
            0.0, (datetime.fromisoformat(self.until) - datetime.fromisoformat(self.began)).total_seconds()
        )

    @property
    def usd(self) -> float:
        """Dollars of the run's part of them."""
        return self.seconds / 3600 * self.usd_hour * self.share


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment as its events tell it."""

    name: str
    """Display name of the endpoint and of the model at the service."""
    intent: Intent
    """All that was asked for."""
    pid: int
    """Process that asked for it."""
    began: datetime
    """When it was asked for; hours count from here."""
    state: DeploymentState = "intended"
    """Its state, as far as it was written down here."""
    operation: str | None = None
    """Name of the operation that deploys it; None where the service's reply never came."""
    endpoint: str | None = None
    """Full name of the endpoint; None as long as it is unknown."""
    resource: str | None = None
    """Full name of the model at the service; None as long as it is unknown."""
    runs: Mapping[str, datetime] = field(default_factory=dict)
    """Folders of the runs that it answered, each with the time from which on it did."""
    ended: datetime | None = None
    """When all of it was gone; None before that."""
    seen: datetime | None = None
    """The latest time of its events; None where there was none but the request."""
    said: str = ""
    """Why it failed, in words."""

    @property
    def is_open(self) -> bool:
        """True as long as something of it may be there."""
        return self.state != "removed"

    def seconds(self, now: datetime) -> float:
        """Return the seconds that it was up: from the request until it was gone, or until now.

        Where a clock was set back they are those up to its last event, at least.
        """
        return (max(self.ended or now, self.seen or self.began) - self.began).total_seconds()

    def usd(self, now: datetime) -> float:
        """Return the dollars of these seconds."""
        return self.seconds(now) / 3600 * self.intent.usd_hour

    @property
    def machine(self) -> str:
        """Machine and accelerators that are paid for, such as 'g2-standard-12, 1 x L4'."""
        return machine_text(self.intent.machine, self.intent.accelerator, self.intent.accelerators)


def machine_text(machine: str, accelerator: str, number: int) -> str:
    """Return a machine in words: 'g2-standard-12, 1 x L4'."""
    hardware = hardware_text(accelerator, number)
    return f"{machine}, {hardware}" if hardware else machine


def hardware_text(accelerator: str, number: int) -> str:
    """Return accelerators in words, as a price names them: '1 x L4'; '' for none."""
    name = accelerator.removeprefix("NVIDIA_").removeprefix("TESLA_").replace("_", " ")
    return f"{number} x {name}" if name and number else ""
