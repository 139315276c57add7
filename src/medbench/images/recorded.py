"""Reads the images of a benchmark, checked against their digests."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.errors import ImageError, InputError
from medbench.images.transform import NONE, transformed
from medbench.paths import inside

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.case import Image
SETTLED_NS: Final = 2_000_000_000
"""Age of a file's last change, in nanoseconds, from which another one shows in its times: a disk's clock is
seldom coarser."""


class Sent(NamedTuple):
    """The bytes of an image that are sent."""

    data: bytes
    sha256: str
    """Their digest, which is the file's own where nothing was changed."""


class Pictures:
    """Reads the images of a benchmark, and nothing else of it: providers and pipelines get no folder."""

    def __init__(self, folder: Path, *, shipped: bool = False) -> None:
        """Prepare to read.

        Args:
            folder: The benchmark.
            shipped: True for one that came with medbench, whose files an installer may have linked.
        """
        self.__folder = folder
        self.__shipped = shipped
        self.__folders: set[str] = set()
        """Folders in it that were found to lie in it."""
        self.__whole: set[int] = set()
        """Images that were found to be as recorded, each with the state of its file as one number."""

    def read(self, image: Image) -> bytes:
        """Return the file's bytes, unchanged.

        Raises:
            ImageError: The file is missing, lies elsewhere, or is not the one that was recorded.
        """
        path = self.__folder / image.file
        try:
            if not self.__shipped:
                self.__check_inside(path, image.file)
            with path.open("rb", buffering=0) as file:
                state, at_ns, data = os.fstat(file.fileno()), time.time_ns(), file.read()
        except InputError as error:
            raise ImageError(error.message, error.hint) from None
        except OSError as error:
            hint = (
                "check its rights: ls -ld"
                if isinstance(error, PermissionError)
                else "build the benchmark again"
            )
            raise ImageError(f"image '{path}' cannot be read: {error.strerror}.", hint) from None
        # The check of a run reads an image, and so does each system: an unchanged file is hashed once.
        found = hash((image.sha256, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))
        if found in self.__whole:
            return data
        digest = hashlib.sha256(data).hexdigest()
        if digest != image.sha256:
            raise ImageError(
                f"image '{path}' has digest '{digest[:8]}', the benchmark says '{image.sha256[:8]}'.",
                "build the benchmark again into another folder (--out); this file was changed",
            )
        # A file that was written a moment ago can be written again with no later time to show for it.
        if at_ns - state.st_ctime_ns > SETTLED_NS:
            self.__whole.add(found)
        return data

    def __check_inside(self, path: Path, name: str) -> None:
        """Check that a file lies in the folder; to follow the whole way to each takes as long as to read it.

        Raises:
            InputError: Its name or a symbolic link leads out of it.
        """
        folder = os.path.dirname(name)  # noqa: PTH120 - as a key, and once for each image of a run
        if folder not in self.__folders:
            inside(self.__folder, folder)
            self.__folders.add(folder)
        if path.is_symlink():
            inside(self.__folder, name)

    def to_send(self, image: Image, transform: str = NONE) -> Sent:
        """Return the bytes to send: the file's own, unless a transform is asked for.

        Args:
            image: The image, as the benchmark records it.
            transform: Name of the transform, as `images.transform` takes it.

        Raises:
            ImageError: The file is missing, or is not the one that was recorded.
        """
        data = self.read(image)
        sent = transformed(data, transform)
        return Sent(sent, image.sha256 if sent is data else hashlib.sha256(sent).hexdigest())
