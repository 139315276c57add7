"""medbench.toml: the nearest upwards; an unknown key is an error that names the nearest known one."""

from __future__ import annotations

from pathlib import Path

import pytest

from medbench.config import Settings, find_settings, load_settings
from medbench.errors import UsageError


def _write(folder: Path, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "medbench.toml").write_bytes(content)
    return folder


def test_the_nearest_file_upwards_counts(tmp_path: Path) -> None:
    """From a deep folder the first file on the way up is used, and only that one."""
    _write(tmp_path, b"max_cost = 1\n[defaults]\nruns = 'far'")
    near = _write(tmp_path / "a" / "b", b"max_cost = 2")
    deep = near / "c" / "d"
    deep.mkdir(parents=True)
    assert find_settings(deep) == near / "medbench.toml"
    assert load_settings(deep).max_cost == 2
    assert find_settings(tmp_path / "a") == tmp_path / "medbench.toml"
    assert load_settings(tmp_path / "a").max_cost == 1


def test_paths_start_at_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder below, the runs and the benchmark are those beside the file; a name stays a name."""
    _write(tmp_path, b"[defaults]\nruns = 'kept'\nbenchmark = 'mine'")
    (tmp_path / "mine").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    found = load_settings().defaults
    assert Path(found.runs).resolve() == tmp_path / "kept"
    assert Path(found.benchmark or "").resolve() == tmp_path / "mine"
    (tmp_path / "mine").rmdir()
    assert load_settings().defaults.benchmark == "mine"
    monkeypatch.chdir(tmp_path)
    assert load_settings().defaults.runs == "kept"


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    """No file on the way up: the defaults; a folder of that name is not a file."""
    (tmp_path / "medbench.toml").mkdir()
    assert load_settings(tmp_path) == Settings()
    assert Settings().max_cost == 10


def test_everything_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key of the file arrives."""
    monkeypatch.chdir(tmp_path)
    content = b"""
    max_cost = 2.5
    [defaults]
    benchmark = "medpix-100"
    models = ["a", "b"]
    concurrency = 7
    judge = ["j"]
    rubric = "report-like"
    fallback = "f"
    runs = "elsewhere"
    benchmarks = "shelf"
    [models.mine]
    provider = "echo"
    """
    found = load_settings(_write(tmp_path, content))
    assert found.max_cost == 2.5
    assert found.defaults.model_dump() == {
        "benchmark": "medpix-100",
        "models": ("a", "b"),
        "concurrency": 7,
        "judge": ("j",),
        "rubric": "report-like",
        "fallback": "f",
        "runs": "elsewhere",
        "benchmarks": "shelf",
    }
    assert found.models == {"mine": {"provider": "echo"}}


@pytest.mark.parametrize(
    ("content", "why", "hint"),
    [
        (b"max_cost = 2026-11-22", "field 'max_cost' is '2026-11-22'", "a number"),
        (b"max_cots = 1", "unknown field 'max_cots'", "max_cost = …"),
        (b"[defaults]\nmodel = ['a']", "unknown field 'defaults.model'", "models = …"),
        (b"[defaults]\nqqqq = 1", "unknown field 'defaults.qqqq'", "one of: benchmark"),
        (b"max_cost = 'much'", "field 'max_cost' is 'much'", "expected: a number"),
        (b"max_cost = -1", "field 'max_cost' is '-1'", "expected: 0 or more"),
        (b"[defaults]\nconcurrency = 0", "field 'defaults.concurrency' is '0'", "expected: 1 or more"),
        (b"[defaults]\nconcurrency = 1.5", "'defaults.concurrency' is '1.5'", "a whole number"),
        (b"[defaults]\nmodels = 'a'", "field 'defaults.models' is 'a'", "a list, such as"),
        (b"[defaults]\nruns = true", "field 'defaults.runs' is 'true'", "a text in quotes"),
        (b"models = 3", "field 'models' is '3'", "a table"),
        (b"[models]\nmine = 3", "field 'models.mine' is '3'", "a table"),
        (b"max_cost = 1\na = = 1", "line 2 is not TOML: 'a = = 1'", "key = value"),
        (b"max_cost =", "line 1 is not TOML: 'max_cost ='", "key = value"),
        (b"api_key = sk-1", "line 1 is not TOML: 'api_key = …'", "key = value"),
        (b"\xff\xfe", "line 1 is not UTF-8", "save it as UTF-8"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, content: bytes, why: str, hint: str) -> None:
    """A wrong field or value is quoted with the file's path, and what is expected is said."""
    folder = _write(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        load_settings(folder)
    assert why in caught.value.message
    assert str(folder / "medbench.toml") in caught.value.message
    assert hint in caught.value.hint
