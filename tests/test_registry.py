"""The registry: names found by file, wrong ones answered with the nearest right one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medbench.scoring
from medbench.errors import UsageError
from medbench.pricing.prices import Prices
from medbench.providers import provider_class
from medbench.registry import (
    find_model,
    find_part,
    model_names,
    names_in,
    scorers,
    shipped_models,
    unknown,
)
from medbench.sentences import nearest

ANNOUNCED = {"vertex"}
"""Providers that later versions bring; models may name them already."""


@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_every_model_file_loads(name: str) -> None:
    """Each shipped file is valid, says what it is, and its provider or pipeline is there or announced."""
    model = find_model(name, {})
    if model.provider:
        assert model.provider in {*names_in("providers"), *ANNOUNCED}
        assert model.id
    else:
        assert model.pipeline in names_in("pipelines")
        assert model.summary
    assert model.price is None or model.price.free or model.price.as_of, "a price has a date"


@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_a_listed_model_has_no_price_of_its_own(name: str) -> None:
    """Where the price table has a model, its file says no price, which would hide a price that changes."""
    model = find_model(name, {})
    if model.provider and provider_class(model.provider).price_service:
        assert model.price is None
        assert Prices(model).charged == "token"


def test_settings_of_one_service_are_not_sent_to_another() -> None:
    """Behind another provider, a shipped model keeps the settings that all have; those of the user count."""
    own = {"gemini-flash": {"provider": "openai", "id": "x", "settings": {"top_k": 1}}}
    shipped, model = find_model("gemini-flash", {}), find_model("gemini-flash", own)
    assert {"thinking", "media_resolution"} <= shipped.settings.keys()
    kept = {key: shipped.settings[key] for key in ("order", "temperature", "max_tokens")}
    assert model.settings == {**kept, "top_k": 1}


def test_a_users_keys_are_laid_over_the_shipped_ones() -> None:
    """A key in [models.NAME] replaces that key alone, however deep; the shipped file is not changed."""
    own = {"medgemma-4b": {"endpoint": "123", "settings": {"temperature": 0.5}, "limits": {"images": 2}}}
    model, shipped = find_model("medgemma-4b", own), find_model("medgemma-4b", {})
    assert (model.endpoint, model.settings["temperature"], model.limits.images) == ("123", 0.5, 2)
    assert model.settings["max_tokens"] == shipped.settings["max_tokens"]
    assert model.limits.concurrency == shipped.limits.concurrency
    assert shipped.endpoint is None
    assert shipped.settings["temperature"] == 0.0


def test_a_model_of_ones_own_is_listed() -> None:
    """A name of medbench.toml stands beside the shipped ones, each once."""
    names = model_names({"mine": {}, "echo": {}})
    assert "mine" in names
    assert names == sorted(set(names))
    assert find_model("mine", {"mine": {"provider": "echo", "id": "x"}}).id == "x"


@pytest.mark.parametrize(
    ("own", "why", "hint"),
    [
        ({"provider": "echo", "temprature": 1}, "unknown field 'temprature'", "one of"),
        ({"provider": "echo", "endpont": "x"}, "unknown field 'endpont'", "endpoint"),
        ({"provider": "echo", "limits": {"imags": 1}}, "unknown field 'limits.imags'", "images = …"),
        ({"provider": "echo", "api_key": "sk-1"}, "'api_key'", "environment"),
        ({"provider": "echo", "settings": {"API_KEY": "sk-1"}}, "'settings.API_KEY'", "environment"),
        ({"provider": "echo", "settings": {"t": float("nan")}}, "setting 't' cannot be 'nan'", "t ="),
        ({"provider": "echo", "settings": {"t": object()}}, "setting 't' cannot be", "t ="),
        ({"provider": "echo", "settings": 3}, "field 'settings' is '3'", "a table"),
        ({"provider": "echo", "limits": {"images": "two"}}, "'limits.images' is 'two'", "a whole number"),
        ({"provider": "echo", "limits": {"concurrency": 0}}, "'limits.concurrency' is '0'", "1 or more"),
        ({"provider": "echo", "expect": {"text_bytes": 0}}, "'expect.text_bytes' is '0'", "more than 0"),
        ({"provider": "echo", "retires": "x" * 99}, "is '" + "x" * 60 + "…'", "a day"),
        ({"provider": "echo", "hidden": "maybe"}, "'hidden' is 'maybe'", "true or false"),
        ({"provider": "echo", "retires": "soon"}, "'retires' is 'soon'", "a day, such as"),
        ({"provider": "echo", "price": {"dat": 1}}, "unknown field 'price.dat'", "date = …"),
        ({"provider": "echo", "price": {"input": 1}}, "field 'price' needs both", "correct"),
        (
            {"provider": "echo", "key_env": "sk-1"},
            "field 'key_env' is not the name of a variable",
            "key_env =",
        ),
        ({"provider": "echo", "stages": {"a": {"model": "b"}}}, "has 'stages' and no 'pipeline'", "correct"),
        ({}, "needs 'provider', 'pipeline' or both", "correct"),
    ],
)
def test_a_wrong_key_is_named(own: dict[str, Any], why: str, hint: str) -> None:
    """An unknown key, a secret, a value that no file can hold: quoted, with what to try; no secret shown."""
    with pytest.raises(UsageError) as caught:
        find_model("mine", {"mine": own})
    assert why in caught.value.message
    assert hint in caught.value.hint
    assert "sk-1" not in caught.value.message + caught.value.hint


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    """A typo in a model, provider or pipeline offers the right name; a name like no other lists them."""
    with pytest.raises(UsageError) as caught:
        find_model("gemini-flahs", {})
    assert caught.value.message == "no model is called 'gemini-flahs'."
    assert caught.value.hint.startswith("-m gemini-flash")
    with pytest.raises(UsageError, match="no pipeline is called 'singel'") as caught:
        find_part("pipelines", "pipeline", "singel")
    assert caught.value.hint == "single"
    assert "echo | replay" in unknown("provider", "qqqqq", ["replay", "echo"]).hint
    assert nearest("qqqqq", ["echo"]) is None


def test_a_model_file_by_path(tmp_path: Path) -> None:
    """A TOML file of one's own is a model; a missing, broken or foreign one is a sentence with its path."""
    path = tmp_path / "mine.toml"
    for content, why in (
        (None, "cannot be read"),
        (b"a = ", "is not TOML"),
        (b"\xff", "line 1 is not UTF-8"),
        (b"a=1", "'a'"),
    ):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(UsageError, match=why) as caught:
            find_model(str(path), {})
        assert str(path) in caught.value.message
        assert caught.value.hint
    path.write_text('provider = "echo"\nid = "mine-1"\n')
    assert find_model(str(path), {}).id == "mine-1"


