"""The card of each judge of some runs, from every pass that left canaries, replicates or reviews behind."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from medbench.judging.canaries import GROUPS
from medbench.judging.grade import majority
from medbench.schema.results.cards.rater_card import Diagnosis, ProbeGroup, RaterCard, Share
from medbench.schema.score import Interval
from medbench.schema.verdict import GRADES, Canary
from medbench.scoring.parsing.text import CURRENT
from medbench.steps.reading.grades import standing_of
from medbench.steps.reading.judged_before import canary_key
from medbench.steps.reading.outputs import judged_text
from medbench.steps.reading.raters import unique_names
from medbench.steps.reading.verdict_book import RaterKey
from medbench.steps.reading.verdict_columns import KINDS, NONE, digest_number, verdict_columns
from medbench.store.jsonl import read_records
from medbench.store.outputs import OutputIndex
from medbench.store.runs import AUDIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.schema.verdict import Grade, Probe
    from medbench.steps.reading.verdict_columns import VerdictColumns
    from medbench.store.runs import RunFolder

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

UNTRUSTED = 1 / 3
"""Share of missed canaries of one kind above which a judge cannot be trusted in it."""
LEVEL = 0.95


@dataclass(slots=True)
class _Evidence:
    """The records of the runs about one rater."""

    runs: list[tuple[int, VerdictColumns]] = field(default_factory=list)
    """Numbers of the runs that it graded, with their verdicts."""
    canaries: list[Canary] = field(default_factory=list)


@dataclass(slots=True)
class _OfRun:
    """Sums of a judge's verdicts on one run."""

    grades: dict[Grade, int]
    """Outputs by the grade that its repeats settle on."""
    alike: Share
    """Pairs of repeats on the same output, and those of the same grade."""
    judged: int
    """Verdicts that stand."""
    by_fallback: int
    """Those of them that the fallback gave."""
    older: int
    """Those of a text that the parser now reads otherwise."""
    failures: Counter[str]
    """Verdicts that are missing because it failed, by kind."""
    with_people: list[tuple[Grade, Grade]]
    """Pairs of grades of an output: by people, and by the judge."""


def cards_of(runs: Sequence[RunFolder], raters: Iterable[RaterKey] | None = None) -> tuple[RaterCard, ...]:
    """Return the card of each model judge of these runs, in the order in which they first graded.

    Args:
        runs: Runs of one benchmark.
        raters: The raters to show; None for all model judges.
    """
    evidence: dict[RaterKey, _Evidence] = defaultdict(_Evidence)
    for number, run in enumerate(runs):
        columns = verdict_columns(run)
        for rater in columns.judges():
            evidence[rater].runs.append((number, columns))
    seen: set[tuple[str, ...]] = set()
    for run in runs:
        for canary in read_records(run.path / AUDIT, Canary):
            # One that a run took over from another of these counts once.
            if not canary.responses or canary_key(canary) not in seen:
                evidence[RaterKey.of(canary)].canaries.append(canary)
            seen.add(canary_key(canary))
    people = {number: _people(verdict_columns(run)) for number, run in enumerate(runs)}
    parts = {
        rater: next((made for _, one in known.runs if (made := one.made_of.get(rater))), {})
        for rater, known in evidence.items()
    }
    names = unique_names(parts)
    wanted = evidence.keys() if raters is None else set(raters)
    return tuple(
        _card(names[rater], rater, runs, known, people)
        for rater, known in evidence.items()
        if rater in wanted
    )


def _people(columns: VerdictColumns) -> dict[int, Grade]:
    """Return the grade that people give to the outputs of a run, by the number of the output."""
    grades: dict[int, list[Grade]] = defaultdict(list)
    at = np.flatnonzero((columns.kind == KINDS.index("reviewer")) & (columns.grade != NONE))
    for output, grade in zip(columns.outputs()[at].tolist(), columns.grade[at].tolist(), strict=True):
        grades[output].append(GRADES[grade])
    return {output: majority(given) for output, given in grades.items()}


