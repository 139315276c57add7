"""The card of each judge of some runs, from every pass that left canaries, replicates or reviews behind."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from medbench.judging.canaries import GROUPS
from medbench.judging.grade import majority
from medbench.schema.model import same_model
from medbench.schema.results.cards.rater_card import Diagnosis, ProbeGroup, RaterCard, Share
from medbench.schema.score import Interval
from medbench.schema.verdict import Canary, Verdict
from medbench.steps.reading.judged_before import canary_key
from medbench.steps.reading.outputs import judged_text
from medbench.steps.reading.raters import made_of, unique_names
from medbench.steps.reading.verdict_book import RaterKey, VerdictBook, VerdictKey, fallback_cases
from medbench.store.jsonl import read_records
from medbench.store.outputs import OutputIndex
from medbench.store.runs import AUDIT, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from medbench.schema.verdict import Grade, Probe
    from medbench.steps.reading.verdict_book import StoredVerdict
    from medbench.store.runs import RunFolder

    People = Mapping[tuple[int, str, int], Grade]
    """Number of the run, case and replicate to the grade that people give."""

UNTRUSTED = 1 / 3
"""Share of missed canaries of one kind above which a judge cannot be trusted in it."""
LEVEL = 0.95


@dataclass(slots=True)
class _Evidence:
    """The records of the runs about one rater."""

    books: dict[int, VerdictBook] = field(default_factory=dict)
    """Number of a run to the verdicts on it."""
    canaries: list[Canary] = field(default_factory=list)
    same_family: dict[str, None] = field(default_factory=dict)
    other_models: Counter[str] = field(default_factory=Counter)
    """Models that answered and were not asked for, with the number of their verdicts."""


def cards_of(runs: Sequence[RunFolder], raters: Iterable[RaterKey] | None = None) -> tuple[RaterCard, ...]:
    """Return the card of each model judge of these runs, in the order in which they first graded.

    Args:
        runs: Runs of one benchmark.
        raters: The raters to show; None for all model judges.
    """
    evidence: dict[RaterKey, _Evidence] = defaultdict(_Evidence)
    people: dict[tuple[int, str, int], list[Grade]] = defaultdict(list)
    for number, run in enumerate(runs):
        for verdict in read_records(run.path / VERDICTS, Verdict):
            if verdict.rater_kind == "reviewer":
                if verdict.grade is not None:
                    people[number, verdict.case_id, verdict.replicate].append(verdict.grade)
                continue
            known = evidence[RaterKey.of(verdict)]
            known.books.setdefault(number, VerdictBook()).add(verdict)
            if verdict.asked and not same_model(verdict.asked, verdict.answered):
                known.other_models[str(verdict.answered)] += 1
            if verdict.same_family:
                known.same_family[run.head.system.name] = None
    seen: set[tuple[str, ...]] = set()
    for run in runs:
        for canary in read_records(run.path / AUDIT, Canary):
            # One that a run took over from another of these counts once.
            if not canary.responses or canary_key(canary) not in seen:
                evidence[RaterKey.of(canary)].canaries.append(canary)
            seen.add(canary_key(canary))
    by_people = {output: majority(grades) for output, grades in people.items()}
    names = unique_names({rater: made_of(known.books.values()) for rater, known in evidence.items()})
    wanted = evidence.keys() if raters is None else set(raters)
    return tuple(
        _card(names[rater], runs, known, by_people) for rater, known in evidence.items() if rater in wanted
    )


def _card(rater: str, runs: Sequence[RunFolder], evidence: _Evidence, people: People) -> RaterCard:
    by_fallback = fallback_cases(evidence.books.values())
    verdicts = {number: _standing(book, by_fallback) for number, book in evidence.books.items()}
    same_text: list[bool] = []
    with_people: list[tuple[Grade, Grade]] = []
    diagnoses: list[Diagnosis] = []
    for number, of_run in verdicts.items():
        grades: dict[tuple[str, int], list[Grade]] = defaultdict(list)
        for key, verdict in of_run.items():
            grades[key.case_id, key.replicate].append(verdict.grade)
        settled = {output: majority(repeats) for output, repeats in grades.items()}
        same_text += [a == b for repeats in grades.values() for a, b in combinations(repeats, 2)]
        pairs = [
            (people[number, *output], grade)
            for output, grade in settled.items()
            if (number, *output) in people
        ]
        with_people += pairs
        diagnoses += _diagnosis(runs[number].head.system.name, list(settled.values()), pairs)
    groups = tuple(_group(asks, probes, evidence.canaries) for asks, probes in GROUPS.items())
    return RaterCard(
        rater=rater,
        groups=groups,
        faults=_faults(groups),
        flips=_share(same_text),
        judged=sum(map(len, verdicts.values())),
        by_fallback=sum(key.case_id in by_fallback for of_run in verdicts.values() for key in of_run),
        older=sum(_older(runs[n], book, by_fallback) for n, book in evidence.books.items()),
        same_family=tuple(evidence.same_family),
        other_models=dict(evidence.other_models),
        failures=dict(
            Counter(kind for book in evidence.books.values() for kind in _failures(book, by_fallback))
        ),
        against_people=_share([person == judge for person, judge in with_people]) if with_people else None,
        sensitivity=_sensitivity(with_people) if with_people else None,
        specificity=_specificity(with_people) if with_people else None,
        diagnoses=tuple(diagnoses),
    )


def _standing(book: VerdictBook, by_fallback: frozenset[str]) -> dict[VerdictKey, StoredVerdict]:
    """Return the verdicts that count: the fallback's of the cases that it grades for all systems."""
    own = {key: verdict for key, verdict in book.own.items() if key.case_id not in by_fallback}
    fallback = {key: verdict for key, verdict in book.fallback.items() if key.case_id in by_fallback}
    return own | fallback


