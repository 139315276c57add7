"""A review sheet as one page that needs no network: images inside, answers saved to a file."""

from __future__ import annotations

import base64
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from medbench.schema.results.review import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from medbench.schema.results.review import SheetRow

_MAGIC = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)


def sheet_page(rows: Sequence[SheetRow]) -> str:
    """Return the page, in which an image that several rows show stands once.

    Texts are data to the script and never markup, whatever they hold.
    """
    numbers: dict[Path, int] = {}
    shown = [
        {
            "id": row.id,
            "history": row.history,
            "reference": row.reference,
            "text": row.text,
            "images": [numbers.setdefault(path, len(numbers)) for path in row.images],
        }
        for row in rows
    ]
    page = files("medbench.report").joinpath("review_sheet.html").read_text("utf-8")
    for name, value in (("ROWS", shown), ("IMAGES", [_url(path) for path in numbers]), ("COLUMNS", COLUMNS)):
        page = page.replace(f"/*{name}*/[]", _literal(value), 1)
    return page


def _literal(value: Any) -> str:
    """Return a value as script: nothing in it can end the script element or begin a comment."""
    return (
        json.dumps(value)  # escapes all beyond ASCII
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("/*", "\\u002f*")
    )


def _url(path: Path) -> str:
    data = path.read_bytes()
    kind = next((name for magic, name in _MAGIC if data.startswith(magic)), "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