def _card(
    name: str,
    rater: RaterKey,
    runs: Sequence[RunFolder],
    evidence: _Evidence,
    people: Mapping[int, Mapping[int, Grade]],
) -> RaterCard:
    by_fallback = frozenset().union(*(columns.by_fallback_alone(rater) for _, columns in evidence.runs))
    found = {
        number: _of_run(runs[number], columns, rater, by_fallback, people[number])
        for number, columns in evidence.runs
    }
    with_people = [pair for one in found.values() for pair in one.with_people]
    groups = tuple(_group(asks, probes, evidence.canaries) for asks, probes in GROUPS.items())
    others: Counter[str] = Counter()
    for _, columns in evidence.runs:
        others.update(columns.other_models.get(rater, {}))
    return RaterCard(
        rater=name,
        groups=groups,
        faults=_faults(groups),
        flips=_share(
            sum(one.alike.right for one in found.values()), sum(one.alike.n for one in found.values())
        ),
        judged=sum(one.judged for one in found.values()),
        by_fallback=sum(one.by_fallback for one in found.values()),
        older=sum(one.older for one in found.values()),
        same_family=tuple(
            dict.fromkeys(
                runs[number].head.system.name
                for number, columns in evidence.runs
                if rater in columns.same_family
            )
        ),
        other_models=dict(others),
        failures=dict(sum((one.failures for one in found.values()), Counter())),
        against_people=_share_of([person == judge for person, judge in with_people]) if with_people else None,
        sensitivity=_sensitivity(with_people) if with_people else None,
        specificity=_specificity(with_people) if with_people else None,
        diagnoses=tuple(
            diagnosis
            for number, one in found.items()
            for diagnosis in _diagnosis(runs[number].head.system.name, one.grades, one.with_people)
        ),
    )