def _failures(book: VerdictBook, by_fallback: frozenset[str]) -> Iterator[str]:
    for key, failure in book.failed.items():
        if key.case_id not in by_fallback and not book.has(key):
            yield failure.kind
        elif key.case_id in by_fallback and key not in book.fallback:
            yield book.fallback_failed.get(key, failure).kind


def _older(run: RunFolder, book: VerdictBook, by_fallback: frozenset[str]) -> int:
    """Return the number of verdicts of a text that the parser now reads otherwise."""
    with_text = [key for key, verdict in _standing(book, by_fallback).items() if verdict.sha256]
    if not with_text:
        return 0
    outputs = OutputIndex(run.path)
    older = 0
    for key in with_text:
        if key.replicate not in outputs.replicates(key.case_id):
            continue
        current = judged_text(outputs.output(key.case_id, key.replicate).text or "")[1].sha256
        verdict = book.verdict(key, by_fallback=key.case_id in by_fallback, sha256=current)
        older += verdict is not None and verdict.sha256 != current
    return older


def _diagnosis(
    system: str, judged: Sequence[Grade], with_people: Sequence[tuple[Grade, Grade]]
) -> Iterator[Diagnosis]:
    """Yield the rate of a system corrected by the judge's errors, if enough outputs are reviewed."""
    from medbench.stats.judge_correction import rogan_gladen

    good = _share([grade == "good" for grade in judged])
    sensitivity, specificity = _sensitivity(with_people), _specificity(with_people)
    corrected = rogan_gladen(
        good.right, good.n, (sensitivity.right, sensitivity.n), (specificity.right, specificity.n)
    )
    if corrected is not None:
        yield Diagnosis(system=system, judged_good=good, value=corrected.value, interval=corrected.interval)


def _sensitivity(with_people: Sequence[tuple[Grade, Grade]]) -> Share:
    return _share([judge == "good" for person, judge in with_people if person == "good"])


def _specificity(with_people: Sequence[tuple[Grade, Grade]]) -> Share:
    return _share([judge != "good" for person, judge in with_people if person != "good"])


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
        share=_share([one for of_probe in right.values() for one in of_probe]),
        probes={probe: _share(of_probe) for probe, of_probe in right.items()},
        failures=dict(Counter(failures)),
    )


def _share(right: Sequence[bool]) -> Share:
    from medbench.stats.intervals import wilson

    if not right:
        return Share(right=0, n=0, interval=None)
    low, high = wilson(sum(right), len(right), LEVEL)
    interval = Interval(low=low, high=high, level=LEVEL, method="wilson", clusters=len(right))
    return Share(right=sum(right), n=len(right), interval=interval)
