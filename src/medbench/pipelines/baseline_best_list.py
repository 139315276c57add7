"""The commonest findings of the region's pool texts, as a list: what guessing by frequency is worth.

A question is given the commonest answer to those of its form in the pool.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from medbench.pipelines import Pipeline as Base
from medbench.pipelines import Result
from medbench.schema.response import Failure
from medbench.scoring.questions.reading import plain_words, right_answer

if TYPE_CHECKING:
    from medbench.pipelines import Tools
    from medbench.schema.case import Case, Question

LISTED = 5
"""Findings of a list; longer ones lose precision."""


class Pipeline(Base):
    """Says the same of every case of a region, without looking."""

    reads_findings = True

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._list_of = cache(_best_list)
        self._counts_of = cache(self._answer_counts)

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the region's list, in the words of the finding engine, or the commonest answer."""
        del replicate
        if case.question is not None:
            answer = self._commonest_answer(case.question)
            return Result(text=answer) if answer else _without_question(case.question)
        texts = tuple(self._tools.pool_texts(case.region))
        return Result(text=self._list_of(texts)) if texts else Result.without_pool_case(case)

    def _commonest_answer(self, question: Question) -> str | None:
        """Return the answer that most questions of a form have in the pool; None where none is of that form.

        Of a choice, it is the one of those offered, and the first of equally common ones.
        """
        counts = self._counts_of(question.kind)
        if question.kind == "choice":
            return max(question.choices, key=lambda choice: counts[plain_words(choice)])
        return min(counts, key=lambda answer: (-counts[answer], answer), default=None)

    def _answer_counts(self, form: str) -> Counter[str]:
        """Return how often the pool has each right answer to questions of a form."""
        asked = ((example.text, example.case.question) for example in self._tools.pool)
        return Counter(right_answer(text, other) for text, other in asked if other and other.kind == form)


def _without_question(question: Question) -> Result:
    """Return the failure of a case for whose question the pool has no answer."""
    reason = f"the pool has no question of the form '{question.kind}'"
    return Result(failure=Failure(kind="no_pool_case", reason=reason, final=True))


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
