"""Checks of arguments that the command line's options have of themselves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_number(name: str, value: float | None, least: float, most: float = math.inf) -> None:
    """Check that an argument, where it is given, is a number between two others, which are allowed.

    Raises:
        UsageError: It is not.
    """
    try:
        fits = value is None or least <= value <= most
    except TypeError:  # a text, from a notebook that no type checker reads
        fits = False
    if fits:
        return
    allowed = f"{least:g} or more" if most == math.inf else f"from {least:g} to {most:g}"
    raise UsageError(f"{name} cannot be {value!r}.", f"{name}: {allowed}")


def check_word(name: str, value: str, words: Sequence[str]) -> None:
    """Check that an argument is one of some words.

    Raises:
        UsageError: It is not; the nearest one is offered.
    """
    if value not in words:
        raise unknown(name, value, words, option=f"{name}=")
