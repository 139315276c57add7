"""The runs that are compared: what cannot be read or scored is taken out before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from medbench.errors import MedbenchError, RecordError, UsageError
from medbench.paths import told_apart
from medbench.steps.compare.comparable import floors_beside, on_disk
from medbench.steps.compare.left_out import FEWEST, left_out, named_among, notices
from medbench.steps.compare.side_by_side import side_by_side
from medbench.steps.reading.verdict_columns import verdict_columns
from medbench.store.outputs import OutputIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from medbench.steps.compare.comparable import OnDisk
    from medbench.steps.compare.inputs import CompareOptions
    from medbench.steps.compare.side_by_side import SideBySide
    from medbench.store.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Usable:
    """The runs that are compared, and what is said of the others."""

    beside: SideBySide
    notices: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Runs that were to be compared and are not, to the reason."""


def usable(named: Sequence[RunFolder], parser: str | None, options: CompareOptions) -> Usable:
    """Return those of the runs that are compared, scored; see `compare_runs`."""
    known = on_disk(named)
    if options.named is None:
        return Usable(side_by_side(named, parser, known, force=options.force))
    failed = _unreadable(named, options, known)
    floors = floors_beside(named)
    failed |= _unreadable(floors, options, on_disk(floors))
    rescored: dict[str, str] = {}
    # Which runs are left out depends on how many others there are: without one that cannot be scored, anew.
    while True:
        readable = [run for run in named if run.path not in failed]
        reasons = left_out(readable, options, known) if readable else {}
        kept = [run for run in readable if str(run.path) not in reasons]
        _check_others(named, kept, failed, options)
        _check_reference(readable, kept, reasons, options)
        beside = side_by_side(kept, parser, known, force=options.force, passing_over=failed)
        failed |= beside.failed
        rescored |= beside.rescored
        if len(beside.named) == len(kept):
            break
        known |= on_disk(run for run in kept if str(run.path) in beside.rescored)
    return Usable(
        replace(beside, rescored=rescored),
        (*_about(failed), *notices(readable, reasons, options)),
        {
            **{str(path): error.message for path, error in failed.items()},
            **named_among(reasons, readable, options),
        },
    )


def _unreadable(
    runs: Sequence[RunFolder], options: CompareOptions, known: Mapping[Path, OnDisk]
) -> dict[Path, MedbenchError]:
    """Return the runs of which a record cannot be read, with the error that says which."""
    failed: dict[Path, MedbenchError] = {}
    for run in runs:
        try:
            if broken := known[run.path].broken:
                raise broken
            if known[run.path].fresh is None:
                OutputIndex(run.path)
            if not options.offline:
                verdict_columns(run)
        except RecordError as error:
            failed[run.path] = error
    return failed


def _check_others(
    named: Sequence[RunFolder],
    kept: Sequence[RunFolder],
    failed: Mapping[Path, MedbenchError],
    options: CompareOptions,
) -> None:
    """Check that the runs that are kept may be compared without those that cannot be.

    Nobody asked for a comparison with another reference system than the first one, or than that of --against.

    Raises:
        MedbenchError: They may not, with the error of the first run that cannot be compared.
    """
    competitors = _competitors(named, options)
    lost = [run for run in competitors if run.path in failed]
    against = [run for run in named if run.path in failed and _is_called(run, options.against)]
    why = ""
    if against:
        lost, why = against, "The others are to be held against it (--against)."
    elif not lost:
        return
    elif options.against is None and competitors[0] in lost and _is_named(competitors[0], options):
        why = "It is named first, so that the others are to be held against it."
    elif len([run for run in competitors if run in kept]) < FEWEST:
        why = "Without it there are no two systems to compare."
    if why:
        error = failed[lost[0].path]
        raise type(error)(f"{error.message} {why}", error.hint)


def _check_reference(
    readable: Sequence[RunFolder],
    kept: Sequence[RunFolder],
    reasons: Mapping[str, str],
    options: CompareOptions,
) -> None:
    """Check that the run of --against is not left out.

    Raises:
        UsageError: It is, with the reason.
    """
    if any(_is_called(run, options.against) for run in kept):
        return
    for run in readable:
        if _is_called(run, options.against) and (why := reasons.get(str(run.path))):
            others = " | ".join(one.name for one in kept if not one.head.system.is_floor)
            said = f"nothing is held against '{run.name}', which is left out: {why}."
            raise UsageError(said, f"--against {others}")


def _competitors(named: Sequence[RunFolder], options: CompareOptions) -> Sequence[RunFolder]:
    """Return the systems, without probes that were not named; what there is where only others are named."""
    systems = [run for run in named if not run.head.system.is_floor]
    asked = [run for run in systems if not run.head.system.probe or _is_named(run, options)]
    return asked or systems or named


def _is_named(run: RunFolder, options: CompareOptions) -> bool:
    return run.path.resolve() in (options.named or ())


def _is_called(run: RunFolder, name: str | None) -> bool:
    return name in {run.name, str(run.path)}


def _about(failed: Mapping[Path, MedbenchError]) -> list[str]:
    """Return a sentence on each run that cannot be compared."""
    return [
        f"{name} is left out: {error.message} Try: {error.hint}."
        for name, error in zip(told_apart([*failed]), failed.values(), strict=True)
    ]
