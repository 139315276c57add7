"""Checks that a pipeline fills in what the prompt of a stage uses, and that it uses what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.pipelines import pipeline_class
from medbench.registry import names_in

if TYPE_CHECKING:
    from medbench.prompts.prompt import Prompt


def check_given(pipeline: str, role: str, prompt: Prompt | None) -> None:
    """Check that prompt and pipeline fit.

    Raises:
        UsageError: They do not; a pipeline or a prompt that would is named.
    """
    name, needs = (prompt.name, prompt.needs) if prompt else ("", frozenset[str]())
    kind = pipeline_class(pipeline)
    gives = kind.gives.get(role, frozenset())
    if missing := sorted(needs - gives):
        raise UsageError(
            f"prompt '{name}' uses ${missing[0]}, which pipeline '{pipeline}' does not give to '{role}'.",
            f"a pipeline that gives it: {', '.join(_that_give(missing[0])) or 'none does'}",
        )
    if unused := sorted(gives - needs):
        raise UsageError(
            f"prompt '{name}' never uses ${unused[0]}, which pipeline '{pipeline}' gives to '{role}'.",
            f"a prompt with ${unused[0]}, such as '{kind.prompts.get(role, 'one of your own')}'",
        )


def _that_give(placeholder: str) -> list[str]:
    return [
        name
        for name in names_in("pipelines")
        if any(placeholder in given for given in pipeline_class(name).gives.values())
    ]
