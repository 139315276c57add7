"""What may stand side by side: one benchmark, one way of scoring, scores that fit their outputs."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from medbench.errors import InputError, RecordError
from medbench.scoring.parsing.text import CURRENT
from medbench.steps.reading.summaries import parser_for, summary_of, why_stale
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.runs import runs_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.schema.score import Summary
    from medbench.scoring.controls import Swap
    from medbench.store.runs import RunFolder

    _Way = tuple[str, Swap]


def check_benchmark(run: RunFolder) -> tuple[str, ...]:
    """Check that the benchmark is what the runs ran on, where it still is; else what to know of that.

    Raises:
        StoreError, InputError: It was changed.
    """
    try:
        benchmark = run.benchmark()
    except InputError as error:
        if isinstance(error, RecordError):
            raise
        return (f"{error.message} The numbers are those of the last scoring.",)
    benchmark.check()
    return ()


def check_one_benchmark(runs: Sequence[RunFolder], *, force: bool = False) -> tuple[str, ...]:
    """Check that the runs ran on one benchmark.

    Returns:
        What is compared all the same, in words.

    Raises:
        InputError: They did not, and are not forced.
    """
    first = runs[0].head.benchmark
    said: list[str] = []
    for run in runs[1:]:
        other = run.head.benchmark
        if other.digest == first.digest:
            continue
        if not force:
            raise InputError(
                f"{runs[0].path} ran on '{first.name}' ({first.digest[:8]}), "
                f"{run.path} on '{other.name}' ({other.digest[:8]}): their numbers cannot be compared.",
                f"medbench compare {run.path.parent}   (one benchmark; --force takes what they share)",
            )
        said.append(
            f"'{first.name}' ({first.digest[:8]}) and '{other.name}' ({other.digest[:8]}) are two benchmarks:"
            " differences rest on the cases that are the same in both, the rows on each one's own"
        )
    return tuple(dict.fromkeys(said))


def floors_beside(named: Sequence[RunFolder]) -> list[RunFolder]:
    """The baselines in the folder of the runs that nobody named; none where only baselines are named."""
    there = {run.path.resolve() for run in named}
    digest = named[0].head.benchmark.digest
    if all(run.head.system.is_floor for run in named):
        return []
    return [
        run
        for run in runs_in(named[0].path.parent)
        if run.head.system.is_floor
        and run.head.benchmark.digest == digest
        and run.path.resolve() not in there
    ]


def fresh_summaries(
    named: Sequence[RunFolder], beside: Sequence[RunFolder], parser: str | None
) -> tuple[dict[str, str], list[Summary]]:
    """The summaries of the runs, scored again where they are stale; and which were, and why."""
    found = {run.path: summary_of(run) for run in (*named, *beside)}
    siblings = (summary_of(run) for run in runs_in(named[0].path.parent))
    usual = _usual_way(chain((found[run.path] for run in named), siblings))
    rescored: dict[str, str] = {}
    rescorers: dict[_Way, Rescorer] = {}
    summaries = []
    for run in (*named, *beside):
        summary = found[run.path]
        # What was never scored, and floors that nobody named, follow the runs that are compared.
        own, swap = usual if summary is None or run not in named else (parser_for(summary), summary.swap)
        way = (parser or own, swap)
        why = why_stale(run, summary) or (_differs(summary, way) if summary else None)
        if why or summary is None:
            if way not in rescorers:
                rescorers[way] = Rescorer(*way)
            summaries.append(rescorers[way].rescore(run))
            rescored[str(run.path)] = why or ""
        else:
            summaries.append(summary)
    return rescored, summaries


def _usual_way(found: Iterable[Summary | None]) -> _Way:
    """Parser and swap control of the first run that has been scored; else those of this medbench."""
    return next(((parser_for(summary), summary.swap) for summary in found if summary), (CURRENT, "region"))


def _differs(summary: Summary, way: _Way) -> str | None:
    """Why a run is scored again although nothing has changed."""
    parser, swap = way
    if summary.parser != parser:
        return f"it was scored with parser '{summary.parser}', the others with '{parser}'"
    if summary.swap != swap:
        return f"its swap control is '{summary.swap}', that of the others '{swap}'"
    return None


def check_one_way(
    runs: Sequence[RunFolder], summaries: Sequence[Summary], *, force: bool = False
) -> tuple[str, ...]:
    """Check that the runs were scored alike.

    Returns:
        What is compared all the same, in words.

    Raises:
        InputError: They were not, and are not forced.
    """
    said = []
    for run, summary in zip(runs, summaries, strict=True):
        differ = [
            name for name, way in summary.signatures.items() if summaries[0].signatures.get(name) != way
        ]
        if not differ:
            continue
        if not force:
            ways = (
                f"with parsers '{summaries[0].parser}' and '{summary.parser}'"
                if summary.parser != summaries[0].parser
                else f"in different ways ({', '.join(differ)})"
            )
            raise InputError(
                f"{runs[0].path} and {run.path} were scored {ways}: their numbers cannot be compared.",
                f"medbench rescore {run.path.parent} --parser {summaries[0].parser} "
                f"--swap {summaries[0].swap}",
            )
        said.append(f"{run.path} is scored in another way than {runs[0].path}: {', '.join(differ)}")
    return tuple(said)
