"""From names typed at -m and --set to the systems that run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from medbench.config import Settings
from medbench.errors import UsageError
from medbench.registry import shipped_models
from medbench.schema.model import ModelFile
from medbench.schema.run import System
from medbench.steps.access.changes import unknown_settings
from medbench.steps.access.specs import specs_of
from medbench.steps.access.systems import PreparedSystem, prepare
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one
from medbench.store.runs import HEAD, new_head

OWN = Settings(
    models={
        "mine": {"provider": "echo", "id": "mine-1", "settings": {"t": 0.5, "n": 3, "deep": True, "w": "x"}}
    }
)


def _made(
    *names: str,
    changes: tuple[str, ...] = (),
    runs: Path = Path("nowhere"),
    pool: int = 3,
    on: BenchmarkFolder | None = None,
) -> list[PreparedSystem]:
    return list(prepare(specs_of(names, changes), OWN, runs, on or _benchmark(pool)))


def _benchmark(pool: int) -> BenchmarkFolder:
    """All that choosing systems needs of a benchmark."""
    head = SimpleNamespace(pool=pool, name="b", digest="0")
    return cast("BenchmarkFolder", SimpleNamespace(head=head, pool_digest=f"{pool}" * 64))


def test_the_baselines_are_always_there() -> None:
    """Every run adds the baselines; naming one of them changes nothing."""
    names = [one.system.name for one in _made()]
    assert names == [name for name in shipped_models() if name.startswith("baseline-")]
    assert {"baseline-best-list", "baseline-joined-references", "baseline-retrieval"} <= {*names}
    assert [one.system.name for one in _made("baseline-normal")] == names
    assert all(one.system.is_floor and not one.stages and not one.system.stages for one in _made())


def test_without_a_pool_its_baselines_are_left_out() -> None:
    """Baselines that answer from the pool are not run where there is none; a wrong name is still an error."""
    assert [one.system.name for one in _made(pool=0)] == ["baseline-generic", "baseline-normal"]
    with pytest.raises(UsageError, match="'baseline-nomal'"):
        _made("baseline-nomal", pool=0)


def test_each_named_model_runs_once_and_first() -> None:
    """Models come in the order typed, before the baselines, each once."""
    names = [one.system.name for one in _made("mine", "echo", "mine")]
    assert names[:2] == ["mine", "echo"]
    assert all(name.startswith("baseline-") for name in names[2:])


@pytest.mark.parametrize(
    ("typed", "settings", "name"),
    [
        ((), {}, "mine"),
        (("t=0.7",), {"t": 0.7}, "mine+t=0.7"),
        (("t=1",), {"t": 1.0}, "mine+t=1"),
        (("t=0.5",), {}, "mine"),
        (("n=4", "deep=false"), {"n": 4, "deep": False}, "mine+deep=False+n=4"),
        (("w=some words/..",), {"w": "some words/.."}, "mine+w=some-words-"),
        (('w="3"',), {"w": "3"}, "mine+w=3"),
        (("w=a=b",), {"w": "a=b"}, "mine+w=a=b"),
    ],
)
def test_what_differs_is_in_the_name(typed: tuple[str, ...], settings: dict[str, Any], name: str) -> None:
    """A changed setting is in the settings, in the name of the system, and in its digest."""
    plain, changed = _made("mine")[0], _made("mine", changes=typed)[0]
    assert changed.system.settings == {**plain.system.settings, **settings}
    assert changed.system.name == name or changed.system.name == name.rstrip("-.")
    assert (changed.system.digest == plain.system.digest) == (not settings)


@pytest.mark.parametrize(
    ("typed", "why", "hint"),
    [
        ("t", "takes key=value, not 't'", "--set"),
        ("=3", "takes key=value", "--set"),
        ("tt=0.1", "'tt' is not a setting of mine", "--set t=0.1"),
        ("qqqq=1", "'qqqq' is not a setting of mine", "one of: t, n, deep, w"),
        ("t=hot", "'hot' does not fit setting 't', which is a number", "--set t=0.5"),
        ("n=3.5", "which is a whole number", "--set n=3"),
        ("n=true", "which is a whole number", "--set n=3"),
        ("deep=1", "which is true or false", "--set deep=True"),
        ("w=3", "which is a text", "--set w=x"),
        ("t=true", "which is a number", "--set t=0.5"),
    ],
)
def test_a_wrong_setting_is_named(typed: str, why: str, hint: str) -> None:
    """A setting or value that does not fit is quoted, with a line that would."""
    with pytest.raises(UsageError) as caught:
        _made("mine", changes=(typed,))
    assert why in caught.value.message
    assert hint in caught.value.hint


def test_settings_without_a_model_are_refused() -> None:
    """--set without -m has nothing to set: it is not ignored in silence."""
    with pytest.raises(UsageError, match="t"):
        _made(changes=("t=1",))


@pytest.mark.parametrize("name", ["nope", "baseline-nomal", "./none.toml", "gemini-pros"])
def test_a_wrong_model_is_a_usage_error(name: str) -> None:
    """A model, a baseline or a file that is not there is a usage error with a way on."""
    with pytest.raises(UsageError) as caught:
        _made(name)
    assert caught.value.hint


def test_replay_answers_from_one_run(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """replay:RUN is a system of its own, named after the recorded one, without any setting."""
    for name in ("one", "two"):
        folder = tmp_path / "runs/bench" / name
        folder.mkdir(parents=True)
        system = System(name=name, family="medgemma", pipeline="imported")
        write_one(folder / HEAD, new_head(folder, bench, system, "x"))
    made = _made("replay:one", runs=tmp_path / "runs", on=bench)[0]
    assert (made.system.name, made.system.family, made.stages[0].model.provider) == (
        "replay-one",
        "medgemma",
        "replay",
    )
    assert made.stages[0].model.base_url == str(tmp_path / "runs/bench/one")
    with pytest.raises(UsageError, match="is not a setting of replay:one"):
        _made("replay:one", changes=("t=1",), runs=tmp_path / "runs", on=bench)
    with pytest.raises(UsageError, match="names 2 runs"):
        _made("replay:bench", runs=tmp_path / "runs", on=bench)
    with pytest.raises(UsageError, match="'none'"):
        _made("replay:none", runs=tmp_path / "runs", on=bench)


def test_replay_keeps_to_its_benchmark(
    write_benchmark: Callable[..., BenchmarkFolder], bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """A short name means the run on this benchmark, whatever was run last; another benchmark's is refused."""
    other = write_benchmark(tmp_path / "other" / "later", 7)
    for on in (bench, other):
        folder = tmp_path / "runs" / on.head.name / "one"
        folder.mkdir(parents=True)
        write_one(
            folder / HEAD, new_head(folder, on, System(name="one", family="f", pipeline="imported"), "x")
        )
    made = _made("replay:one", runs=tmp_path / "runs", on=bench)[0]
    assert made.stages[0].model.base_url == str(tmp_path / "runs" / bench.head.name / "one")
    with pytest.raises(UsageError, match="recorded on another benchmark"):
        _made(f"replay:{tmp_path / 'runs/later/one'}", runs=tmp_path / "runs", on=bench)


