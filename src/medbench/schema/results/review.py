"""A blind sheet for people who grade, and what came of reading one back."""

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
    """What reading a sheet back did."""

    taken: int
    """Rows that became verdicts."""
    there: int
    """Rows whose reviewer has graded that text before: the first stands."""
    empty: int
    """Rows without a grade."""
    raters: tuple[str, ...]
    """Who graded."""
    runs: tuple[str, ...]
    """Runs that were graded."""
