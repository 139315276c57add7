"""Reads experiment files: those that came with medbench by name, and a user's own by path."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from medbench.errors import UsageError
from medbench.registry import unknown
from medbench.schema.experiment import Experiment
from medbench.toml_input import fitting, parsed

SUFFIX = ".toml"


class NamedExperiment(NamedTuple):
    """An experiment and what it is called."""

    name: str
    """Name of its file, without the ending."""
    experiment: Experiment


def config_names() -> list[str]:
    """Return the names of the experiments that came with medbench."""
    return sorted(
        entry.name.removesuffix(SUFFIX)
        for entry in files("medbench").joinpath("configs").iterdir()
        if entry.name.endswith(SUFFIX)
    )


def is_experiment(name: str) -> bool:
    """Return True if a name means an experiment: a path that ends in '.toml', or a shipped one."""
    return name.endswith(SUFFIX) or (name in config_names() and not Path(name).exists())


def read_experiment(name: str) -> NamedExperiment:
    """Return the experiment of that name, or of a TOML file.

    Raises:
        UsageError: There is no such experiment, or something in it is wrong.
    """
    if name.endswith(SUFFIX):
        path = Path(name)
        if not path.is_file():
            raise UsageError(f"no experiment file '{name}' is here.", "medbench configs   (those that came)")
        content = path.read_bytes()
    elif name in config_names():
        content = files("medbench").joinpath("configs", f"{name}{SUFFIX}").read_bytes()
    else:
        raise unknown("experiment", name, config_names(), rest="medbench configs")
    where = f"experiment '{name}'"
    experiment = fitting(parsed(content, where), Experiment, where)
    _check(experiment, where)
    return NamedExperiment(Path(name).stem, experiment)


def _check(experiment: Experiment, where: str) -> None:
    if not experiment.grid and not experiment.systems:
        raise UsageError(f"{where} has no systems.", '[grid] model = ["NAME", "NAME"]')
    if experiment.primary == "good" and experiment.judge is None:
        raise UsageError(
            f"{where} is decided by '{experiment.primary}', which a judge gives, and has no [judge].",
            '[judge] judge = ["gemini-pro"], or primary = "finding.f1"',
        )
    empty = next((key for key, values in experiment.grid.items() if not values), None)
    if empty is not None:
        raise UsageError(f"{where}: '{empty}' of [grid] has no values.", f'{empty} = ["…", "…"]')
