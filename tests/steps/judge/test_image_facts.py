"""Hidden facts about images: of those that were sent, or of all of the case where that is unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from judged_world import run_of

from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.response import CallFor, Response
from medbench.steps.judge.image_facts import ImageFacts
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_records
from medbench.store.runs import RESPONSES, RunFolder


@pytest.fixture
def case(world: BenchmarkFolder) -> tuple[Case, Reference]:
    """A case of two images, with a caption of each."""
    return next(
        (case, reference)
        for case, reference in zip(world.cases(), world.references(), strict=True)
        if len(case.images) == 2
    )


@pytest.fixture
def run(world: BenchmarkFolder, tmp_path: Path) -> RunFolder:
    """A run whose responses say which images were sent, or do not."""
    return run_of(world, tmp_path / "runs", "system", lambda _: None)


def _record(run: RunFolder, **sent: tuple[str, ...] | None) -> None:
    responses = [
        Response.model_validate(
            {
                "response_id": name,
                "request_digest": "0" * 64,
                "for": CallFor(case_id="c", stage="s"),
                "asked": "m",
                "images_sent": images,
            }
        )
        for name, images in sent.items()
    ]
    write_records(run.path / RESPONSES, responses)


def test_only_what_was_sent_is_told(run: RunFolder, case: tuple[Case, Reference]) -> None:
    """Images keep their number and their own caption; several calls behind an output add up."""
    shown, reference = case
    first, second = (image.sha256 for image in shown.images)
    _record(run, one=(first,), two=(second,), none=())
    facts = ImageFacts(run)
    assert facts.of(shown, reference, ["two"]) == f"Image 2: MR. Caption: caption 1 of {shown.case_id}"
    assert len(facts.of(shown, reference, ["one", "two"]).splitlines()) == 2
    assert facts.of(shown, reference, ["none"]) == "", "no image was sent, and that is known"


def test_where_nothing_is_recorded_all_images_are_told(run: RunFolder, case: tuple[Case, Reference]) -> None:
    """An imported output, or a response that does not say: the case's images stand for those sent."""
    _record(run, unsaid=None)
    for responses in ([], ["unsaid"], ["gone"]):
        assert len(ImageFacts(run).of(*case, responses).splitlines()) == 2


@pytest.mark.parametrize(
    ("changes", "captions", "line"),
    [
        ({}, (), "Image 1: MR. No caption."),
        ({"modality": None}, (" ",), "Image 1: unknown. No caption."),
        (
            {"sequence": "T2", "plane": "axial"},
            ("a\n  cyst",),
            "Image 1: MR, T2, axial. Caption: a cyst",
        ),
    ],
)
def test_what_is_not_known_of_an_image_is_left_out(
    run: RunFolder,
    case: tuple[Case, Reference],
    changes: dict[str, Any],
    captions: tuple[str, ...],
    line: str,
) -> None:
    """A caption is one line, since a line is an image; too few captions are no error."""
    shown, reference = case
    image = shown.images[0].model_copy(update=changes)
    shown = shown.model_copy(update={"images": (image, *shown.images[1:])})
    told = ImageFacts(run).of(shown, reference.model_copy(update={"captions": captions}), [])
    assert told.splitlines()[0] == line
    assert len(told.splitlines()) == 2
