"""Judges and panels: from names typed at --judge, the usual one, and warnings about a choice of judges."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from medbench.errors import UsageError
from medbench.judging.question import rater_digest
from medbench.prompts.rubrics import Rubric, load_rubric
from medbench.registry import find_part, model_names, names_in
from medbench.schema.base import Record, digest
from medbench.schema.model import ModelFile
from medbench.steps.access.clients import server_of
from medbench.steps.access.systems import named_model
from medbench.steps.reading.verdict_book import RaterKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.config import Settings
    from medbench.schema.run import System

USUAL = "gemini-pro"
"""The judge where none is named, if its key is set."""
KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
"""Variables that hold the usual judge's key."""
Context = Literal["none", "captions"]
_CAPTIONS = "+captions"
"""End of the name of a rater that is told the captions."""


class Judge(Record):
    """A model that grades by a rubric."""

    name: str
    """Name of the model."""
    model: ModelFile
    """Its file."""
    rubric: Rubric
    """The rubric."""
    context: Context = "none"
    """'captions' if it is told hidden facts about the images."""

    @property
    def rater(self) -> str:
        """Name of the rater: model, rubric and context."""
        return f"{self.name}/{self.rubric.name}{_CAPTIONS if self.context == 'captions' else ''}"

    @property
    def digest(self) -> str:
        """Sha256 over all that makes the rater."""
        return rater_digest(self.model, self.rubric, self.context)

    @property
    def key(self) -> RaterKey:
        """Name and digest of the rater."""
        return RaterKey(self.rater, self.digest)


def models_of(judges: Sequence[Judge], fallback: Judge | None) -> list[tuple[str, ModelFile]]:
    """Return the models that may be asked, each with its judge's name; the fallback's is the last."""
    return [(judge.name, judge.model) for judge in (*judges, fallback) if judge]


class Panel(Record):
    """Several judges whose majority is another rater."""

    members: tuple[Judge, ...]
    """The judges."""

    @property
    def rater(self) -> str:
        """Name of the rater: all models, and what stands behind the name of each."""
        last = self.members[0].rater.partition("/")[2]
        return "+".join(judge.name for judge in self.members) + f"/{last}"

    @property
    def digest(self) -> str:
        """Sha256 over its members."""
        return digest(sorted(judge.digest for judge in self.members))

    @property
    def key(self) -> RaterKey:
        """Name and digest of the rater."""
        return RaterKey(self.rater, self.digest)


def judges_named(
    names: Sequence[str], settings: Settings, rubric: str, context: Context = "none"
) -> list[Judge]:
    """Return the judges of these names.

    Raises:
        UsageError: A name is wrong, or its model cannot be asked.
    """
    loaded = load_rubric(rubric)
    judges = [_judge(name, settings, loaded, context) for name in dict.fromkeys(names)]
    raters = [judge.rater for judge in judges]
    if len(set(raters)) < len(raters):
        raise UsageError(f"two of the judges would be called '{raters[0]}'.", "name each judge once")
    return judges


def judges_of(rater: str, settings: Settings) -> list[Judge]:
    """Return the judge of that rater's name, or the members of that panel; see `unique_names`.

    Returns:
        Nothing where the rater is not a model, or its model or rubric is not at hand any more.
    """
    joined, _, rubric = rater.partition(" (")[0].partition("/")
    context: Context = "captions" if rubric.endswith(_CAPTIONS) else "none"
    names, rubric = joined.split("+"), rubric.removesuffix(_CAPTIONS)
    # The name stands in a file of a run, which may be another's: it leads to no code and to no other file.
    if not {*names} <= {*model_names(settings.models)} or rubric.endswith(".toml"):
        return []
    try:
        return judges_named(names, settings, rubric, context)
    except UsageError:
        return []


def _judge(name: str, settings: Settings, rubric: Rubric, context: Context) -> Judge:
    model, plain = named_model(name, settings)
    if model.provider is None:
        raise UsageError(f"'{name}' is not a model, so it cannot judge.", "medbench models   (all of them)")
    if ":" not in model.provider and model.provider not in names_in("providers"):
        raise UsageError(
            f"judge '{name}' needs provider '{model.provider}', which is not in this version.",
            "--judge NAME   (all: medbench models)",
        )
    find_part("providers", "provider", model.provider)
    return Judge(name=plain, model=model, rubric=rubric, context=context)


def usual_judges(settings: Settings) -> tuple[str, ...]:
    """Return the judges where none is named: medbench.toml's, else the usual one if its key is set."""
    settings.check_trusted("defaults.judge")
    if settings.defaults.judge:
        return settings.defaults.judge
    return (USUAL,) if any(os.environ.get(key) for key in KEYS) else ()


def warnings(judges: Sequence[Judge], fallback: Judge | None, systems: Sequence[System]) -> list[str]:
    """Return what a person should know of a choice of judges, in sentences."""
    sentences = []
    for judge in judges:
        family = [system.name for system in systems if system.family == judge.model.family]
        own = _of_model(judge, systems)
        rivals = [name for name in family if name not in own]
        if own:
            sentences.append(f"{judge.name} grades outputs of its own ({', '.join(own)}).")
        if rivals and judge.model.family not in {"other", "baseline"}:
            sentences.append(
                f"{judge.name} and {', '.join(rivals)} are of one family; the verdicts are marked with it."
            )
    if fallback is None:
        return sentences
    sentences += [
        f"the fallback {fallback.name} is on the account of {judge.name}: what stops one may stop both."
        for judge in judges
        if server_of(judge.model) == server_of(fallback.model)
    ]
    if own := _of_model(fallback, systems):
        sentences.append(f"the fallback {fallback.name} is a contestant ({own[0]}): it would grade itself.")
    return sentences


def _of_model(judge: Judge, systems: Sequence[System]) -> list[str]:
    """Return the names of the systems that ask the very model of a judge."""
    return [
        system.name for system in systems if any(stage.model.id == judge.model.id for stage in system.stages)
    ]