@pytest.mark.parametrize(
    ("name", "file", "says", "hint"),
    [
        (
            "own",
            {"provider": "echo", "pipeline": "self-consistency", "samplees": 7},
            "samplees",
            "samples = 7",
        ),
        (
            "own",
            {"provider": "echo", "pipeline": "retrieval", "example_image": True},
            "example_image",
            "_images",
        ),
        (
            "own",
            {"pipeline": "self-consistency", "samples": 7, "temperature": 1},
            "temperature",
            "one of: sam",
        ),
        ("own", {"pipeline": "two-stage", "temperature": 1}, "temperature", "no settings of its own"),
        ("baseline-random", {"sed": 3}, "sed", "seed = 3"),
        ("baseline-normal", {"seed": 3}, "seed", "no settings of its own"),
    ],
)
def test_a_setting_that_nothing_would_read_is_refused(
    name: str, file: dict[str, Any], says: str, hint: str
) -> None:
    """Of a pipeline or a baseline, too: it would be recorded and change nothing."""
    outside = {key: file.pop(key) for key in ("provider", "pipeline") if key in file}
    own = Settings(models={name: {**outside, "settings": file}})
    with pytest.raises(UsageError, match=f"'{says}' is not a setting of") as caught:
        prepare(specs_of(["own"] if name == "own" else []), own, Path("nowhere"), _benchmark(3))
    assert hint in caught.value.hint


def test_a_setting_of_a_pipeline_is_not_sent_to_its_model() -> None:
    """Where a model file has both, each goes where it is read."""
    settings = {"samples": 7, "temperature": 0.5}
    file = {"provider": "openai", "id": "m", "pipeline": "self-consistency", "settings": settings}
    own = Settings(models={"own": file})
    system = prepare(specs_of(["own"]), own, Path("nowhere"), _benchmark(3))[0].system
    assert system.settings == {"samples": 7}
    assert system.stages[0].settings == {"temperature": 0.5}


def test_settings_that_nobody_knows_are_named() -> None:
    """They are sent, and a person is told that the server may ignore them."""
    known, unknown = {"top_k": 3, "order": "text-first"}, {"top_k": 3, "shine": 1, "blur": 2}
    models = [
        ("a", ModelFile(provider="openai", id="a", settings=known)),
        ("b", ModelFile(provider="openai", id="b", settings=unknown)),
        ("c", ModelFile(provider="echo", id="c", settings=unknown)),
    ]
    (words,) = unknown_settings(models)
    assert words.startswith("b is sent 'shine', 'blur', unknown to medbench")
