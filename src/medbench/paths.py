"""Files that must lie within a folder, symbolic links followed; and short names of paths."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from medbench.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def told_apart(paths: Sequence[Path]) -> list[str]:
    """Return the last part of each path; whole paths where two of them end alike."""
    ends = Counter(path.name for path in paths)
    return [path.name if ends[path.name] == 1 else str(path) for path in paths]


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file of a folder; it need not exist.

    Raises:
        InputError: The name or a symbolic link on its way leads out of the folder.
    """
    path = folder / name
    root, real = os.path.realpath(folder), os.path.realpath(path)
    if real != root and not real.startswith(root.rstrip(os.sep) + os.sep):
        raise InputError(
            f"'{path}' leads out of '{folder}', to '{real}': it is not read.",
            "put the file itself there, if you know that it belongs there",
        )
    return path


def check_links(folder: Path) -> None:
    """Check that no symbolic link that lies in a folder leads out of it; there need be no such folder.

    Raises:
        InputError: One does.
    """
    try:
        with os.scandir(folder) as entries:
            links = sorted(entry.name for entry in entries if entry.is_symlink())
    except OSError:  # whoever reads a file of it says what is wrong
        return
    for name in links:
        inside(folder, name)
