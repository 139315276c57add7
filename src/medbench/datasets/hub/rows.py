"""The rows of a source: its tables read one after the other, joined, taken apart, restricted."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.datasets.hub.tables import KINDS, rows_of
from medbench.errors import InputError, UsageError
from medbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from medbench.datasets.hub.repository import Repository
    from medbench.datasets.hub.source_map import SourceMap

ALL: Final = "all"
"""Name of the tables of a source that has no splits."""
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_OWN: Final = ("_table", "_split", "_row", "_key")
"""Columns that medbench adds: path of the table, split, number of the row, name of an object in JSON."""


class Row(NamedTuple):
    """One row of a source."""

    where: str
    """Place, as messages name it."""
    cells: Mapping[str, Any]
    joined: Sequence[Mapping[str, Any]]
    """The rows of the second table that belong to it, each with the cells of this one."""


def read_rows(
    source: SourceMap, repository: Repository, splits: Sequence[str], tables: Sequence[str]
) -> Iterator[Row]:
    """Yield the rows of a source that a map does not pass over.

    Args:
        source: The map.
        repository: Its files.
        splits: The splits to read; none for the map's own choice.
        tables: Patterns of paths that are read in place of the map's tables.

    Raises:
        UsageError: There is no such split.
        InputError: A table is missing or broken, or lacks a column.
    """
    second = _second_table(source, repository)
    patterns = {column: re.compile(pattern) for column, pattern in source.parts.items()}
    for split, file in _tables(source, repository, splits, tables):
        where = f"'{file}' of '{repository.name}'"
        wanted = _wanted(source, second)
        for number, cells in enumerate(rows_of(repository.path(file), wanted, where), 1):
            own = {"_table": file, "_split": split, "_row": str(number)}
            row = {**own, **cells}
            joined = [{**row, **more} for more in _of_row(source, second, row)]
            if joined:
                row = {**joined[0], **row}
            if _apart(patterns, [row, *joined]) and _passes(source, row):
                yield Row(f"{where}, row {number}", row, joined or [row])


def value_of(text: str, cells: Mapping[str, Any]) -> Any:
    """Return the value of a column, of one inside another (`a.b`), or of a text with `{column}`s."""
    if "{" in text:
        return _PLACE.sub(lambda place: _text(value_of(place[1], cells)), text)
    if text in cells:
        return cells[text]
    outer, dot, inner = text.partition(".")
    value = cells.get(outer)
    return value_of(inner, value) if dot and isinstance(value, dict) else None


def columns_in(text: str) -> list[str]:
    """Return the columns that a text of a map names."""
    return _PLACE.findall(text) if "{" in text else [text]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _tables(
    source: SourceMap, repository: Repository, splits: Sequence[str], tables: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield split and path of each table."""
    if tables or not source.tables:
        named = splits[0] if len(splits) == 1 else ALL
        yield from ((named, file) for file in _matching(repository, tables or _guessed(repository, splits)))
        return
    if ALL in source.tables:  # its splits, if it has any, stand in a column
        chosen: Iterable[str] = (ALL,)
    else:
        chosen = splits or ([source.split] if source.split else source.tables)
    for split in chosen:
        if split not in source.tables:
            raise unknown("split", split, source.tables, option="--split ")
        yield from ((split, file) for file in _matching(repository, source.tables[split]))


def _matching(repository: Repository, patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        found = repository.matching(pattern)
        if not found:
            raise repository.no_file(pattern)
        for file in found:
            if not file.lower().endswith(KINDS):
                raise UsageError(f"'{file}' is not a table that is read.", f"one of {', '.join(KINDS)}")
            yield file


def _guessed(repository: Repository, splits: Sequence[str]) -> list[str]:
    """Return the tables of a source without a map: of the first kind that it has, of the splits asked for."""
    for kind in KINDS:
        found = sorted(file for file in repository.files if file.lower().endswith(kind))
        if found and splits:
            found = [file for file in found if any(_names_split(file, split) for split in splits)]
            if not found:
                raise UsageError(
                    f"no table of '{repository.name}' is named like the split '{splits[0]}'.",
                    "--table with a path or a pattern such as 'data/*.parquet'",
                )
        if found:
            return found
    raise InputError(f"'{repository.name}' has no table ({', '.join(KINDS)}).", "--table with its path")


def _names_split(file: str, split: str) -> bool:
    return split.casefold() in re.split(r"[^a-z0-9]+", file.casefold())


class _Second(NamedTuple):
    """The second table of a join."""

    columns: frozenset[str]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    """Value of the shared column to its rows."""


def _second_table(source: SourceMap, repository: Repository) -> _Second | None:
    if source.join is None:
        return None
    rows: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    columns: set[str] = set()
    for file in _matching(repository, [source.join.file]):
        where = f"'{file}' of '{repository.name}'"
        for row in rows_of(repository.path(file), [source.join.on], where):
            columns.update(row)
            rows[_text(row.get(source.join.on))].append(row)
    return _Second(frozenset(columns), rows)


def _of_row(source: SourceMap, second: _Second | None, row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    if source.join is None or second is None:
        return ()
    return second.rows.get(_text(row.get(source.join.on)), ())


def _wanted(source: SourceMap, second: _Second | None) -> set[str]:
    """Return the columns that the first table must have: all that a map names, but those made elsewhere."""
    made = {*_OWN, *(name for pattern in source.parts.values() for name in re.compile(pattern).groupindex)}
    if second is not None:
        made |= second.columns
    texts = [*source.columns.values(), *source.only, *source.parts]
    named = {column.partition(".")[0] for text in texts for column in columns_in(text)}
    shared = {source.join.on} if source.join else set()
    return (named - made) | shared


def _apart(patterns: Mapping[str, re.Pattern[str]], rows: Iterable[dict[str, Any]]) -> bool:
    """Add the parts of columns to rows; return False where a pattern does not match."""
    for row in rows:
        for column, pattern in patterns.items():
            match = pattern.search(_text(value_of(column, row)))
            if match is None:
                return False
            row.update(match.groupdict())
    return True


def _passes(source: SourceMap, row: Mapping[str, Any]) -> bool:
    return all(_text(value_of(column, row)) in values for column, values in source.only.items())
