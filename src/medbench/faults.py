"""Errors of the code itself: they name what was worked on, and where the code failed."""

from __future__ import annotations

import sysconfig
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Final

from medbench.errors import FaultError, MedbenchError

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORT: Final = "report this line to the maintainers of medbench, with the text if others may see it"
_BEGINS: Final = 60
"""Characters of a text by which it is named."""
_PACKAGE: Final = Path(__file__).parent


@contextmanager
def naming(what: str, then: str = "", hint: str = REPORT) -> Iterator[None]:
    """Name in an error of the block's code what could not be done.

    Errors that medbench raises on purpose and those of the system say so themselves, and pass.

    Args:
        what: What cannot be done, and with which thing.
        then: A sentence on what became of the rest.
        hint: The next thing to try.

    Raises:
        FaultError: The code failed.
    """
    try:
        yield
    except (MedbenchError, OSError, MemoryError):
        raise
    except Exception as error:
        raise FaultError(f"{what}: {_described(error)}. {then}".strip(), hint) from error


def begins(text: str) -> str:
    """Return the beginning of a text in quotes, by which it is found."""
    line = " ".join(text.split())
    return f"'{line[:_BEGINS]}…'" if len(line) > _BEGINS else f"'{line}'"


def _described(error: Exception) -> str:
    """Return an error and its place in one line: the innermost line that is not a library's."""
    frames = extract_tb(error.__traceback__)
    libraries = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]

    def is_ours(file: Path) -> bool:
        return file.is_relative_to(_PACKAGE) or not any(map(file.is_relative_to, libraries))

    frame = next((frame for frame in reversed(frames) if is_ours(Path(frame.filename))), frames[-1])
    file = Path(frame.filename)
    shown = file.relative_to(_PACKAGE.parent) if file.is_relative_to(_PACKAGE) else file
    words = " ".join(str(error).split())[:200].strip("'")
    said = f"{type(error).__name__} '{words}'" if words else type(error).__name__
    return f"{said} in {shown.as_posix()}, line {frame.lineno}"