def _of_run(
    run: RunFolder,
    columns: VerdictColumns,
    rater: RaterKey,
    by_fallback: frozenset[str],
    people: Mapping[int, Grade],
) -> _OfRun:
    of_judge = columns.kind != KINDS.index("reviewer")
    # Of a case that the fallback grades for all systems its verdict counts, and no other.
    counted = of_judge & columns.graded_by(rater) & (columns.by_fallback == columns.in_cases(by_fallback))
    at = np.flatnonzero(counted)
    at = at[standing_of(columns.judgings()[at], columns.corrects[at])[0]]
    outputs, place = np.unique(columns.outputs()[at], return_inverse=True)
    given = np.zeros((len(outputs), len(GRADES)), dtype=np.int64)
    np.add.at(given, (place, columns.grade[at]), 1)
    settled = _settled(given)
    repeats = given.sum(axis=1)
    return _OfRun(
        grades={grade: int((settled == number).sum()) for number, grade in enumerate(GRADES)},
        alike=_share(int((given * (given - 1) // 2).sum()), int((repeats * (repeats - 1) // 2).sum())),
        judged=len(at),
        by_fallback=int(columns.by_fallback[at].sum()),
        older=_older(run, columns, of_judge & columns.graded_by(rater), at),
        failures=_failures(columns, rater, of_judge, by_fallback),
        with_people=[
            (people[output], GRADES[grade])
            for output, grade in zip(outputs.tolist(), settled.tolist(), strict=True)
            if output in people
        ],
    )


def _settled(given: Ints) -> Ints:
    """Return the grade that more than half of an output's repeats give, else their median, the lower of two.

    Args:
        given: For each output how often it was given each grade.
    """
    # A grade that more than half give is the median, too.
    middle = (given.sum(axis=1, keepdims=True) - 1) // 2
    settled: Ints = (np.cumsum(given, axis=1) <= middle).sum(axis=1)
    return settled


def _failures(
    columns: VerdictColumns, rater: RaterKey, of_judge: Bools, by_fallback: frozenset[str]
) -> Counter[str]:
    """Count the verdicts that are missing because the judge failed, or its fallback where that grades."""
    judgings, own = columns.judgings(), of_judge & (columns.rater == columns.raters.index(rater))
    failed, graded = own & (columns.grade == NONE), own & (columns.grade != NONE)
    found: Counter[str] = Counter()
    if not failed.any():
        return found
    # The last failure of each judging, in the order of the first ones.
    of_itself = _last_failures(judgings, columns, failed & ~columns.by_fallback)
    of_fallback = _last_failures(judgings, columns, failed & columns.by_fallback)
    in_fallback = dict(
        zip(judgings[failed].tolist(), columns.in_cases(by_fallback)[failed].tolist(), strict=True)
    )
    graded &= np.isin(judgings, judgings[failed])
    done = {by: frozenset(judgings[graded & (columns.by_fallback == by)].tolist()) for by in (False, True)}
    for judging, kind in of_itself.items():
        by = in_fallback[judging]
        if judging not in done[by]:
            found[of_fallback.get(judging, kind) if by else kind] += 1
    return found


def _last_failures(judgings: Ints, columns: VerdictColumns, failed: Bools) -> dict[int, str]:
    numbers = zip(judgings[failed].tolist(), columns.failure[failed].tolist(), strict=True)
    return {judging: columns.failures[kind] for judging, kind in numbers}


def _older(run: RunFolder, columns: VerdictColumns, graded: Bools, at: Ints) -> int:
    """Return the number of standing verdicts of a text that the parser now reads otherwise.

    Args:
        run: The run.
        columns: Its verdicts.
        graded: True for each grade of the judge or its fallback.
        at: Places of the verdicts that stand.
    """
    # What this parser found it finds again.
    current = columns.parsers.index(CURRENT) if CURRENT in columns.parsers else NONE
    with_text = at[(columns.parser[at] != NONE) & (columns.parser[at] != current)]
    if not len(with_text):
        return 0
    outputs, judgings, older = OutputIndex(run.path), columns.judgings(), 0
    numbers = columns.outputs()
    found = _digests(columns, graded & np.isin(judgings, judgings[with_text]))
    for place in with_text.tolist():
        case_id, replicate = columns.output_of(int(numbers[place]))
        if replicate in outputs.replicates(case_id):
            text = judged_text(outputs.output(case_id, replicate).text or "")[1]
            known = found[int(judgings[place]), bool(columns.by_fallback[place])]
            older += digest_number(text.sha256) not in known
    return older


def _digests(columns: VerdictColumns, graded: Bools) -> dict[tuple[int, bool], list[int | None]]:
    """Return the digests of the texts that a judge or its fallback graded for each judging.

    They are two at most: that of the first text, and that of the first other one, which was graded because
    the parser read the output otherwise by then.
    """
    judgings = columns.judgings()
    found: dict[tuple[int, bool], list[int | None]] = defaultdict(list)
    for place in np.flatnonzero(graded).tolist():
        known = found[int(judgings[place]), bool(columns.by_fallback[place])]
        digest = None if columns.parser[place] == NONE else int(columns.sha256[place])
        if len(known) < 2 and digest not in known:
            known.append(digest)
    return found


def _diagnosis(
    system: str, judged: Mapping[Grade, int], with_people: Sequence[tuple[Grade, Grade]]
) -> Iterator[Diagnosis]:
    """Yield the rate of a system corrected by the judge's errors, if enough outputs are reviewed."""
    from medbench.stats.judge_correction import rogan_gladen

    good = _share(judged["good"], sum(judged.values()))
    sensitivity, specificity = _sensitivity(with_people), _specificity(with_people)
    corrected = rogan_gladen(
        good.right, good.n, (sensitivity.right, sensitivity.n), (specificity.right, specificity.n)
    )
    if corrected is not None:
        yield Diagnosis(system=system, judged_good=good, value=corrected.value, interval=corrected.interval)


def _sensitivity(with_people: Sequence[tuple[Grade, Grade]]) -> Share:
    return _share_of([judge == "good" for person, judge in with_people if person == "good"])


def _specificity(with_people: Sequence[tuple[Grade, Grade]]) -> Share:
    return _share_of([judge != "good" for person, judge in with_people if person != "good"])


def _faults(groups: Sequence[ProbeGroup]) -> tuple[Probe, ...]:
    """Return the kinds of canary in which the judge cannot be trusted."""
    missed = {
        probe: (share.n - share.right, share.n) for group in groups for probe, share in group.probes.items()
    }
    return tuple(probe for probe, (many, n) in missed.items() if many >= 2 and many > UNTRUSTED * n)


def _group(asks: str, probes: Sequence[Probe], canaries: Sequence[Canary]) -> ProbeGroup:
    right: dict[Probe, list[bool]] = {
        probe: [canary.right for canary in canaries if canary.probe == probe and canary.right is not None]
        for probe in probes
    }
    failures = [canary.failure.kind for canary in canaries if canary.probe in probes and canary.failure]
    return ProbeGroup(
        asks=asks,
        share=_share_of([one for of_probe in right.values() for one in of_probe]),
        probes={probe: _share_of(of_probe) for probe, of_probe in right.items()},
        failures=dict(Counter(failures)),
    )


def _share_of(right: Sequence[bool]) -> Share:
    return _share(sum(right), len(right))


def _share(right: int, n: int) -> Share:
    from medbench.stats.intervals import wilson

    if not n:
        return Share(right=0, n=0, interval=None)
    low, high = wilson(right, n, LEVEL)
    return Share(
        right=right, n=n, interval=Interval(low=low, high=high, level=LEVEL, method="wilson", clusters=n)
    )
