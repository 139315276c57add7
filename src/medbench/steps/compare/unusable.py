"""The runs that cannot be compared although they are to be, and whether the others may be without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import MedbenchError, RecordError
from medbench.steps.reading.verdict_columns import verdict_columns
from medbench.store.outputs import OutputIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from medbench.steps.compare.comparable import OnDisk
    from medbench.steps.compare.inputs import CompareOptions
    from medbench.store.runs import RunFolder

FEWEST = 2
"""Systems that make a comparison."""


def unreadable(
    runs: Sequence[RunFolder], options: CompareOptions, known: Mapping[Path, OnDisk]
) -> dict[Path, MedbenchError]:
    """Return the runs of which a record cannot be read, with the error that says which."""
    failed: dict[Path, MedbenchError] = {}
    for run in runs:
        try:
            if known[run.path].fresh is None:
                OutputIndex(run.path)
            if not options.offline:
                verdict_columns(run)
        except RecordError as error:
            failed[run.path] = error
    return failed


def check_others(
    named: Sequence[RunFolder], failed: Mapping[Path, MedbenchError], options: CompareOptions
) -> None:
    """Check that the other runs may be compared without those that cannot be.

    Nobody asked for a comparison with another reference system than the first one, or than that of --against,
    nor for one of which a system is missing that an experiment declares.

    Raises:
        MedbenchError: They may not, with the error of the first run that cannot be compared.
    """
    out = [run for run in named if run.path in failed]
    if not out:
        return
    systems = [run for run in named if not run.head.system.is_floor] or named
    why = ""
    if options.named is None:
        why = "All of these runs are to be compared."
    elif any(run.name == options.against for run in out):
        why = "The others are to be held against it (--against)."
    elif options.against is None and systems[0] in out and systems[0].path.resolve() in options.named:
        why = "It is named first, so that the others are to be held against it."
    elif len([run for run in systems if run not in out]) < FEWEST:
        why = "Without it there are no two systems to compare."
    if why:
        first = next((run for run in out if run is systems[0]), out[0])
        error = failed[first.path]
        raise type(error)(f"{error.message} {why}", error.hint)


def about(failed: Mapping[Path, MedbenchError]) -> list[str]:
    """Return a sentence on each run that cannot be compared."""
    return [f"{path.name} is left out: {error.message} Try: {error.hint}." for path, error in failed.items()]
