"""One output as a scorer sees it: its text, its reference, and the facts of its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from medbench.schema.case import Question
    from medbench.scoring.parsing.parsed import ParsedText

MOST_REMEMBERED = 20_000
"""References of which a process remembers what it found in them; of a benchmark with more it comes packed."""


class CallTotals(NamedTuple):
    """Sums over the responses behind one output; None is unknown."""

    latency_s: float | None = None
    cost_usd: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


class Item(NamedTuple):
    """One output with a text."""

    parsed: ParsedText
    """Its text, taken apart."""
    reference: str
    """The radiologist's text, verbatim."""
    totals: CallTotals = CallTotals()
    """Time, money and tokens that it took."""
    empty: bool = False
    """True if the text has no word but headings: there is nothing to measure."""
    question: Question | None = None
    """The question that it answers; None where it describes findings."""
    packed: bytes | None = None
    """The findings of the reference, see `findings.pack`; None where they are sought in its text."""


class CaseFacts(NamedTuple):
    """The facts of one case that scoring and comparing need."""

    case_id: str
    """Its name."""
    reference: str
    """The radiologist's text, verbatim."""
    strata: dict[str, str]
    """Region, modality, number of images, length of the reference."""
    modalities: frozenset[str]
    """Modalities of its images, such as 'CT'."""
    planes: frozenset[str]
    """Planes of its images, such as 'axial'."""
    topic: int
    """Number of its subject, by name; the case is one itself where the source names none.

    Cases of one topic are not independent.
    """
    question: Question | None = None
    """The question that it asks; None where findings are described."""
    packed: bytes | None = None
    """The findings of the reference, as in `Item`."""
