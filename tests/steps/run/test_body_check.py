"""Requests that are larger than a service takes, found before the first call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted import scripted_with

from medbench.errors import UsageError
from medbench.providers import provider_class
from medbench.schema.case import Case
from medbench.schema.model import Limits, ModelFile
from medbench.steps.run.body_check import check_bodies
from medbench.store.benchmark import BenchmarkFolder


def _large(case: Case) -> Case:
    """Say that every image has 6 MB: what is recorded is what is sent."""
    images = tuple(image.model_copy(update={"bytes": 6_000_000}) for image in case.images)
    return Case(case_id=case.case_id, region=case.region, history=case.history, images=images)


@pytest.mark.parametrize(
    ("images", "most", "hint"),
    [
        ("all", None, ""),
        ("all", 17_000_000, ""),
        ("each", 9_000_000, ""),
        ("none", 1, ""),
        ("all", 9_000_000, "--images spread:1, which fits in every case"),
        ("each", 7_000_000, "--set image_transform=jpeg-95"),
        ("all", 7_000_000, "--set image_transform=jpeg-95"),
    ],
)
def test_what_fits_is_said(
    tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder], images: str, most: int | None, hint: str
) -> None:
    """Two images of 6 MB make 16 MB in base64; one makes 8."""
    bench = write_benchmark(tmp_path / "b", changed=_large)
    system = scripted_with(images, limits=Limits(body_bytes=most))
    if not hint:
        check_bodies(bench, [system])
        return
    with pytest.raises(UsageError, match="make a request of") as told:
        check_bodies(bench, [system])
    assert told.value.hint.startswith(hint)


def test_transformed_images_are_measured_as_they_are_sent(bench: BenchmarkFolder) -> None:
    """The recorded size is of the file, not of what is sent."""
    small = scripted_with(settings={"image_transform": "resize-512"}, limits=Limits(body_bytes=12_000))
    with pytest.raises(UsageError, match="make a request of"):
        check_bodies(bench, [small])
    check_bodies(bench, [scripted_with(limits=Limits(body_bytes=12_000))])


@pytest.mark.parametrize(
    ("provider", "model", "most"),
    [
        ("vertex", {}, 10_000_000),
        ("vertex", {"base_url": "http://localhost:1"}, None),
        ("vertex", {"limits": {"body_bytes": 5}}, 5),
        ("anthropic", {}, 32_000_000),
        ("openai", {}, None),
        ("openai", {"limits": {"body_bytes": 5}}, 5),
    ],
)
def test_limits_are_the_services_or_of_the_model_file(
    provider: str, model: dict[str, Any], most: int | None
) -> None:
    """A dedicated endpoint of Vertex AI takes 10 MB; a server of one's own what its file says."""
    file = ModelFile.model_validate({"provider": provider, "id": "m", **model})
    assert provider_class(provider).most_bytes(file) == most
