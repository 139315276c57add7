"""Every experiment that comes with medbench, conducted on drawn images with models that the test plants."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from exhaustive import spread
from planted import matching
from scripted import NAME, Scripted
from stand_ins import stand_ins

import medbench as mb
from medbench.api.build import build_medpix, build_phantom_volumes
from medbench.api.experiments import planning
from medbench.registry import shipped_names
from medbench.schema.response import Request
from medbench.steps.experiment.read import CONFIGS, NamedExperiment, read_experiment


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose settings put a planted provider in the place of every service."""
    monkeypatch.chdir(tmp_path)
    planted = {"provider": NAME, "price": {"free": True}}
    (tmp_path / "medbench.toml").write_text(stand_ins(lambda _: planted), "utf-8")
    monkeypatch.setattr(Scripted, "asked", [])
    monkeypatch.setattr(Scripted, "says", staticmethod(_says))

    def on_phantoms(name: str) -> NamedExperiment:
        plain, experiment = read_experiment(name)
        changes: dict[str, Any] = {"benchmark": "phantom-40", "limit": 3, "replicates": 1}
        return NamedExperiment(plain, experiment.model_copy(update=changes))

    monkeypatch.setattr(planning, "read_experiment", on_phantoms)


def _says(request: Request) -> str:
    """A judge grades; any other model sees a mass."""
    if "<<<" in request.text:
        return matching(request, 0)
    return "There is a 2 cm mass in the left lung."


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", spread(shipped_names(CONFIGS), 8))
def test_each_config_comes_to_its_comparison(name: str) -> None:
    """What it names exists, its systems differ, and each is compared with what the file says."""
    result = mb.experiment(name, progress=False)
    assert result.complete
    assert result.comparison is not None
    assert set(result.plan.pairs) <= {(pair.a, pair.b) for pair in result.comparison.pairs}
    assert read_experiment(name).experiment.question in " ".join(str(result).split())


@pytest.mark.usefixtures("offline")
def test_a_system_without_the_history_is_never_told_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its requests say that none is given; those of the others have it."""
    asked: list[Request] = []

    def says(request: Request) -> str:
        asked.append(request)
        return _says(request)

    monkeypatch.setattr(Scripted, "says", staticmethod(says))
    mb.experiment("history", progress=False)
    told = {
        (request.settings.get("history", True), "history: not given" in request.text)
        for request in asked
        if "<<<" not in request.text
    }
    assert told == {(True, False), (False, True)}


@pytest.mark.parametrize("name", shipped_names(CONFIGS))
def test_what_a_config_builds_can_be_built(name: str) -> None:
    """Its keys are those of the command; any other benchmark is one that the quickstart builds."""
    benchmark = read_experiment(name).experiment.benchmark
    if isinstance(benchmark, str):
        assert benchmark == "medpix-100"
    else:
        builders: dict[str, Callable[..., Any]] = {
            "medpix": build_medpix,
            "phantom-volumes": build_phantom_volumes,
        }
        builder = builders[benchmark["build"]]
        assert benchmark.keys() - {"build"} <= signature(builder).parameters.keys()
