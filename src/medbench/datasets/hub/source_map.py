"""A source as data: where its tables and images lie, which columns mean what, and its terms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

from medbench.datasets.folder import column_named
from medbench.errors import UsageError
from medbench.registry import read_named, shipped_names, unknown
from medbench.schema.base import Record
from medbench.toml_input import fitting, packaged, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

V = TypeVar("V")

MAPS: Final = "datasets/hub/maps"
"""Folder of the package with the shipped maps."""
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)


class Join(Record):
    """A second table, whose rows belong to rows of the first."""

    file: str
    """Path of the table; `*` stands for any part of a name."""
    on: str
    """Column that both tables have."""


class SourceMap(Record):
    """A source: a file of `maps/`, or one of your own."""

    title: str
    """Name of the source, as it is shown."""
    repository: str | None = None
    """`OWNER/NAME` of a data set of the Hugging Face Hub; None for a source that comes as a folder only."""
    source: str = ""
    """Address at which the source is published; '' for that of its repository."""
    licence: str | None = None
    """Licence, as SPDX or the hub call it: another one in the card is refused. None to take the card's."""
    gated: bool = False
    """True if its owner lets in only who has agreed to terms; the hub may say so, too."""
    own_servers_only: bool = False
    """True if its cases may be sent to no server but the user's own, as those of a gated source."""
    terms: str = ""
    """Sentence on what the source asks of those who use it."""
    by_folder: str = ""
    """Sentence on what must lie in the folder, for a source that cannot be downloaded file by file."""
    split: str = ""
    """Split that is read unless another is asked for; '' for all."""
    tables: dict[str, tuple[str, ...]] = {}
    """Split, or 'all', to the paths of its tables; `*` stands for any part of a name."""
    join: Join | None = None
    """A second table; its columns are those of the row, and an image is taken for each of its rows."""
    parts: dict[str, str] = {}
    """Column to a pattern whose named groups become columns; a row that does not match is passed over."""
    only: dict[str, tuple[str, ...]] = {}
    """Column to the values that it must have; other rows are passed over."""
    columns: dict[str, str] = {}
    """Column of medbench to the source's (`a.b` for one inside another), or to a text with `{column}`s."""
    fixed: dict[str, str] = {}
    """Column of medbench to its value in every row."""
    values: dict[str, dict[str, str]] = {}
    """Column of medbench to the source's values and medbench's for them."""
    archives: tuple[str, ...] = ()
    """ZIP files in which the images lie."""
    series: dict[str, str] = {}
    """Sequence to the pattern of its file in the ZIP file of a study, where `volume` names one."""
    recipe: str | None = None
    """Recipe by which volumes become pictures, unless another is asked for."""

    @property
    def address(self) -> str:
        """Return the address at which the source is published."""
        return self.source or f"https://huggingface.co/datasets/{self.repository}"


def shipped(name: str) -> SourceMap:
    """Return the shipped map of that name."""
    return fitting(packaged("medbench", f"{MAPS}/{name}.toml"), SourceMap, f"the shipped map '{name}'")


def find_map(name: str, columns: Mapping[str, str]) -> SourceMap:
    """Return the map of a source, with the columns of the command line laid over its own.

    Args:
        name: A shipped map, the repository of one, any other repository, or a TOML file.
        columns: Column of medbench to the source's.

    Raises:
        UsageError: There is no such source or file, or no column of medbench of a name.
    """
    own, found = _by_column(columns), _found(name)
    if not (found.columns or own):
        raise UsageError(
            f"no map is shipped for '{name}'.", "--map findings=COLUMN,image=COLUMN   (shipped: see --help)"
        )
    fixed = {column: value for column, value in _by_column(found.fixed).items() if column not in own}
    merged = {"columns": {**_by_column(found.columns), **own}, "fixed": fixed}
    return found.model_copy(update={**merged, "values": _by_column(found.values)})


def _by_column(given: Mapping[str, V]) -> dict[str, V]:
    return {column_named(name): value for name, value in given.items()}


def _found(name: str) -> SourceMap:
    if name.endswith(".toml"):
        return fitting(parsed(read_named(MAPS, name, "map"), f"'{name}'"), SourceMap, f"'{name}'")
    names = shipped_names(MAPS)
    if name in names:
        return shipped(name)
    if "/" not in name:
        raise unknown("source", name, [*names, "OWNER/NAME"])
    known = {each.repository.casefold(): each for each in map(shipped, names) if each.repository}
    if name.casefold() in known:
        return known[name.casefold()]
    if not _REPOSITORY.fullmatch(name):
        raise UsageError(f"'{name}' is not the name of a repository.", "OWNER/NAME, as on its page")
    return SourceMap(title=name, repository=name)
