"""The runs that change nothing of a comparison unless they are named: incomplete ones, and foreign ones."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from medbench.paths import told_apart
from medbench.schema.results.comparison import NO_ANSWER
from medbench.sentences import counted
from medbench.steps.reading.stored_columns import columns_of
from medbench.steps.reading.verdict_columns import verdict_columns
from medbench.store.outputs import OutputIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from medbench.schema.score import Summary
    from medbench.steps.compare.comparable import OnDisk
    from medbench.steps.compare.inputs import CompareOptions
    from medbench.store.runs import RunFolder

PROBE = "a probe is not a competitor; show of its system says what it shows"
_LIMIT = ", --min-coverage is "
FEWEST = 2
"""Systems that make a comparison: with fewer complete ones, an incomplete one is not left out."""


def left_out(
    named: Sequence[RunFolder], options: CompareOptions, known: Mapping[Path, OnDisk]
) -> dict[str, str]:
    """Return the runs to leave out of a comparison, by path, and why.

    Those are, unless they are named one by one: runs of another benchmark; and where two others are complete,
    those with too few cases answered, or graded by any judge. Of those that are named one by one, the few
    that are on another benchmark than the first and most of the others, or have no answer at all.

    Args:
        named: The runs.
        options: How they are to be compared.
        known: The summary of each run as it is on the disk, by path.
    """
    reasons: dict[str, str] = {}
    kept = list(named)

    def leave_out(why: Mapping[str, str]) -> None:
        dropped = {
            str(run.path): why[str(run.path)]
            for run in kept
            if str(run.path) in why and run.path.resolve() not in (options.named or ())
        }
        reasons.update(dropped)
        kept[:] = [run for run in kept if str(run.path) not in dropped]

    if options.named is None:
        return {}
    probes = {str(run.path): PROBE for run in kept if run.head.system.probe}
    if len(probes) < len(kept):
        leave_out(probes)
    if not options.force:
        leave_out(_foreign(kept))
        _leave_out_few(kept, reasons, _foreign(kept))
    by_name = [run for run in kept if run.path.resolve() in options.named]
    empty = {str(run.path): NO_ANSWER for run in by_name if not _answered(run, known[run.path].fresh)}
    _leave_out_few(kept, reasons, empty)
    systems = [run for run in kept if not run.head.system.is_floor]
    if len(systems) > FEWEST and options.min_coverage:
        done = {str(run.path): _counted(run, options, known[run.path].fresh) for run in systems}
        cases = {path: answered for path, (answered, _) in done.items()}
        most = max(cases.values())
        leave_out(_incomplete(cases, dict.fromkeys(cases, most), "answered", options))
        systems = [run for run in systems if run in kept]
        graded = {str(run.path): done[str(run.path)][1] for run in systems}
        leave_out(_incomplete(graded, {path: cases[path] for path in graded}, "graded by a judge", options))
    return reasons


def _leave_out_few(kept: list[RunFolder], reasons: dict[str, str], why: Mapping[str, str]) -> None:
    """Leave out named runs that hinder the others, which are more, and two at least; never the first."""
    systems = [run for run in kept if not run.head.system.is_floor] or kept
    out = [run for run in systems if str(run.path) in why]
    if out and systems[0] not in out and len(systems) - len(out) >= max(FEWEST, len(out) + 1):
        reasons.update({str(run.path): why[str(run.path)] for run in out})
        kept[:] = [run for run in kept if run not in out]


def named_among(
    reasons: Mapping[str, str], runs: Sequence[RunFolder], options: CompareOptions
) -> dict[str, str]:
    """Return the runs that are left out although they were named one by one, and why."""
    named = {str(run.path) for run in runs if run.path.resolve() in (options.named or ())}
    return {path: why for path, why in reasons.items() if path in named}


def notices(
    runs: Sequence[RunFolder], reasons: Mapping[str, str], options: CompareOptions
) -> tuple[str, ...]:
    """Return a sentence on the runs that are left out, with the line that takes them in; one on probes."""
    kept = [str(run.path) for run in runs if str(run.path) not in reasons and not run.head.system.is_floor]
    probes = [path for path, why in reasons.items() if why == PROBE]
    words = f"{counted(len(probes), 'probe is', 'probes are')} left out: {PROBE}."
    named = named_among(reasons, runs, options)
    others = {path: why for path, why in reasons.items() if why != PROBE and path not in named}
    return (
        *(f"{path} is left out: {why}." for path, why in named.items()),
        *([words] if probes else []),
        *([_about(others, kept)] if others else []),
    )


def _about(others: Mapping[str, str], kept: Sequence[str]) -> str:
    """Return one sentence, so that a folder with many trials does not push the result off the screen."""
    if len(others) == 1:
        ((path, why),) = others.items()
        return (
            f"{path} is left out: {why}. To compare it, name it: medbench compare {shlex.join([*kept, path])}"
        )
    each, limits = [], {}
    for name, why in zip(told_apart([Path(path) for path in others]), others.values(), strict=True):
        short, comma, limit = why.partition(_LIMIT)
        each.append(f"{name} ({short})")
        limits.update(dict.fromkeys([f"--min-coverage is {limit}"] if comma else []))
    return (
        f"{counted(len(others), 'run is', 'runs are')} left out: {'; '.join([', '.join(each), *limits])}. "
        f"To compare one, name it: medbench compare {shlex.join(kept)} RUN"
    )


def _foreign(runs: Sequence[RunFolder]) -> dict[str, str]:
    """Return the runs on another benchmark than most."""
    systems = [run for run in runs if not run.head.system.is_floor] or runs
    ((digest, _),) = Counter(run.head.benchmark.digest for run in systems).most_common(1)
    return {
        str(run.path): f"it ran on '{run.head.benchmark.name}' ({run.head.benchmark.digest[:8]})"
        for run in runs
        if run.head.benchmark.digest != digest
    }


def _incomplete(
    cases: Mapping[str, int], of: Mapping[str, int], done: str, options: CompareOptions
) -> dict[str, str]:
    """Return the runs of which too few cases are done, where enough others are complete."""
    few = {path: n for path, n in cases.items() if n < options.min_coverage * of[path]}
    if len(cases) - len(few) < FEWEST:
        return {}
    return {
        path: f"{n} of {of[path]} cases {done}{_LIMIT}{options.min_coverage:.2f}" for path, n in few.items()
    }


def _counted(run: RunFolder, options: CompareOptions, fresh: Summary | None) -> tuple[int, int]:
    """Return how many cases are answered, and how many of them one judge has graded.

    The judge is the named one, or that with most.
    """
    answered = _answered(run, fresh)
    if options.offline:
        return len(answered), len(answered)
    name = options.judge and options.judge.partition(" (")[0]
    columns = verdict_columns(run)
    inside = columns.in_cases(answered)
    graded = (
        np.unique(columns.case[inside & columns.graded_by(rater)])
        for rater in columns.raters
        if rater.name == name or (name is None and not rater.name.startswith("reviewer:"))
    )
    return len(answered), max(map(len, graded), default=0)


def _answered(run: RunFolder, fresh: Summary | None) -> frozenset[str]:
    """Return the cases that have a text: those of the scores, where these are of today's outputs."""
    columns = columns_of(run, fresh) if fresh else None
    if columns is None:
        return frozenset(OutputIndex(run.path).cases())
    return frozenset(columns.ids[place] for place in np.unique(columns.cases).tolist())
