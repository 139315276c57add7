"""The line that was typed."""

from __future__ import annotations

import shlex
import sys


def typed_line() -> str:
    """Return the command as it was typed, for the record and for 'the same line again'."""
    line = shlex.join(["medbench", *sys.argv[1:]])
    return line.encode(errors="replace").decode()  # arguments may hold bytes that are no text
