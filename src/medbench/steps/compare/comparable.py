"""Checks of what may stand side by side: one benchmark, one way of scoring, scores that fit their outputs."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from medbench.errors import FaultError, InputError, RecordError
from medbench.scoring.parsing.text import CURRENT
from medbench.scoring.versions import LATEST
from medbench.sentences import line_of
from medbench.steps.reading.summaries import parser_for, why_stale
from medbench.store.runs import runs_in
from medbench.store.summary import summary_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from medbench.errors import MedbenchError
    from medbench.schema.score import Summary
    from medbench.scoring.controls import Swap
    from medbench.scoring.versions import FindingVersion
    from medbench.steps.rescore.rescore import Rescorer
    from medbench.store.runs import RunFolder

    Method = tuple[str, Swap, FindingVersion | None]
    """Parser, swap control, and the version of the finding metric where one was asked for."""


class OnDisk(NamedTuple):
    """The summary of a run as it is on the disk."""

    summary: Summary | None
    stale: str | None
    """Why it does not fit what it rests on; None where it does."""
    broken: RecordError | None = None
    """The record that says so and cannot be read."""

    @property
    def fresh(self) -> Summary | None:
        """The summary, where it fits."""
        return self.summary if self.stale is None else None


class FreshSummaries(NamedTuple):
    """Summaries of runs that fit what they rest on."""

    summaries: list[Summary]
    """Those of the named runs and then of the floors, without those that could not be scored."""
    rescored: dict[str, str]
    """The runs that were scored again, by path, and why."""
    failed: dict[Path, MedbenchError]
    """The runs that could not be scored and were passed over, with the error of each."""


def on_disk(runs: Iterable[RunFolder]) -> dict[Path, OnDisk]:
    """Return the summary of each run, by its path; the digests of several runs are computed at a time."""
    from concurrent.futures import ThreadPoolExecutor

    def read(run: RunFolder) -> OnDisk:
        try:
            summary = summary_of(run)
            return OnDisk(summary, why_stale(run, summary))
        except RecordError as error:
            return OnDisk(None, error.message, error)

    runs = list(runs)
    with ThreadPoolExecutor() as pool:
        return dict(zip([run.path for run in runs], pool.map(read, runs), strict=True))


def check_benchmark(run: RunFolder) -> tuple[str, ...]:
    """Check that the benchmark is what the run ran on.

    Returns:
        A notice where the benchmark is gone, or lies elsewhere by now.

    Raises:
        StoreError, InputError: It was changed.
    """
    try:
        benchmark = run.benchmark()
    except RecordError:
        raise
    except InputError as error:
        return (f"{error.message} The numbers are those of the last scoring.",)
    benchmark.check()
    if run.is_linked_to(benchmark):
        return ()
    return (f"the benchmark of {run.path} is not where it was; found by its digest: {benchmark.path}.",)


def check_one_benchmark(runs: Sequence[RunFolder], *, force: bool = False) -> tuple[str, ...]:
    """Check that the runs ran on one benchmark.

    Returns:
        What is compared all the same, in words.

    Raises:
        InputError: They did not, and are not forced.
    """
    first = runs[0].head.benchmark
    remarks: list[str] = []
    for run in runs[1:]:
        other = run.head.benchmark
        if other.digest == first.digest:
            continue
        if not force:
            raise InputError(
                f"{runs[0].path} ran on '{first.name}' ({first.digest[:8]}), "
                f"{run.path} on '{other.name}' ({other.digest[:8]}): their numbers cannot be compared.",
                f"{line_of('compare', run.path.parent)}   (one benchmark; --force takes what they share)",
            )
        remarks.append(
            f"'{first.name}' ({first.digest[:8]}) and '{other.name}' ({other.digest[:8]}) are two benchmarks:"
            " differences rest on the cases that are the same in both, the rows on each one's own"
        )
    return tuple(dict.fromkeys(remarks))


def floors_beside(named: Sequence[RunFolder]) -> list[RunFolder]:
    """Return the baselines in the folder of the named runs; none where only baselines are named."""
    if all(run.head.system.is_floor for run in named):
        return []
    paths = {run.path.resolve() for run in named}
    digest = named[0].head.benchmark.digest
    return [
        run
        for run in runs_in(named[0].path.parent)
        if run.head.system.is_floor
        and run.head.benchmark.digest == digest
        and run.path.resolve() not in paths
    ]


def fresh_summaries(
    named: Sequence[RunFolder],
    floors: Sequence[RunFolder],
    parser: str | None,
    known: Mapping[Path, OnDisk] | None = None,
    *,
    passing_over: bool = False,
) -> FreshSummaries:
    """Return the summaries of the runs, scored again where they are stale.

    Args:
        named: The runs that are compared.
        floors: The baselines beside them.
        parser: Parser that all of them are to be scored with; None for the one each was scored with.
        known: Summaries as they are on the disk, by the path of the run; those of other runs are read.
        passing_over: True to pass over runs that cannot be scored.

    Raises:
        RecordError: A record of a run cannot be read, and it is not passed over.
        FaultError: The code failed on a text of a run that is not passed over.
    """
    known = known or {}
    known = {**known, **on_disk(run for run in (*named, *floors) if run.path not in known)}
    usual = _usual_method([known[run.path].summary for run in named], named[0])
    fresh = FreshSummaries([], {}, {})
    rescorers: dict[Method, Rescorer] = {}
    for run in (*named, *floors):
        summary, stale, broken = known[run.path]
        # A run that was never scored, and a floor that was not named, follow the runs that are compared.
        own = usual if summary is None or run not in named else _method_of(summary)
        method = (parser or own[0], *own[1:])
        why = stale or (_differs(summary, method) if summary else None)
        if why is None and summary is not None:
            fresh.summaries.append(summary)
            continue
        if method not in rescorers:
            from medbench.steps.rescore.rescore import Rescorer

            rescorers[method] = Rescorer(*method)
        try:
            if broken is not None:
                raise broken
            fresh.summaries.append(rescorers[method].rescore(run))
        except (RecordError, FaultError) as error:
            if not passing_over:
                raise
            fresh.failed[run.path] = error
        else:
            fresh.rescored[str(run.path)] = why or ""
    return fresh


def _usual_method(summaries: Sequence[Summary | None], run: RunFolder) -> Method:
    """Return how the first run that was scored was scored, one beside it if none of these was."""
    beside = map(_readable_summary, runs_in(run.path.parent))
    scored = (summary for summary in chain(summaries, beside) if summary)
    return next(map(_method_of, scored), (CURRENT, "region", None))


def _readable_summary(run: RunFolder) -> Summary | None:
    """Return the summary of a run that is not compared, so that one of a newer medbench stops nothing."""
    try:
        return summary_of(run)
    except RecordError:
        return None


def _method_of(summary: Summary) -> Method:
    return parser_for(summary), summary.swap, summary.finding


def _differs(summary: Summary, method: Method) -> str | None:
    """Return why a run is scored again although nothing has changed."""
    parser, swap, finding = method
    if summary.parser != parser:
        return f"it was scored with parser '{summary.parser}', the others with '{parser}'"
    if summary.swap != swap:
        return f"its swap control is '{summary.swap}', that of the others '{swap}'"
    if summary.finding != finding:
        versions = [version or LATEST for version in (summary.finding, finding)]
        return f"its finding metric is version {versions[0]}, that of the others version {versions[1]}"
    return None


def check_one_method(
    runs: Sequence[RunFolder], summaries: Sequence[Summary], *, force: bool = False
) -> tuple[str, ...]:
    """Check that the runs were scored alike.

    Returns:
        What is compared all the same, in words.

    Raises:
        InputError: They were not, and are not forced.
    """
    if not summaries:
        return ()
    first = summaries[0]
    remarks = []
    for run, summary in zip(runs, summaries, strict=True):
        differing = [name for name, way in summary.signatures.items() if first.signatures.get(name) != way]
        if not differing:
            continue
        if not force:
            ways = (
                f"with parsers '{first.parser}' and '{summary.parser}'"
                if summary.parser != first.parser
                else f"in different ways ({', '.join(differing)})"
            )
            raise InputError(
                f"{runs[0].path} and {run.path} were scored {ways}: their numbers cannot be compared.",
                line_of("rescore", run.path.parent, "--parser", first.parser, "--swap", first.swap),
            )
        remarks.append(f"{run.path} is scored in another way than {runs[0].path}: {', '.join(differing)}")
    return tuple(remarks)
