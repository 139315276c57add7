"""Scores that a text would have without being about its case: of other references, and of a generic text."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from medbench.scoring.generic_text import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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


class Controls:
    """Computes the controls of one benchmark's outputs."""

    def __init__(self, cases: Mapping[str, CaseFacts], swap: Swap) -> None:
        self._cases = cases
        self._swap = swap
        self._by_region: dict[tuple[str, str], list[str]] = {}
        self._place: dict[str, int] = {}
        """Case to its place among those of its region."""
        for case_id, facts in cases.items():
            near = self._by_region.setdefault((facts.strata["region"], _form(facts)), [])
            self._place[case_id] = len(near)
            near.append(case_id)
        self._others: dict[str, list[str]] = {}
        self._last_text: tuple[str, bool, Question | None] | None = None
        self._last_numbers: dict[str, dict[str, float | None]] = {}

    def others(self, case_id: str) -> list[str]:
        """Return the cases whose references stand in for that of the case: the same in every run."""
        if self._swap == "any":
            return [other for other in self._alike(case_id) if other != case_id]
        if case_id not in self._others:
            self._others[case_id] = self._drawn(case_id)
        return self._others[case_id]

    def _drawn(self, case_id: str) -> list[str]:
        facts = self._cases[case_id]
        near, own = self._by_region[facts.strata["region"], _form(facts)], self._place[case_id]
        draw = random.Random(f"{SEED}:{case_id}")  # noqa: S311 - a sample, not a secret
        most = MOST_YES_NO if _form(facts) == "yes/no" else MOST
        if len(near) > 1:
            # Of all but its own, without a copy of the list for each of many cases.
            places = draw.sample(range(len(near) - 1), min(most, len(near) - 1))
            return [near[place + (place >= own)] for place in places]
        # Others only where there are none: a text that is right of its region would be above chance.
        far = [other for other in self._alike(case_id) if other != case_id]
        return draw.sample(far, min(most, len(far)))

    def _alike(self, case_id: str) -> list[str]:
        """Return the cases that are answered in the same form: an answer to a question is no findings."""
        form = _form(self._cases[case_id])
        return [other for other, facts in self._cases.items() if _form(facts) == form]

    def measure(
        self, case_id: str, item: Item, scorers: Sequence[tuple[Scorer, set[str]]]
    ) -> dict[str, float | None]:
        """Return the controls of one output."""
        sharing = [(score, metrics) for score, metrics in scorers if not metrics.isdisjoint(SWAPPED)]
        known = set().union(*(metrics for _, metrics in sharing))
        shared = [metric for metric in SWAPPED if metric in known]
        numbers = self._of_others(case_id, item, [score for score, _ in sharing])
        controls = {swapped(metric): _mean([of_one[metric] for of_one in numbers]) for metric in shared}
        for score, metrics in scorers:
            if RECALL in metrics:
                words = item.parsed.findings.split()
                first = _with_text(item, words[:WORDS]) if len(words) > WORDS else item
                controls[AT_LENGTH] = score(first)[RECALL]
                controls[GENERIC] = score(_with_text(item, _GENERIC[: len(words)]))[RECALL]
        return controls

    def _of_others(
        self, case_id: str, item: Item, scorers: Sequence[Scorer]
    ) -> list[dict[str, float | None]]:
        """Return the numbers of the output against the reference of each other case."""
        # A fixed text, as some baselines have, is the text of one output after the other.
        text = (item.parsed.findings, item.empty, item.question)
        if self._last_text != text:
            self._last_text, self._last_numbers = text, {}
        references = [self._cases[other].reference for other in self.others(case_id)]
        for reference in references:
            if reference not in self._last_numbers:
                against = replace(item, reference=reference)
                numbers: dict[str, float | None] = {}
                for score in scorers:
                    numbers |= score(against)
                self._last_numbers[reference] = numbers
        return [self._last_numbers[reference] for reference in references]


def _form(facts: CaseFacts) -> str:
    return facts.question.kind if facts.question else "findings"


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    total = 0.0
    for value in known:  # sum() rounds otherwise from Python 3.12 on
        total += value
    return total / len(known) if known else None


def _with_text(item: Item, words: Sequence[str]) -> Item:
    return replace(item, parsed=replace(item.parsed, findings=" ".join(words)))
