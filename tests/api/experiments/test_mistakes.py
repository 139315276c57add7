"""Mistakes in an experiment's file that must cost nothing: each is found before the first call."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted import Scripted, write_models

import medbench as mb
from medbench.api.experiments.planning import in_file
from medbench.errors import InputError, UsageError

FILE = """
question = "Does the second one see more?"
benchmark = "phantom-40"
primary = "finding.f1"
max_cost = {cost}
limit = 4
[grid]
model = ["one.toml", "two.toml"]
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Scripted, "asked", [])
    write()
    write_models("one", "two", "judge")


def write(*, cost: float = 1, more: str = "") -> None:
    """Write the experiment."""
    Path("which.toml").write_text(FILE.format(cost=cost) + more, "utf-8")


def test_a_source_of_which_images_are_missing_is_built_by_a_line_that_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, medbench: Callable[..., Any]
) -> None:
    """The line of an experiment has no options of `build`; what that line builds is taken the next time."""

    def build(out: str, per_stratum: int) -> None:
        raise InputError(
            f"images are missing ({out}, {per_stratum}).", "complete it, or --available-only to draw"
        )

    monkeypatch.setattr("medbench.api.build.build_medpix", build)
    said = medbench("run", "next-50", "--dry-run")
    assert said.code == 1
    assert "images are missing (medpix-50, 10)." in said.words
    assert "medbench build medpix --out medpix-50 --per-stratum 10 --available-only" in said.words


@pytest.mark.parametrize(
    ("judging", "says"),
    [
        ("judge = ['gemni-pro']", "no model is called 'gemni-pro'"),
        ("judge = ['judge.toml']\nrubric = 'matchd-1'", "no rubric is called 'matchd-1'"),
        ("judge = ['judge.toml']\nfallback = 'judge.toml'", "cannot stand in for itself"),
        ("judge = ['judge.toml']\nfallback = 'clade-opus'", "no model is called 'clade-opus'"),
        ("judge = ['baseline-normal']", "is not a model, so it cannot judge"),
    ],
)
def test_a_mistake_in_the_judging_is_found_before_a_model_is_asked(
    judging: str, says: str, medbench: Callable[..., Any]
) -> None:
    """Also by a dry run, and not when all answers are paid for."""
    write(more=f"[judge]\n{judging}\n")
    for line in (("run", "which.toml"), ("run", "which.toml", "--dry-run")):
        said = medbench(*line)
        assert (said.code, says in said.words) == (2, True)
    assert Scripted.asked == []
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            '"phantom-40"',
            '"medpix-100"',
            "Try: medbench build medpix (or one of: phantom-40, phantom-200)",
        ),
        ('"phantom-40"', '"phantom-4"', "Try: 'phantom-40' in place of 'phantom-4'"),
        ("[grid]", '[judge]\njudge = ["gemni-pro"]\n[grid]', "Try: 'gemini-pro' in place of 'gemni-pro'"),
        ("[grid]", "grid = 1\n[grd]", "has an unknown field 'grd'"),
        (
            "[grid]",
            '[systems.sc]\nmodel = "one.toml"\nsamples = 3\n[grid]',
            "unknown field 'systems.sc.samples'. Try: stages = …; or a setting: settings = { samples = … }",
        ),
    ],
)
def test_a_wrong_name_is_looked_for_in_the_file(
    old: str, new: str, says: str, medbench: Callable[..., Any]
) -> None:
    """It does not stand in the line that was typed: the experiment is named, and no option is offered."""
    Path("which.toml").write_text(Path("which.toml").read_text("utf-8").replace(old, new), "utf-8")
    said = medbench("run", "which.toml", "--dry-run")
    assert said.code == 2
    assert "experiment 'which" in said.words
    assert says in said.words


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        (4, "4 cases are too few to show any difference in good (80 % power"),
        (40, "40 cases show a difference in good of 24 points or more (80 % power"),
    ],
)
def test_a_dry_run_says_what_so_many_cases_can_show(
    limit: int, says: str, medbench: Callable[..., Any]
) -> None:
    """Nothing, in words that cannot be read otherwise, where no difference reaches the power."""
    text = FILE.format(cost=9).replace("finding.f1", "good").replace("limit = 4", f"limit = {limit}")
    Path("which.toml").write_text(f"{text}[judge]\njudge = ['judge.toml']\n", "utf-8")
    assert says in medbench("run", "which.toml", "--dry-run").words


