"""The commonest findings of the region's pool texts, as a list: what guessing by frequency is worth."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from medbench.pipelines import Pipeline as Base
from medbench.pipelines import Result

if TYPE_CHECKING:
    from medbench.pipelines import Tools
    from medbench.schema.case import Case

LISTED = 5
"""Findings of a list; longer ones lose precision."""


class Pipeline(Base):
    """Says the same of every case of a region, without looking."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._list_of = cache(_best_list)

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the region's list, in the words of the finding engine."""
        del replicate
        texts = tuple(self._tools.pool_texts(case.region))
        return Result(text=self._list_of(texts)) if texts else Result.without_pool_case(case)


def _best_list(texts: tuple[str, ...]) -> str:
    """Return the findings that most of the texts have, the graver of equally common ones first."""
    from medbench.scoring.extraction.extract import extract
    from medbench.scoring.matching.measures import WEIGHTS

    cases: Counter[tuple[str, float]] = Counter()
    for text in texts:
        stated = (finding for finding in extract(text) if finding.presence in {"present", "uncertain"})
        cases.update({(finding.concept.name, WEIGHTS[finding.concept.tier]) for finding in stated})
    ranked = sorted(cases, key=lambda term: (-cases[term], -term[1], term[0]))
    terms = [f"- {name[0].upper()}{name[1:]}." for name, _ in ranked[:LISTED]]
    return "\n".join(terms) or "Normal study."
