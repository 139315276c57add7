"""What a text would score without being about its case: other cases' references, and a fixed text as long."""

from __future__ import annotations

import math
import random
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from medbench.scoring.generic_text import TEXT
from medbench.scoring.item import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from medbench.scoring.item import CaseFacts

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


def method(swap: Swap) -> str:
    """Return how the controls are computed: the part of a signature that decides."""
    most = "all" if swap == "any" else f"most{MOST}"
    return f"controls:1|swap:{swap}|{most}|seed:{SEED}|words:{WORDS}"


_REMEMBERED = 64
"""Texts, once for each scorer, that are known again: floors say the same for many cases. One that came twice
takes 24 bytes a case of the benchmark."""
_UNKNOWN = -1.0


class Controls:
    """Computes the controls of one benchmark's outputs."""

    def __init__(self, cases: Mapping[str, CaseFacts], swap: Swap) -> None:
        self._cases = cases
        self._ids = [*cases]
        self._by_region: dict[str, list[int]] = {}
        for place, fact in enumerate(cases.values()):
            self._by_region.setdefault(fact.strata["region"], []).append(place)
        self._chosen = dict(self._draw()) if swap == "region" else None
        self._seen: dict[tuple[Scorer, str], array[float] | None] = {}
        self.mixed = tuple(
            sorted(region for region, places in self._by_region.items() if len(places) - 1 < FEWEST)
            if swap == "region" and len(self._by_region) > 1
            else ()
        )
        """Regions with so few cases that those of other regions were taken too."""

    def others(self, case_id: str) -> Iterable[int]:
        """The cases whose references stand in for that of the case, by place: the same in every run."""
        if self._chosen is None:
            return (place for place, other in enumerate(self._ids) if other != case_id)
        return self._chosen[case_id]

    def _draw(self) -> Iterator[tuple[str, array[int]]]:
        """The others of each case, by their places in the benchmark."""
        for region, near in self._by_region.items():
            far = self._outside(region) if len(near) - 1 < FEWEST else []
            for own, place in enumerate(near):
                draw = random.Random(f"{SEED}:{self._ids[place]}")  # noqa: S311 - a sample, not a secret
                picked = draw.sample(range(len(near) - 1), min(MOST, len(near) - 1))
                chosen = array("I", (near[number + (number >= own)] for number in picked))
                if far:
                    chosen.extend(draw.sample(far, min(MOST - len(chosen), len(far))))
                yield self._ids[place], chosen

    def _outside(self, region: str) -> list[int]:
        facts = enumerate(self._cases.values())
        return [place for place, fact in facts if fact.strata["region"] != region]

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
        width = len(wanted)
        known = self._known(score, item.parsed.findings, width)
        for place in self.others(case_id):
            at = place * width
            if known is not None and known[at] != _UNKNOWN:
                values = known[at : at + width]
            else:
                reference = self._cases[self._ids[place]].reference
                numbers = score(Item(item.parsed, reference, item.spent, item.empty))
                found = (numbers[metric] for metric in wanted)
                values = array("d", (math.nan if value is None else value for value in found))
                if known is not None:
                    known[at : at + width] = values
            for metric, value in zip(wanted, values, strict=True):
                if value == value:  # noqa: PLR0124 - NaN is none, and this is asked twenty times an output
                    sums[metric] += value
                    counts[metric] += 1
        return {
            f"swap.{metric}": sums[metric] / counts[metric] if counts[metric] else None for metric in wanted
        }

    def _known(self, score: Scorer, text: str, width: int) -> array[float] | None:
        """The scores of a text against each reference, as far as known; None where it is met first.

        What comes again is likely to come often, and is then scored once against each reference.
        """
        key = (score, text)
        if key not in self._seen:
            if len(self._seen) == _REMEMBERED:
                del self._seen[next(iter(self._seen))]
            self._seen[key] = None
            return None
        # Put back at the end: what has not come for longest is the first to be forgotten.
        known = self._seen.pop(key) or array("d", (_UNKNOWN,)) * (len(self._ids) * width)
        self._seen[key] = known
        return known


def _with_text(item: Item, words: Sequence[str]) -> Item:
    return replace(item, parsed=replace(item.parsed, findings=" ".join(words)))
