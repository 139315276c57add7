"""Several names in one value, and the call that is on record as what was typed."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def split_names(values: str | Iterable[str] | None) -> list[str]:
    """Return the names in 'a,b' or in ['a,b', 'c'], in order."""
    texts = [values] if isinstance(values, str) else values or ()
    return [name.strip() for value in texts for name in value.split(",") if name.strip()]


def call_line(function: Callable[..., object], arguments: Mapping[str, object]) -> str:
    """Return a call as a person would type it, without the arguments that are the function's defaults."""
    defaults = {name: value.default for name, value in signature(function).parameters.items()}
    given = [f"{name}={_typed(value)}" for name, value in arguments.items() if value != defaults[name]]
    return f"medbench.{function.__name__}({', '.join(given)})"


def _typed(value: object) -> str:
    """Return a value as it is typed: a model by its name, a benchmark by its address, a path as text."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_typed, value))}]"
    if isinstance(value, Path):
        return repr(str(value))
    folder = getattr(value, "folder", value)
    return repr(getattr(folder, "address", None) or getattr(value, "name", value))
