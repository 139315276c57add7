"""Reads rows of tables: markdown, ASCII, tabs, commas or semicolons, with or without a header."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal, NamedTuple, get_args

from medbench.scoring.layout.status import Stance, Status, status_of
from medbench.scoring.layout.words import words_of

Role = Literal["label", "place", "status", "absent", "present", "uncertain", "words", "skip"]
"""Content of a column."""

_WORDS: Final = re.compile(r"[a-z]+")
_QUOTED: Final = re.compile(r'[ \t]*"((?:[^"\n]|"")*)"[ \t]*')
_RULE: Final = re.compile(r"[\s|:+=\-─━═┼│┃╪╬┬┴├┤┌┐└┘╔╗╚╝╠╣╦╩]+$")
_BORDERS: Final = str.maketrans("│┃║¦", "||||")
_MOST_CELLS: Final = 40
_LONGEST_LINE: Final = 4_000
_LONGEST_HEADER: Final = 200


_NOTHING: Final = Status("", 0)


class Row(NamedTuple):
    """A row that speaks of one thing."""

    label: str
    stance: Stance
    words: str
    """Words that describe it."""
    place: str = ""
    """The organ that the row is about."""


def _is_rule(line: str) -> bool:
    """Return True if a line only draws a border."""
    return _RULE.match(line) is not None and len(line.strip()) > 2


def _cells_of(line: str, mark: str) -> list[str]:
    """Return the cells of a line that a mark divides; none if there are too many."""
    line = line.translate(_BORDERS).strip("\n\r" if mark == "\t" else " \t\n\r")
    if mark == "|":
        line = line.removeprefix("|").removesuffix("|")
    if line.count(mark) >= _MOST_CELLS:
        return []
    cells = [_bare(cell) for cell in (_quoted(line, mark) if '"' in line else line.split(mark))]
    return cells if len(cells) > 1 else []


def _quoted(line: str, mark: str) -> list[str]:
    cells, at = [], 0
    while at <= len(line):
        match = _QUOTED.match(line, at)
        end = (
            match.end()
            if match and line[match.end() : match.end() + 1] in {mark, ""}
            else line.find(mark, at)
        )
        end = len(line) if end < 0 else end
        cells.append(match[1].replace('""', '"') if match and match.end() == end else line[at:end])
        at = end + 1
    return cells


def _bare(cell: str) -> str:
    return cell.strip().strip("*_`").strip()


@cache
def _roles() -> dict[str, Role]:
    return {name: role for role in get_args(Role) for name in words_of(f"column-{role}")}


def _header_of(cells: list[str]) -> tuple[Role, ...]:
    """Return what each column holds; empty if this row isn't a header."""
    roles: list[Role | None] = []
    for cell in cells:
        name = " ".join(_WORDS.findall(cell.lower()))
        roles.append(_roles().get(name) if len(cell) <= 40 else None)
    if "#" in cells[:1]:
        roles[0] = "skip"
    known = [role for role in roles if role]
    first = roles[0] in {"label", "place", "skip"} or (cells[0] == "" and len(known) > 1)
    if not first or len(known) < 2 or len(known) < len(roles) - 1:
        return ()
    filled: list[Role] = [role or "words" for role in roles]
    if "label" not in filled:
        filled[filled.index("place") if "place" in filled else 0] = "label"
    return tuple(filled)


def _row_of(cells: list[str], roles: tuple[Role, ...]) -> Row | None:
    """Return what a row says; None if its cells are empty or nothing but numbers."""
    roles = roles if len(roles) >= len(cells) else (roles or _guessed(cells))
    label, place, stance = "", "", ""
    words: list[str] = []
    said: Stance = ""
    denied = False
    for cell, role in zip(cells, (*roles, *["words"] * len(cells)), strict=False):
        if not cell or role == "skip":
            continue
        if role == "label" and not label:
            label = cell
        elif role == "place" and not place:
            place = cell
        else:
            stance, rest = _read(cell, role)
            denied = denied or (role == "words" and (status_of(cell) or _NOTHING).stance == "absent")
            said = said if said and said != "unknown" else stance or said
            if rest:
                words.append(rest)
    # Without a status or a description, 'none' in any column denies the row.
    said = said or ("absent" if denied and not words else "")
    return Row(label, said, ", ".join(words), place) if label and (said or words or place) else None


