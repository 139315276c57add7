"""The versions of the finding metric, and the scorers of each: old numbers can be computed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from medbench.registry import scorers
from medbench.scoring.parsing.text import CURRENT, FINDINGS_1
from medbench.scoring.questions import answers

if TYPE_CHECKING:
    from types import ModuleType

FindingVersion = Literal[2, 1]
LATEST: FindingVersion = 2
VERSIONS: tuple[FindingVersion, ...] = (2, 1)
"""All versions, the current one first."""
FLAGS_METHOD = "flags:9|empty:unscored|others:as-is"
"""Raised with every change of what a flag catches. Flags change no score; only what is empty has none.

It stands here since signatures are compared far more often than flags are found.
"""


def scorers_of(finding: FindingVersion, *, questions: bool = False) -> dict[str, ModuleType]:
    """Return the scorers by name, with the finding metric and the rater on it in that version.

    Args:
        finding: The version.
        questions: True for a benchmark that asks questions with a known answer.
    """
    modules = scorers()
    if questions:
        modules |= {answers.NAME: answers}
    if finding == 1:
        # Imported only where it is asked for: it reads a vocabulary of its own.
        from medbench.scoring.finding_1 import findings, rules

        modules |= {"findings": findings, "rules": rules}
    return modules


def parser_of(finding: FindingVersion) -> str:
    """Return the parser that the version was made for."""
    return FINDINGS_1 if finding == 1 else CURRENT
