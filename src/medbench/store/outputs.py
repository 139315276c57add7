"""The output of each case and replicate that counts, and what is done: the one place of that rule."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING

from medbench.schema.run import Output
from medbench.store.jsonl import read_at, read_with_offsets
from medbench.store.runs import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from medbench.store.runs import RunFolder


OutputKey = str | tuple[str, int]
"""A case for its first replicate, a case and replicate for another: most runs have no other."""
_FINAL, _KIND, _KINDS = 1, 1, 0xFFFF
"""An output that counts is one number: a bit for a final one, 16 for its kind of failure by place (0 for a
text), and then its position in the file. Objects would take three times the memory."""
_OFFSET = 17
_UNREAD = -1
"""Size of a file that is to be read again, whatever it is."""
_STATE = (1 << _OFFSET) - 1
"""All of it but the position."""


def output_key(case_id: str, replicate: int) -> OutputKey:
    """Return the key of an output in a table of a whole run."""
    return (case_id, replicate) if replicate else case_id


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
        self._entries: dict[OutputKey, int] = {}
        self._further: dict[str, list[int]] = {}
        """The replicates of a case beside the first."""
        self._kinds: list[str | None] = [None]
        self._numbers: Counter[int] = Counter()
        """State of an output that counts to the number of such outputs."""
        self._size = 0
        self.refresh()

    def refresh(self) -> None:
        """Read the file again if its size is another one than when it was read last."""
        size = self._path.stat().st_size if self._path.exists() else 0
        if size == self._size:
            return
        self.keep_numbers()
        self._numbers.clear()
        self._size = size
        for offset, output in read_with_offsets(self._path, Output):
            self.add(output, offset)

    def add(self, output: Output, offset: int) -> None:
        """Take note of an output that lies at that position of the file."""
        if self._cases is not None and output.case_id not in self._cases:
            return
        if self._below is not None and output.replicate >= self._below:
            return
        failure = output.failure
        final = failure is None or failure.final
        entry = offset << _OFFSET | self._kind(failure.kind if failure else None) << _KIND | final
        key = output_key(output.case_id, output.replicate)
        earlier = self._entries.get(key)
        if earlier is None and output.replicate:
            self._further.setdefault(output.case_id, []).append(output.replicate)
        # A text takes the place of any failure, and every output that of a failure that may pass.
        if (
            earlier is None
            or not earlier & _FINAL
            or (failure is None and self._failure(earlier) is not None)
        ):
            self._entries[key] = entry
            self._numbers[entry & _STATE] += 1
            if earlier is not None:
                self._numbers[earlier & _STATE] -= 1

    def keep_numbers(self) -> None:
        """Forget which outputs there are, and keep how many: of a run that has ended nobody asks which.

        A refresh reads them again.
        """
        self._entries.clear()
        self._further.clear()
        self._size = _UNREAD

    def _kind(self, failure: str | None) -> int:
        if failure not in self._kinds:
            self._kinds.append(failure)
        return min(self._kinds.index(failure), _KINDS)

    @staticmethod
    def _is_text(entry: int) -> bool:
        return not entry >> _KIND & _KINDS

    def _failure(self, entry: int) -> str | None:
        return self._kinds[entry >> _KIND & _KINDS]

    @property
    def count(self) -> int:
        """Outputs that count, failures included."""
        return self._numbers.total()

    def is_done(self, case_id: str, replicate: int) -> bool:
        """Return True if nothing more is to be asked: there is a text or a final failure."""
        entry = self._entries.get(output_key(case_id, replicate))
        return entry is not None and bool(entry & _FINAL)

    @property
    def texts(self) -> int:
        """Outputs with a text."""
        return sum(number for state, number in self._numbers.items() if self._is_text(state))

    @property
    def final_failures(self) -> Counter[str]:
        """Failures that stand, by kind."""
        return self._failures(final=True)

    @property
    def open_failures(self) -> Counter[str]:
        """Failures that the same line asks again, by kind."""
        return self._failures(final=False)

    def _failures(self, *, final: bool) -> Counter[str]:
        return Counter(
            {
                kind: number
                for state, number in self._numbers.items()
                if number and bool(state & _FINAL) == final and (kind := self._failure(state)) is not None
            }
        )

    def cases(self) -> Iterator[str]:
        """Yield the cases that have a text."""
        names = (key if isinstance(key, str) else key[0] for key in self._entries)
        return (name for name in (dict.fromkeys(names) if self._further else names) if self.replicates(name))

    def replicates(self, case_id: str) -> list[int]:
        """Return the replicates of a case that have a text."""
        known = (0, *self._further.get(case_id, ()))
        entries = {number: self._entries.get(output_key(case_id, number)) for number in known}
        return sorted(
            number for number, entry in entries.items() if entry is not None and self._is_text(entry)
        )

    def output(self, case_id: str, replicate: int) -> Output:
        """Read the output that counts.

        Raises:
            KeyError: There is none.
        """
        with self._path.open("rb") as file:
            return read_at(file, self._entries[output_key(case_id, replicate)] >> _OFFSET, Output)

    def get(self, case_id: str, replicate: int) -> Output | None:
        """Read the output that counts; None where there is none."""
        return self.output(case_id, replicate) if output_key(case_id, replicate) in self._entries else None

    def outputs(self) -> Iterator[Output]:
        """Read the outputs that count: the texts in the order of the file, then the failures.

        Who reads them one after the other needs no index by case meanwhile.
        """
        texts = sorted(one >> _OFFSET for one in self._entries.values() if self._failure(one) is None)
        failures = (one >> _OFFSET for one in self._entries.values() if self._failure(one) is not None)
        return _read(self._path, array("q", (*texts, *failures)))


def _read(path: Path, offsets: Sequence[int]) -> Iterator[Output]:
    if not offsets:
        return
    with path.open("rb") as file:
        for offset in offsets:
            yield read_at(file, offset, Output)


def outputs_that_count(run: RunFolder) -> Iterator[Output]:
    """Read the output that counts of each case and replicate of a run, see `OutputIndex`."""
    return OutputIndex(run.path).outputs()
