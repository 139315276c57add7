"""What a text would score without being about its case: other cases' references, and a fixed text as long."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from medbench.pipelines.baseline_generic import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from medbench.scoring.item import Item

    Scorer = Callable[[Item], dict[str, float | None]]

Swap = Literal["region", "any"]
SWAPPED = ("finding.f1", "rouge_l.recall", "rouge_l.f1")
"""Metrics that are computed against other cases' references too, where a scorer has them."""
RECALL = "rouge_l.recall"
MOST = 20
"""References of other cases that an output is scored against."""
FEWEST = 5
"""Other cases that a region must have; with fewer, cases of other regions join them."""
SEED = 1
_GENERIC = TEXT.removeprefix("FINDINGS:").split()
WORDS = len(_GENERIC)
AT_LENGTH = f"first{WORDS}.{RECALL}"
"""Recall of the first so many words: as many as the generic text has."""
GENERIC = f"generic.{RECALL}"
"""Recall of the generic text, cut to the length of the output where that is shorter."""


def control_metrics(metrics: set[str]) -> set[str]:
    """Names of the controls that go with those metrics."""
    found = {f"swap.{metric}" for metric in SWAPPED if metric in metrics}
    return found | ({AT_LENGTH, GENERIC} if RECALL in metrics else set())


def signature(swap: Swap) -> str:
    """How the controls are computed."""
    most = "all" if swap == "any" else f"most{MOST}"
    return f"controls:1|swap:{swap}|{most}|seed:{SEED}|words:{WORDS}"


_REMEMBERED = 10_000
"""Scores against other cases' references that are remembered, a few hundred texts' worth."""


class Controls:
    """Computes the controls of one benchmark's outputs."""

    def __init__(self, texts: Mapping[str, str], regions: Mapping[str, str], swap: Swap) -> None:
        self._texts = texts
        self._regions = regions
        self._by_region: dict[str, list[str]] = {}
        for case_id in texts:
            self._by_region.setdefault(regions[case_id], []).append(case_id)
        self._swap: Swap = swap
        self._chosen: dict[str, list[str]] = {}
        self._known: dict[tuple[int, str, str], dict[str, float | None]] = {}
        self.mixed = tuple(
            sorted(region for region, cases in self._by_region.items() if len(cases) - 1 < FEWEST)
            if swap == "region" and len(self._by_region) > 1
            else ()
        )
        """Regions with so few cases that those of other regions were taken too."""

    def others(self, case_id: str) -> list[str]:
        """The cases whose references stand in for that of the case: the same in every run."""
        found = self._chosen.get(case_id)
        if found is None:
            found = self._chosen[case_id] = self._draw(case_id)
        return found

    def _draw(self, case_id: str) -> list[str]:
        if self._swap == "any":
            return [other for other in self._texts if other != case_id]
        draw = random.Random(f"{SEED}:{case_id}")  # noqa: S311 - a sample, not a secret
        near = [other for other in self._by_region[self._regions[case_id]] if other != case_id]
        chosen = draw.sample(near, min(MOST, len(near)))
        if len(near) < FEWEST:
            region = self._regions[case_id]
            far = [other for other in self._texts if self._regions[other] != region]
            chosen += draw.sample(far, min(MOST - len(chosen), len(far)))
        return chosen

    def measure(
        self, case_id: str, item: Item, scorers: Sequence[tuple[Scorer, set[str]]]
    ) -> dict[str, float | None]:
        """The controls of one output.

        Args:
            case_id: The case that it answers.
            item: The output as the scorers see it.
            scorers: Each scorer with the metrics that it has.
        """
        found: dict[str, float | None] = {}
        for score, metrics in scorers:
            wanted = [metric for metric in SWAPPED if metric in metrics]
            if wanted:
                found |= self._swapped(case_id, item, score, wanted)
            if RECALL in metrics:
                words = item.parsed.findings.split()
                found[AT_LENGTH] = score(_with_text(item, words[:WORDS]))[RECALL]
                found[GENERIC] = score(_with_text(item, _GENERIC[: len(words)]))[RECALL]
        return found

    def _swapped(
        self, case_id: str, item: Item, score: Scorer, wanted: Sequence[str]
    ) -> dict[str, float | None]:
        sums, counts = dict.fromkeys(wanted, 0.0), dict.fromkeys(wanted, 0)
        for other in self.others(case_id):
            values = self._against(other, item, score)
            for metric in wanted:
                if (value := values[metric]) is not None:
                    sums[metric] += value
                    counts[metric] += 1
        return {
            f"swap.{metric}": sums[metric] / counts[metric] if counts[metric] else None for metric in wanted
        }

    def _against(self, other: str, item: Item, score: Scorer) -> dict[str, float | None]:
        """Scores against another case's reference; a text that many cases share is scored against it once."""
        key = (id(score), other, item.parsed.findings)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = score(replace(item, reference=self._texts[other]))
        return found


def _with_text(item: Item, words: Sequence[str]) -> Item:
    return replace(item, parsed=replace(item.parsed, findings=" ".join(words)))
