"""From the specs of systems to systems that can be run: model files, prompts and settings are looked up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from medbench.errors import UsageError
from medbench.images.choice import NO_IMAGES, USUAL, full_choice
from medbench.pipelines import pipeline_class
from medbench.prompts.prompt import Prompt, load_prompt
from medbench.providers import provider_class
from medbench.providers._http.settings import COMMON, check
from medbench.registry import find_model, shipped_models, unknown
from medbench.schema.base import Record
from medbench.schema.model import ModelFile, Price
from medbench.schema.response import MODEL
from medbench.schema.run import ModelUse, PromptUse, Stage, System
from medbench.schema.spec import PROMPT, StageSpec
from medbench.sentences import counted
from medbench.steps.access.changes import SHOWN, changed, check_settings
from medbench.steps.access.deployments import with_deployment
from medbench.steps.access.given import check_given
from medbench.steps.access.probes import check_probe
from medbench.store.runs import HEAD, RunFolder, find_runs, runs_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from medbench.config import Settings
    from medbench.schema.spec import SystemSpec
    from medbench.store.benchmark import BenchmarkFolder

REPLAY = "replay:"


class PreparedStage(Record):
    """A model that a system asks in one role, with all that it takes to ask it."""

    role: str = MODEL
    """The role."""
    model: ModelFile
    """The model's file, which has a provider."""
    prompt: Prompt | None = None
    """The words it is asked with, where the pipeline needs any."""


class PreparedSystem(Record):
    """A system with all that it takes to run it."""

    system: System
    """The system."""
    stages: tuple[PreparedStage, ...] = ()
    """Its models, by role as in the system; none for a baseline."""
    summary: str = ""
    """Description in a few words."""


def prepare(
    specs: Sequence[SystemSpec], settings: Settings, runs: Path, benchmark: BenchmarkFolder
) -> tuple[PreparedSystem, ...]:
    """Return the systems to run: those of the specs, then the baselines, which every run has, being free.

    Args:
        specs: The systems. A baseline among them is one that runs anyway.
        settings: medbench.toml.
        runs: Where the run of 'replay:RUN' is looked up.
        benchmark: What they run on; without a pool, the baselines that need one are left out.

    Raises:
        UsageError: A name, setting or value is wrong.
    """
    baselines = [spec.model for spec in specs if (spec.model or "").startswith("baseline-")]
    systems = [_prepared(spec, settings, runs, benchmark) for spec in specs if spec.model not in baselines]
    names = [prepared.system.name for prepared in systems]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(
            f"two of the systems would be called '{twice}'.",
            "give each a name of its own: [models.NAME] in medbench.toml",
        )
    for name in baselines:
        find_model(str(name), settings.models)
    return (*systems, *_baselines(settings, benchmark))


def _baselines(settings: Settings, benchmark: BenchmarkFolder) -> list[PreparedSystem]:
    names = [name for name in shipped_models() if name.startswith("baseline-")]
    settings.check_trusted(*(f"models.{name}" for name in names))
    models = {name: find_model(name, settings.models) for name in names}
    for name, model in models.items():
        check_settings(name, model, shipped_models()[name].get("settings", {}), asks=True)
    # A baseline that shows pool cases is another system with another pool.
    pool = {"pool": benchmark.pool_digest[:16]}
    return [
        _without_model(name, model, model.settings | (pool if model.needs == "pool" else {}))
        for name, model in models.items()
        if benchmark.head.pool or model.needs != "pool"
    ]


def _without_model(name: str, model: ModelFile, settings: dict[str, Any]) -> PreparedSystem:
    system = System(name=name, family=model.family, pipeline=model.pipeline or "", settings=settings)
    return PreparedSystem(system=system, summary=model.summary)


def named_model(name: str, settings: Settings) -> tuple[ModelFile, str]:
    """Return the model file that a name at -m stands for, and what to call it.

    Raises:
        UsageError: There is no such model, or its file has a wrong key.
        UntrustedError: medbench.toml says what it is, and is not trusted.
    """
    settings.check_trusted(f"models.{name}")
    if name.endswith(".toml"):
        label = Path(name).stem
        return with_deployment(label, find_model(name, settings.models)), label
    if ":" in name:
        return ModelFile(provider=name, id=name), name.replace(":", "-")
    return with_deployment(name, find_model(name, settings.models)), name


