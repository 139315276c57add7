"""Probes: what is shown in the place of a case, and what has nothing to be probed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.config import load_settings
from medbench.errors import UsageError
from medbench.schema.response import Request
from medbench.schema.spec import SystemSpec
from medbench.steps.access.probes import PROBES, partners, with_probes
from medbench.steps.access.systems import PreparedSystem, prepare
from medbench.steps.run.calls import new_pipeline
from medbench.store.benchmark import find_benchmark

MODEL = """
provider = "scripted:Scripted"
id = "m"
[limits]
images = {images}
[settings]
max_tokens = 9
"""


@pytest.fixture(name="prepared")
def _prepared(tmp_path: Path) -> Callable[..., PreparedSystem]:
    def make(probe: str | None, *, limits: int = 9, **parts: str) -> PreparedSystem:
        file = tmp_path / "m.toml"
        file.write_text(MODEL.format(images=limits), "utf-8")
        spec = SystemSpec(model=str(file), probe=probe, **parts)
        return prepare([spec], load_settings(), tmp_path, find_benchmark("phantom-40"))[0]

    return make


def _request(prepared: PreparedSystem) -> Request:
    benchmark = find_benchmark("phantom-40")
    (call,) = new_pipeline(prepared, benchmark).plan(next(benchmark.cases()), 0)
    return call.request


def test_a_probe_is_the_same_system_shown_something_else(prepared: Callable[..., PreparedSystem]) -> None:
    """Each probe changes one thing of the request; name and digest say so, and lead back to the system."""
    plain = prepared(None)
    asked = _request(plain)
    for probe in PROBES:
        other = prepared(probe)
        assert other.system.name == f"m+probe={probe}"
        assert other.system.digest != plain.system.digest == other.system.probed
        request = _request(other)
        changed = {
            "images": request.images != asked.images,
            "settings": request.settings != asked.settings,
            "history": ("not given" in request.text) != ("not given" in asked.text),
        }
        expected = {"none": "images", "swap": "images", "no-history": "history"}.get(probe, "settings")
        assert [name for name, differs in changed.items() if differs] == [expected]
    assert _request(prepared("mirror")).settings["image_transform"] == "mirror"


def test_no_request_of_a_probe_holds_an_answer(prepared: Callable[..., PreparedSystem]) -> None:
    """Text, diagnosis and name of a case in its source are in none, nor are those of a swapped case."""
    benchmark = find_benchmark("phantom-40")
    words = {word for one in benchmark.references() for word in (one.text, one.diagnosis, one.source_id)}
    for probe in PROBES:
        pipeline = new_pipeline(prepared(probe), benchmark)
        for call in (call for case in benchmark.cases() for call in pipeline.plan(case, 0)):
            assert not [word for word in words if word and word in call.request.text]


def test_partners_are_other_patients_of_the_region() -> None:
    """Each case of phantom-40 is shown a case of its region, the same one each time, and never itself."""
    cases = {case.case_id: case for case in find_benchmark("phantom-40").cases()}
    found = partners(cases.values())
    assert found == partners(reversed(list(cases.values())))
    assert found.keys() == cases.keys()
    for case_id, other in found.items():
        assert other.case_id != case_id
        assert other.region == cases[case_id].region


@pytest.mark.parametrize(
    ("probe", "parts", "words"),
    [
        ("mirrored", {}, "mirror"),
        ("mirror", {"images": "none"}, "sent no image"),
        ("blank", {"limits": 0}, "sent no image"),
        (None, {"limits": 0, "images": "first"}, "reads text only"),
        ("no-history", {"prompt": "bare"}, "never told the history"),
    ],
)
def test_a_probe_that_changes_nothing_is_an_error(
    probe: str | None,
    parts: dict[str, Any],
    words: str,
    prepared: Callable[..., PreparedSystem],
    tmp_path: Path,
) -> None:
    """It is refused before the first call, with what to type."""
    bare = tmp_path / "bare.toml"
    bare.write_text('kind = "findings"\ntext = "Describe."\n', "utf-8")
    if "prompt" in parts:
        parts = {"prompt": str(bare)}
    with pytest.raises(UsageError) as error:
        prepared(probe, **parts)
    assert words in f"{error.value.message} {error.value.hint}"
    assert error.value.hint


def test_baselines_have_no_probes() -> None:
    """They look at nothing; without a model there is nothing to probe."""
    specs = [SystemSpec(model="baseline-normal"), SystemSpec(model="echo")]
    names = [(spec.model, spec.probe) for spec in with_probes(specs, ["swap", "swap"])]
    assert names == [("baseline-normal", None), ("echo", None), ("echo", "swap")]
    with pytest.raises(UsageError, match="no model to ask"):
        with_probes(specs[:1], ["swap"])


def test_a_setting_at_its_usual_value_is_in_no_digest(tmp_path: Path) -> None:
    """Any model takes the settings of images; the usual way to show them is that of older runs."""
    benchmark, settings = find_benchmark("phantom-40"), load_settings()

    def digest(**changes: str) -> str:
        spec = SystemSpec(model="gemini-flash", settings=dict(changes))
        return prepare([spec], settings, tmp_path, benchmark)[0].system.digest

    assert digest() == digest(image_transform="none", image_labels="none")
    named = SystemSpec(
        model="gemini-flash", settings={"image_transform": "pad+jpeg-75", "image_labels": "after"}
    )
    system = prepare([named], settings, tmp_path, benchmark)[0].system
    assert system.name == "gemini-flash+image_labels=after+image_transform=pad+jpeg-75"
    assert system.settings["image_transform"] == "pad+jpeg-75"
    with pytest.raises(UsageError, match="pads"):
        digest(image_transform="pads")
