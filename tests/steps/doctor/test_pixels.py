"""`doctor --pixels`: each planted fault is named, a faithful server passes, the blind are told as such."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import comb
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pixel_faults import (
    GOOGLES_SERVER,
    NOTEBOOK,
    NotTakenError,
    Reader,
    dicom_reader,
    downscaled,
    dropping,
    faithful,
    lossy,
    sampling,
    webp,
)
from seeing_server import Asked, Server

from medbench.datasets.phantom import patches
from medbench.schema.model import Limits, ModelFile
from medbench.schema.results.doctor import Answered, Check, Probe
from medbench.scoring.pixels import LOST, SHOWN, TRIALS, PlaceCounts, place_in
from medbench.steps.doctor.doctor import ask_all, doctor_plan
from medbench.steps.doctor.pixel_checks import pixel_checks
from medbench.steps.doctor.pixels import QUESTIONS, pixel_probes

Drawn = list[tuple[Probe, Any]]


MODEL = ModelFile(
    provider="openai",
    id="med-1",
    base_url="http://127.0.0.1:9/v1",
    key_env="",
    price={"free": True},
    limits=Limits(concurrency=8),
)


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """The calls to a model that takes any number of images, and what a server would be sent."""
    folder = tmp_path_factory.mktemp("drawn")
    return [
        (
            probe,
            SimpleNamespace(
                text=probe.request.text,
                images=[(folder / image.file).read_bytes() for image in probe.request.images],
            ),
        )
        for probe in pixel_probes(MODEL, folder)
    ]


def _checks(drawn: Drawn, reader: Callable[[Any], str]) -> dict[str, Check]:
    """Return the checks by name, of a reader that is asked without a network."""
    answers = []
    for probe, sent in drawn:
        try:
            answers.append(Answered(probe, reader(sent)))
        except NotTakenError:
            answers.append(Answered(probe, None, "bad_request"))
    return {check.name: check for check in pixel_checks(MODEL, answers)}


PLAIN = {"pixels": "ok", "resizing": "ok", "JPEG": "ok", "slices": "ok", "DICOM": "ok"}
DICOMS = {"pixels": "ok", "resizing": "ok", "JPEG": "ok", "slices": "ok", "window": "ok", "wrap": "ok"}


@pytest.mark.parametrize(
    ("fault", "states", "words"),
    [
        (faithful, PLAIN, {"resizing": "lines of 1 pixel are seen", "DICOM": "takes no DICOM file"}),
        (dicom_reader(NOTEBOOK, wraps=False), DICOMS, {}),
        (lossy, {**PLAIN, "JPEG": "no"}, {"JPEG": "as sent 0/16, as JPEG makes them 16/16"}),
        (webp, {**PLAIN, "JPEG": "no"}, {"JPEG": "lossy JPEG or WebP"}),
        (
            downscaled(448),
            {**PLAIN, "resizing": "note"},
            {"resizing": "scaled down on their way"},
        ),
        # Seen as a beat: whatever is said of it must not be that each pixel arrived.
        (downscaled(768), PLAIN, {"resizing": "as to two thirds, is not noticed"}),
        (downscaled(672), PLAIN, {"resizing": "as to two thirds, is not noticed"}),
        (downscaled(224), {**PLAIN, "resizing": "note"}, {"resizing": "to fewer than about 448 pixels"}),
        (
            dropping(4),
            {**PLAIN, "slices": "no"},
            {"slices": "the middle and last of 8 pictures do not reach the answers"},
        ),
        (dropping(5), {**PLAIN, "slices": "no"}, {"slices": "the last of 8 pictures"}),
        (sampling, {**PLAIN, "slices": "no"}, {"slices": "the middle of 8 pictures"}),
        (
            dicom_reader(GOOGLES_SERVER, wraps=False),
            {**DICOMS, "window": "no"},
            {"window": "green is 135 to 215 HU"},
        ),
        (dicom_reader(NOTEBOOK, wraps=True), {**DICOMS, "wrap": "no"}, {"wrap": "turn white"}),
        (
            dicom_reader(GOOGLES_SERVER, wraps=True),
            {**DICOMS, "window": "no", "wrap": "no"},
            {"window": "0/16, from 135 HU 16/16", "wrap": "0/16, air white 16/16"},
        ),
    ],
    ids=[
        "faithful",
        "reads-dicom",
        "jpeg-75",
        "webp",
        "to-448",
        "to-768",
        "to-672",
        "to-224",
        "first-4",
        "first-5",
        "every-third",
        "window",
        "wrap",
        "googles-server",
    ],
)
def test_each_fault_is_named_and_nothing_else(
    probes: Drawn,
    fault: Callable[..., Any],
    states: dict[str, str],
    words: dict[str, str],
) -> None:
    """The reader looks at what the fault has left of the pictures: it knows no answer."""
    checks = _checks(probes, Reader(fault))
    assert {name: check.state for name, check in checks.items()} == states
    for name, part in words.items():
        assert part in checks[name].words


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: "Top left.",
        lambda _: "I cannot see an image.",
        lambda _: "",
        lambda asked: random.Random(asked.images[0]).choice(patches.PLACES),
        lambda _: "top left, top right, bottom left or bottom right",
    ],
    ids=["always-the-same", "says-it-is-blind", "says-nothing", "guesses", "says-all"],
)
def test_who_sees_nothing_tells_nothing(probes: Drawn, answer: Callable[[Any], str]) -> None:
    """Neither faithful nor at fault: only that it cannot be told."""
    (check,) = _checks(probes, answer).values()
    assert (check.name, check.state) == ("pixels", "note")
    assert "cannot tell" in check.words


@pytest.mark.parametrize("fault", [faithful, dicom_reader(NOTEBOOK, wraps=False)])
def test_a_reader_with_errors_gives_no_false_alarm(probes: Drawn, fault: Callable[..., Any]) -> None:
    """A fifth of the answers wrong, 40 times over: no fault is named but as seldom as the note says."""
    reader = Reader(fault, 0.2, random.Random(5))
    found = [_checks(probes, reader) for _ in range(40)]
    alarms = sum(any(check.state == "no" for check in checks.values()) for checks in found)
    passed = sum(all(check.state == "ok" for check in checks.values()) for checks in found)
    assert alarms <= 2
    assert passed >= 20


def test_a_reader_with_errors_still_names_the_fault(probes: Drawn) -> None:
    """JPEG is named in nearly all of 40 trials by one who errs in a fifth of its answers."""
    reader = Reader(lossy, 0.2, random.Random(6))
    found = [_checks(probes, reader) for _ in range(40)]
    named = sum("JPEG" in checks and checks["JPEG"].state == "no" for checks in found)
    assert named >= 34


def _at_least(count: int, share: float) -> float:
    return sum(comb(TRIALS, k) * share**k * (1 - share) ** (TRIALS - k) for k in range(count, TRIALS + 1))


def test_the_error_rates_are_those_of_the_decision_note() -> None:
    """Exact binomial tails: of a guesser among four places, and of one who errs in a fifth."""
    assert _at_least(SHOWN, 0.25) == pytest.approx(0.0016, abs=0.0001)
    assert _at_least(SHOWN, 0.8) == pytest.approx(0.973, abs=0.001)
    assert _at_least(SHOWN, 0.2 / 3) < 1e-8
    assert 1 - _at_least(LOST + 1, 0.8) == pytest.approx(0.0015, abs=0.0001)
    assert 1 - _at_least(LOST + 1, 0.25) == pytest.approx(0.973, abs=0.001)


def test_half_the_truth_is_no_proof() -> None:
    """One who takes target or decoy by chance, since both have stripes, shows neither."""
    assert PlaceCounts(16, 9, 7, 16).outcome == "unclear"
    assert PlaceCounts(16, 4, 4, 16).outcome == "lost"
    assert PlaceCounts(16, 4, 0, 15).outcome == "unclear"
    assert PlaceCounts(16, 10, 0, 10).outcome == "seen"


def test_places_are_balanced_and_pictures_differ(probes: Drawn) -> None:
    """Each place is right as often as any other, no two calls are alike, and a decoy is another place."""
    asked = [probe for probe, _ in probes]
    for question in QUESTIONS:
        own = [probe for probe in asked if probe.question == question]
        assert len(own) == TRIALS
        assert sorted(probe.truth for probe in own) == sorted(patches.PLACES * (TRIALS // 4))
        assert all(probe.truth != probe.decoy for probe in own)
        assert len({tuple(image.sha256 for image in probe.request.images) for probe in own}) == TRIALS
        assert len({probe.request.text for probe in own}) == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Top left.", "top left"),
        ("**upper-right**", "top right"),
        ("The left lower tile", "bottom left"),
        ("It is not top left. It is bottom right.", "bottom right"),
        ("top left or top right", None),
        ("left", None),
        ("I cannot see any image, perhaps top left", None),
        ("The lower right-hand tile", "bottom right"),
        ("", None),
    ],
)
def test_places_in_prose(text: str, place: str | None) -> None:
    """A short answer, or a sentence that settles on one."""
    assert place_in(text) == place


def _answering(reader: Callable[[Any], str]) -> Callable[[Asked], str | httpx.Response]:
    def answer(asked: Asked) -> str | httpx.Response:
        try:
            return reader(asked)
        except NotTakenError:
            return httpx.Response(400, json={"error": {"message": "cannot identify image file"}})

    return answer


def test_over_the_wire_and_without_dicom(tmp_path: Path, server: Server) -> None:
    """A server that refuses DICOM files is asked once; the others are sent as they were drawn."""
    server.answer = _answering(Reader(lossy))
    plan = doctor_plan("m", MODEL, tmp_path / "d", pixels=True)
    (report,) = ask_all([plan], print, max_cost=0.0)
    states = {check.name: check.state for check in report.checks if check.name in PLAIN}
    assert states == {**PLAIN, "JPEG": "no"}
    assert (report.state, len(server.asked)) == ("no", 8 * TRIALS + 1)
    assert sum(one.images[0][128:132] == b"DICM" for one in server.asked) == 1


def test_a_model_that_takes_one_image_or_none(tmp_path: Path, server: Server) -> None:
    """Of one image a call there is no series; of none there is nothing to ask."""
    one = MODEL.model_copy(update={"limits": Limits(images=1, concurrency=8)})
    probes = pixel_probes(one, tmp_path)
    assert {len(probe.request.images) for probe in probes} == {1}
    none = MODEL.model_copy(update={"limits": Limits(images=0)})
    plan = doctor_plan("m", none, tmp_path / "none", pixels=True)
    assert (plan.probes, plan.checks[-1].state) == ((), "note")
    assert "reads text only" in plan.checks[-1].words
    two = MODEL.model_copy(update={"limits": Limits(images=2)})
    assert "middle" not in {probe.question for probe in pixel_probes(two, tmp_path)}


def test_the_command(
    tmp_path: Path, server: Server, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it costs first, then a line for each thing; exit code 1 where a fault is named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "medbench.toml").write_text(
        '[models.mine]\nprovider = "openai"\nid = "med-1"\nbase_url = "http://127.0.0.1:9/v1"\nkey_env = ""\n'
        "price = { free = true }\nlimits = { concurrency = 8 }\n"
    )
    server.answer = _answering(Reader(dropping(4)))
    said = medbench("doctor", "-m", "mine", "--pixels")
    assert said.code == 1
    assert f"{10 * TRIALS} calls on drawn images, free." in said.words
    assert "the middle and last of 8 pictures do not reach the answers" in said.words
    assert medbench("doctor", "--pixels").code == 2
