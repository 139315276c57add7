"""Files that cannot be read, told from files that are damaged: what an error of the system means."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from medbench.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and of those in it.

    Raises:
        InputError: One of the folders may not be read: what lies in it would be missing unnoticed.
    """

    def refuse(error: OSError) -> None:
        raise unreadable(error, f"'{error.filename or folder}'") from None

    for parent, _, names in os.walk(folder, onerror=refuse):
        yield from (path for path in (Path(parent, name) for name in names) if path.is_file())


def check_readable(path: Path, shown: str | None = None) -> None:
    """Check that a file can be read, so that what a library says of it later is about what it holds.

    Args:
        path: The file.
        shown: The file as messages name it; None for its path in quotes.

    Raises:
        InputError: It is not there, is a folder, or may not be read.
    """
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise unreadable(error, shown or f"'{path}'") from None


def is_of_system(error: BaseException) -> TypeGuard[OSError]:
    """Return True if an error is about reading a file, and not about what the file holds.

    Libraries raise OSError for damage too: without a number of the system's, or after looking for a place
    that no file has, which the system calls an invalid argument.
    """
    return isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}


def unreadable(error: OSError, shown: str) -> InputError:
    """Return what an error of the system means for a file, which is shown as messages name it."""
    if isinstance(error, FileNotFoundError):
        return InputError(f"{shown} is not there.", "check the path")
    if isinstance(error, IsADirectoryError):
        return InputError(f"{shown} is a folder; a file is wanted.", "the path of a file in it")
    if isinstance(error, PermissionError):
        return InputError(f"{shown} may not be read: {error.strerror}.", "check its rights: ls -ld")
    return InputError(
        f"{shown} cannot be read: {error.strerror or error}.", "check the disk, then the same line again"
    )
