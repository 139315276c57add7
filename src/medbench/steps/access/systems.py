"""From names typed at -m and --set to the systems that run."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medbench.errors import UsageError
from medbench.images.choice import NO_IMAGES, USUAL, full_choice
from medbench.images.transform import check_transform
from medbench.prompts.prompt import Prompt, load_prompt
from medbench.registry import find_model, shipped_models
from medbench.schema.base import Record
from medbench.schema.model import ModelFile, Price
from medbench.schema.run import ModelUse, PromptUse, System
from medbench.sentences import counted, nearest
from medbench.store.runs import HEAD, RunFolder, find_runs, runs_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from medbench.config import Settings
    from medbench.store.benchmark import BenchmarkFolder

REPLAY = "replay:"
PROMPT = "comprehensive"


class PreparedSystem(Record):
    """A system with all that it takes to run it."""

    system: System
    """The system."""
    model: ModelFile
    """The file of its model, or of a baseline."""
    prompt: Prompt | None = None
    """The words it asks with; None for a baseline."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was typed: which systems, and what differs from their defaults."""

    models: tuple[str, ...] = ()
    """As typed at -m: model names, TOML files, 'replay:RUN', 'my_pkg.my_mod:Name'."""
    changes: tuple[str, ...] = ()
    """As typed at --set: 'key=value', for every named model."""
    prompt: str = PROMPT
    """Name or file of the prompt, for every named model."""
    images: str = USUAL
    """Which images of a case are sent, the same for every named model."""


def prepared_systems(
    choice: Choice, settings: Settings, runs: Path, benchmark: BenchmarkFolder
) -> list[PreparedSystem]:
    """The systems to run: the named models, then the baselines, which every run adds because they are free.

    Args:
        choice: What was typed.
        settings: medbench.toml.
        runs: Where the run of 'replay:RUN' is looked up.
        benchmark: What they run on; without a pool, the baselines that need one are left out.

    Raises:
        UsageError: A name, setting or value is wrong.
    """
    new = parse_changes(choice.changes)
    wanted = [name for name in dict.fromkeys(choice.models) if not name.startswith("baseline-")]
    if new and not wanted:
        raise UsageError(f"--set {next(iter(new))}=… has no model to set it for.", "-m NAME --set key=value")
    words = _Words(load_prompt("findings", choice.prompt), full_choice(choice.images))
    made = [_contestant(name, new, words, settings, runs, benchmark) for name in wanted]
    _check_names(made)
    for name in choice.models:
        if name.startswith("baseline-"):
            find_model(name, settings.models)
    return made + _baselines(settings, benchmark)


def _check_names(made: Sequence[PreparedSystem]) -> None:
    names = [contestant.system.name for contestant in made]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UsageError(
            f"two of the systems would be called '{twice[0]}'.",
            "give each a name of its own: [models.NAME] in medbench.toml",
        )


def _baselines(settings: Settings, benchmark: BenchmarkFolder) -> list[PreparedSystem]:
    names = [name for name in shipped_models() if name.startswith("baseline-")]
    models = {name: find_model(name, settings.models) for name in names}
    # A baseline that shows pool cases is another system with another pool.
    pool = {"pool": benchmark.pool_digest[:16]}
    return [
        _without_model(name, model, model.settings | (pool if model.needs == "pool" else {}))
        for name, model in models.items()
        if benchmark.head.pool or model.needs != "pool"
    ]


def _without_model(name: str, model: ModelFile, settings: dict[str, Any]) -> PreparedSystem:
    system = System(name=name, family=model.family, pipeline=model.pipeline or "", settings=settings)
    return PreparedSystem(system=system, model=model)


