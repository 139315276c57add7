"""The end of `run` and `import`: the compact table, and what the floors say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.cli import console

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.errors import MedbenchError
    from medbench.schema.results.dry_run import Ceiling
    from medbench.store.runs import RunFolder


def show_result(runs: Sequence[RunFolder]) -> bool:
    """Score the runs where they are not yet, in the way of those beside them, and show them.

    Returns:
        True if each could be scored. One that could not is named, and the others are shown without it.
    """
    from medbench.api.running.run_result import scoring_notes
    from medbench.report.compare.conclusion import floors
    from medbench.report.compare.summary import overview
    from medbench.steps.compare.run_table import scored_rows

    comparison, faults = scored_rows(runs)
    console.say()
    if comparison is not None:
        console.show(*overview(comparison))
        for notice in scoring_notes(comparison):
            console.say(f"\n{notice}")
        for paragraph in floors(comparison):
            console.say()
            console.say(paragraph)
    for fault in faults:
        console.say(f"\nNot in the table: {fault.message}\nTry:   {fault.hint}")
    return not faults


def check_refusals(refusals: Iterable[MedbenchError]) -> None:
    """End a dry run as its line would end: with the first refusal, after what else is missing.

    Raises:
        MedbenchError: The first of them, if there is one.
    """
    found = list({refusal.message: refusal for refusal in refusals}.values())
    for refusal in found[1:]:
        console.say(f"Missing too: {refusal.message}")
    if found:
        raise found[0]


def end_dry_run(ceiling: Ceiling, raised_by: str = "--max-cost") -> int:
    """Say what comes after a dry run, and return the exit code with which its line would end."""
    if ceiling.will_stop:
        console.say("It would stop at its ceiling, with exit code 3.")
        console.say(f"Next: the same line with a higher {raised_by}")
        return 3
    console.say("Next: the same line without --dry-run")
    return 0
