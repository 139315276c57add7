"""Files of settings that the user trusts, by path and digest; and which of their keys need it.

A file that was found, not typed, may come from anybody: a cloned repository, an archive, a shared folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from medbench.errors import InputError, StoreError
from medbench.unreadable import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FREE: Final = frozenset({"max_cost"})
_FREE_DEFAULTS: Final = frozenset({"benchmark", "concurrency", "rubric", "runs", "benchmarks"})
"""Numbers, names and folders, which count in any file. What is in no list needs trust."""
_FREE_IN_MODELS: Final = frozenset({"limits", "price", "expect", "expect_verdict"})


def split(content: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split medbench.toml into what counts in any file and what needs trust.

    Args:
        content: The file, checked: tables are where they belong.

    Returns:
        The content without what needs trust; and what needs it, by its place, such as 'defaults.models'. A
        model of which any key needs trust needs it as a whole.
    """
    free: dict[str, Any] = {}
    guarded: dict[str, Any] = {}
    for key, value in content.items():
        if key == "defaults":
            free[key] = {name: each for name, each in value.items() if name in _FREE_DEFAULTS}
            guarded |= {f"{key}.{name}": each for name, each in value.items() if name not in _FREE_DEFAULTS}
        elif key == "models":
            free[key] = {name: each for name, each in value.items() if _only_numbers(each)}
            guarded |= {f"{key}.{name}": each for name, each in value.items() if not _only_numbers(each)}
        else:
            (free if key in _FREE else guarded)[key] = value
    return free, {place: value for place, value in guarded.items() if value not in ([], {})}


def _only_numbers(model: Mapping[str, Any]) -> bool:
    """Return True if a model's table sets limits, prices and numeric settings alone."""
    return all(
        key in _FREE_IN_MODELS
        or (key == "settings" and isinstance(value, dict) and all(map(_is_number, value.values())))
        for key, value in model.items()
    )


def _is_number(value: object) -> bool:
    return isinstance(value, bool | int | float)


def trust(file: Path, content: bytes) -> None:
    """Remember that the user trusts a file with this content.

    Raises:
        InputError: The list of trusted files cannot be read; it is left as it is.
        StoreError: The user's configuration folder cannot be written.
    """
    store = store_path()
    known = {**trusted(), str(file.resolve()): _digest(content)}
    partial = ""
    try:
        store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(prefix=".trusted.", dir=store.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as made:
            json.dump(known, made, indent=1)
        Path(partial).replace(store)
    except OSError as error:
        with suppress(OSError):
            Path(partial).unlink()
        raise StoreError(
            f"'{store}' cannot be written: {error.strerror or error}.", "export XDG_CONFIG_HOME=FOLDER"
        ) from None


def state_of(file: Path, content: bytes) -> Literal["trusted", "changed", "new"]:
    """Return whether the user trusts a file with this content, trusted it with another one, or never did.

    Raises:
        InputError: The list of trusted files cannot be read.
    """
    known = trusted().get(str(file.resolve()))
    if known is None:
        return "new"
    return "trusted" if known == _digest(content) else "changed"


def trusted() -> dict[str, str]:
    """Return the trusted files, path to digest; none where there is no list.

    Raises:
        InputError: There is one, and it cannot be read or is damaged.
    """
    store = store_path()
    try:
        known = json.loads(store.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise unreadable(error, f"'{store}', the list of the files that you trust,") from None
    except (ValueError, RecursionError):
        known = None
    if not isinstance(known, dict) or not all(isinstance(digest, str) for digest in known.values()):
        raise InputError(
            f"'{store}', the list of the files that you trust, is damaged.",
            f"rm {shlex.quote(str(store))}   (then medbench trust for each of your files)",
        )
    return known


def store_path() -> Path:
    """Return the list of trusted files, in the user's configuration folder."""
    return next(_folders()) / "medbench" / "trusted.json"


def _folders() -> Iterator[Path]:
    for variable in ("XDG_CONFIG_HOME", "APPDATA"):
        folder = Path(os.environ.get(variable, ""))
        if folder.is_absolute():  # a relative one would lie in the very folder that is not trusted
            yield folder
    yield Path.home() / ".config"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
