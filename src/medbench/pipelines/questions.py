"""Targeted questions, each a call of its own; the answers are put together under their questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.pipelines import Call, Result
from medbench.pipelines import Pipeline as Base
from medbench.schema.response import MODEL

if TYPE_CHECKING:
    from medbench.schema.case import Case


class Pipeline(Base):
    """Asks the questions that the prompt has for the case's region or modality."""

    roles = (MODEL,)
    prompts = {MODEL: "by-region"}  # noqa: RUF012 - never changed
    gives = {MODEL: frozenset({"question"})}  # noqa: RUF012 - never changed

    def plan(self, case: Case, replicate: int) -> list[Call]:
        """Return one call a question."""
        images = self._tools.chosen(MODEL, case)
        return [
            self._tools.call(
                MODEL,
                case,
                replicate,
                self._tools.filled(MODEL, case, images, question=question),
                images,
                stage=f"question-{number}",
            )
            for number, question in enumerate(self._tools.prompts[MODEL].questions_for(case), 1)
        ]

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return every question with its answer; without one of the answers there is none."""
        responses = await self._tools.ask_each(self.plan(case, replicate))
        if responses and responses[-1].text is None:
            return Result.of(responses, None)
        questions = self._tools.prompts[MODEL].questions_for(case)
        parts = [
            f"{question}\n{(response.text or '').strip()}"
            for question, response in zip(questions, responses, strict=True)
        ]
        return Result.of(responses, "\n\n".join(parts))
