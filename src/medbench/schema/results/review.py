"""A blind sheet for people who grade, and the result of reading one back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("id", "history", "reference", "text", "grade", "key_finding", "comment", "reviewer")
"""Columns of a sheet; the last four are filled in by the reviewer."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One text to grade. Nothing here says which system wrote it."""

    id: str
    """Opaque name; a digest of the output, so that what comes back is recognised."""
    history: str
    """Clinical history, empty where there is none."""
    reference: str
    """The radiologist's text."""
    text: str
    """The text to grade."""
    images: tuple[Path, ...]
    """The case's pictures."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The result of reading a sheet back."""

    taken: int
    """Rows that became verdicts."""
    already: int
    """Rows whose reviewer has graded that text before: the first stands."""
    empty: int
    """Rows without a grade."""
    raters: tuple[str, ...]
    runs: tuple[str, ...]
    """Runs that were graded."""
    notes: tuple[str, ...] = ()
    """Sentences on what was read otherwise than it was given out, double or graded before."""
