"""The results of the API's functions: a table in a notebook, a data frame, plain data, a text."""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from itertools import islice
from typing import TYPE_CHECKING, Any

from medbench.api.frames import frame
from medbench.report.blocks import Heading, Paragraph, table
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel

    from medbench.api.frames import Library, Rows, Value
    from medbench.report.blocks import Block

_SHOWN = 20
"""Rows of a table that are shown; a frame has all of them."""
_LONGEST = 200
"""Characters of a cell that are shown."""


class Result(ABC):
    """A result: shown as a table in a notebook, printed as the command line prints it."""

    @abstractmethod
    def _blocks(self) -> Iterable[Block]:
        """Return what is shown of it."""

    @abstractmethod
    def _rows(self) -> Rows:
        """Return the rows of its data frame."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, which `json.dumps` takes."""

    def to_frame(self, library: Library | None = None) -> Any:
        """Return it as a data frame of pandas, or of polars where pandas is not installed.

        Args:
            library: 'pandas' or 'polars', to choose.

        Raises:
            UsageError: Neither is installed.
        """
        return frame(self._rows(), library)

    def _repr_html_(self) -> str:
        from medbench.report.html import html

        return html(self._blocks())

    def __str__(self) -> str:
        from medbench.report.terminal import console_for, draw

        text = io.StringIO()
        draw(console_for(text), self._blocks())
        return text.getvalue().rstrip("\n")


class RecordResult(Result):
    """A result that is one record, of the type that a subclass says."""

    def __init__(self, record: BaseModel) -> None:
        self.record = record
        """The record, which has every number."""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data, as the command prints it for machines."""
        data: dict[str, Any] = json.loads(self.record.model_dump_json())
        return data


class Table(Result):
    """Rows under a title."""

    def __init__(self, title: str, rows: Rows) -> None:
        self.title = title
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<Table {self.title}: {counted(len(self), 'row')}>"

    def to_dict(self) -> dict[str, Any]:
        """Return {'rows': …}, a dict a row with every column; None where a value is missing."""
        return {"rows": [*self.rows]}

    def _rows(self) -> Rows:
        return self.rows

    def _blocks(self) -> Iterator[Block]:
        kinds = self.rows.kinds
        yield Heading(self.title)
        yield table(
            list(kinds),
            ([*map(_cell, row.values())] for row in islice(self.rows, _SHOWN)),
            left=[number for number, kind in enumerate(kinds.values()) if kind is str],
        )
        if len(self) > _SHOWN:
            yield Paragraph(f"… and {counted(len(self) - _SHOWN, 'more row')}: to_frame() has all of them.")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
