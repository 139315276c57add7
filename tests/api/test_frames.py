"""Frames of pandas and polars."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from weakref import ref

import pandas as pd
import polars as pl
import pytest

from medbench.api import tables
from medbench.api.frames import Rows, frame
from medbench.errors import UsageError

ROWS = Rows(
    {"name": str, "count": int, "share": float, "right": bool, "unknown": float},
    [
        {"name": "a", "count": 1, "share": 0.5, "right": True},
        {"name": None, "count": None, "share": None, "right": None},
    ],
)


WITHOUT = """
import sys
from medbench.api.frames import Rows, frame

class Without:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in {hidden}:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)

sys.meta_path.insert(0, Without())
made = frame(Rows({"n": float}, [{"n": None}]), {library})
print(type(made).__module__.partition(".")[0])
"""


def _without(*hidden: str, library: str | None = None) -> tuple[str, str]:
    """What a process in which some libraries cannot be found prints, and its last error."""
    code = WITHOUT.replace("{hidden}", repr(hidden)).replace("{library}", repr(library))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip(), done.stderr.partition("UsageError: ")[2].strip()


HINT = 'Try:   pip install "medbench[frames]"'


def _values(made: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        made.astype(object).to_dict("records") if isinstance(made, pd.DataFrame) else made.to_dicts()
    )
    return rows


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_missing_values_stay_missing(library: Any) -> None:
    """None is NaN or null in every column, a column that no row has included; nothing becomes 0 or ''."""
    first, second = _values(frame(ROWS, library))
    assert (first["name"], first["count"], first["share"], first["right"]) == ("a", 1, 0.5, True)
    assert pd.isna(first["unknown"])
    assert all(value is None or pd.isna(value) for value in second.values())


def test_pandas_can_sum_a_column_of_missing_numbers() -> None:
    """Number columns are numbers even if nothing is known: a mean is NaN and no error; counts stay whole."""
    made = frame(ROWS, "pandas")
    assert math.isnan(made["unknown"].mean())
    assert made["right"].mean() == 1.0
    assert frame(Rows({"n": int}, [{"n": 3}]), "pandas")["n"].dtype == "int64"


def test_no_rows_still_have_columns() -> None:
    """An empty table keeps the names and types of its columns."""
    for library in ("pandas", "polars"):
        made = frame(Rows(ROWS.kinds, []), library)
        assert (list(made.columns), len(made)) == (list(ROWS.kinds), 0)


def test_no_row_of_outputs_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values are kept by column: the dict of a row is gone before the one after the next is made."""

    class Row(dict[str, Any]):
        """A row that tells when it is gone."""

    made: list[ref[Row]] = []

    def rows() -> Iterator[Row]:
        for number in range(5):
            assert sum(each() is not None for each in made) <= 1
            row = Row(name=str(number))
            made.append(ref(row))
            yield row
            del row

    monkeypatch.setattr(tables, "output_cells", lambda _: ({"name": str, "more": float}, rows()))
    table = tables.output_table([])
    assert table.to_dict()["rows"][3] == {"name": "3", "more": None}
    assert (len(table), len(made)) == (5, 5)


def test_pandas_comes_first() -> None:
    """Where both are installed, a frame is pandas'; the other can be asked for."""
    assert isinstance(frame(ROWS), pd.DataFrame)
    assert isinstance(frame(ROWS, "polars"), pl.DataFrame)


def test_polars_stands_in_for_pandas() -> None:
    """Where pandas is not installed, polars makes the frame; pandas by name is an error then."""
    assert _without("pandas") == ("polars", "")
    assert _without("polars") == ("pandas", "")
    error = f"a data frame needs pandas, which is not installed.\n{HINT}"
    assert _without("pandas", library="pandas") == ("", error)


def test_neither_is_an_error_that_names_the_extra() -> None:
    """With neither library the error says what to install."""
    error = f"a data frame needs pandas or polars, and neither is installed.\n{HINT}"
    assert _without("pandas", "polars") == ("", error)


def test_another_library_is_refused() -> None:
    """A name that is neither of the two is answered with both."""
    with pytest.raises(UsageError, match=r"'arrow' is not a library of frames.\nTry: .*pandas"):
        frame(ROWS, "arrow")  # type: ignore[arg-type] # as a notebook would
