"""Compare what a system answered on several days: is it still the same model?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from rapidfuzz.distance import Indel

from medbench.errors import InputError, UsageError
from medbench.schema.account import Account
from medbench.schema.response import Response
from medbench.schema.results.watch import Watch, WatchedDay
from medbench.sentences import counted, p_text
from medbench.stats.drift import drift
from medbench.store.jsonl import read_records
from medbench.store.outputs import OutputIndex
from medbench.store.runs import HEAD, RESPONSES, WATCH_FOLDER, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from medbench.schema.results.watch import WatchOutcome

ASKED: Final = 2
"""Answers to each case on a day: what one day varies by itself is the measure for what two days differ."""
LEVEL: Final = 0.01
"""p-value below which answers count as changed: one false alarm in a hundred days of an unchanged model."""
FEWEST: Final = 5
"""Cases below which nothing is said: with fewer no p-value can be below the level."""


class _Day(NamedTuple):
    """One day of a system, as it is on the disk."""

    name: str
    run: RunFolder
    texts: dict[str, tuple[str, ...]]
    """The answers of each case, by replicate."""
    failures: dict[str, int]
    models: tuple[str, ...]
    """Models that answered, as the service names them."""
    others: tuple[str, ...]
    """Those of them that were not asked."""
    usd: float | None


def watched(root: Path) -> list[tuple[str, str]]:
    """Return the watched systems, each as benchmark and name, in alphabetical order."""
    heads = (root / WATCH_FOLDER).glob(f"*/*/*/{HEAD}")
    return sorted({(head.parent.parent.name, head.parent.name) for head in heads})


def watch(root: Path, benchmark: str, system: str, against: str | None = None) -> Watch:
    """Compare the days of a system with one of them.

    A day counts as changed if another model answered, or if its answers are less like those of the other day
    than the answers of one day are like each other; see `stats.drift`. Days of another setting, prompt or
    benchmark under the same name than on the last day are left out.

    Args:
        root: Folder of the runs.
        benchmark: Name of the benchmark.
        system: Name of the system.
        against: The day that the others are compared with, such as '2026-11-29'; None for the first.

    Raises:
        InputError: It was not watched yet.
        UsageError: It was not asked on that day.
    """
    heads = sorted((root / WATCH_FOLDER).glob(f"*/{benchmark}/{system}/{HEAD}"))
    if not heads:
        raise InputError(f"'{system}' was not watched yet.", f"medbench watch {system}")
    folders = [RunFolder(head.parent) for head in heads]
    last = folders[-1].head
    alike = [
        run
        for run in folders
        if (run.head.system_digest, run.head.benchmark.digest) == (last.system_digest, last.benchmark.digest)
    ]
    names = [_day_of(run) for run in alike]
    if against is not None and against not in names:
        ends = " or ".join(dict.fromkeys((names[0], names[-1])))
        raise UsageError(f"'{system}' was not asked on '{against}' as it is now.", f"--against {ends}")
    base = _read(alike[names.index(against or names[0])])
    days = (base if name == base.name else _read(run) for name, run in zip(names, alike, strict=True))
    return Watch(
        system=system,
        benchmark=benchmark,
        against=base.name,
        days=tuple(_compared(day, base) for day in days),
        left_out=tuple(_day_of(run) for run in folders if run not in alike),
    )


def _day_of(run: RunFolder) -> str:
    return run.path.parent.parent.name


def _read(run: RunFolder) -> _Day:
    index = OutputIndex(run.path, replicates=ASKED)
    texts: dict[str, dict[int, str]] = defaultdict(dict)
    for output in index.outputs():
        if output.text is not None:
            texts[output.case_id][output.replicate] = output.text
    spent, models, others = Account(), dict[str, None](), dict[str, None]()
    for response in read_records(run.path / RESPONSES, Response):
        if response.call_for.is_judging:
            continue  # a judge is another model, and no sign of a change
        spent.add(response)
        if response.answered is not None:
            models[response.answered] = None
            if response.is_by_another:
                others[response.answered] = None
    failures = index.final_failures + index.open_failures
    return _Day(
        name=_day_of(run),
        run=run,
        texts={case: tuple(said[number] for number in sorted(said)) for case, said in texts.items()},
        failures=dict(failures.most_common()),
        models=tuple(models),
        others=tuple(others),
        usd=spent.total().whole,
    )


def _compared(day: _Day, base: _Day) -> WatchedDay:
    kept = WatchedDay(
        day=day.name,
        path=str(day.run.path),
        answers=sum(map(len, day.texts.values())),
        failures=day.failures,
        models=day.models,
        outcome="first",
        usd=day.usd,
    )
    by_others = [f"'{name}' answered in the place of the model that was asked" for name in day.others]
    if day.name == base.name:
        return kept.model_copy(
            update={
                "outcome": "changed" if by_others else "first" if day.texts else "undecided",
                "reasons": tuple(by_others),
            }
        )
    both = [
        (*base.texts[case], *said)
        for case, said in day.texts.items()
        if len(said) == ASKED == len(base.texts.get(case, ()))
    ]
    found = drift([[*_similarities(answers)] for answers in both])
    enough = found.cases >= FEWEST
    reasons = [*by_others, *_other_models(day, base)]
    outcome: WatchOutcome = "changed" if reasons else "same" if enough else "undecided"
    if enough and found.p < LEVEL:
        outcome = "changed"
        reasons.append(f"its answers differ from those of {base.name}{p_text(found.p, ', p')}")
    if not enough:
        reasons.append(f"only {counted(found.cases, 'case has', 'cases have')} both answers on both days")
    return kept.model_copy(
        update={
            "outcome": outcome,
            "reasons": tuple(reasons),
            "cases": found.cases,
            "same_texts": sum(answers[0] == answers[ASKED] for answers in both),
            "within": found.within if both else None,
            "across": found.across if both else None,
            "interval": found.interval,
            "p": found.p if both else None,
        }
    )


def _similarities(answers: tuple[str, ...]) -> Iterator[float]:
    """Yield for each two of the answers the share of their words that stand in both, in the same order."""
    words = [answer.split() for answer in answers]
    for number, first in enumerate(words):
        for second in words[number + 1 :]:
            yield Indel.normalized_similarity(first, second)


def _other_models(day: _Day, base: _Day) -> Iterator[str]:
    """Yield that other models answered than on the other day; a day without names tells nothing."""
    if day.models and base.models and set(day.models) != set(base.models):
        yield f"'{', '.join(day.models)}' answered, on {base.name} '{', '.join(base.models)}'"
