"""The output of each case and replicate that counts, and what is done: the one place of that rule."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from medbench.schema.run import Output
from medbench.store.jsonl import read_with_offsets
from medbench.store.runs import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from medbench.store.runs import RunFolder


class _Entry(NamedTuple):
    """An output that counts, as far as it is held in memory."""

    offset: int
    failure: str | None
    """Kind of its failure; None for a text."""
    final: bool
    """True where nothing more is to be asked."""


class OutputIndex:
    """The outputs of a run that count, by case and replicate. Their texts stay on the disk.

    Where a case and replicate has several outputs, the first text counts; without a text the first final
    failure; without either the last failure.

    Args:
        folder: The run's folder; without outputs.jsonl the index is empty.
        cases: Cases to look at; None for all.
        replicates: Replicates to look at, those below this number; None for all.
    """

    def __init__(
        self, folder: Path, *, cases: frozenset[str] | None = None, replicates: int | None = None
    ) -> None:
        self._path = folder / OUTPUTS
        self._cases = cases
        self._below = replicates
        self._entries: dict[tuple[str, int], _Entry] = {}
        self._replicates: dict[str, list[int]] = {}
        self._size = 0
        self.refresh()

    def refresh(self) -> None:
        """Read the file again if its size is another one than when it was read last."""
        size = self._path.stat().st_size if self._path.exists() else 0
        if size == self._size:
            return
        self._size = size
        self._entries.clear()
        self._replicates.clear()
        for offset, output in read_with_offsets(self._path, Output):
            self.add(output, offset)

    def add(self, output: Output, offset: int) -> None:
        """Take note of an output that lies at that position of the file."""
        if self._cases is not None and output.case_id not in self._cases:
            return
        if self._below is not None and output.replicate >= self._below:
            return
        failure = output.failure
        entry = _Entry(offset, failure.kind, failure.final) if failure else _Entry(offset, None, final=True)
        key = output.case_id, output.replicate
        earlier = self._entries.get(key)
        if earlier is None:
            self._replicates.setdefault(output.case_id, []).append(output.replicate)
        # A text takes the place of any failure, and every output that of a failure that may pass.
        if earlier is None or not earlier.final or (earlier.failure is not None and failure is None):
            self._entries[key] = entry

    def is_done(self, case_id: str, replicate: int) -> bool:
        """True if nothing more is to be asked: there is a text or a final failure."""
        entry = self._entries.get((case_id, replicate))
        return entry is not None and entry.final

    @property
    def texts(self) -> int:
        """Outputs with a text."""
        return sum(entry.failure is None for entry in self._entries.values())

    @property
    def final_failures(self) -> Counter[str]:
        """Failures that stand, by kind."""
        return Counter(
            entry.failure for entry in self._entries.values() if entry.failure is not None and entry.final
        )

    @property
    def open_failures(self) -> Counter[str]:
        """Failures that the same line asks again, by kind."""
        return Counter(
            entry.failure for entry in self._entries.values() if entry.failure is not None and not entry.final
        )

    def cases(self) -> Iterator[str]:
        """The cases that have a text."""
        return (case_id for case_id in self._replicates if self.replicates(case_id))

    def replicates(self, case_id: str) -> list[int]:
        """The replicates of a case that have a text."""
        known = self._replicates.get(case_id, ())
        return sorted(number for number in known if self._entries[case_id, number].failure is None)

    def output(self, case_id: str, replicate: int) -> Output:
        """Read the output that counts.

        Raises:
            KeyError: There is none.
        """
        return next(self._read([self._entries[case_id, replicate].offset]))

    def outputs(self) -> Iterator[Output]:
        """Read the outputs that count: the texts in the order of the file, then the failures."""
        entries = self._entries.values()
        yield from self._read(sorted(entry.offset for entry in entries if entry.failure is None))
        yield from self._read([entry.offset for entry in entries if entry.failure is not None])

    def _read(self, offsets: list[int]) -> Iterator[Output]:
        if not offsets:
            return
        with self._path.open("rb") as file:
            for offset in offsets:
                file.seek(offset)
                yield Output.from_line(file.readline(), f"{self._path}, byte {offset},")


def outputs_that_count(run: RunFolder) -> Iterator[Output]:
    """Read the output that counts of each case and replicate of a run, see `OutputIndex`."""
    return OutputIndex(run.path).outputs()
