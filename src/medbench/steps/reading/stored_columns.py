"""The columns beside a run's scores: trusted if they are what its summary says, and else made anew."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from medbench.schema.score import Score
from medbench.scoring.controls import ABOVE
from medbench.store.columns import COLUMNS, FEWEST, ColumnsBuilder, read_columns
from medbench.store.jsonl import file_digest, read_records
from medbench.store.runs import SCORES
from medbench.store.summary import summary_of

if TYPE_CHECKING:
    from medbench.schema.score import Summary
    from medbench.store.columns import Columns
    from medbench.store.runs import RunFolder

_SHORTEST = 100
"""Bytes of a score, at least: a shorter file than that of so many has no columns beside it."""


def columns_of(run: RunFolder, fresh: Summary | None = None) -> Columns | None:
    """Return the columns of a run's scores; None where its records are to be read.

    Columns that are missing, or are not those that the summary names, are made of the records and written
    again, where the folder allows it.

    Args:
        run: The run.
        fresh: The summary of the run, where it was found to fit its scores; None to find out.
    """
    path = run.path / SCORES
    if not path.is_file() or path.stat().st_size < FEWEST * _SHORTEST:
        return None
    summary = fresh or summary_of(run)
    if summary is None or summary.columns is None:
        return None
    if fresh is None and file_digest(path) != summary.scores:
        return None
    stored = read_columns(run.path / COLUMNS, summary.columns)
    if stored is not None:
        return stored
    made = _made_of_records(run, summary)
    if made.digest() != summary.columns:
        return None
    with suppress(OSError):
        made.write(run.path / COLUMNS)
    return read_columns(run.path / COLUMNS, summary.columns) or made


def _made_of_records(run: RunFolder, summary: Summary) -> Columns:
    measured = [name for name in summary.everything.metrics if not name.startswith(ABOVE)]
    builder = ColumnsBuilder(sorted(measured))
    for score in read_records(run.path / SCORES, Score):
        builder.add(score)
    return builder.built()
