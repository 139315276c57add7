"""What people are told to type works as it stands; the fixture `medbench` parses every such line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hints import hints, refused

from medbench.store.benchmark import BenchmarkFolder


def test_hints_are_found_and_parsed() -> None:
    """Behind Next: and Try:, on the lines below, and in brackets; a wrong option is found."""
    text = "Next: medbench show 'a b'   one\n      medbench compare --ful\nit (medbench review sheet).\n"
    assert hints(text) == ["medbench show 'a b'", "medbench compare --ful", "medbench review sheet"]
    assert [line for line in hints(text) if refused(line)] == ["medbench compare --ful"]


RIGHT = {
    "run -m echo baseline-normal": "run -m echo,baseline-normal",
    "run phantom-40 -m echo gemini-pro gemini-flash": "run phantom-40 -m echo,gemini-pro,gemini-flash",
    "doctor -m gemini-pro gemini-flash": "doctor -m gemini-pro,gemini-flash",
    "run phantom-40 --model ekho": "run phantom-40 --model echo   (all: medbench models)",
    "run -m baseline-normal,ekho": "run -m baseline-normal,echo   (all: medbench models)",
    "run fantom-40 --limit 2": "run phantom-40 --limit 2",
    "plan --benchmark phantom40": "plan --benchmark phantom-40",
    "import a.csv --benchmark phantm-40 --system x": "import a.csv --benchmark phantom-40 --system x",
    "run phantom-40 --limt 2": "run phantom-40 --limit 2   (all: medbench run --help)",
    "report --imges=none": "report --images=none   (all: medbench report --help)",
    "rn --limit 2": "run --limit 2   (all: medbench --help)",
    "build medpx": "build medpix   (all: medbench build --help)",
    "run -m gemini-pro --set temprature=1 --dry-run": "run -m gemini-pro --set temperature=1 --dry-run",
}


@pytest.mark.parametrize(("typed", "hint"), RIGHT.items())
def test_a_wrong_name_is_put_right_in_the_line_that_was_typed(
    medbench: Callable[..., Any], tmp_path: Path, typed: str, hint: str
) -> None:
    """With its own options; models that stand apart are joined with commas."""
    (tmp_path / "a.csv").write_text("case_id,text\nx,A mass.\n", "utf-8")
    said = medbench(*typed.split())
    assert said.code == 2
    assert said.err.splitlines()[-1] == f"Try:   medbench {hint}"


@pytest.mark.parametrize(("name", "key"), [("our-llm-7b", "our-llm-7b"), ("org/vlm.v2", '"org/vlm.v2"')])
def test_an_unknown_model_is_told_how_to_become_known(
    medbench: Callable[..., Any], tmp_path: Path, name: str, key: str
) -> None:
    """Four lines of TOML that work once they stand in medbench.toml."""
    said = medbench("run", "-m", name, "--dry-run")
    assert said.code == 2
    lines = [line.strip() for line in said.err.splitlines()[-4:]]
    assert lines[0] == f"[models.{key}]"
    (tmp_path / "medbench.toml").write_text("\n".join(lines), "utf-8")
    assert medbench("run", "-m", name, "--dry-run").code == 0


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        (
            "report --images tiny",
            "invalid value for '--images': 'tiny' is not one of 'full', 'thumb', 'none'.",
        ),
        ("gate a --against b --max-drop=abc", "'abc' for '--max-drop' should be a valid number."),
        ("run --limit 0", "'0' for '--limit' should be greater than or equal to 1."),
        ("compare --full -m", "no such option '-m'."),
        ("import absent.html", "'absent.html' is not there."),
        ("build", "'medbench build' needs a subcommand."),
        ("endpoint deploy", "missing argument 'model'."),
    ],
)
def test_a_value_that_does_not_fit_is_quoted(medbench: Callable[..., Any], typed: str, refusal: str) -> None:
    """In plain words, without those of the libraries below."""
    said = medbench(*typed.split())
    assert said.code == 2
    assert said.err.splitlines()[0] == f"Error: {refusal}"
    assert len(said.err.splitlines()) == 2


def test_the_help_that_is_named_is_that_of_the_subcommand(medbench: Callable[..., Any]) -> None:
    """Of a group its commands are named."""
    assert medbench("endpoint", "deploy").err.endswith("\nTry:   medbench endpoint deploy --help\n")
    assert "one of: medpix, phantom, " in medbench("build").err
    mapped = medbench("build", "hf", "a/b", "--mapp", "x")
    assert mapped.err.endswith("\nTry:   medbench build hf a/b --map x   (all: medbench build hf --help)\n")


@pytest.mark.parametrize("out", [".", "absent/file"])
@pytest.mark.parametrize("line", ["report", "report baseline-normal --card", "export baseline-normal --csv"])
def test_a_file_that_cannot_be_written_is_named_as_it_was_typed(
    medbench: Callable[..., Any], tmp_path: Path, line: str, out: str
) -> None:
    """Not by the name of the unfinished file; a folder in the place of a file is refused, too."""
    medbench("run", "--limit", "2")
    said = medbench(*line.split(), "-o", out)
    assert said.code == 1
    assert said.err.startswith(f"Error: '{out}'")
    assert len(said.err.splitlines()) == 2
    assert not list(tmp_path.glob(".*.partial"))


def test_paths_in_hints_are_quoted(medbench: Callable[..., Any], tmp_path: Path) -> None:
    """A folder of runs with a space in its name, and a case that is then shown by the line that names it."""
    said = medbench("run", "--limit", "2", "--out", "my runs")
    assert "Next: medbench compare 'my runs/phantom-40'" in said.err
    assert medbench("compare", "my runs/phantom-40").code == 0
    assert (tmp_path / "my runs").is_dir()
    said = medbench("run", "--limit", "2")
    assert medbench("show", "baseline-generc").err.endswith("\nTry:   medbench show baseline-generic\n")
    (show,) = [line for line in hints(said.err) if " show " in line]
    assert medbench(*show.split()[1:]).code == 0


@pytest.mark.parametrize(
    ("typed", "says", "hint"),
    [
        (
            "run a.csv",
            "'a.csv' is a file, and a benchmark is a folder.",
            "medbench build folder --cases a.csv --images FOLDER --out NAME   (from a table)",
        ),
        ("run bench/cases.jsonl", "'bench/cases.jsonl' is a file, and a benchmark is a folder.", "'bench'"),
        (
            "run -m gemini-flash --set seed=1",
            "'seed' is not a setting of gemini-flash.",
            "one of: order, temperature, thinking, media_resolution, max_tokens; another goes in [settings]",
        ),
        ("compare nowhere", "no run is called 'nowhere'.", "medbench show   (all runs)"),
    ],
)
def test_what_a_newcomer_types_is_answered_with_the_way_on(
    medbench: Callable[..., Any], tmp_path: Path, bench: BenchmarkFolder, typed: str, says: str, hint: str
) -> None:
    """A table in place of a benchmark, a setting that the file does not have, a run that is not there."""
    (tmp_path / "a.csv").write_text("case_id,text\nx,A mass.\n", "utf-8")
    assert bench.path.name == "bench"
    said = medbench(*typed.split())
    assert said.code == 2
    assert said.err.splitlines()[-2:] == [f"Error: {says}", f"Try:   {hint}"]
