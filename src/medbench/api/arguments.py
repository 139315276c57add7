"""Arguments: several names in one value, numbers in their range, and the call as it would be typed."""

from __future__ import annotations

import math
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from medbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")


def with_arguments_of(
    public: Callable[Arguments, object],
) -> Callable[[Callable[[dict[str, Any]], Returned]], Callable[Arguments, Returned]]:
    """Give a function the arguments of another one, with their defaults; it gets them as one dict by name.

    Help, completion and type checkers show the arguments themselves.
    """

    def decorate(function: Callable[[dict[str, Any]], Returned]) -> Callable[Arguments, Returned]:
        @wraps(function)
        def called(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
            given = signature(public).bind(*args, **kwargs)
            given.apply_defaults()
            return function(given.arguments)

        shown = signature(public).replace(return_annotation=signature(function).return_annotation)
        cast("Any", called).__signature__ = shown
        return called

    return decorate


def split_names(values: str | Path | Iterable[str | Path] | None) -> list[str]:
    """Return the names in 'a,b' or in ['a,b', 'c'], in order.

    A `Path` is one name. So is the path of a model file or a folder that is there, whatever commas it has.
    """
    given = [values] if isinstance(values, (str, Path)) else values or ()
    return [name for value in given for name in ([str(value)] if isinstance(value, Path) else _apart(value))]


def _apart(text: str) -> list[str]:
    parts, names = text.split(","), []
    while parts:
        joined = (",".join(parts[:count]).strip() for count in range(len(parts), 1, -1))
        names.append(next(filter(_is_path, joined), parts[0].strip()))
        parts = parts[names[-1].count(",") + 1 :]
    return [name for name in names if name]


def _is_path(name: str) -> bool:
    path = Path(name.removeprefix("replay:"))
    try:
        return path.is_dir() or (path.suffix == ".toml" and path.is_file())
    except OSError:  # too long for a path
        return False


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
        from medbench.registry import unknown

        raise unknown(name, value, words, option=f"{name}=")


def check_batch(*, batch: bool, deadline: float | None, then: str | None) -> None:
    """Check what is said of batches.

    Raises:
        UsageError: It does not fit together, or is not such a thing.
    """
    check_number("batch_deadline", deadline, 0)
    if then not in {None, "live", "stop"}:
        raise UsageError(f"'{then}' is nothing that can follow a batch.", "--then live, or --then stop")
    if then is not None and not batch:
        raise UsageError(f"--then {then} has no batch to follow.", f"--batch --then {then}")
    if deadline is not None and then is None:
        raise UsageError("--batch-deadline does not say what comes after it.", "--then live, or --then stop")
