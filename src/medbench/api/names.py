"""Several names in one value, and the call that is on record as what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def split_names(values: str | Iterable[str] | None) -> list[str]:
    """Return the names in 'a,b' or in ['a,b', 'c'], in order."""
    texts = [values] if isinstance(values, str) else values or ()
    return [name.strip() for value in texts for name in value.split(",") if name.strip()]


def call_line(function: str, arguments: Mapping[str, object]) -> str:
    """Return a call as a person would type it: only the arguments that are given."""
    given = [f"{name}={value!r}" for name, value in arguments.items() if value is not None]
    return f"medbench.{function}({', '.join(given)})"
