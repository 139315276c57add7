"""The archive in a report page: the files that its numbers rest on."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic import Field

from medbench.schema.base import FileRecord, Record

RUNS, BENCHMARKS = "runs", "benchmarks"
"""First parts of the paths of files: of runs and what lies beside them, and of benchmarks."""
_NO_NAME = r"/\\:*?\"<>|\x00-\x1f\x7f"
_NAME = rf"(?![. ])[^{_NO_NAME}]{{1,200}}(?<![. ])"
"""A name that is one on every system, and neither hidden nor a way out of a folder."""
_RECORDS = r"[a-z][a-z0-9_-]{0,60}\.jsonl?"
_PATHS = re.compile(
    rf"{RUNS}/{_NAME}/(?:{_NAME}/{_RECORDS}|{_NAME}/imported/{_NAME}|experiments/{_NAME}/{_RECORDS})"
    rf"|{BENCHMARKS}/{_NAME}/(?:pool/)?{_RECORDS}"
)


def is_archived(path: str) -> bool:
    """Return True if a file may have this path in an archive."""
    return bool(_PATHS.fullmatch(path))


def plain_name(name: str) -> str:
    """Return the name of a folder as a path in an archive has it."""
    return re.sub(f"[{_NO_NAME}]", "-", name).strip(". ")[:200] or "folder"


class ArchivedFile(Record):
    """A file of a run or a benchmark."""

    path: str
    """Where it belongs, such as 'runs/BENCHMARK/SYSTEM/run.json' or 'benchmarks/NAME/cases.jsonl'."""
    bytes: int = Field(ge=0)
    """Its size."""
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    """Digest of its bytes."""


class Archive(FileRecord):
    """The files in a report page, in the order in which they stand there."""

    what: ClassVar[str] = "list of archived files"

    images: Literal["full", "thumb", "none"]
    """How the page has the images: only 'full' are the benchmark's own files."""
    files: tuple[ArchivedFile, ...]
    """The files; none where the page was made without them."""
