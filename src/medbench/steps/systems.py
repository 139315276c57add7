"""From names typed at -m and --set to the systems that run."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medbench.errors import UsageError
from medbench.prompts import Prompt, load_prompt
from medbench.registry import find_model, nearest, shipped_models
from medbench.schema.model import ModelFile, Price
from medbench.schema.run import ModelUse, PromptUse, System
from medbench.store.runs import find_runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from medbench.config import Settings

REPLAY = "replay:"
PROMPT = "comprehensive"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A system and what it is made from."""

    system: System
    model: ModelFile
    prompt: Prompt | None


def contestants(
    names: Sequence[str], changes: Sequence[str], settings: Settings, runs: Path
) -> list[Contestant]:
    """The systems to run: the named models, then the baselines, which every run adds because they are free.

    Args:
        names: As typed at -m: model names, TOML files, 'replay:RUN', 'my_pkg.my_mod:Name'.
        changes: As typed at --set: 'key=value', for every named model.
        settings: medbench.toml.
        runs: Where the run of 'replay:RUN' is looked up.

    Raises:
        UsageError: A name, setting or value is wrong.
    """
    new = parse_changes(changes)
    wanted = list(dict.fromkeys(name for name in names if not name.startswith("baseline-")))
    made = [_contestant(name, new, settings, runs) for name in wanted]
    baselines = [name for name in shipped_models() if name.startswith("baseline-")]
    for name in names:
        if name.startswith("baseline-") and name not in baselines:
            find_model(name, settings.models)
    if new and not made:
        raise UsageError(f"--set {next(iter(new))}=… has no model to set it for.", "-m NAME --set key=value")
    return [*made, *(_contestant(name, {}, settings, runs) for name in baselines)]


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
    return parsed


def _contestant(name: str, changes: Mapping[str, Any], settings: Settings, runs: Path) -> Contestant:
    if name.startswith(REPLAY):
        return _replay(name, changes, runs)
    model, plain = _find(name, settings)
    merged = _changed(plain, model, changes)
    different = "".join(
        f"+{key}={value}" for key, value in sorted(changes.items()) if value != model.settings[key]
    )
    prompt = load_prompt("findings", PROMPT) if model.provider else None
    system = System(
        name=_folder_name(plain + different),
        family=model.family,
        pipeline=model.pipeline or "single",
        model=ModelUse(name=plain, provider=model.provider, id=model.id) if model.provider else None,
        prompt=PromptUse(name=prompt.name, digest=prompt.digest) if prompt else None,
        images="all" if model.provider else None,
        settings=merged,
    )
    return Contestant(system, model, prompt)


def _find(name: str, settings: Settings) -> tuple[ModelFile, str]:
    if ":" in name:
        return ModelFile(provider=name, id=name), name.rpartition(":")[2]
    return find_model(name, settings.models), Path(name).stem if name.endswith(".toml") else name


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


def _replay(name: str, changes: Mapping[str, Any], runs: Path) -> Contestant:
    if changes:
        raise UsageError(
            f"'{next(iter(changes))}' is no setting of {name}: it answers from a record.", "leave out --set"
        )
    found = find_runs([name.removeprefix(REPLAY)], runs)
    if len(found) != 1:
        names = ", ".join(run.name for run in found[:4])
        raise UsageError(f"'{name}' names {len(found)} runs ({names} …).", f"-m {REPLAY}{found[0].path}")
    head = found[0].head
    model = ModelFile(
        provider="replay",
        id=head.run_id,
        family=head.system.family,
        base_url=str(found[0].path),
        price=Price(free=True),
    )
    prompt = load_prompt("findings", PROMPT)
    system = System(
        name=_folder_name(f"replay-{head.system.name}"),
        family=head.system.family,
        pipeline="single",
        model=ModelUse(name=name, provider="replay", id=head.run_id),
        prompt=PromptUse(name=prompt.name, digest=prompt.digest),
    )
    return Contestant(system, model, prompt)


def _folder_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._+=@-]+", "-", name).strip(".-") or "system"
