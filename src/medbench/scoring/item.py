"""One output as a scorer sees it: its text, its reference, and the facts of its calls."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from medbench.schema.case import Question
    from medbench.scoring.parsing.parsed import ParsedText

MOST_REMEMBERED = 2_000
"""References of which a process remembers what it found in them; of a benchmark with more it comes packed."""


class SignsOfWords(Hashable, Protocol):
    """A character for each word of a text, see `rouge.Signs`."""

    def of(self, text: str) -> str:
        """Return the signs of a text."""


class PackedReference(NamedTuple):
    """What scorers take from a reference, in a form that is read far faster than its text."""

    findings: bytes
    """See `findings.pack`."""
    tokens: str
    """The signs of its words."""
    signs: SignsOfWords
    """What gave these signs: the same gives them to the words of an output."""


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
    packed: PackedReference | None = None
    """What scorers take from the reference; None where they take it from the text."""


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
    packed: PackedReference | None = None
    """What scorers take from the reference, as in `Item`."""
