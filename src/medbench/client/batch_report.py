"""Lanes of batches, and what one command did with each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medbench.schema.batch import CHECK

if TYPE_CHECKING:
    from medbench.client.batch_file import BatchFile
    from medbench.client.batch_import import Contents


@dataclass(frozen=True, slots=True)
class Lane:
    """The calls of a run folder that go in batches together: those to one model in one role."""

    name: str
    """The role of a system's model, or the judge; no other lane of the folder has it."""
    asked: str
    """Exact id of the model."""
    run_id: str
    """Begins the names of its batches, which no other folder may have."""
    checks: str = CHECK
    """Stage, in the ledger, of the calls that check a batch."""


@dataclass(slots=True)
class Report:
    """Actions of one command on the batches of a lane."""

    sent: list[tuple[str, BatchFile, str]] = field(default_factory=list)
    """Batches that were created, what is in them, and their state in words."""
    waiting: list[tuple[str, str]] = field(default_factory=list)
    """Batches that have not ended, each with its state in words."""
    collected: list[tuple[str, str, Contents, int]] = field(default_factory=list)
    """Batches whose answers were taken in: name, state in words, contents, requests that were sent."""
    not_counted: str | None = None
    """Why the service did not count the tokens of all that was sent; None where it did, or counts nothing."""
    given_up: set[str] = field(default_factory=set)
    """Keys of requests that are asked no more, since their batch was given up."""
    problems: list[str] = field(default_factory=list)
    """Further remarks for the person, in words."""
