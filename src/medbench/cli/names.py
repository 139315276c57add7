"""How names are typed: several with commas or the option repeated; and the line that was typed."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def split(values: Sequence[str] | None) -> list[str]:
    """The names in `-m a,b -m c`, in order."""
    return [name.strip() for value in values or () for name in value.split(",") if name.strip()]


def typed_line() -> str:
    """The command as it was typed, for the record and for 'the same line again'."""
    line = shlex.join(["medbench", *sys.argv[1:]])
    return line.encode(errors="replace").decode()  # arguments may hold bytes that are no text