def test_a_part_from_outside(module: Callable[[str, str], str]) -> None:
    """'my_mod:Name' is the object of that name."""
    module("my_part", "class Provider:\n    flag = 7\n")
    assert find_part("providers", "provider", "my_part:Provider").flag == 7


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (None, "not_there_mod:Provider"),
        ("x = 1", "broken_mod:Provider"),
        ("def broken(:", "broken_mod:Provider"),
        ("1 / 0", "broken_mod:Provider"),
        ("raise OSError('no')", "broken_mod:Provider"),
        ("x = 1", "broken_mod:"),
        ("x = 1", ":x"),
    ],
)
def test_a_part_that_cannot_be_loaded_is_a_sentence(
    module: Callable[[str, str], str], code: str | None, name: str
) -> None:
    """Whatever a module of the user's does on import: two lines with its name, never a traceback."""
    if code is not None:
        module("broken_mod", code)
    with pytest.raises(UsageError, match=f"provider '{name}' cannot be loaded") as caught:
        find_part("providers", "provider", name)
    assert caught.value.hint


def test_parts_of_the_working_folder_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installed command finds a module in the working folder, as `python -m medbench` does.

    Afterwards the folder is in the way of no other import, whether the module could be loaded or not.
    """
    (tmp_path / "cwd_only_mod.py").write_text("import cwd_other_mod\nProvider = cwd_other_mod.FIVE")
    (tmp_path / "cwd_other_mod.py").write_text("FIVE = 5")
    (tmp_path / "cwd_broken_mod.py").write_text("1 / 0")
    monkeypatch.chdir(tmp_path)
    before = [entry for entry in sys.path if entry not in {"", str(tmp_path)}]
    monkeypatch.setattr(sys, "path", before.copy())
    assert find_part("providers", "provider", "cwd_only_mod:Provider") == 5
    with pytest.raises(UsageError, match="ZeroDivisionError"):
        find_part("providers", "provider", "cwd_broken_mod:Provider")
    assert sys.path == before
    for name in ("cwd_only_mod", "cwd_other_mod"):
        del sys.modules[name]


def test_names_are_typed_with_dashes() -> None:
    """A file baseline_normal.py is called baseline-normal, and every file of a room has a name."""
    assert "baseline-normal" in names_in("pipelines")
    assert not [name for room in ("providers", "pipelines") for name in names_in(room) if "_" in name]


def test_every_scorer_keeps_the_contract() -> None:
    """Each scorer has metrics, a method for its signature, and no metric of another."""
    found = scorers()
    assert set(found) == {"findings", "rouge", "rules", "usage"}
    metrics = [metric for scorer in found.values() for metric in scorer.METRICS]
    assert len(metrics) == len(set(metrics))
    for scorer in found.values():
        assert "|parser:" not in scorer.METHOD, "medbench.scoring.signature adds parser and benchmark"


def test_finding_the_scorers_imports_no_other_file_of_scoring() -> None:
    """What flags, controls and probes take to be read is not paid by each command that lists metrics."""
    code = "import sys; from medbench.registry import scorers; scorers(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"medbench.scoring.flags", "medbench.scoring.perturb"} & set(loaded.stdout.split())


@pytest.mark.parametrize("says", ["METRICS = ('typed',)", "METRICS: tuple[str, ...] = ('typed',)"])
def test_a_scorer_may_give_its_metrics_a_type(
    says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that says it at the top is a scorer, however it says so; one that uses the word is none."""
    (tmp_path / "typed_metrics.py").write_text(f"\n{says}\n")
    (tmp_path / "talks_of_metrics.py").write_text("# METRICS = are elsewhere\n")
    monkeypatch.setattr(medbench.scoring, "__path__", [*medbench.scoring.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "medbench.scoring.typed_metrics", raising=False)
    found = scorers()
    monkeypatch.delitem(sys.modules, "medbench.scoring.typed_metrics")
    assert set(found) == {"findings", "rouge", "rules", "typed_metrics", "usage"}
