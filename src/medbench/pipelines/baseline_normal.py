"""A fixed report that finds nothing: what a system scores that always says normal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.pipelines import Result, Tools

if TYPE_CHECKING:
    from medbench.schema.case import Case

TEXT = (
    "FINDINGS: The study is normal. No mass, fluid collection, haemorrhage, fracture or other focal "
    "abnormality is seen. The organs in the field of view are normal in size, position and density or "
    "signal. No enlarged lymph nodes. No effusion or free fluid. The bones and soft tissues are unremarkable."
)


class Pipeline:
    """Says the same of every case, without looking."""

    def __init__(self, tools: Tools) -> None:
        del tools

    async def answer(self, case: Case, replicate: int) -> Result:
        """The fixed text."""
        del case, replicate
        return Result(text=TEXT)
