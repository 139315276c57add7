"""A fixed report that finds nothing: what a system scores that always says normal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.pipelines import Pipeline as Base
from medbench.pipelines import Result

if TYPE_CHECKING:
    from medbench.schema.case import Case

TEXT = (
    "FINDINGS: The study is normal. No mass, fluid collection, haemorrhage, fracture or other focal "
    "abnormality is seen. The organs in the field of view are normal in size, position and density or "
    "signal. No enlarged lymph nodes. No effusion or free fluid. The bones and soft tissues are unremarkable."
)


class Pipeline(Base):
    """Says the same of every case, without looking."""

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the fixed text."""
        del case, replicate
        return Result(text=TEXT)
