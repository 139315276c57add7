"""Finds models by data file, and providers, pipelines and scorers by file name."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sys
from contextlib import contextmanager, suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from medbench.errors import UsageError
from medbench.schema.base import canonical
from medbench.schema.model import ModelFile
from medbench.sentences import nearest
from medbench.toml_input import fitting, packaged, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType


C = TypeVar("C")

_METRICS = re.compile(r"^METRICS\b *[:=]", re.MULTILINE)
"""Declaration of metrics at the top of a scorer, with a type or without one."""
_SECRETS = frozenset({"key", "api_key", "token", "access_token", "secret", "password", "credentials"})
_OF_EVERY_SERVICE = frozenset(
    [
        "history",
        "image_labels",
        "image_label_text",
        "image_transform",
        "max_tokens",
        "order",
        "system",
        "temperature",
        "top_p",
    ]
)
"""Settings that stay where the user names another provider for a shipped model."""


def unknown(what: str, name: str, known: Iterable[str], *, option: str = "", rest: str = "") -> UsageError:
    """Return the error for a wrong name: it offers the nearest right one.

    Args:
        what: The kind of thing, such as 'model'.
        name: The wrong name.
        known: The right ones.
        option: What to type before the right name.
        rest: Where to see all of them.
    """
    known = sorted(known)
    close = nearest(name, known)
    if close:
        hint = f"{option}{close}" + (f"   (all: {rest})" if rest else "")
    else:
        hint = rest or f"{option}{' | '.join(known)}"
    return UsageError(f"no {what} is called '{name}'.", hint, (name, close) if close else None)


def shipped_names(folder: str) -> list[str]:
    """Return the names of the TOML files in a folder of the package, such as 'configs'."""
    entries = files("medbench").joinpath(folder).iterdir()
    return sorted(entry.name.removesuffix(".toml") for entry in entries if entry.name.endswith(".toml"))


def read_named(folder: str, name: str, noun: str, *, option: str = "", rest: str = "") -> bytes:
    """Return the content of a TOML file that came with medbench, or of a user's own.

    Args:
        folder: Folder of the package that has the shipped ones.
        name: Name of a shipped one, or a path that ends in '.toml'.
        noun: Noun for messages.
        option: Option to type before a right name, for messages.
        rest: Where to see all of them, for messages.

    Raises:
        UsageError: There is no such name or file.
    """
    if name.endswith(".toml"):
        if not Path(name).is_file():
            hint = f"{rest}   (those that came)" if rest else "check the path"
            raise UsageError(f"no {noun} file '{name}' is here.", hint)
        return Path(name).read_bytes()
    if name not in shipped_names(folder):
        raise unknown(noun, name, shipped_names(folder), option=option, rest=rest)
    return files("medbench").joinpath(folder, f"{name}.toml").read_bytes()


@cache
def shipped_models() -> dict[str, dict[str, Any]]:
    """Return the content of the model files that came with medbench, by name."""
    # A folder of data and no package: `medbench.models` is the function of the Python API.
    return {name: packaged("medbench", f"models/{name}.toml") for name in shipped_names("models")}


def model_names(own: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the names of all models: shipped, and of medbench.toml."""
    return sorted({*shipped_models(), *own})


def own_model(name: str) -> str:
    """Return the lines of medbench.toml for a model at a server that speaks OpenAI's protocol."""
    key = name if re.fullmatch(r"[\w-]+", name, re.ASCII) else json.dumps(name)
    lines = (
        f"[models.{key}]",
        'provider = "openai"',
        'base_url = "http://localhost:8000/v1"',
        'id = "its name at that server"',
    )
    return "\n".join(f"       {line}" for line in lines)


def find_model(name: str, own: Mapping[str, Mapping[str, Any]]) -> ModelFile:
    """Return the model of that name: the user's keys laid over the shipped file's.

    Args:
        name: Name of a model, or the path of a TOML file.
        own: `[models.*]` of medbench.toml.

    Raises:
        UsageError: There is no such model, or its file has a wrong key.
    """
    if name.endswith(".toml"):
        return _from_file(Path(name))
    if name not in shipped_models() and name not in own:
        error = unknown("model", name, model_names(own), option="-m ", rest="medbench models")
        if error.instead is None:
            error.hint += f"   (all); a model of your own goes into medbench.toml:\n{own_model(name)}"
        raise error
    shipped, mine = shipped_models().get(name, {}), own.get(name, {})
    if "provider" in shipped and mine.get("provider", shipped["provider"]) != shipped["provider"]:
        # A service refuses the settings that only another one knows.
        known = {key: value for key, value in shipped.get("settings", {}).items() if key in _OF_EVERY_SERVICE}
        shipped = {**shipped, "settings": known}
    merged = _lay_over(shipped, mine)
    where = f"[models.{name}] of medbench.toml" if name in own else f"the shipped file {name}.toml"
    return _checked(merged, where)


