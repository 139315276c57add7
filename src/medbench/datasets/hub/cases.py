"""Rows of a source become cases; their pictures are only named, and fetched when the draw is known."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.datasets.folder import modality_named, sex_named
from medbench.datasets.hub.rows import ALL, read_rows, value_of
from medbench.datasets.hub.tables import Cell
from medbench.datasets.source import SourceCase, SourceImage
from medbench.errors import InputError
from medbench.schema.case import Question
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from medbench.datasets.hub.repository import Repository
    from medbench.datasets.hub.rows import Row
    from medbench.datasets.hub.source_map import SourceMap

_TEXTS: Final = ("history", "diagnosis", "differential", "discussion", "title")
_EMPTY: Final = frozenset({"", "none", "null", "nan", "n/a", "not given", "not given."})
_YEARS: Final = re.compile(r"0*(\d{1,3})\s*[Yy]")
_MOST_TEXT: Final = 2 * 1024**3
"""Most characters of all texts together, which are held until the draw is known."""


class HubCases(NamedTuple):
    """The cases of a source."""

    cases: list[SourceCase]
    """In the source's order; the files of their images are not there yet."""
    places: dict[str, tuple[Cell | str, ...]]
    """Id of a case to where its pictures, or its volume, lie: a cell of a table, or a path."""
    notes: tuple[str, ...]
    """Sentences on what was passed over."""


def read_cases(
    source: SourceMap,
    repository: Repository,
    into: Path,
    *,
    splits: Sequence[str] = (),
    tables: Sequence[str] = (),
) -> HubCases:
    """Return all cases of a source.

    Args:
        source: The map.
        repository: Its files.
        into: The folder in which images will lie.
        splits: The splits to read; none for the map's own choice.
        tables: Patterns of paths that are read in place of the map's tables.

    Raises:
        UsageError: There is no such split.
        InputError: A table is missing or broken, lacks a column, has no cases or two of one id.
    """
    reader = _Reader(source, into)
    cases: dict[str, SourceCase] = {}
    rows: dict[str, str] = {}
    places: dict[str, tuple[Cell | str, ...]] = {}
    held = 0
    for row in read_rows(source, repository, splits, tables):
        case, found = reader.case(row)
        if ALL in source.tables and case.split and case.split not in (splits or [source.split or case.split]):
            continue
        if case.source_id in cases:
            raise InputError(
                f"{row.where} has the id of {rows[case.source_id]}.",
                "--map id=COLUMN with a column that tells all rows apart",
            )
        held += len(case.text) + len(case.history or "")
        if held > _MOST_TEXT:
            raise InputError(f"the texts of '{repository.name}' are too many to hold.", "--split or --table")
        cases[case.source_id], rows[case.source_id], places[case.source_id] = case, row.where, found
    if not cases:
        raise InputError(f"'{repository.name}' has no case that its map keeps.", "--split, --table or --map")
    return HubCases(list(cases.values()), places, tuple(reader.notes()))


