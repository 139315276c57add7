"""Settings of a user, from the nearest medbench.toml upwards from the working folder."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

from pydantic import Field

from medbench.errors import InputError, UntrustedError, UsageError
from medbench.schema.base import Record
from medbench.toml_input import fitting, parsed
from medbench.trust import split, state_of

NAME = "medbench.toml"


class Defaults(Record):
    """Values for options that are not typed."""

    benchmark: str | None = None
    """Benchmark of `run`."""
    models: tuple[str, ...] = ()
    """Models of `run`."""
    concurrency: int | None = Field(default=None, ge=1)
    """Calls at a time."""
    judge: tuple[str, ...] = ()
    """Judges of `judge`."""
    rubric: str | None = None
    """Rubric of `judge`."""
    fallback: str | None = None
    """Model that stands in for a judge's single failures."""
    runs: str = "runs"
    """Folder of the runs."""
    benchmarks: str | None = None
    """Folder under which benchmarks are looked for, beside the working folder."""


class SettingsFile(Record):
    """The content of medbench.toml. No keys of services: they stay in the environment."""

    max_cost: float = Field(default=10.0, ge=0)
    """Dollars that one command may spend on models."""
    defaults: Defaults = Defaults()
    """Values for options that are not typed."""
    models: dict[str, dict[str, Any]] = {}
    """`[models.NAME]`: keys laid over the shipped file of that name, or a model of one's own."""
    own_servers: tuple[str, ...] = ()
    """Hosts of your own, '*.' for any below: they may be sent cases that no service may be sent."""


class Withheld(Record):
    """The part of a medbench.toml that does not count, because the user has not trusted the file."""

    file: Path
    """The file."""
    changed: bool
    """True if it was trusted once, with another content."""
    unknown: tuple[str, str] | None = None
    """Why the list of trusted files cannot be read, and what to do; None where it can."""
    parts: dict[str, Any]
    """Values that it sets, by place: 'defaults.models', 'models.NAME'."""


class Settings(SettingsFile):
    """The settings in force."""

    withheld: Withheld | None = None
    """Parts that were left out of them; None where all counts."""

    def check_trusted(self, *places: str) -> None:
        """Check that nothing was left out at these places, which a command needs.

        Raises:
            UntrustedError: Something was.
        """
        if self.withheld and not self.withheld.parts.keys().isdisjoint(places):
            raise untrusted(self.withheld)


def untrusted(withheld: Withheld) -> UntrustedError:
    """Return the error for a file that is not trusted: the keys that matter, and the line to type."""
    file = seen_from_here(withheld.file)
    keys = ", ".join(withheld.parts)
    if withheld.unknown:
        why, hint = withheld.unknown
        return UntrustedError(
            f"'{file}' says who is asked, with which key, or which code runs: {keys}. Whether you trust it "
            f"is not known: {why}",
            hint,
        )
    since = "has changed since it was trusted" if withheld.changed else "is not trusted yet"
    return UntrustedError(
        f"'{file}' {since}, and says who is asked, with which key, or which code runs: {keys}.",
        f"medbench trust {shlex.quote(file)}   (in a terminal, once you have read it)",
    )


def seen_from_here(path: Path) -> str:
    """Return a path as one would type it in the working folder."""
    whole = path.resolve()
    try:
        return min(str(whole), os.path.relpath(whole), key=len)
    except ValueError:  # another drive
        return str(whole)


def find_settings(start: Path | None = None) -> Path | None:
    """Return the nearest medbench.toml upwards from a folder, by default the working folder."""
    here = (start or Path.cwd()).resolve()
    return next((folder / NAME for folder in (here, *here.parents) if (folder / NAME).is_file()), None)


def load_settings(start: Path | None = None) -> Settings:
    """Return the settings in force; the defaults where there is no file.

    A file that the user has not trusted gives numbers, names and folders only: see `medbench.trust`.

    Raises:
        UsageError: The file is not TOML, or has a key that does not exist.
    """
    path = find_settings(start)
    if path is None:
        return Settings()
    content, data = read_settings(path)
    free, guarded = split(data)
    # The file is read once: what is trusted is what counts.
    withheld = _withheld(path, content, guarded) if guarded else None
    if withheld is None:
        return _from(path.parent, Settings.model_validate(data))
    return _from(path.parent, Settings.model_validate({**free, "withheld": withheld}))


def _withheld(path: Path, content: bytes, guarded: dict[str, Any]) -> Withheld | None:
    """Return what needs trust of a file as it stands; None where the user trusts it."""
    try:
        state = state_of(path, content)
    except InputError as error:  # what needs no trust counts all the same
        unknown = (error.message, error.hint)
        return Withheld(file=path, changed=False, parts=guarded, unknown=unknown)
    return None if state == "trusted" else Withheld(file=path, changed=state == "changed", parts=guarded)


def read_settings(path: Path) -> tuple[bytes, dict[str, Any]]:
    """Return a medbench.toml as bytes and as tables, which are checked.

    Raises:
        UsageError: It cannot be read, is not TOML, or has a key that does not exist.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror}.", "check the file's rights") from None
    data = parsed(content, str(path))
    fitting(data, SettingsFile, str(path))
    return content, data


def _from(folder: Path, settings: Settings) -> Settings:
    """Return the settings with paths seen from the working folder; in the file they start at its own."""
    here = Path.cwd().resolve()
    if folder == here:
        return settings
    up = Path(os.path.relpath(folder, here))
    defaults = {"runs": str(up / settings.defaults.runs)}
    if settings.defaults.benchmarks is not None:
        defaults["benchmarks"] = str(up / settings.defaults.benchmarks)
    benchmark = settings.defaults.benchmark
    if benchmark is not None and (folder / benchmark).is_dir():
        defaults["benchmark"] = str(up / benchmark)
    return settings.model_copy(update={"defaults": settings.defaults.model_copy(update=defaults)})