def _from_file(path: Path) -> ModelFile:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror}.", "check the path") from None
    return _checked(parsed(content, str(path)), str(path))


def _lay_over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _lay_over(merged[key], value) if both else value
    return merged


def _checked(data: dict[str, Any], where: str) -> ModelFile:
    for place, value in _values(data):
        *tables, key = place
        if key.lower() in _SECRETS:
            raise UsageError(
                f"{where} has a key of a service, '{'.'.join(place)}'.", "keep it in the environment only"
            )
        if tables and tables[-1] == "settings":
            try:
                canonical(value)
            except (TypeError, ValueError):
                raise UsageError(f"{where}: setting '{key}' cannot be '{value}'.", f"{key} = …") from None
    return fitting(data, ModelFile, where)


def _values(table: Mapping[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the values of a table and of the tables inside it, each with its place."""
    for key, value in table.items():
        yield (*place, key), value
        if isinstance(value, dict):
            yield from _values(value, (*place, key))


@cache
def names_in(room: str) -> tuple[str, ...]:
    """Return the names of the parts in a room of the package, such as 'providers', as they are typed."""
    package = importlib.import_module(f"medbench.{room}")
    modules = pkgutil.iter_modules(package.__path__)
    return tuple(sorted(_typed(info.name) for info in modules if not info.name.startswith("_")))


def find_part(room: str, what: str, name: str) -> Any:
    """Return the part of that name.

    Args:
        room: 'providers' or 'pipelines'.
        what: The word for it in messages.
        name: A file of that room, or 'my_pkg.my_mod:Name' for one outside the package.

    Returns:
        The class of that file which is named like `what`, or the object named outside.

    Raises:
        UsageError: There is no such part.
    """
    if ":" in name:
        return _from_outside(what, name)
    if name not in names_in(room):
        raise unknown(what, name, names_in(room))
    module = importlib.import_module(f"medbench.{room}.{name.replace('-', '_')}")
    return getattr(module, what.capitalize())


def find_class(room: str, what: str, name: str, base: type[C]) -> type[C]:
    """Return the class of that name; one that derives from nothing gets what it lacks from `base`.

    Args:
        room: 'providers' or 'pipelines'.
        what: The word for it in messages.
        name: A file of that room, or 'my_pkg.my_mod:Name' for one outside the package.
        base: The class that has what all of them have.

    Raises:
        UsageError: There is no such class.
    """
    part = find_part(room, what, name)
    if not isinstance(part, type):
        raise UsageError(f"{what} '{name}' is not a class.", "docs/extending.md has an example")
    if issubclass(part, base):
        return part
    return cast("type[C]", type(part.__name__, (part, base), {"__module__": part.__module__}))


def scorers() -> dict[str, ModuleType]:
    """Return the scorers by name: the files of `scoring/` that say at the top which metrics they compute.

    The other files are not imported: they take longer than what most commands do with scorers.
    """
    folders = importlib.import_module("medbench.scoring").__path__
    return {name: importlib.import_module(f"medbench.scoring.{name}") for name in _scorers_in(*folders)}


@cache
def _scorers_in(*folders: str) -> tuple[str, ...]:
    """Return the names of the files that say so, each of which is read for it."""
    sources = (file for folder in folders for file in Path(folder).glob("*.py"))
    return tuple(sorted(file.stem for file in sources if _METRICS.search(file.read_text("utf-8"))))


def _typed(module_name: str) -> str:
    return module_name.replace("_", "-")


def _from_outside(what: str, name: str) -> Any:
    module_name, _, attribute = name.partition(":")
    try:
        with _working_folder_on_path():
            return getattr(importlib.import_module(module_name), attribute)
    except Exception as error:  # noqa: BLE001 - whatever a module of the user's does when it is imported
        raise UsageError(
            f"{what} '{name}' cannot be loaded: {type(error).__name__}: {error}.",
            "check the module's name, and that it can be imported from this folder",
        ) from None


@contextmanager
def _working_folder_on_path() -> Iterator[None]:
    """Let modules of the working folder be imported, as `python -m` does; the command does not by itself."""
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        with suppress(ValueError):  # the module may have changed the path itself
            sys.path.remove(folder)
