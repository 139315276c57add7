"""A fixed report that finds a bit of everything: what a system scores that has the tone and sees nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.pipelines import Result, Tools

if TYPE_CHECKING:
    from medbench.schema.case import Case

TEXT = (
    "FINDINGS: There is a well-defined, heterogeneous mass with mild enhancement after contrast and a small "
    "area of calcification, associated with surrounding oedema and mild mass effect on the adjacent "
    "structures. There is a small amount of fluid. Several mildly enlarged lymph nodes are present. On the "
    "left side there is a smaller low density lesion, likely a cyst, and on the right side mild thickening "
    "of the wall. The adjacent bone shows no destruction. No evidence of fracture or acute haemorrhage. The "
    "remaining structures are normal in size and appearance."
)


class Pipeline:
    """Says the same of every case, without looking."""

    def __init__(self, tools: Tools) -> None:
        del tools

    async def answer(self, case: Case, replicate: int) -> Result:
        """The fixed text."""
        del case, replicate
        return Result(text=TEXT)