def test_a_judge_that_cannot_be_asked_is_an_error_while_answers_are_missing(
    monkeypatch: pytest.MonkeyPatch, medbench: Callable[..., Any]
) -> None:
    """No key, or no judge and no usual one, which is an error with the answers, too; a dry run ends alike."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for judging, says in (("judge = ['gemini-pro']", "cannot be asked: no key"), ("", "names no judge")):
        write(cost=50, more=f"[judge]\n{judging}\n")
        said = medbench("run", "which.toml")
        assert (said.code, says in said.words) == (2, True), said
        dry = medbench("run", "which.toml", "--dry-run")
        assert (dry.code, dry.err.partition("Error: ")[2]) == (2, said.err.partition("Error: ")[2])
    assert Scripted.asked == []
    write()
    assert medbench("run", "which.toml").code == 0
    write(more="[judge]\n")
    assert "names no judge" in medbench("run", "which.toml").words


@pytest.mark.parametrize(
    ("model", "says", "hint"),
    [
        ('provider = "openai"\nbase_url = "http://x/v1"\nkey_env = "NOT_SET"', "no key", "export NOT_SET=…"),
        (
            'provider = "batch-files"\nbase_url = "files"',
            "'two' answers files of requests only",
            "medbench run phantom-40 -m two --batch",
        ),
    ],
)
def test_a_system_that_cannot_be_asked_ends_before_anything_is_declared(
    model: str, says: str, hint: str, medbench: Callable[..., Any]
) -> None:
    """Neither a declaration nor a run is written, and no other system is asked."""
    Path("two.toml").write_text(f'id = "two"\nprice = {{ free = true }}\n{model}\n', "utf-8")
    said = medbench("run", "which.toml")
    assert (said.code, says in said.words) == (2, True), said
    assert said.err.splitlines()[-1] == f"Try:   {hint}"
    assert not Path("runs").exists()
    assert Scripted.asked == []


def test_a_dry_run_says_all_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, medbench: Callable[..., Any]
) -> None:
    """Of each system and of each judge, once; with the keys, it ends well."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    remote = 'provider = "openai"\nbase_url = "http://x/v1"\nkey_env = "NOT_SET"\nprice = { free = true }\n'
    Path("two.toml").write_text(f'id = "two"\n{remote}[settings]\nmax_tokens = 9\n', "utf-8")
    write(cost=50, more="[judge]\njudge = ['gemini-pro', 'claude-haiku']\nfallback = 'gemini-flash'\n")
    said = medbench("run", "which.toml", "--dry-run")
    assert said.code == 2
    assert "Error: 'two' cannot be asked: no key." in said.words
    assert said.words.count("Missing too: ") == 3
    for judge in ("judge 'gemini-pro'", "judge 'claude-haiku'", "fallback 'gemini-flash'"):
        assert f"Missing too: {judge} cannot be asked: no key." in said.words
    for name in ("NOT_SET", "GEMINI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "a-key-of-a-test")
    assert medbench("run", "which.toml", "--dry-run").code == 0
    assert Scripted.asked == []


@pytest.mark.parametrize(
    "other", ['images = "spread:4"', "settings = { max_tokens = 100 }", 'settings = { order = "text-first" }']
)
def test_two_names_of_one_system_are_an_error_before_the_first_call(other: str) -> None:
    """They would share their answers, and the comparison would be of a system with itself."""
    text = Path("which.toml").read_text("utf-8").partition("[grid]")[0]
    named = f"[systems.a]\nmodel = 'one.toml'\n[systems.b]\nmodel = 'one.toml'\n{other}\n"
    Path("which.toml").write_text(text + named, "utf-8")
    with pytest.raises(UsageError, match="'a' and 'b' are the same system"):
        mb.experiment("which.toml", progress=False)
    assert Scripted.asked == []


def test_an_experiment_of_nearly_that_name_is_offered(medbench: Callable[..., Any]) -> None:
    """What stands there may be a benchmark or an experiment; a benchmark that is as near comes first."""
    said = medbench("run", "promt-ab", "--dry-run")
    assert (said.code, "Try: medbench run prompt-ab --dry-run" in said.words) == (2, True), said.words
    assert "medbench run phantom-40" in medbench("run", "phantom-4").words
    assert "medbench build medpix" in medbench("run", "medpix-100").words


def test_a_setting_that_does_not_fit_is_put_right_as_the_file_has_it(medbench: Callable[..., Any]) -> None:
    """Not as an option of the line."""
    write(more='[systems.warm]\nmodel = "gemini-flash"\nsettings = { temperature = "hot" }\n')
    said = medbench("run", "which.toml", "--dry-run")
    assert said.code == 2
    assert said.err.splitlines()[-2:] == [
        "Error: experiment 'which': 'hot' does not fit setting 'temperature', which is a number.",
        "Try:   temperature = 1.0",
    ]


@pytest.mark.parametrize(
    "hint",
    ["--set image_transform=none", "--set by=picture | by=text", "--set temperature=0.3", "--set deep=true"],
)
def test_a_setting_is_said_as_it_stands_in_a_file(hint: str) -> None:
    """What would follow --set on a command line is a line of TOML in an experiment's file."""
    with pytest.raises(UsageError) as caught, in_file("which"):
        raise UsageError("'x' does not fit.", hint)
    for line in caught.value.hint.split(" | "):
        ((key, value),) = tomllib.loads(line).items()
        assert f"{key}={value}".lower() in hint
