"""Probes: a system that is shown something else than it should be, to see what its answers rest on."""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import TYPE_CHECKING, Final

from medbench.errors import UsageError
from medbench.images.choice import NO_IMAGES
from medbench.images.transform import NONE, before
from medbench.pipelines import Pipeline, Result
from medbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from medbench.pipelines import Call, Tools
    from medbench.schema.case import Case
    from medbench.schema.run import System
    from medbench.schema.spec import SystemSpec
    from medbench.store.benchmark import BenchmarkFolder

SWAP, NO_HISTORY = "swap", "no-history"
PROBES: Final = {
    NO_IMAGES: "no image",
    "blank": "a black image of the same size in the place of each",
    SWAP: "the images of another case of the same region",
    "mirror": "each image with left and right exchanged",
    NO_HISTORY: "no clinical history",
}


def with_probes(specs: Sequence[SystemSpec], probes: Sequence[str]) -> list[SystemSpec]:
    """Return systems and then their probes; a baseline sees nothing, and has none.

    Raises:
        UsageError: There is no such probe, or no model to probe.
    """
    for probe in probes:
        if probe not in PROBES:
            raise unknown("probe", probe, PROBES, option="--probe ")
    asked = [spec for spec in specs if not (spec.model or "").startswith("baseline-")]
    if probes and not asked:
        raise UsageError(f"probe '{probes[0]}' has no model to ask.", f"-m NAME --probe {probes[0]}")
    changed = (spec.model_copy(update={"probe": probe}) for spec in asked for probe in dict.fromkeys(probes))
    return [*specs, *changed]


def check_probe(system: System, probe: str, *, reads_history: bool) -> None:
    """Check that a probe changes what a system is shown.

    Args:
        system: The system.
        probe: Name of the probe.
        reads_history: True if one of its prompts holds the history.

    Raises:
        UsageError: It does not, or there is no such probe.
    """
    if probe not in PROBES:
        raise unknown("probe", probe, PROBES)
    if probe == NO_HISTORY:
        if not reads_history and system.pipeline == "single":
            raise UsageError(
                f"'{system.name}' is never told the history, so probe '{probe}' changes nothing.",
                "leave the probe out, or a prompt that has $history",
            )
    elif all(stage.images == NO_IMAGES for stage in system.stages):
        raise UsageError(
            f"'{system.name}' is sent no image, so probe '{probe}' changes nothing.",
            f"--probe {NO_HISTORY}, or a model that reads images   (medbench models)",
        )


def as_shown(system: System) -> System:
    """Return the system that asks what a probe asks: without images, or with changed ones."""
    if system.probe not in {NO_IMAGES, "blank", "mirror"}:
        return system
    stages = []
    for stage in system.stages:
        if system.probe == NO_IMAGES:
            stages.append(stage.model_copy(update={"images": NO_IMAGES}))
        else:
            transform = before(system.probe, str(stage.settings.get("image_transform") or NONE))
            settings = stage.settings | {"image_transform": transform}
            stages.append(stage.model_copy(update={"settings": settings}))
    if system.model is None:
        return system.model_copy(update={"several": tuple(stages)})
    (only,) = stages
    return system.model_copy(update={"images": only.images, "settings": only.settings})


def probed(pipeline: Pipeline, tools: Tools, benchmark: BenchmarkFolder) -> Pipeline:
    """Return a pipeline that is shown other cases than those it answers, where its system says so."""
    if tools.system.probe == NO_HISTORY:
        return _Shown(pipeline, tools, {})
    if tools.system.probe == SWAP:
        return _Shown(pipeline, tools, partners(benchmark.cases()))
    return pipeline


class _Shown(Pipeline):
    """Shows a pipeline another case in the place of each."""

    def __init__(self, pipeline: Pipeline, tools: Tools, images_of: dict[str, Case]) -> None:
        super().__init__(tools)
        self._pipeline, self._images_of = pipeline, images_of

    def plan(self, case: Case, replicate: int) -> Iterable[Call]:
        """Return the calls of the pipeline for the case that it is shown."""
        return self._pipeline.plan(self._shown(case), replicate)

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the output of the pipeline for the case that it is shown."""
        return await self._pipeline.answer(self._shown(case), replicate)

    def _shown(self, case: Case) -> Case:
        if case.case_id in self._images_of:
            return case.model_copy(update={"images": self._images_of[case.case_id].images})
        return case.model_copy(update={"history": None})


def partners(cases: Iterable[Case]) -> dict[str, Case]:
    """Return for each case another one whose images it is shown: of its region, if that has another patient.

    Raises:
        UsageError: There is no other patient.
    """
    ranked = sorted(cases, key=lambda case: hashlib.sha256(case.case_id.encode()).digest())
    places = {case.case_id: place for place, case in enumerate(ranked)}
    regions: dict[str, list[Case]] = {}
    for case in ranked:
        regions.setdefault(case.region, []).append(case)
    found = {}
    for region in regions.values():
        for place, case in enumerate(region):
            others = chain(_after(region, place), _after(ranked, places[case.case_id]))
            other = next((one for one in others if not _same_patient(case, one)), None)
            if other is None:
                raise UsageError(
                    f"no other patient's images can be shown in the place of those of case '{case.case_id}'.",
                    "a larger benchmark, or another probe",
                )
            found[case.case_id] = other
    return found


def _after(cases: Sequence[Case], place: int) -> Iterator[Case]:
    """Yield the other cases of a ring, from the one after a place on."""
    return (cases[(place + step) % len(cases)] for step in range(1, len(cases)))


def _same_patient(one: Case, other: Case) -> bool:
    """Return True if two cases may be of one patient: they share a history, or an image."""
    if one.history and one.history == other.history and (one.age, one.sex) == (other.age, other.sex):
        return True
    return bool({image.sha256 for image in one.images} & {image.sha256 for image in other.images})
