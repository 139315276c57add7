"""Where the sealed files of a folder ended when they were last written to."""

from __future__ import annotations

from typing import ClassVar

from medbench.schema.base import FileRecord, Record


class FileEnd(Record):
    """The end of a file of sealed records."""

    bytes: int
    """Its size."""
    seal: str
    """Seal of the last record."""


class Seals(FileRecord):
    """The ends of a folder's files, by which lines that are missing from an end are noticed."""

    what: ClassVar[str] = "list of seals"

    files: dict[str, FileEnd] = {}
    """Name of a file to its end."""
