"""What a scorer is given: one output, its reference, and what it took to make it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import TypeVar

    V = TypeVar("V", bound=Hashable)

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medbench.scoring.parsing.text import ParsedText


@dataclass(frozen=True, slots=True)
class Spent:
    """What the responses behind one output took; None is unknown."""

    latency_s: float | None = None
    cost_usd: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One output with a text."""

    parsed: ParsedText
    """The text, taken apart."""
    reference: str
    """The radiologist's text, verbatim."""
    spent: Spent = Spent()
    """What it took."""
    empty: bool = False
    """Whether the text has no word but headings: there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What scoring needs of one case."""

    reference: str
    strata: dict[str, str]
    """Region, modality, …: one dictionary for all cases that have the same."""
    modalities: frozenset[str]
    planes: frozenset[str]
    topic: int
    """Number of its subject, by name; the case is one itself where the source names none.

    Cases of one topic are not independent.
    """
