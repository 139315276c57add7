"""From names typed at --judge to judges; who judges where nobody is named; what is wrong with a fallback."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from medbench.errors import UsageError
from medbench.judging.question import settings_of
from medbench.prompts.rubrics import load_rubric
from medbench.registry import find_model, find_part, names_in
from medbench.schema.base import digest
from medbench.schema.model import ModelFile
from medbench.steps.access.clients import server_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.config import Settings
    from medbench.prompts.rubrics import Rubric
    from medbench.schema.run import System

USUAL = "gemini-pro"
"""The judge where none is named, where its key is set."""
KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
"""Variables that hold the usual judge's key."""
Context = Literal["none", "captions"]
_TOLD_CAPTIONS = "+captions"


@dataclass(frozen=True, slots=True)
class Judge:
    """A model that grades by a rubric."""

    name: str
    """Name of the model."""
    model: ModelFile
    rubric: Rubric
    context: Context = "none"

    @property
    def rater(self) -> str:
        """Name of the rater: model, rubric, and what else it is told."""
        return f"{self.name}/{self.rubric.name}{_TOLD_CAPTIONS if self.context == 'captions' else ''}"

    @property
    def digest(self) -> str:
        """Sha256 over all that makes the rater."""
        return digest(
            {
                "model": self.model.id,
                "settings": settings_of(self.model),
                "rubric": self.rubric.digest,
                "context": self.context,
            }
        )


@dataclass(frozen=True, slots=True)
class Panel:
    """Several judges whose majority is a rater of its own."""

    members: tuple[Judge, ...]

    @property
    def rater(self) -> str:
        """Name of the rater."""
        last = self.members[0].rater.partition("/")[2]
        return "+".join(judge.name for judge in self.members) + f"/{last}"

    @property
    def digest(self) -> str:
        """Sha256 over its members."""
        return digest(sorted(judge.digest for judge in self.members))


def judges_named(
    names: Sequence[str], settings: Settings, rubric: str, context: Context = "none"
) -> list[Judge]:
    """The judges of these names.

    Raises:
        UsageError: A name is wrong, or is no model that can be asked.
    """
    loaded = load_rubric(rubric)
    judges = [_judge(name, settings, loaded, context) for name in dict.fromkeys(names)]
    raters = [judge.rater for judge in judges]
    if len(set(raters)) < len(raters):
        raise UsageError(f"two of the judges would be called '{raters[0]}'.", "name each judge once")
    return judges


def judges_of(rater: str, settings: Settings) -> list[Judge]:
    """Return the judge of that rater's name, or the members of that panel.

    Returns:
        Nothing where the rater is no model, or its model or rubric is not at hand any more.
    """
    names, _, rubric = rater.partition("/")
    context: Context = "captions" if rubric.endswith(_TOLD_CAPTIONS) else "none"
    try:
        return judges_named(names.split("+"), settings, rubric.removesuffix(_TOLD_CAPTIONS), context)
    except UsageError:
        return []


def _judge(name: str, settings: Settings, rubric: Rubric, context: Context) -> Judge:
    if ":" in name and not name.endswith(".toml"):
        model, plain = ModelFile(provider=name, id=name), name.replace(":", "-")
    else:
        model, plain = find_model(name, settings.models), Path(name).stem if name.endswith(".toml") else name
    if model.provider is None:
        raise UsageError(f"'{name}' is no model, so it cannot judge.", "medbench models lists what can")
    if ":" not in model.provider and model.provider not in names_in("providers"):
        raise UsageError(
            f"judge '{name}' needs provider '{model.provider}', which is not in this version.",
            "--judge NAME   (all: medbench models)",
        )
    find_part("providers", "provider", model.provider)
    return Judge(plain, model, rubric, context)


def usual_judges(settings: Settings) -> tuple[str, ...]:
    """Who judges where nobody is named: medbench.toml's judges, else the usual one with a key, or nobody."""
    if settings.defaults.judge:
        return settings.defaults.judge
    return (USUAL,) if any(os.environ.get(key) for key in KEYS) else ()


def warnings(judges: Sequence[Judge], fallback: Judge | None, systems: Sequence[System]) -> list[str]:
    """What a person should know of the choice of judges, in sentences."""
    said = []
    for judge in judges:
        kin = [system for system in systems if system.family == judge.model.family]
        own = [system.name for system in systems if system.model and system.model.id == judge.model.id]
        rivals = [system.name for system in kin if system.name not in own]
        if own:
            said.append(f"{judge.name} grades outputs of its own ({', '.join(own)}).")
        if rivals and judge.model.family not in {"other", "baseline"}:
            named = ", ".join(rivals)
            said.append(f"{judge.name} and {named} are of one family; the verdicts are marked with it.")
    if fallback is None:
        return said
    said += [
        f"the fallback {fallback.name} is on the account of {judge.name}: what stops one may stop both."
        for judge in judges
        if server_of(judge.model) == server_of(fallback.model)
    ]
    rivals = [system.name for system in systems if system.model and system.model.id == fallback.model.id]
    if rivals:
        said.append(f"the fallback {fallback.name} is a contestant ({rivals[0]}): it would grade itself.")
    return said
