"""Which output of a case and replicate counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.schema.run import Output
from medbench.store.jsonl import read_with_offsets
from medbench.store.runs import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.store.runs import RunFolder


class OutputIndex:
    """The outputs of a run by case. Only positions are held, not texts."""

    def __init__(self, run: RunFolder) -> None:
        self._path = run.path / OUTPUTS
        self._at: dict[tuple[str, int], int] = {}
        self._replicates: dict[str, list[int]] = {}
        for offset, output in read_with_offsets(self._path, Output):
            key = (output.case_id, output.replicate)
            if output.text is not None and key not in self._at:
                self._at[key] = offset
                self._replicates.setdefault(output.case_id, []).append(output.replicate)

    def replicates(self, case_id: str) -> list[int]:
        """The replicates of a case that have a text."""
        return sorted(self._replicates.get(case_id, ()))

    def cases(self) -> Iterator[str]:
        """The cases that have a text."""
        return iter(self._replicates)

    def output(self, case_id: str, replicate: int) -> Output:
        """One output."""
        with self._path.open("rb") as file:
            file.seek(self._at[case_id, replicate])
            return Output.from_line(file.readline(), f"{self._path}, case {case_id},")


def settled(run: RunFolder) -> Iterator[Output]:
    """The output that counts of each case-replicate: the first text, else the last failure."""
    texts: dict[str, int] = {}
    failures: dict[tuple[str, int], Output] = {}
    for output in run.outputs():
        bit = 1 << output.replicate
        if texts.get(output.case_id, 0) & bit:
            continue
        if output.text is None:
            failures[output.case_id, output.replicate] = output
            continue
        texts[output.case_id] = texts.get(output.case_id, 0) | bit
        failures.pop((output.case_id, output.replicate), None)
        yield output
    yield from failures.values()