def _prepared(spec: SystemSpec, settings: Settings, runs: Path, benchmark: BenchmarkFolder) -> PreparedSystem:
    if spec.model is not None and spec.model.startswith(REPLAY):
        return replayed(spec, runs, benchmark)
    if spec.model is None:
        file = ModelFile(pipeline=spec.pipeline or "single")
        models = (stage.model for stage in spec.stages.values() if stage.model)
        plain = "-".join(dict.fromkeys([str(file.pipeline), *models]))
    else:
        file, plain = named_model(spec.model, settings)
    pipeline = spec.pipeline or file.pipeline or _usual_pipeline(spec)
    kind = pipeline_class(pipeline)
    of_pipeline = kind.settings
    check_settings(plain, file, of_pipeline, asks=bool(kind.roles))
    merged = changed(plain, {**of_pipeline, **file.settings}, spec.settings)
    differences = _differences(spec, file, pipeline) + _changed_settings(
        spec, {**of_pipeline, **file.settings}, merged
    )
    name = folder_name(spec.name or "+".join([plain, *differences]))
    of_model = {key: value for key, value in merged.items() if key not in of_pipeline}
    own = _Named(plain, file.model_copy(update={"settings": of_model, "pipeline": pipeline}))
    parts = _stages(pipeline, spec, own, settings)
    if not parts:
        return _without_model(name, own.model, merged)
    families = {prepared.model.family for _, prepared in parts}
    system = System.of_stages(
        tuple(stage for stage, _ in parts),
        name=name,
        family=families.pop() if file.family == "other" and len(families) == 1 else file.family,
        pipeline=pipeline,
        settings={key: merged[key] for key in of_pipeline} if file.provider else merged,
    )
    stages = tuple(prepared for _, prepared in parts)
    if spec.probe is not None:
        history = any("history" in prepared.prompt.uses for prepared in stages if prepared.prompt)
        check_probe(system, spec.probe, reads_history=history)
        system = system.model_copy(update={"probe": spec.probe, "name": f"{name}+probe={spec.probe}"})
    return PreparedSystem(system=system, stages=stages, summary=file.summary)


def _usual_pipeline(spec: SystemSpec) -> str:
    """Return the pipeline of a system that names none: a prompt with questions takes one that asks them."""
    return "questions" if load_prompt("findings", spec.prompt).questions else "single"


def _differences(spec: SystemSpec, file: ModelFile, pipeline: str) -> list[str]:
    """Return what of a spec but its settings differs from the defaults, as it stands in a system's name."""
    if file.provider is None and not (file.stages or spec.stages):
        return []
    other = spec.model and spec.pipeline not in {None, file.pipeline or "single"}
    prompt, images = load_prompt("findings", spec.prompt).name, full_choice(spec.images)
    # A model that reads text only is sent the text: that does not count as a difference.
    usual = images == USUAL or file.limits.images == 0
    words = [pipeline] * bool(other) + [prompt] * (prompt != PROMPT) + [f"images={images}"] * (not usual)
    stages = sorted(spec.stages.items()) if spec.model else ()
    return words + [
        f"{role}={Path(value).stem if value.endswith('.toml') else value}"
        for role, stage in stages
        for value in stage.model_dump(exclude_none=True, exclude={"settings"}).values()
    ]


def _changed_settings(spec: SystemSpec, defaults: Mapping[str, Any], merged: Mapping[str, Any]) -> list[str]:
    usual = {**SHOWN, **defaults}
    return [
        f"{key}={value}"
        for key, value in sorted(spec.settings.items())
        if merged.get(key, usual[key]) != usual[key]
    ]


class _Named(NamedTuple):
    """A model file and what it is called."""

    name: str
    model: ModelFile


def _stages(
    pipeline: str, spec: SystemSpec, own: _Named, settings: Settings
) -> list[tuple[Stage, PreparedStage]]:
    """Return what a pipeline asks in each role: as it is recorded, and with all that it takes.

    Raises:
        UsageError: A role has no model, a stage is of no role, or the system's model is asked in none.
    """
    kind = pipeline_class(pipeline)
    roles, stages = kind.roles, {**own.model.stages, **spec.stages}
    for role in stages:
        if role not in roles:
            raise unknown(f"stage of pipeline '{pipeline}'", role, roles or ("none",))
    if own.model.provider and all(role in stages and stages[role].model for role in roles):
        raise UsageError(
            f"pipeline '{pipeline}' does not ask '{own.name}'.", "leave out the model, or one of a stage"
        )
    parts = []
    for role in roles:
        part = stages.get(role, StageSpec())
        if part.model is None and own.model.provider is None:
            raise UsageError(
                f"stage '{role}' of '{own.name}' has no model.", f'[stages.{role}] model = "NAME"'
            )
        named = own
        if part.model is not None:
            model, name = named_model(part.model, settings)
            named = _Named(name, model)
        usual = StageSpec(prompt=kind.prompts.get(role), images=kind.images.get(role))
        parts.append(_stage(role, named, part, _filled(spec, usual)))
        check_given(pipeline, role, parts[-1][1].prompt)
    return parts


