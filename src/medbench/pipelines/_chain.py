"""Stages one after the other, each of which takes up the answer of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.pipelines import Call, Pipeline, Result

if TYPE_CHECKING:
    from medbench.schema.case import Case
    from medbench.schema.response import Response


class Chain(Pipeline):
    """Asks its roles in order; every prompt but the first has the answer before it as `$answer`."""

    def plan(self, case: Case, replicate: int) -> list[Call]:
        """Return one call a role."""
        calls, answer, bounded = [], "", True
        for role in self.roles:
            calls.append(self._call(role, case, replicate, answer, bounded=bounded))
            answer, bounded = self._tools.answer_to_come(role)
        return calls

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the last stage's text; without an answer of one stage there is none."""
        responses: list[Response] = []
        answer = ""
        for role in self.roles:
            response = await self._tools.ask(self._call(role, case, replicate, answer))
            responses.append(response)
            if response.text is None:
                return Result.of(responses, None)
            answer = response.text
        return Result.of(responses, answer)

    def _call(self, role: str, case: Case, replicate: int, answer: str, *, bounded: bool = True) -> Call:
        images = self._tools.chosen(role, case)
        given = {"answer": answer} if role in self.gives else {}
        text = self._tools.filled(role, case, images, **given)
        return self._tools.call(role, case, replicate, text, images, bounded=bounded)
