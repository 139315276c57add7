"""The result of `verify`: whether runs are as they were written."""

from __future__ import annotations

from medbench.schema.base import Record


class VerifiedRun(Record):
    """One run with its benchmark, as it was found."""

    run: str
    """Its folder."""
    records: int
    """Number of its records."""
    unsealed: int
    """Those of them that an older medbench wrote, whose lines have no digest."""
    problems: tuple[str, ...]
    """Records that are not as they were written, or do not follow from those they rest on, in sentences."""
    unchecked: tuple[str, ...]
    """Checks that could not be made, and why."""
    root: str | None
    """Root of a Merkle tree over its files, to publish; None where the benchmark is not there."""


class Verified(Record):
    """Runs, each with what was found."""

    runs: tuple[VerifiedRun, ...]
    """The runs."""

    @property
    def hold(self) -> bool:
        """True if all are as they were written."""
        return not any(run.problems for run in self.runs)
