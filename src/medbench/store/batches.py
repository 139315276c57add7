"""batches.jsonl: what was sent in batches, so that nothing is sent twice and all of it is collected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from medbench.errors import StoreError
from medbench.schema.batch import ENDED, BatchEvent, BatchItem
from medbench.store.jsonl import Journal, read_records, write_sealed
from medbench.store.runs import BATCHES, BATCHES_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


_ITEMS = ".items.jsonl"
"""End of the name of a file of items."""


@dataclass(slots=True)
class Batch:
    """A batch, as its events tell."""

    name: str
    """Its name, here and at the service."""
    begun: BatchEvent
    """The intent to create it."""
    events: dict[str, BatchEvent] = field(default_factory=dict)
    """The last event of each kind."""

    @property
    def uploaded(self) -> str:
        """Id of its file of requests at the service; '' where it has none."""
        return self.events["uploaded"].service_id if "uploaded" in self.events else ""

    @property
    def service_id(self) -> str | None:
        """Its id at the service; None where it is not known to be created."""
        return self.events["created"].service_id if "created" in self.events else None

    @property
    def sent_at(self) -> str:
        """When it was created, or was to be."""
        return self.events.get("created", self.begun).at

    @property
    def is_open(self) -> bool:
        """True while something may still come of it."""
        return not ENDED & self.events.keys()


class BatchBook:
    """The batches of one run folder, and the only way to add to them.

    Args:
        folder: The run's folder, locked.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / BATCHES_FOLDER
        self._path = folder / BATCHES
        self._journal: Journal | None = None  # opened with the first event: no empty file is left behind
        self._batches = _read(folder)

    def add(self, event: BatchEvent) -> None:
        """Put an event on the disk, which waits for the disk: for a thread.

        Raises:
            StoreError: It could not be written.
        """
        self._journal = self._journal or Journal(self._path)
        self._journal.append(event)
        _note(self._batches, event)

    def of(self, role: str) -> list[Batch]:
        """Return the batches of a role, in the order in which they were begun."""
        return [batch for batch in self._batches.values() if batch.begun.role == role]

    def next_name(self, run_id: str) -> str:
        """Return a name for the next batch that no other batch anywhere has."""
        return f"medbench-{run_id}-{len(self._batches) + 1:03d}"

    def requests_file(self, name: str) -> Path:
        """Return where the requests of a batch lie until it is created."""
        return self.folder / f"{name}.requests.jsonl"

    def answers_file(self, name: str) -> Path:
        """Return where lies what came of a batch; it stays only where it is not trusted."""
        return self.folder / f"{name}.answers.jsonl"

    def write_items(self, name: str, items: Iterable[BatchItem]) -> None:
        """Write the items of a batch, whole, before the intent to create it."""
        write_sealed(self._items_file(name), items)

    def items(self, name: str) -> list[BatchItem]:
        """Read the items of a batch.

        Raises:
            StoreError: They are not all there: its answers could not be told from each other.
        """
        items = list(read_records(self._items_file(name), BatchItem))
        if len(items) != self._batches[name].begun.items:
            raise StoreError(
                f"'{self._items_file(name)}' has {len(items)} of {self._batches[name].begun.items} items.",
                "restore the file from a copy, then the same line again",
            )
        return items

    def _items_file(self, name: str) -> Path:
        return self.folder / f"{name}{_ITEMS}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._journal is not None:
            self._journal.close()


def _read(folder: Path) -> dict[str, Batch]:
    batches: dict[str, Batch] = {}
    for event in read_records(folder / BATCHES, BatchEvent):
        _note(batches, event)
    return batches


def _note(batches: dict[str, Batch], event: BatchEvent) -> None:
    if event.kind == "intended":
        batches[event.batch] = Batch(event.batch, event)
    else:
        batches[event.batch].events[event.kind] = event


def under_way(folder: Path) -> frozenset[str]:
    """Return the keys of the calls of a run whose answers may still come with a batch; nothing is written."""
    names = [batch.name for batch in _read(folder).values() if batch.is_open]
    files = (folder / BATCHES_FOLDER / f"{name}{_ITEMS}" for name in names)
    items = (item for file in files for item in read_records(file, BatchItem))
    return frozenset(item.key for item in items if not item.word)


def has_batches(folder: Path) -> bool:
    """Return True if something of a run was ever sent in a batch."""
    return (folder / BATCHES).is_file()
