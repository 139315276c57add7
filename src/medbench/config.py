"""Settings of a user, from the nearest medbench.toml upwards from the working folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import Field

from medbench.errors import UsageError
from medbench.schema.base import Record
from medbench.toml_input import fitting, parsed

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


class Settings(Record):
    """The content of medbench.toml. No keys of services: they stay in the environment."""

    max_cost: float = Field(default=10.0, ge=0)
    """Dollars that one command may spend on models."""
    defaults: Defaults = Defaults()
    """Values for options that are not typed."""
    models: dict[str, dict[str, Any]] = {}
    """`[models.NAME]`: keys laid over the shipped file of that name, or a model of one's own."""


def find_settings(start: Path | None = None) -> Path | None:
    """Return the nearest medbench.toml upwards from a folder, by default the working folder."""
    here = (start or Path.cwd()).resolve()
    return next((folder / NAME for folder in (here, *here.parents) if (folder / NAME).is_file()), None)


def load_settings(start: Path | None = None) -> Settings:
    """Return the settings in force; the defaults where there is no file.

    Raises:
        UsageError: The file is not TOML, or has a key that does not exist.
    """
    path = find_settings(start)
    if path is None:
        return Settings()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "check the file's rights") from None
    return _from(path.parent, fitting(parsed(content, str(path)), Settings, str(path)))


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