def parse_changes(changes: Sequence[str]) -> dict[str, Any]:
    """'key=value' texts as values: numbers, true/false and quoted texts as TOML has them, else plain text."""
    parsed: dict[str, Any] = {}
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--set takes key=value, not '{change}'.", "--set temperature=0.3")
        try:
            parsed[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            parsed[key.strip()] = value
        if isinstance(parsed[key.strip()], float) and not math.isfinite(parsed[key.strip()]):
            raise UsageError(f"'{change}' is no number to set.", f"--set {key}=0.3")
    return parsed


@dataclass(frozen=True, slots=True)
class _Words:
    """What every named model is shown of a case."""

    prompt: Prompt
    images: str


def _contestant(  # noqa: PLR0913 - all that a name may depend on
    name: str,
    changes: Mapping[str, Any],
    shown: _Words,
    settings: Settings,
    runs: Path,
    benchmark: BenchmarkFolder,
) -> PreparedSystem:
    if name.startswith(REPLAY):
        return _replay(name, changes, shown.prompt, runs, benchmark)
    model, plain = named_model(name, settings)
    merged = _changed(plain, model, changes)
    different = [
        f"{key}={value}" for key, value in sorted(changes.items()) if merged[key] != model.settings[key]
    ]
    if model.provider is None:
        return _without_model(_folder_name("+".join([plain, *different])), model, merged)
    check_transform(str(merged.get("image_transform") or "none"))
    # A model that reads text only is sent the text: that is all it can be compared on.
    images = NO_IMAGES if model.limits.images == 0 else shown.images
    if images not in ({NO_IMAGES} if model.limits.images == 0 else {USUAL}):
        different.insert(0, f"images={images}")
    if shown.prompt.name != PROMPT:
        different.insert(0, shown.prompt.name)
    system = System(
        name=_folder_name("+".join([plain, *different])),
        family=model.family,
        pipeline="single",
        model=ModelUse(name=plain, provider=model.provider, id=model.id),
        prompt=PromptUse(name=shown.prompt.name, digest=shown.prompt.digest),
        images=images,
        settings=merged,
    )
    return PreparedSystem(system=system, model=model, prompt=shown.prompt)


def named_model(name: str, settings: Settings) -> tuple[ModelFile, str]:
    """The model file that a name at -m stands for, and what to call it.

    Raises:
        UsageError: There is no such model, or its file has a wrong key.
    """
    if name.endswith(".toml"):
        return find_model(name, settings.models), Path(name).stem
    if ":" in name:
        return ModelFile(provider=name, id=name), name.replace(":", "-")
    return find_model(name, settings.models), name


def _changed(name: str, model: ModelFile, changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(model.settings)
    for key, value in changes.items():
        if key not in merged:
            close = nearest(key, merged)
            known = f"one of: {', '.join(merged)}" if merged else f"{name} has no settings"
            raise UsageError(
                f"'{key}' is no setting of {name}.", f"--set {close}={value}" if close else known
            )
        merged[key] = _fitting(key, merged[key], value)
    return merged


def _fitting(key: str, default: Any, value: Any) -> Any:
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        kind = {float: "a number", int: "a whole number", bool: "true or false", str: "a text"}.get(
            type(default), ""
        )
        raise UsageError(
            f"'{value}' does not fit setting '{key}', which is {kind}.", f"--set {key}={default}"
        )
    return value


def _replay(
    name: str, changes: Mapping[str, Any], prompt: Prompt, runs: Path, benchmark: BenchmarkFolder
) -> PreparedSystem:
    if changes:
        raise UsageError(
            f"'{next(iter(changes))}' is no setting of {name}: it answers from a record.", "leave out --set"
        )
    found = _recorded_runs(name.removeprefix(REPLAY), runs, benchmark)
    if len(found) != 1:
        names = ", ".join(run.name for run in found[:4])
        raise UsageError(
            f"'{name}' names {counted(len(found), 'run')} ({names} …).", f"-m {REPLAY}{found[0].path}"
        )
    if found[0].head.benchmark.digest != benchmark.head.digest:
        raise UsageError(
            f"'{name}' was recorded on another benchmark, '{found[0].head.benchmark.name}'.",
            f"name a run on '{benchmark.head.name}'   (all: medbench show)",
        )
    head = found[0].head
    model = ModelFile(
        provider="replay",
        id=head.run_id,
        family=head.system.family,
        base_url=str(found[0].path),
        price=Price(free=True),
    )
    system = System(
        name=_folder_name(f"replay-{head.system.name}"),
        family=head.system.family,
        pipeline="single",
        model=ModelUse(name=head.system.name, provider="replay", id=head.run_id),
    )
    return PreparedSystem(system=system, model=model, prompt=prompt)


def _recorded_runs(name: str, runs: Path, benchmark: BenchmarkFolder) -> list[RunFolder]:
    """The runs of that name, those on this benchmark first."""
    here = runs / benchmark.head.name / name
    return runs_in(here) if (here / HEAD).is_file() else find_runs([name], runs)


def _folder_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._+=@-]+", "-", name).strip(".-") or "system"
