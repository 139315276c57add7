"""The systems of an experiment, and which of them is compared with which."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from medbench.errors import UsageError
from medbench.pipelines import pipeline_class
from medbench.registry import unknown
from medbench.schema.spec import StageSpec, SystemSpec
from medbench.steps.access.changes import SHOWN
from medbench.steps.access.systems import named_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from medbench.config import Settings
    from medbench.schema.experiment import Experiment
    from medbench.schema.run import System

PARTS = ("model", "pipeline", "prompt", "images")
"""Keys of a grid that are no settings of a model; 'stages.ROLE.KEY' is another."""
_STAGE = "stages."


def specs_of_grid(experiment: Experiment, settings: Settings) -> list[SystemSpec]:
    """Return a system for each combination of the grid, and then those that have a name.

    Raises:
        UsageError: A key of the grid means nothing, or two systems are the same.
    """
    keys = list(experiment.grid)
    combinations = [
        dict(zip(keys, values, strict=True)) for values in itertools.product(*experiment.grid.values())
    ]
    specs = [_spec(parts, settings) for parts in combinations if keys]
    specs += [spec.model_copy(update={"name": name}) for name, spec in experiment.systems.items()]
    probed = next((spec for spec in specs if spec.probe), None)
    if probed is not None:
        raise UsageError(
            f"system '{probed.name}' is a probe, which is compared with nothing.",
            f'probes = ["{probed.probe}"] beside [systems], or history = false among its settings',
        )
    for index, spec in enumerate(specs):
        if spec.model_copy(update={"name": None}) in [
            other.model_copy(update={"name": None}) for other in specs[:index]
        ]:
            raise UsageError(
                f"two systems of the experiment are the same: {described(spec)}.", "leave one of them out"
            )
    return specs


def described(spec: SystemSpec) -> str:
    """Return the parts of a system that are not the usual ones, in words."""
    parts = spec.model_dump(exclude_defaults=True, exclude={"settings"}) | spec.settings
    return ", ".join(f"{key} = {value}" for key, value in parts.items())


def pairs_of(
    specs: Sequence[SystemSpec], names: Sequence[str], against: str | Mapping[str, Any] | None
) -> tuple[tuple[str, str], ...]:
    """Return each comparison: the system that is compared with, and the other one.

    Args:
        specs: The systems.
        names: Their names, in that order.
        against: Name of the one that all others are compared with; None for the first. Or what of a system
            is changed to get the one it is compared with.

    Raises:
        UsageError: `against` means no system, or several for one.
    """
    if not isinstance(against, (str, type(None))):
        return _by_part(specs, names, dict(against))
    base = names[0] if against is None else against
    if base not in names:
        raise unknown("system of this experiment", base, names, option="against = ")
    return tuple((base, name) for name in names if name != base)


def _by_part(
    specs: Sequence[SystemSpec], names: Sequence[str], change: dict[str, Any]
) -> tuple[tuple[str, str], ...]:
    pairs = []
    for spec, name in zip(specs, names, strict=True):
        wanted = _as_parts(spec) | change
        found = [other for other, own in zip(names, specs, strict=True) if _as_parts(own) == wanted]
        if len(found) > 1:
            raise UsageError(
                f"[compare] against = {_inline(change)} means several systems for '{name}': "
                f"{', '.join(found)}.",
                f'name one: against = "{found[0]}"',
            )
        if found and found != [name]:
            pairs.append((found[0], name))
        elif not found and not is_baseline(spec):
            raise UsageError(
                f"[compare] against = {_inline(change)} means no system to compare '{name}' with.",
                'add that system to the grid, or name one: against = "NAME"',
            )
    if not pairs:
        raise UsageError(
            f"[compare] against = {_inline(change)} means every system, so there is nothing to compare.",
            f"give '{next(iter(change), 'prompt')}' another value in [grid]",
        )
    return tuple(pairs)


def check_apart(systems: Iterable[System]) -> None:
    """Check that no two systems of an experiment ask the same, whatever they are called.

    Raises:
        UsageError: Two do: they would share their answers, and be compared with themselves.
    """
    known: dict[str, str] = {}
    for system in systems:
        other = known.setdefault(system.digest, system.name)
        if other != system.name:
            raise UsageError(
                f"'{other}' and '{system.name}' are the same system: they differ in no setting that counts.",
                "leave one of them out; replicates = 2 asks each case twice",
            )


def is_baseline(spec: SystemSpec) -> bool:
    """Return True for a system that asks no model."""
    return (spec.model or "").startswith("baseline-")


def _as_parts(spec: SystemSpec) -> dict[str, Any]:
    """Return a system as the keys of a grid."""
    parts: dict[str, Any] = {key: getattr(spec, key) for key in PARTS}
    for role, stage in spec.stages.items():
        own = stage.model_dump(exclude_none=True, exclude={"settings"}) | stage.settings
        parts |= {f"{_STAGE}{role}.{key}": value for key, value in own.items()}
    return parts | spec.settings


def _inline(change: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{key} = {value!r}" for key, value in change.items()) + " }"


def _spec(parts: Mapping[str, Any], settings: Settings) -> SystemSpec:
    """Return the system of one combination."""
    own = {key: value for key, value in parts.items() if key in PARTS}
    stages: dict[str, dict[str, Any]] = {}
    changes: dict[str, Any] = {}
    for key, value in parts.items():
        if key in PARTS:
            continue
        if key.startswith(_STAGE):
            role, _, field = key.removeprefix(_STAGE).partition(".")
            if field not in StageSpec.model_fields:
                raise unknown(f"part of a stage ('{key}')", field, StageSpec.model_fields)
            stages.setdefault(role, {})[field] = value
        else:
            changes[key] = value
    _check_settings(own.get("model"), own.get("pipeline"), changes, settings)
    for key, value in own.items():
        if not isinstance(value, str):
            raise UsageError(f"[grid] {key} is '{value}', which is not a text.", f'{key} = ["NAME"]')
    return SystemSpec(
        **own, settings=changes, stages={role: StageSpec(**fields) for role, fields in stages.items()}
    )


def _check_settings(model: object, pipeline: object, changes: Mapping[str, Any], settings: Settings) -> None:
    """Check that what is not part of a system is a setting of its model.

    Raises:
        UsageError: It is not; the nearest key is offered.
    """
    if not isinstance(model, str) or model.startswith(("replay:", "baseline-")):
        return
    file = named_model(model, settings)[0]
    of_pipeline = pipeline_class(str(pipeline or file.pipeline or "single")).settings
    known = {**SHOWN, **file.settings, **of_pipeline}
    for key in changes:
        if key not in known:
            raise unknown(f"key of [grid] or setting of {model}", key, [*PARTS, *known])
