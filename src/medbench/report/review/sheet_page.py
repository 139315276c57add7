"""A review sheet as one page that needs no network: images inside, answers saved to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.images.kinds import media_type
from medbench.report.inlined import data_island, image_island, shell
from medbench.schema.results.review import COLUMNS
from medbench.sentences import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from medbench.schema.results.review import SheetRow

_STYLES = ("page/style.css", "review/form.css")
_SCRIPTS = ("page/basics.js", "page/images.js", "review/form.js", "review/sheet.js")


def sheet_page(rows: Sequence[SheetRow]) -> str:
    """Return the page, in which an image that several rows show stands once.

    Texts are data to the script and never markup, whatever they hold.
    """
    return "".join(_parts(rows))


def _parts(rows: Sequence[SheetRow]) -> Iterator[str]:
    numbers: dict[Path, int] = {}
    shown = [
        {
            "id": row.id,
            "history": printable(row.history),
            "reference": printable(row.reference),
            "text": printable(row.text),
            "images": [[numbers.setdefault(path, len(numbers)), ""] for path in row.images],
        }
        for row in rows
    ]
    yield shell("review/sheet.html", _STYLES, _SCRIPTS)
    yield data_island("sheet", shown)
    yield data_island("columns", COLUMNS)
    for path, number in numbers.items():
        data = path.read_bytes()
        yield image_island(f"i-{number}", media_type(data) or "application/octet-stream", data)
    yield "</body>\n</html>\n"
