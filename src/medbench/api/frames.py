"""Turn rows into a data frame of pandas or polars, whichever is installed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from medbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Library: TypeAlias = Literal["pandas", "polars"]
Value: TypeAlias = "str | float | bool | None"


class Rows:
    """A table of plain values, held by column: a dict for each row would take several times as much.

    Args:
        kinds: Column to the type of its values: str, int, float or bool. A missing value is None.
        rows: The rows, each read once; a column that a row does not have is missing there.
    """

    def __init__(self, kinds: Mapping[str, type], rows: Iterable[Mapping[str, Value]]) -> None:
        self.kinds = kinds
        self.columns: dict[str, list[Value]] = {name: [] for name in kinds}
        """The values of each column, in the order of the rows."""
        columns = list(self.columns.items())
        for row in rows:
            for name, values in columns:
                values.append(row.get(name))

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __iter__(self) -> Iterator[dict[str, Value]]:
        """Yield the rows, each with every column."""
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(self.columns, values, strict=True))


def same_named(kinds: Mapping[str, type], record: object) -> dict[str, Any]:
    """Return the attributes of a record that are called as columns of a table are."""
    return {name: getattr(record, name) for name in kinds if hasattr(record, name)}


def frame(rows: Rows, library: Library | None = None) -> Any:
    """Return a data frame; a missing number is NaN in pandas and null in polars, never 0.

    Args:
        rows: What is to be in it.
        library: Whose frame; by default pandas, or polars where pandas is not installed.

    Raises:
        UsageError: The library is not installed, or there is no such one.
    """
    for name in (library,) if library else ("pandas", "polars"):
        if name not in _MAKERS:
            raise UsageError(f"'{name}' is not a library of frames.", "pandas | polars")
        try:
            module = import_module(name)
        except ImportError:
            continue
        return _MAKERS[name](module, rows.columns, rows.kinds)
    missing = f"{library}, which is not" if library else "pandas or polars, and neither is"
    raise UsageError(f"a data frame needs {missing} installed.", 'pip install "medbench[frames]"')


def _pandas(pandas: Any, columns: Mapping[str, list[Value]], kinds: Mapping[str, type]) -> Any:
    return pandas.DataFrame(
        {name: pandas.Series(values, dtype=_dtype(kinds[name], values)) for name, values in columns.items()}
    )


def _dtype(kind: type, values: list[Value]) -> str:
    """Return the pandas type of a column: one that can be summed, also where every value is missing."""
    if kind is bool:
        return "boolean"
    if kind is str:
        return "object"
    return "int64" if kind is int and None not in values else "float64"


def _polars(polars: Any, columns: Mapping[str, list[Value]], kinds: Mapping[str, type]) -> Any:
    types = {str: polars.String, int: polars.Int64, float: polars.Float64, bool: polars.Boolean}
    return polars.DataFrame(columns, schema={name: types[kind] for name, kind in kinds.items()}, strict=False)


_MAKERS = {"pandas": _pandas, "polars": _polars}
