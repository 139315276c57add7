"""Checks that need no model: settings, keys, versions, MedPix. Names of variables, never a value."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from medbench.config import find_settings, untrusted
from medbench.errors import InputError
from medbench.providers import is_set, provider_class
from medbench.registry import find_model, model_names, names_in
from medbench.schema.results.doctor import Check
from medbench.sentences import counted
from medbench.steps.access.readiness import missing_access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.config import Settings

PACKAGES: Final = (
    "medbench",
    "google-genai",
    "google-auth",
    "genai-prices",
    "httpx",
    "httpx2",
    "pydantic",
    "pillow",
    "numpy",
)
"""Packages whose versions decide what is sent, paid or measured."""


def environment(settings: Settings) -> list[Check]:
    """Return all that can be seen without a call."""
    return [
        _settings(settings),
        _variables(settings),
        *_models(settings),
        _versions(),
        _runs(settings),
        _medpix(),
    ]


def settings_place() -> str | None:
    """Return the file of the settings in force: './medbench.toml', or a path; None for the defaults."""
    path = find_settings()
    if path is None:
        return None
    return f"./{path.name}" if path.parent == Path.cwd().resolve() else str(path)


def _settings(settings: Settings) -> Check:
    place = settings_place()
    limit = f"at most ${settings.max_cost:g} a command"
    if place is None:
        return Check("settings", "note", f"no medbench.toml here: the defaults, {limit}")
    if settings.withheld:
        error = untrusted(settings.withheld)
        return Check("settings", "no", error.message, error.hint)
    own = len(settings.models)
    return Check("settings", "ok", f"{place}: {counted(own, 'model')} in it, {limit}")


def _variables(settings: Settings) -> Check:
    own = [str(keys["key_env"]) for keys in settings.models.values() if keys.get("key_env")]
    read = [name for provider in names_in("providers") for name in provider_class(provider).variables]
    names = dict.fromkeys([*read, *own])
    there = [name for name in names if is_set(name)]
    absent = [name for name in names if name not in there]
    words = f"set: {', '.join(there) or 'none'}; not set: {', '.join(absent) or 'none'}"
    return Check("keys", "ok" if there else "note", words)


def _models(settings: Settings) -> Iterator[Check]:
    """Yield a check a model: what is missing to use it; no server is asked."""
    for name in model_names(settings.models):
        model = find_model(name, settings.models)
        if model.provider is None or model.hidden:
            continue
        if ":" in model.provider:
            yield Check(name, "note", f"code of your own, {model.provider}: not loaded here")
            continue
        missing = missing_access(model, name)
        if missing is None:
            yield Check(name, "ok", "nothing is missing")
        else:
            yield Check(name, "no", f"no {missing[0]}", missing[1])


def _versions() -> Check:
    found, absent = [f"Python {platform.python_version()}"], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            absent.append(name)
    words = ", ".join(found)
    return Check("versions", "ok", words + (f"; not installed: {', '.join(absent)}" if absent else ""))


def _runs(settings: Settings) -> Check:
    folder = Path(settings.defaults.runs)
    there = next((place for place in (folder, *folder.absolute().parents) if place.exists()), folder)
    if not os.access(there, os.W_OK):
        return Check("runs", "no", f"{folder}/: '{there}' cannot be written", "--out FOLDER, or other rights")
    count = len(list(folder.glob("*/*/run.json"))) if folder.is_dir() else 0
    return Check("runs", "ok", f"{folder}/: {counted(count, 'run')}")


def _medpix() -> Check:
    from medbench.datasets.medpix import find_medpix

    try:
        return Check("MedPix 2.0", "ok", f"{find_medpix()}/")
    except InputError as error:
        return Check("MedPix 2.0", "note", error.message, error.hint)
