"""Cost of calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.api.tables import spent_table
from medbench.config import load_settings
from medbench.steps.reading.spending import account_under

if TYPE_CHECKING:
    from medbench.api.result import Table


def spent(run: str | None = None, *, root: str | Path | None = None) -> Table:
    """Return what was paid: a row for each purpose, model, run and day, reused answers apart.

    Args:
        run: 'BENCHMARK', 'SYSTEM' or 'BENCHMARK/SYSTEM'; by default all.
        root: Folder of the runs; by default that of medbench.toml, `runs`.

    Raises:
        UsageError: No call of that run is recorded.
    """
    return spent_table(account_under(Path(root or load_settings().defaults.runs), run))
