"""Reads experiment files: those that came with medbench by name, and a user's own by path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from medbench.errors import UsageError
from medbench.registry import read_named, shipped_names
from medbench.toml_input import fitting, parsed

if TYPE_CHECKING:
    from medbench.schema.experiment import Experiment

CONFIGS = "configs"
"""Folder of the package with the experiments that came with medbench."""


class NamedExperiment(NamedTuple):
    """An experiment and what it is called."""

    name: str
    """Name of its file, without the ending."""
    experiment: Experiment


def is_experiment(name: str) -> bool:
    """Return True if a name means an experiment: a path that ends in '.toml', or a shipped one."""
    return name.endswith(".toml") or (name in shipped_names(CONFIGS) and not Path(name).exists())


def read_experiment(name: str) -> NamedExperiment:
    """Return the experiment of that name, or of a TOML file.

    Raises:
        UsageError: There is no such experiment, or something in it is wrong.
    """
    from medbench.schema.experiment import Experiment

    where = f"experiment '{name}'"
    content = read_named(CONFIGS, name, "experiment", rest="medbench configs")
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
