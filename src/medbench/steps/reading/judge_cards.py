"""The card of each judge of some runs, from every pass that left canaries, replicates or reviews behind."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from medbench.judging.canaries import GROUPS
from medbench.judging.grade import majority
from medbench.schema.results.card import Diagnosis, ProbeGroup, RaterCard, Share
from medbench.schema.score import Interval
from medbench.schema.verdict import Canary, Verdict
from medbench.steps.reading.outputs import judged_text
from medbench.steps.reading.verdict_book import RaterKey, VerdictBook, VerdictKey, fallback_cases
from medbench.store.jsonl import read_records
from medbench.store.outputs import OutputIndex
from medbench.store.runs import AUDIT, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from medbench.schema.verdict import Grade, Probe
    from medbench.store.runs import RunFolder

UNTRUSTED = 1 / 3
"""Share of missed canaries of one kind above which a judge cannot be trusted in it."""
LEVEL = 0.95


def cards_of(runs: Sequence[RunFolder], raters: Iterable[str] | None = None) -> tuple[RaterCard, ...]:
    """The card of each model judge of these runs, in the order in which they first graded.

    Args:
        runs: Runs of one benchmark.
        raters: Names of the raters to show; None for all model judges.
    """
    books: dict[RaterKey, dict[int, VerdictBook]] = defaultdict(dict)
    families: dict[RaterKey, dict[str, None]] = defaultdict(dict)
    people: dict[tuple[int, str, int], list[Grade]] = defaultdict(list)
    for number, run in enumerate(runs):
        for verdict in read_records(run.path / VERDICTS, Verdict):
            if verdict.rater_kind == "reviewer":
                if verdict.grade is not None:
                    people[number, verdict.case_id, verdict.replicate].append(verdict.grade)
                continue
            key = RaterKey(verdict.rater, verdict.rater_digest)
            books[key].setdefault(number, VerdictBook()).add(verdict)
            if verdict.same_family:
                families[key][run.head.system.name] = None
    canaries: dict[RaterKey, list[Canary]] = defaultdict(list)
    for run in runs:
        for canary in read_records(run.path / AUDIT, Canary):
            canaries[RaterKey(canary.rater, canary.rater_digest)].append(canary)
    wanted = None if raters is None else set(raters)
    graded = {number: majority(grades) for number, grades in people.items()}
    return tuple(
        _card(key, runs, books[key], canaries[key], tuple(families[key]), graded)
        for key in {**books, **canaries}
        if wanted is None or key.name in wanted
    )


def _card(  # noqa: PLR0913 - all that a card rests on
    key: RaterKey,
    runs: Sequence[RunFolder],
    books: Mapping[int, VerdictBook],
    canaries: Sequence[Canary],
    families: tuple[str, ...],
    people: Mapping[tuple[int, str, int], Grade],
) -> RaterCard:
    moved = fallback_cases(books.values())
    judged = stood_in = 0
    failures: Counter[str] = Counter()
    pairs: list[bool] = []
    against: list[tuple[Grade, Grade]] = []
    diagnoses: list[Diagnosis] = []
    for number, book in books.items():
        said: dict[tuple[str, int], list[Grade]] = defaultdict(list)
        for place, grade, by_fallback in _standing(book, moved):
            judged += 1
            stood_in += by_fallback
            said[place.case_id, place.replicate].append(grade)
        failures.update(_failures(book, moved))
        pairs += [one == other for grades in said.values() for one, other in combinations(grades, 2)]
        by_both = [
            (people[number, *output], majority(grades))
            for output, grades in said.items()
            if (number, *output) in people
        ]
        against += by_both
        settled = [majority(grades) for grades in said.values()]
        diagnoses += _diagnosis(runs[number].head.system.name, settled, by_both)
    groups = tuple(_group(asks, probes, canaries) for asks, probes in GROUPS.items())
    return RaterCard(
        rater=key.name,
        groups=groups,
        faults=tuple(
            probe
            for group in groups
            for probe, share in group.probes.items()
            if share.n - share.right >= 2 and share.n - share.right > UNTRUSTED * share.n
        ),
        flips=_share(pairs),
        judged=judged,
        by_fallback=stood_in,
        older=sum(_older(runs[number], book, moved) for number, book in books.items()),
        same_family=families,
        failures=dict(failures),
        against_people=_share([one == other for one, other in against]) if against else None,
        sensitivity=_share([j == "good" for p, j in against if p == "good"]) if against else None,
        specificity=_share([j != "good" for p, j in against if p != "good"]) if against else None,
        diagnoses=tuple(diagnoses),
    )


def _diagnosis(
    system: str, judged: Sequence[Grade], by_both: Sequence[tuple[Grade, Grade]]
) -> Iterator[Diagnosis]:
    """What the judge's errors on the reviewed outputs say of its rate; nothing where they cannot be told."""
    from medbench.stats.judge_correction import rogan_gladen

    good = _share([grade == "good" for grade in judged])
    found_good = _share([j == "good" for p, j in by_both if p == "good"])
    found_bad = _share([j != "good" for p, j in by_both if p != "good"])
    made = rogan_gladen(good.right, good.n, (found_good.right, found_good.n), (found_bad.right, found_bad.n))
    if made is not None:
        yield Diagnosis(system=system, judged_good=good, value=made.value, interval=made.interval)


def _standing(book: VerdictBook, moved: frozenset[str]) -> Iterator[tuple[VerdictKey, Grade, bool]]:
    for by_fallback, found in ((False, book.own), (True, book.fallback)):
        for place in found:
            if (place.case_id in moved) == by_fallback:
                said = book.verdict(place, by_fallback=by_fallback)
                assert said is not None
                yield place, said.grade, by_fallback


def _failures(book: VerdictBook, moved: frozenset[str]) -> Iterator[str]:
    for place, failed in book.failed.items():
        if place.case_id not in moved and place not in book.own:
            yield failed.kind
        elif place.case_id in moved and place not in book.fallback:
            later = book.fallback_failed.get(place)
            yield later.kind if later else failed.kind


def _older(run: RunFolder, book: VerdictBook, moved: frozenset[str]) -> int:
    """Verdicts of a text that the parser now reads otherwise."""
    with_text = [
        (place, by_fallback)
        for place, _, by_fallback in _standing(book, moved)
        if (found := (book.fallback if by_fallback else book.own).get(place)) and found.sha256
    ]
    if not with_text:
        return 0
    index = OutputIndex(run.path)
    older = 0
    for place, by_fallback in with_text:
        if place.replicate not in index.replicates(place.case_id):
            continue
        now = judged_text(index.output(place.case_id, place.replicate).text or "")[1].sha256
        said = book.verdict(place, by_fallback=by_fallback, sha256=now)
        older += said is not None and said.sha256 != now
    return older


def _group(asks: str, probes: Sequence[Probe], canaries: Sequence[Canary]) -> ProbeGroup:
    here = [canary for canary in canaries if canary.probe in probes]
    return ProbeGroup(
        asks=asks,
        share=_share([bool(canary.right) for canary in here if canary.right is not None]),
        probes={
            probe: _share([bool(c.right) for c in here if c.probe == probe and c.right is not None])
            for probe in probes
        },
        failures=dict(Counter(canary.failure.kind for canary in here if canary.failure)),
    )


def _share(right: Sequence[bool]) -> Share:
    from medbench.stats.intervals import wilson

    if not right:
        return Share(right=0, n=0, interval=None)
    low, high = wilson(sum(right), len(right), LEVEL)
    interval = Interval(low=low, high=high, level=LEVEL, method="wilson", clusters=len(right))
    return Share(right=sum(right), n=len(right), interval=interval)
