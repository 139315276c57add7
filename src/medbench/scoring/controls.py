"""Scores that a text would have without being about its case: of other references, and of a generic text."""

from __future__ import annotations

import random
from array import array
from bisect import bisect_left
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, Protocol

from medbench.scoring.generic_text import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from medbench.schema.case import Question
    from medbench.scoring.item import CaseFacts, Item

    Scorer = Callable[[Item], dict[str, float | None]]

Swap = Literal["region", "any"]
CORRECTED = ("finding.f1", "finding.key", "rules.good", "answer.right")
"""Metrics of which a run says how far they are above chance, where a scorer has them."""
SWAPPED = (*CORRECTED, "rouge_l.recall", "rouge_l.f1")
"""Metrics that are computed against other cases' references too."""
RECALL = "rouge_l.recall"
ABOVE = "above_chance."
MOST = 20
"""References of other cases that an output is scored against."""
MOST_YES_NO = 1_000
"""The same for questions of yes or no: there are two references, so that many cost no more than few, and the
share of 'yes' in 20 would be off by a tenth."""
SEED = 1
_MOST_NUMBERS = 20_000
"""References of which the numbers of the last text are remembered."""
_MOST_DRAWS = 4_000
"""Cases whose draw is remembered for the next system: it takes a hundredth of scoring an output."""
_NO_QUESTION = "findings"
"""Form of what is answered where findings are described."""
_GENERIC = TEXT.removeprefix("FINDINGS:").split()
WORDS = len(_GENERIC)
AT_LENGTH = f"first{WORDS}.{RECALL}"
"""Recall of the first so many words: as many as the generic text has."""
GENERIC = f"generic.{RECALL}"
"""Recall of the generic text, cut to the length of the output where that is shorter."""


def control_metrics(metrics: set[str]) -> set[str]:
    """Return the names of the controls that go with some metrics."""
    of_others = {swapped(metric) for metric in SWAPPED if metric in metrics}
    return of_others | ({AT_LENGTH, GENERIC} if RECALL in metrics else set())


def swapped(metric: str) -> str:
    """Return the name of a metric's mean over the references of other cases."""
    return f"swap.{metric}"


def above(metric: str) -> str:
    """Return the name of a metric with chance taken out: (score - swap) / (1 - swap) of a run's means."""
    return f"{ABOVE}{metric}"


def method(swap: Swap) -> str:
    """Return how the controls are computed: the part of a signature that decides."""
    most = "all" if swap == "any" else f"most{MOST}"
    return f"controls:2|swap:{swap}|{most}|seed:{SEED}|words:{WORDS}"


def mixed_regions(of_cases: Iterable[str], swap: Swap) -> tuple[str, ...]:
    """Return the regions with a single case, for which those of other regions stand in."""
    regions = Counter(of_cases)
    if swap != "region" or len(regions) == 1:
        return ()
    return tuple(sorted(region for region, many in regions.items() if many == 1))


class Cases(Protocol):
    """The facts about all cases, in the order of the benchmark."""

    def __iter__(self) -> Iterator[CaseFacts]: ...

    def __getitem__(self, place: int, /) -> CaseFacts: ...


class Scorers:
    """The scorers of outputs of one kind, and what the controls ask of them."""

    def __init__(self, scorers: Sequence[tuple[Scorer, set[str]]]) -> None:
        """Take scorers, each with the names of its metrics."""
        self.all = [score for score, _ in scorers]
        self.sharing = [score for score, metrics in scorers if not metrics.isdisjoint(SWAPPED)]
        """Those that are asked about the references of other cases."""
        self.of_recall = [score for score, metrics in scorers if RECALL in metrics]
        known = set().union(*(metrics for _, metrics in scorers))
        self.swapped = {metric: swapped(metric) for metric in SWAPPED if metric in known}
        """Metrics to their means over the references of other cases."""