def _filled(spec: SystemSpec, usual: StageSpec) -> SystemSpec:
    """Return a spec with the prompt and images that its pipeline has for a stage, where it has any."""
    return spec.model_copy(
        update={"prompt": usual.prompt or spec.prompt, "images": usual.images or spec.images}
    )


def _stage(role: str, named: _Named, part: StageSpec, spec: SystemSpec) -> tuple[Stage, PreparedStage]:
    name, model = named
    if model.provider is None:
        raise UsageError(
            f"'{name}' is not a model, so it cannot be asked.", "medbench models   (all of them)"
        )
    merged = changed(name, model.settings, part.settings)
    check({key: merged[key] for key in SHOWN if key in merged}, COMMON, name)
    prompt = load_prompt("findings", part.prompt or spec.prompt)
    if merged.get("history") is False and "history" not in prompt.uses:
        raise UsageError(f"prompt '{prompt.name}' has no history to leave out.", "leave out history = false")
    if prompt.response_schema and provider_class(model.provider).takes_schema:
        merged.setdefault("response_schema", prompt.response_schema)
    wanted = part.images or (spec.images if part.model is None else "spread")
    if model.limits.images == 0 and wanted not in {"spread", NO_IMAGES}:
        raise UsageError(
            f"'{name}' reads text only, so it cannot be sent images = '{wanted}'.",
            f"--images {NO_IMAGES}, or a model that reads images   (medbench models)",
        )
    # A model that reads text only is sent the text: that is all it can be compared on.
    images = NO_IMAGES if model.limits.images == 0 else full_choice(part.images or spec.images)
    stage = Stage(
        role=role,
        model=ModelUse(name=name, provider=model.provider, id=model.id),
        prompt=PromptUse(name=prompt.name, digest=prompt.digest),
        images=images,
        settings=merged,
    )
    return stage, PreparedStage(role=role, model=model, prompt=prompt)


def replayed(spec: SystemSpec, runs: Path, benchmark: BenchmarkFolder) -> PreparedSystem:
    """Return the system that answers from a recorded run.

    Raises:
        UsageError: The name means no run or several, or one on another benchmark.
    """
    name = str(spec.model)
    if spec.probe is not None:
        raise UsageError(f"{name} answers from a record, so it cannot be probed.", "leave out --probe")
    if spec.settings:
        raise UsageError(
            f"'{next(iter(spec.settings))}' is not a setting of {name}: it answers from a record.",
            "leave out --set",
        )
    run, *others = _recorded_runs(name.removeprefix(REPLAY), runs, benchmark)
    if others:
        names = ", ".join(other.name for other in [run, *others][:4])
        raise UsageError(
            f"'{name}' names {counted(1 + len(others), 'run')} ({names} …).", f"-m {REPLAY}{run.path}"
        )
    if run.head.benchmark.digest != benchmark.head.digest:
        raise UsageError(
            f"'{name}' was recorded on another benchmark, '{run.head.benchmark.name}'.",
            f"name a run on '{benchmark.head.name}'   (all: medbench show)",
        )
    recorded = run.head.system
    system = System(
        name=spec.name or folder_name(f"replay-{recorded.name}"),
        family=recorded.family,
        pipeline="single",
        model=ModelUse(name=recorded.name, provider="replay", id=run.head.run_id),
    )
    model = ModelFile(
        provider="replay",
        id=run.head.run_id,
        family=recorded.family,
        base_url=str(run.path),
        price=Price(free=True),
    )
    prompt = load_prompt("findings", spec.prompt)
    return PreparedSystem(system=system, stages=(PreparedStage(model=model, prompt=prompt),))


def _recorded_runs(name: str, runs: Path, benchmark: BenchmarkFolder) -> list[RunFolder]:
    """Return the runs of that name, those on this benchmark first."""
    here = runs / benchmark.head.name / name
    return runs_in(here) if (here / HEAD).is_file() else find_runs([name], runs)


def folder_name(name: str) -> str:
    """Return a name in which every character may stand in a folder's name."""
    return re.sub(r"[^A-Za-z0-9._+=@-]+", "-", name).strip(".-") or "system"
