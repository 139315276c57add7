"""Reads the archive of a report page. The page may be a stranger's: nothing in it is believed unchecked."""

from __future__ import annotations

import base64
import binascii
import hashlib
import mmap
import re
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from medbench.errors import InputError
from medbench.schema.archive import Archive, is_archived

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from medbench.schema.archive import ArchivedFile

MOST_TIMES = 100
"""How many times as large as their page files may be; those of a real page are not much larger."""
_LIST = re.compile(
    rb'<script type="application/json" id="archive" data-sha256="([0-9a-f]{64})">([^<]*)</script>'
)
_FILE = re.compile(rb'<script type="application/gzip" id="a-([0-9]{1,9})">([^<.]*)\.([0-9a-f]{64})</script>')
_IMAGE = re.compile(
    rb'<script type="application/octet-stream" id="i-([0-9a-f]{64})" data-kind="[a-z/]{1,40}">'
    rb"([^<]*)</script>"
)
_BLOCK = 3 << 16
"""Bytes of base64 that are decoded at a time: whole groups of four."""
_AGAIN = "get the page again from where it came from"


class PageArchive:
    """The archive of a report page.

    Args:
        page: Its file, for messages.
        content: Its bytes.

    Raises:
        InputError: It has none, or what it has is cut, was changed, or names a file that no run has.
    """

    def __init__(self, page: Path, content: mmap.mmap) -> None:
        self._page, self._content = page, content
        self.record = self._list()
        self._check_paths()
        self._places = {int(one[1]): (*one.span(2), one[3].decode()) for one in _FILE.finditer(content)}

    @property
    def files(self) -> tuple[ArchivedFile, ...]:
        """The files, in their order."""
        return self.record.files

    def content(self, number: int) -> Iterator[bytes]:
        """Yield a file in blocks; whoever writes them keeps them only if no error follows.

        Raises:
            InputError: It is missing, or is not what the list says.
        """
        file = self.files[number]
        if number not in self._places:
            end = "ends before it" if self._is_cut() else "lacks it"
            raise self._error(f"has no '{file.path}': the page {end}")
        hasher, size = hashlib.sha256(), 0
        for block in self._unpacked(number, file):
            size += len(block)
            hasher.update(block)
            yield block
        if size != file.bytes or hasher.hexdigest() != file.sha256:
            raise self._changed(file)

    def images(self) -> Iterator[tuple[str, bytes]]:
        """Yield the images that are as the benchmark has them, each with its digest."""
        for found in _IMAGE.finditer(self._content):
            try:
                data = base64.b64decode(found[2], validate=True)
            except binascii.Error:
                continue
            if hashlib.sha256(data).hexdigest() == found[1].decode():
                yield found[1].decode(), data

    def _list(self) -> Archive:
        lists = list(_LIST.finditer(self._content))
        if not lists:
            what = (
                "is cut"
                if self._is_cut() and self._is_page()
                else "holds no archive: it is not a report page, or an older one"
            )
            raise self._error(what)
        if len(lists) > 1:
            raise self._error("holds two lists of files")
        if hashlib.sha256(lists[0][2]).hexdigest() != lists[0][1].decode():
            raise self._error("was changed: the list of its files does not have its digest")
        record = Archive.from_line(lists[0][2], f"the list of files in '{self._page}'")
        if not record.files:
            raise InputError(
                f"'{self._page}' was made without the records, so no run comes back from it: by "
                "--no-archive, or as one of more than 10,000 outputs.",
                "ask for a page that carries them, or for the folders of the runs",
            )
        return record

    def _check_paths(self) -> None:
        seen: set[str] = set()
        for file in self.files:
            if not is_archived(file.path) or file.path.casefold() in seen:
                raise InputError(
                    f"'{self._page}' names a file '{file.path}', which no page of medbench does.",
                    "do not trust this page",
                )
            seen.add(file.path.casefold())
        size = sum(file.bytes for file in self.files)
        if size > MOST_TIMES * len(self._content):
            raise InputError(
                f"the files in '{self._page}' are to have {size:,} bytes, more than {MOST_TIMES} times "
                "those of the page.",
                "do not trust this page",
            )

    def _unpacked(self, number: int, file: ArchivedFile) -> Iterator[bytes]:
        start, end, digest = self._places[number]
        hasher = hashlib.sha256()
        packed = zlib.decompressobj(wbits=31)
        left = file.bytes + 1  # one more than there may be, so that more is noticed
        try:
            for at in range(start, end, _BLOCK):
                text = self._content[at : min(at + _BLOCK, end)]
                hasher.update(text)
                data = base64.b64decode(text, validate=True)
                while data and left:
                    block = packed.decompress(data, min(left, 4 * _BLOCK))
                    data, left = packed.unconsumed_tail, left - len(block)
                    yield block
            while left and not packed.eof and (block := packed.decompress(packed.unconsumed_tail, left)):
                left -= len(block)
                yield block
        except (binascii.Error, zlib.error):
            raise self._changed(file) from None
        if not packed.eof or packed.unused_data or hasher.hexdigest() != digest:
            raise self._changed(file)

    def _is_page(self) -> bool:
        return self._content[:64].lstrip().lower().startswith(b"<!doctype html")

    def _is_cut(self) -> bool:
        return b"</html>" not in self._content[-64:]

    def _changed(self, file: ArchivedFile) -> InputError:
        return self._error(f"was changed: '{file.path}' in it does not have its digest")

    def _error(self, what: str) -> InputError:
        return InputError(f"'{self._page}' {what}.", _AGAIN)


@contextmanager
def open_archive(page: Path) -> Iterator[PageArchive]:
    """Give the archive of a page, which is not read into memory.

    Raises:
        InputError: It has none, or one that cannot be trusted.
    """
    try:
        with page.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield PageArchive(page, content)
    except ValueError as error:
        if "empty" in str(error):
            raise InputError(f"'{page}' is empty.", _AGAIN) from None
        raise
