"""Messages between the process that was started and its workers: plain data that can be pickled."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from medbench.errors import ProviderError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply


@dataclass(frozen=True, slots=True)
class Source:
    """A model and the benchmark whose images it is shown."""

    model: ModelFile
    """The model's file."""
    folder: Path
    """Folder of the benchmark, which a machine may have or not."""
    shipped: bool = False
    """True if it came with medbench, so that an installer may have linked its files."""


def own_version() -> str:
    """Return the version of medbench that is installed here."""
    return version("medbench")


class Joined(NamedTuple):
    """First message of a worker, about itself."""

    machine: str
    """Name of its machine."""
    pid: int
    """Its process there."""
    version: str
    """Its version of medbench."""
    address: str = ""
    """Address of its machine; '' where that is the one where the command was started."""
    proxies: tuple[str, ...] = ()
    """Hosts of the proxies by which its machine may send what is not encrypted."""


class Failed(NamedTuple):
    """A `ProviderError` as data."""

    kind: str
    reason: str
    final: bool
    status: int | None
    wait_s: float | None
    limited: bool
    later: bool
    stops: bool
    sent: bool
    reply: Reply | None

    @classmethod
    def of(cls, error: ProviderError) -> Failed:
        """Return an error as data."""
        from medbench.schema.response import Reply

        return cls(
            kind=error.kind,
            reason=error.reason,
            final=error.final,
            status=error.status,
            wait_s=error.wait_s,
            limited=error.limited,
            later=error.later,
            stops=error.stops,
            sent=error.sent,
            reply=error.reply if isinstance(error.reply, Reply) else None,
        )

    def error(self) -> ProviderError:
        """Return the error."""
        facts = self._asdict()
        return ProviderError(facts.pop("kind"), facts.pop("reason"), **facts)


@dataclass(frozen=True, slots=True)
class Answer:
    """Outcome of a call that was given to a worker: one of the three."""

    reply: Reply | None = None
    """The answer."""
    failed: Failed | None = None
    """Why there is none."""
    lacks: tuple[str, ...] = ()
    """Sha256 of images that the worker does not have: nothing was sent."""


class WorkerLostError(Exception):
    """A worker is gone: killed, or with its machine."""


class NotStartedError(UsageError):
    """A worker did not start: there is no room for it, or its machine died."""
