"""What is refused before anything is sent."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted import scripted_with
from systems import floor

from medbench.errors import UsageError
from medbench.schema.case import Case
from medbench.schema.model import Limits, Price
from medbench.steps.access.probes import PROBES
from medbench.steps.run.checks import check_bounded, check_images, check_parts, check_ready
from medbench.steps.run.run_plan import RunPlan
from medbench.store.benchmark import BenchmarkFolder

PAID = Price(input=1.0, output=2.0)


@pytest.mark.parametrize(
    ("images", "most", "refused"),
    [
        ("all", 1, True),
        ("all", 2, False),
        ("all", None, False),
        ("first", 1, False),
        ("each", 1, False),
        ("spread:2", 1, True),
        ("none", 0, False),
    ],
)
def test_more_images_than_a_model_takes(
    bench: BenchmarkFolder, images: str, most: int | None, refused: bool
) -> None:
    """Every second case has two images: the first of those is named, with a choice that fits."""
    systems = [floor(), scripted_with(images, limits=Limits(images=most))]
    if not refused:
        check_images(bench, systems)
        return
    with pytest.raises(
        UsageError, match=r"2 images asked for, but scripted takes 1 \(case 'case-001'\)"
    ) as told:
        check_images(bench, systems)
    assert told.value.hint.startswith("--images spread:1")


@pytest.mark.parametrize("probe", sorted(PROBES))
def test_a_probe_adds_no_image(bench: BenchmarkFolder, probe: str) -> None:
    """A case with one image may be shown another's two: no case is refused that its system may be sent."""
    prepared = scripted_with(limits=Limits(images=2))
    probed = prepared.model_copy(update={"system": prepared.system.model_copy(update={"probe": probe})})
    check_images(bench, [probed])


@pytest.mark.parametrize(
    ("model", "settings", "max_cost", "missing"),
    [
        ({"price": PAID, "limits": Limits(image_tokens=9)}, {"max_tokens": 9}, 1.0, []),
        ({"price": PAID, "limits": Limits(image_tokens=9)}, {}, 1.0, ["settings.max_tokens"]),
        ({"price": PAID}, {"max_tokens": 9}, 1.0, ["limits.image_tokens"]),
        ({"price": PAID}, {}, 1.0, ["limits.image_tokens", "settings.max_tokens"]),
        ({"price": PAID}, {}, None, []),
        ({"price": Price(free=True)}, {}, 0.0, []),
        ({"price": Price(input=0, output=0)}, {}, 0.0, []),
        ({"price": Price(gpu_hour=1.0)}, {}, 1.0, []),
        ({"limits": Limits(image_tokens=9)}, {"max_tokens": 9}, 1.0, ["price"]),
        ({}, {"max_tokens": 9}, 0.0, ["price", "limits.image_tokens"]),
    ],
)
def test_what_a_call_may_cost(
    bench: BenchmarkFolder,
    tmp_path: Path,
    model: dict[str, Any],
    settings: dict[str, Any],
    max_cost: float | None,
    missing: list[str],
) -> None:
    """A ceiling that was asked for is refused with the missing keys; another is told of."""
    plan = RunPlan(benchmark="b", systems=(), root=tmp_path, command="x", max_cost=max_cost)
    system = scripted_with(settings=settings, **model)
    notices: list[str] = []
    check_bounded(plan, bench, floor(), notices.append)
    if missing:
        with pytest.raises(UsageError) as told:
            check_bounded(plan, bench, system, notices.append)
        added = tomllib.loads(told.value.hint.partition(":\n")[2].replace(" # or", " # "))
        keys = [
            f"{key}.{part}" if key != "price" else key
            for key, value in added["models"]["scripted"].items()
            for part in value
        ]
        assert keys == missing
        assert all(f"'{key}'" in told.value.message for key in missing)
    else:
        check_bounded(plan, bench, system, notices.append)
    assert not notices
    usual = plan.model_copy(update={"must_hold": False})
    check_bounded(usual, bench, system, notices.append)
    assert len(notices) == bool(missing)


def test_a_ceiling_looks_at_every_case(
    tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]
) -> None:
    """The first case has no image, the second one has: its tokens have no bound."""
    bench = write_benchmark(
        tmp_path / "mixed", changed=lambda case: case if case.case_id[-1] != "0" else _blind(case)
    )
    plan = RunPlan(benchmark="b", systems=(), root=tmp_path, command="x", max_cost=1.0)
    with pytest.raises(UsageError, match=r"has no 'limits\.image_tokens', so"):
        check_bounded(plan, bench, scripted_with(price=PAID, settings={"max_tokens": 9}), print)


def _blind(case: Case) -> Case:
    return Case(case_id=case.case_id, region=case.region, history=case.history, images=())


def test_parts_that_do_not_exist() -> None:
    """A provider or a pipeline that no file has is answered with the nearest name."""
    check_parts(scripted_with())
    check_parts(floor())
    with pytest.raises(UsageError, match="no provider is called 'opnai'") as told:
        check_parts(scripted_with(provider="opnai"))
    assert told.value.hint == "openai"
    wrong = scripted_with().system.model_copy(update={"pipeline": "singel"})
    with pytest.raises(UsageError, match="no pipeline is called 'singel'"):
        check_parts(scripted_with().model_copy(update={"system": wrong}))


def test_a_key_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named that has to be set; once it is, nothing is missing."""
    system = scripted_with(key_env="SCRIPTED_KEY")
    monkeypatch.delenv("SCRIPTED_KEY", raising=False)
    with pytest.raises(UsageError, match="'scripted' cannot be asked: no key") as told:
        check_ready(system)
    assert "SCRIPTED_KEY" in told.value.hint
    monkeypatch.setenv("SCRIPTED_KEY", "x")
    check_ready(system)
    check_ready(floor())
