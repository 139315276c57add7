"""The record of an answer that was taken apart."""

from __future__ import annotations

from typing import Literal, NamedTuple


class ParsedText(NamedTuple):
    """An answer, taken apart by one parser."""

    parser: str
    """Name of the parser."""
    section: Literal["findings", "whole"]
    """Where the findings came from: a section of that name, or the whole text without its trimmings."""
    findings: str
    """The text that is scored. Empty where there is no answer, or nothing but space and markers."""
    impression: str | None = None
    """Impression, diagnosis, differential; never part of a findings section."""
    notes: str | None = None
    """Remarks and disclaimers."""