class Controls:
    """Computes the controls of one benchmark's outputs."""

    def __init__(self, cases: Cases, swap: Swap) -> None:
        """Read which cases are of one region, and are answered in one form.

        Args:
            cases: All cases, in the order of the benchmark.
            swap: Whose references stand in for that of a case.
        """
        self._cases = cases
        self._swap = swap
        self._near: dict[tuple[str, str], array[int]] = {}
        """Region and form to the places of their cases among all."""
        for place, facts in enumerate(cases):
            self._near.setdefault((facts.strata["region"], _form(facts)), array("q")).append(place)
        self._drawn = lru_cache(maxsize=_MOST_DRAWS)(self._draw)
        self._last_text: tuple[str, bool, Question | None] | None = None
        self._last_numbers: dict[str, dict[str, float | None]] = {}

    @property
    def asks_questions(self) -> bool:
        """True if a case asks a question with a known answer."""
        return any(form != _NO_QUESTION for _, form in self._near)

    def others(self, place: int) -> Sequence[int]:
        """Return the places of the cases whose references stand in for that of the case there.

        They are the same in every run.
        """
        if self._swap == "any":
            return self._others_alike(place, _form(self._cases[place]))
        return self._drawn(place)

    def _draw(self, place: int) -> array[int]:
        facts = self._cases[place]
        form = _form(facts)
        near = self._near[facts.strata["region"], form]
        draw = random.Random(f"{SEED}:{facts.case_id}")  # noqa: S311 - a sample, not a secret
        most = MOST_YES_NO if form == "yes/no" else MOST
        if len(near) > 1:
            # Of all but its own, without a copy of the list for each of many cases.
            own = bisect_left(near, place)
            drawn = draw.sample(range(len(near) - 1), min(most, len(near) - 1))
            return array("q", [near[at + (at >= own)] for at in drawn])
        # Others only where there are none: a text that is right of its region would be above chance.
        far = self._others_alike(place, form)
        return array("q", draw.sample(far, min(most, len(far))))

    def _others_alike(self, place: int, form: str) -> list[int]:
        """Return the other cases that are answered in the same form: an answer is no findings."""
        groups = (near for (_, of_group), near in self._near.items() if of_group == form)
        return sorted(other for near in groups for other in near if other != place)

    def measure(self, place: int, item: Item, scorers: Scorers) -> dict[str, float | None]:
        """Return the controls of one output of the case at that place."""
        numbers = self._of_others(place, item, scorers.sharing)
        controls = {name: _mean(numbers, metric) for metric, name in scorers.swapped.items()}
        for score in scorers.of_recall:
            words = item.parsed.findings.split()
            first = _with_text(item, words[:WORDS]) if len(words) > WORDS else item
            controls[AT_LENGTH] = score(first)[RECALL]
            controls[GENERIC] = score(_with_text(item, _GENERIC[: len(words)]))[RECALL]
        return controls

    def _of_others(self, place: int, item: Item, scorers: Sequence[Scorer]) -> list[dict[str, float | None]]:
        """Return the numbers of the output against the reference of each other case."""
        # A fixed text, as some baselines have, is the text of one output after the other.
        text = (item.parsed.findings, item.empty, item.question)
        if self._last_text != text:
            self._last_text, self._last_numbers = text, {}
        return [self._against(self._cases[other], item, scorers) for other in self.others(place)]

    def _against(self, other: CaseFacts, item: Item, scorers: Sequence[Scorer]) -> dict[str, float | None]:
        """Return the numbers of the output against the reference of another case."""
        numbers = self._last_numbers.get(other.reference)
        if numbers is None:
            if len(self._last_numbers) == _MOST_NUMBERS:
                self._last_numbers.clear()
            against = item._replace(reference=other.reference, packed=other.packed)
            scored = [score(against) for score in scorers]
            numbers = {metric: one[metric] for one in scored for metric in SWAPPED if metric in one}
            self._last_numbers[other.reference] = numbers
        return numbers


def _form(facts: CaseFacts) -> str:
    return facts.question.kind if facts.question else _NO_QUESTION


def _mean(numbers: Sequence[dict[str, float | None]], metric: str) -> float | None:
    known = [value for of_one in numbers if (value := of_one[metric]) is not None]
    total = 0.0
    for value in known:  # sum() rounds otherwise from Python 3.12 on
        total += value
    return total / len(known) if known else None


def _with_text(item: Item, words: Sequence[str]) -> Item:
    return item._replace(parsed=item.parsed._replace(findings=" ".join(words)))