def _read(cell: str, role: str) -> tuple[Stance, str]:
    """Return what a cell says of its row, and the words in it that describe."""
    status = status_of(cell)
    if role in {"absent", "present", "uncertain"}:
        ticked = status is None or status.stance in {"present", "unknown"}
        if status is None or status.stance != "unknown":
            column: Stance = (
                "absent" if role == "absent" else "uncertain" if role == "uncertain" else "present"
            )
            other: Stance = "present" if role == "absent" else "absent"
            return (
                (column, "")
                if ticked
                else ("", "")
                if cell in {"-", "\u2013"}
                else (other if role != "uncertain" else "", "")
            )
        return "", ""
    if status is None:
        return "", cell
    # '-' beside a status only fills the cell; a place such as 'normal position' describes.
    if role == "words" and status.stance in {"unknown", "absent"}:
        return "", ""
    return status.stance, cell[status.rest :].lstrip(" ,;:.-\u2013\u2014)]")


def _guessed(cells: list[str]) -> tuple[Role, ...]:
    """Return the columns of a table without a header: what it speaks of first, then what it says of it."""
    first: tuple[Role, ...] = ("skip",) if cells[0].rstrip(".)").isdigit() else ()
    rest: list[Role] = []
    for cell in cells[len(first) + 1 :]:
        rest.append("words" if "status" in rest or (cell and status_of(cell) is None) else "status")
    return (*first, "label", *rest)


class Table:
    """The table that is open."""

    def __init__(self) -> None:
        self._mark = ""
        """Mark that divides its cells."""
        self._titles: list[str] = []
        """The cells of its first row."""
        self._header: tuple[Role, ...] = ()

    @property
    def is_open(self) -> bool:
        """Return True if the line before was a row."""
        return self._mark != ""

    def rows(self, line: str, below: str) -> list[Row] | None:
        """Return what a line of a table says; None if it is not a line of one.

        Args:
            line: The line.
            below: The next line.
        """
        if len(line) > _LONGEST_LINE or ("\n" in line and "|" not in line):
            return None
        rule = not line.lstrip()[:1].isalnum() and _is_rule(line)
        if rule and ("|" in line or self._mark or "+" in line):
            return []
        mark = self._mark_of(line, below)
        if mark != self._mark:
            self._mark, self._titles, self._header = mark, [], ()
        cells = _cells_of(line, mark) if mark else []
        if not cells:
            self._mark, self._titles, self._header = "", [], ()
            return None
        if not self._titles:
            self._titles, self._header = cells, _header_of(cells)
            if self._header or _is_rule(below):
                return []
        said = [status_of(cell) for cell in cells]
        if not self._header and cells != self._titles and len(cells) == len(self._titles) and all(said):
            # The findings are the columns.
            titled = zip(self._titles, said, strict=True)
            return [Row(title, status.stance, "") for title, status in titled if status]
        row = _row_of(cells, self._header)
        return [] if row is None else [row]

    def _mark_of(self, line: str, below: str) -> str:
        """Return what divides the cells of a line; empty if it is not a row."""
        pipes = line.count("|") + line.count("\u2502")
        if pipes > 1 or (pipes and (self._mark == "|" or line.lstrip()[:1] == "|" or "|" in below)):
            return "|"
        if self._mark or len(line) > _LONGEST_HEADER or line.rstrip()[-1:] == ".":
            return self._mark
        return next((one for one in "\t,;" if one in line and _opens(line, below, one)), "")


def _opens(line: str, below: str, mark: str) -> bool:
    """Return True if a line is the header of a table whose next line has as many cells."""
    cells = _cells_of(line, mark)
    return bool(cells) and bool(_header_of(cells)) and below.count(mark) >= len(cells) - 1