class _Reader:
    """Makes cases of rows, and counts what it cannot use."""

    def __init__(self, source: SourceMap, into: Path) -> None:
        self._source, self._into = source, into
        self._unknown: Counter[str] = Counter()

    def case(self, row: Row) -> tuple[SourceCase, tuple[Cell | str, ...]]:
        cells = row.cells
        source_id = self._text("id", cells) or f"{cells['_table']}:{cells['_row']}"
        number = hashlib.sha256(source_id.encode()).hexdigest()[:16]
        found = list(self._images(row, number))
        patient = self._text("group", cells) or self._text("patient", cells)
        age = self._text("age", cells)
        years = _YEARS.fullmatch(age) if age else None
        text = self._verbatim("reference", cells) or ""
        question = self._question(cells, text)
        case = SourceCase(
            source_id=source_id,
            region=self._text("region", cells) or "unknown",
            images=tuple(image for image, _ in found),
            text=chosen_answer(text, question) if question else text,
            question=question,
            age=years[1] if years else age,
            sex=sex_named(self._text("sex", cells) or ""),
            split=self._text("split", cells) or (cells["_split"] if cells["_split"] != ALL else None),
            topic=self._text("topic", cells) or (patient and f"patient_{_short(patient)}") or None,
            **{name: self._verbatim(name, cells) for name in _TEXTS},  # type: ignore[arg-type] # all are texts
        )
        return case, tuple(place for _, place in found)

    def notes(self) -> Iterator[str]:
        for column, count in self._unknown.items():
            rows = counted(count, "row")
            yield f"{rows} with a {column} that medbench does not know: it counts as unknown."

    def _question(self, cells: Mapping[str, Any], answer: str) -> Question | None:
        """Return the question of a row: a choice where choices are offered, else yes or no, else words."""
        text = self._verbatim("question", cells)
        if text is None:
            return None
        offered = value_of(self._source.columns.get("choices", "choices"), cells)
        choices = tuple(str(one) for one in offered) if isinstance(offered, list) else ()
        if len(choices) > 1:
            return Question(text=text, kind="choice", choices=choices)
        return Question(text=text, kind="yes/no" if answer.strip().casefold() in {"yes", "no"} else "exact")

    def _images(self, row: Row, number: str) -> Iterator[tuple[SourceImage, Cell | str]]:
        column = "volume" if "volume" in self._source.columns else "images"
        count = 0
        for cells in row.joined:
            value = value_of(self._source.columns.get(column, column), cells)
            parts = value if isinstance(value, list) else [] if value is None else [value]
            for index, part in enumerate(parts):
                place = part if isinstance(part, Cell) else self._path(part, cells, row.where)
                count += 1
                yield self._image(place, cells, index, self._into / f"{number}-{count}"), place
        if not count:
            raise InputError(f"{row.where} names no image.", "--map image=COLUMN")

    def _image(self, place: Cell | str, cells: Mapping[str, Any], index: int, content: Path) -> SourceImage:
        name = place if isinstance(place, str) else f"{cells['_table']}#{cells['_row']}"
        said = self._text("modality", cells, index)
        modality = modality_named(said) if said else None
        if said and modality is None:
            self._unknown["modality"] += 1
        plane = self._text("plane", cells, index)
        return SourceImage(
            name=name,
            content=content,
            modality=modality,
            sequence=self._text("sequence", cells, index),
            contrast=self._text("contrast", cells, index),
            plane=plane.casefold() if plane else None,
            caption=self._verbatim("caption", cells) or "",
        )

    def _path(self, part: object, cells: Mapping[str, Any], where: str) -> str:
        """Return the path of a file of the repository; one that begins with '../' is seen from its table."""
        name = str(part.get("path") or "") if isinstance(part, dict) else str(part)
        name = name.replace("\\", "/")
        folder = posixpath.dirname(cells["_table"]) if name.startswith("../") else ""
        path = posixpath.normpath(posixpath.join(folder, name))
        if not name.strip() or path.startswith(("/", "..")) or "\0" in path:
            raise InputError(
                f"{where} names an image that lies outside the source, or none.", "leave the row out"
            )
        return path

    def _text(self, column: str, cells: Mapping[str, Any], index: int = 0) -> str | None:
        value = self._verbatim(column, cells, index)
        return value.strip() if value else None

    def _verbatim(self, column: str, cells: Mapping[str, Any], index: int = 0) -> str | None:
        """Return a value as medbench writes it; None where the cell says nothing."""
        if column in self._source.fixed:
            return self._source.fixed[column]
        if column not in self._source.columns:
            return None
        value = value_of(self._source.columns[column], cells)
        if isinstance(value, list):
            value = value[index] if index < len(value) else None
        if value is None or isinstance(value, dict | Cell):
            return None
        text = self._source.values.get(column, {}).get(str(value), str(value))
        return None if text.strip().casefold() in _EMPTY else text


def chosen_answer(text: str, question: Question) -> str:
    """Return an answer in words, where it is the letter of a choice."""
    letter = text.strip().rstrip(".)").lstrip("(").upper()
    place = ord(letter) - ord("A") if len(letter) == 1 else -1
    if question.kind != "choice" or text in question.choices or not 0 <= place < len(question.choices):
        return text
    return question.choices[place]


def _short(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]
