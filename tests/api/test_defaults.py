"""Who calls a function gets what one who types the command gets."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import typer

import medbench as mb
from medbench.cli import app_for

_NAMES = {"model": "models", "probe": "probes", "set_": "settings", "all_": "all", "old": "source"}
"""Parameter of a command to the argument of its function, where they differ."""
_SCREEN_ONLY = {"json", "new", "dry_run", "min_coverage", "full", "by", "pairs", "raters", "form"}
"""Options about what is printed and the exit code; `dry_run` is a function."""
_NOT_OF_THE_SCREEN = {
    ("compare", "min_coverage"),
    ("build_medpix", "by"),
    ("build_folder", "by"),
    ("build_hf", "by"),
}


def _commands() -> Mapping[str, Callable[..., Any]]:
    app = app_for("all of them")
    commands = {command.name or "": command.callback for command in app.registered_commands}
    for group in app.registered_groups:
        assert isinstance(group.typer_instance, typer.Typer)
        for command in group.typer_instance.registered_commands:
            name = command.name or getattr(command.callback, "__name__", "")
            commands[f"{group.typer_instance.info.name or group.name}_{name}"] = command.callback
    return {name: callback for name, callback in commands.items() if callback}


def test_the_options_of_training_examples_are_arguments_with_the_same_defaults() -> None:
    """Of `export`, those of --chat: its value and the file have no default in a function."""
    options = inspect.signature(_commands()["export"]).parameters
    arguments = inspect.signature(mb.export_chat).parameters
    assert list(arguments)[:3] == ["benchmark", "chat", "out"]
    of_chat = {"prompt", "apart_from", "training_set", "images_at"}
    assert {name: arguments[name].default for name in [*arguments][3:]} == {
        name: options[name].default for name in of_chat
    }


@pytest.mark.parametrize(
    "name",
    [
        "run",
        "judge",
        "compare",
        "plan",
        "rescore",
        "models",
        "build_medpix",
        "build_phantom",
        "build_phantom_volumes",
        "build_folder",
        "build_dicom",
        "watch",
        "build_hf",
    ],
)
def test_arguments_and_defaults_are_those_of_the_command(name: str) -> None:
    """Each option has an argument with the same default, and no argument is missing an option."""
    options = {
        _NAMES.get(option, option): parameter.default
        for option, parameter in inspect.signature(_commands()[name]).parameters.items()
        if option not in _SCREEN_ONLY or (name, option) in _NOT_OF_THE_SCREEN
    }
    arguments = {
        argument: parameter.default
        for argument, parameter in inspect.signature(getattr(mb, name)).parameters.items()
        if argument != "progress"
    }
    assert arguments == options
