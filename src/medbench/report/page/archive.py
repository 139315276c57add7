"""The archive in the page: files as inert elements, compressed, and a list of them with their digests."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
from typing import TYPE_CHECKING

from medbench.report.inlined import data_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from medbench.schema.archive import Archive


def archive_list(archive: Archive) -> str:
    """Return the list of files as an element, which says the digest of its own text."""
    text = data_text(archive.model_dump())
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f'<script type="application/json" id="archive" data-sha256="{digest}">{text}</script>\n'


def archived_file(number: int, blocks: Iterable[bytes]) -> Iterator[str]:
    """Yield a file as an element in parts: gzip in base64, a point, and the digest of what is before it."""
    yield f'<script type="application/gzip" id="a-{number}">'
    held, hasher = io.BytesIO(), hashlib.sha256()
    # No name, no time and no system in its header: the same file gives the same bytes everywhere.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=held, mtime=0) as packed:
        for block in blocks:
            packed.write(block)
            part = _taken(held)
            hasher.update(part)
            yield part.decode()
    part = _taken(held, whole=True)
    hasher.update(part)
    yield f"{part.decode()}.{hasher.hexdigest()}</script>\n"


def _taken(held: io.BytesIO, *, whole: bool = False) -> bytes:
    """Take what is held out as base64; of what goes on, as many bytes as fill its groups."""
    data = held.getvalue()
    end = len(data) if whole else len(data) - len(data) % 3
    held.seek(0)
    held.truncate()
    held.write(data[end:])
    return base64.b64encode(data[:end])
