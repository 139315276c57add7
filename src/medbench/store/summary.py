"""The summary of a run as it is on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import NewerRecordError, RecordError
from medbench.schema.score import Summary
from medbench.store.jsonl import read_one
from medbench.store.runs import SUMMARY

if TYPE_CHECKING:
    from medbench.store.runs import RunFolder


def summary_of(run: RunFolder) -> Summary | None:
    """Return the summary on the disk, however old; None where there is none that can be read.

    Raises:
        NewerRecordError: A newer medbench wrote it.
    """
    path = run.path / SUMMARY
    try:
        return read_one(path, Summary) if path.is_file() else None
    except NewerRecordError:
        raise
    except RecordError:
        return None  # it follows from the other files, and is made anew
