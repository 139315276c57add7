"""The commands `judge` and `review` as they are typed: what they say, and their exit codes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import planted
import pytest
from judged_world import mixed, run_of

from medbench.schema.response import Request
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.runs import RunFolder

pytestmark = pytest.mark.usefixtures("planted_judge")
JUDGE = ("--judge", "planted:Planted", "--rubric", "report-like")


@pytest.fixture
def run(world: BenchmarkFolder, tmp_path: Path) -> RunFolder:
    """A run to judge, and a baseline beside it."""
    floor = run_of(world, tmp_path / "runs", "baseline-normal", mixed)
    head = (floor.path / "run.json").read_text("utf-8").replace('"single"', '"baseline-normal"')
    (floor.path / "run.json").write_text(head, "utf-8")
    return run_of(world, tmp_path / "runs", "medgemma-4b", mixed)


def test_a_judge_says_who_it_is_what_it_costs_and_how_it_stands(
    run: RunFolder, medbench: Callable[..., Any]
) -> None:
    """The plan comes first, the table and the card are the result, what to type next comes last."""
    said = medbench("judge", *JUDGE)
    assert said.code == 0, said.err
    assert "1 system (the baselines are graded by rules, free; --all pays)." in said.words
    assert "rubric report-like: 24 outputs + 40 canaries" in said.words
    assert "cost unknown" in said.err
    assert "24/24" in said.out
    assert "card of planted-Planted/report-like" in said.out
    assert "must be ignored" in said.out
    assert said.err.rstrip().splitlines()[-2].startswith("Next: medbench compare")
    assert max(map(len, said.out.splitlines())) <= 100
    again = medbench("judge", *JUDGE)
    assert again.code == 0
    assert "Going on: 24 verdicts on disk" in again.err


def test_the_line_that_compares_can_be_typed_also_after_a_second_judge(
    run: RunFolder, medbench: Callable[..., Any]
) -> None:
    """Of two judges none counts unnamed: what is to be typed next names the one that has just graded."""
    medbench("judge", *JUDGE)
    said = medbench("judge", *JUDGE, "--context", "captions")
    assert said.code == 0, said.err
    line = said.err.partition("Next: medbench ")[2].partition("   ")[0]
    assert line.startswith("compare --judge ")
    shown = medbench(*shlex.split(line))
    assert shown.code == 0, shown.err
    assert f"judge {shlex.split(line)[-1]}" in shown.words


def test_a_dry_run_shows_a_question_and_writes_nothing(run: RunFolder, medbench: Callable[..., Any]) -> None:
    """One question stands there whole; nothing is sent, and no verdict is written."""
    said = medbench("judge", *JUDGE, "--dry-run")
    assert said.code == 0
    assert "<<<REFERENCE>>>" in said.out
    assert not planted.Planted.asked
    assert not (run.path / "verdicts.jsonl").exists()
    listed = medbench("judge", "--judge", "planted:Planted", "--dry-run")
    assert "24 references to list" in listed.words
    assert "listed by the judge first" in listed.out


def test_a_refused_judge_leaves_the_run_as_it_was(
    run: RunFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """It lacks its key, so nothing is asked, and no empty file is made."""
    (tmp_path / "m.toml").write_text(
        'provider = "openai"\nid = "m"\nbase_url = "http://localhost:9/v1"\nkey_env = "NOT_SET"'
    )
    before = {path.name for path in run.path.glob("*.json*")}
    refused = medbench("judge", "--judge", "./m.toml")
    assert (refused.code, "NOT_SET" in refused.err) == (2, True), refused.err
    assert "24 outputs" not in refused.words, "no price is named for what cannot be asked"
    assert refused.err.splitlines()[-2:] == [
        "Error: judge 'm' cannot be asked: no key.",
        "Try:   export NOT_SET=…",
    ]
    assert sorted(path.name for path in run.path.parent.iterdir()) == ["baseline-normal", "medgemma-4b"]
    assert {path.name for path in run.path.glob("*.json*")} == before


def test_without_a_judge_it_says_what_a_key_would_add(
    run: RunFolder, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody named and no key is no error in the dark: the free rater is there, and this is what to type."""
    for key in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    said = medbench("judge")
    assert said.code == 2
    assert "The free rater `rules` is there already" in said.err
    assert "export GEMINI_API_KEY" in said.err


def _planted_answers(says: Callable[[Request, int], str]) -> None:
    planted.Planted.answers = staticmethod(says)


def test_an_outage_is_exit_3_and_the_same_line_completes_it(
    run: RunFolder, medbench: Callable[..., Any]
) -> None:
    """It says what is kept, what is missing, and that none of it is poor."""

    def stops(request: Request, number: int) -> str:
        from medbench.errors import ProviderError

        if number > 10:
            raise ProviderError("auth", "the key was refused", final=False, stops=True)
        return planted.verdict("good")

    _planted_answers(stops)
    said = medbench("judge", *JUDGE, "--audit", 0, "--fallback", "echo")
    assert said.code == 3
    assert "Stopped: planted:Planted was given up" in said.err
    assert "none of them counts as poor" in said.words
    assert "not for an outage" in said.err
    assert "10/24" in said.out
    planted.Planted.answers = None
    assert medbench("judge", *JUDGE, "--audit", 0).code == 0


def test_unreadable_answers_are_exit_3_below_the_coverage(
    run: RunFolder, medbench: Callable[..., Any]
) -> None:
    """A judge without a usable answer is down, whatever coverage would do: a fallback is what to try."""
    _planted_answers(lambda request, number: "It is fine.")
    said = medbench("judge", *JUDGE, "--audit", 0, "--limit", 4)
    assert said.code == 3
    assert "0 of 4 outputs are judged" in said.err
    assert "--fallback NAME" in said.err
    assert "medbench show case-000" in said.err
    said_of_case = medbench("show", "case-000").words
    assert "no verdict, prose: words in place of an object: 'It is fine.'" in said_of_case
    assert medbench("judge", *JUDGE, "--audit", 0, "--limit", 4, "--min-coverage", 0).code == 3


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--judge", "planted:Planted", "--fallback", "planted:Planted"), "cannot stand in for itself"),
        (("--judge", "nobody"), "no model is called 'nobody'"),
        (("--judge", "echo", "--rubric", "matched"), "no rubric is called 'matched'"),
        (("runs/world/baseline-normal", "--judge", "echo"), "holds baselines alone"),
    ],
)
def test_wrong_choices_are_two_lines(
    run: RunFolder, medbench: Callable[..., Any], args: tuple[str, ...], why: str
) -> None:
    """What is wrong, and what to try."""
    said = medbench("judge", *args)
    assert said.code == 2
    assert why in said.err
    assert "Try:" in said.err


def test_faults_and_replicates_are_said_in_words(run: RunFolder, medbench: Callable[..., Any]) -> None:
    """A fault is named with what it means for a reader."""
    planted.Planted.fault = "side"
    said = medbench("judge", *JUDGE, "--audit", 90, "--replicates", 2)
    assert "Fault: side" in said.out
    assert "read 'good' as 'good, side unchecked'" in said.words
    assert "Replicates: 0 of 24 pairs of judgings differ" in said.out
    few = medbench(
        "judge",
        "--judge",
        "planted:Planted",
        "--rubric",
        "report-like",
        "--context",
        "captions",
        "--audit",
        3,
    )
    assert "not tested (n" in few.out


def test_a_sheet_is_written_and_read_back(
    run: RunFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Two files, never over others; a graded one becomes verdicts."""
    said = medbench("review", "sheet", "--sample", 5)
    assert said.code == 0
    assert "5 texts of 1 system, who wrote which is hidden" in said.err
    assert medbench("review", "sheet", "--sample", 5).code == 1
    rows = (tmp_path / "review-1.csv").read_text("utf-8-sig").replace('"","","",""', '"good","yes","","Ada"')
    (tmp_path / "ada.csv").write_text(rows, "utf-8")
    done = medbench("review", "import", "ada.csv")
    assert done.code == 0
    assert "5 verdicts of reviewer:Ada on medgemma-4b." in done.err
    assert "5 were there already" in medbench("review", "import", "ada.csv", "--run", "medgemma-4b").err
    assert medbench("review", "sheet", "baseline-normal", "--out", "other").code == 2
    assert medbench("review", "sheet", "--sample", 5, "-o", "other").code == 0
    assert (tmp_path / "other.csv").is_file()


def test_people_and_the_fallback_stand_on_the_card(
    run: RunFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """What people think of the judge, and the fallback's share, are said, in compare too."""

    def stubborn(request: Request, number: int) -> str:
        judged = planted.block(request.text, "OUTPUT")
        if request.model == "planted:Planted" and judged == "The liver shows steatosis.":
            return "No."
        reference = planted.block(request.text, "REFERENCE")
        return planted.verdict(planted.GRADES[planted.true_grade(reference, judged)])

    _planted_answers(stubborn)
    (tmp_path / "deputy.toml").write_text('provider = "planted:Planted"\nid = "deputy"\n', "utf-8")
    medbench("review", "sheet", "--sample", 16)
    rows = (tmp_path / "review-1.csv").read_text("utf-8-sig").splitlines()
    grades = ["good" if "No lymphadenopathy is seen." in row.split('","')[3] else "partial" for row in rows]
    graded = [
        row.replace('"","","",""', f'"{grade}","","","Ada"') for row, grade in zip(rows, grades, strict=True)
    ]
    (tmp_path / "ada.csv").write_text("\n".join(graded) + "\n", "utf-8")
    assert medbench("review", "import", "ada.csv").code == 0
    said = medbench("judge", *JUDGE, "--fallback", "deputy.toml")
    assert said.code == 0, said.err
    assert "8 of 24 verdicts are the fallback's (33 %)." in said.out
    assert re.search(r"Checked by people: same grade as people on \d+ of 16, good found (\d+)/\1,", said.out)
    assert re.search(r"good 33 % by the judge; by its errors on the reviewed outputs \d+ % \[", said.words)
    assert "(Rogan\u2013Gladen, a diagnosis)" in said.out
    assert "canaries have no grade and are in no row" not in said.out
    compared = medbench("compare")
    assert "card of planted-Planted/report-like" in compared.out
    assert "As people would grade" in compared.out


def test_what_a_judge_lacks_is_said_once(
    run: RunFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """That the ceiling cannot hold is said before the price, and not again when judging begins."""
    (tmp_path / "m.toml").write_text('provider = "planted:Planted"\nid = "m"')
    said = medbench("judge", "--judge", "./m.toml", "--rubric", "report-like")
    assert said.code == 0, said.err
    assert said.words.count("the ceiling of $10 cannot hold for its calls") == 1
    assert said.words.index("cannot hold") < said.words.index("24 outputs")
    assert run.path.is_dir()


def test_a_dry_run_says_what_each_judge_lacks(
    run: RunFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Each once, the fallback too."""
    for name in ("a", "b", "c"):
        text = f'provider = "openai"\nid = "m"\nbase_url = "http://x/v1"\nkey_env = "NO_{name.upper()}"'
        (tmp_path / f"{name}.toml").write_text(text)
    said = medbench("judge", "--judge", "./a.toml,./b.toml", "--fallback", "./c.toml", "--dry-run")
    assert said.code == 2
    assert "Missing too: judge 'b' cannot be asked: no key." in said.words
    assert "Missing too: fallback 'c' cannot be asked: no key." in said.words
    assert said.err.splitlines()[-2:] == ["Error: judge 'a' cannot be asked: no key.", "Try:   export NO_A=…"]
    assert run.path.is_dir()


def _fails_at_steatosis(request: Request, number: int) -> str:
    judged = planted.block(request.text, "OUTPUT")
    if request.model == "planted:Planted" and judged == "The liver shows steatosis.":
        return "No."
    grade = planted.true_grade(planted.block(request.text, "REFERENCE"), judged)
    return planted.verdict(planted.GRADES[grade])


CLAUDE = 'provider = "anthropic"\nid = "m"\nbase_url = "http://x/v1"\n'


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("fallback", "said"),
    [
        ('provider = "openai"\nid = "m"\nbase_url = "http://x/v1"\nkey_env = "NO_KEY"', "no key."),
        ('provider = "openai"\nid = "m"', "no server."),
        (CLAUDE + 'settings = {max_tokens = 9, temperature = "warm"}', "'warm' does not fit"),
        (CLAUDE + "settings = {max_tokenz = 9}", "'max_tokenz' is not a setting"),
        ('provider = "nowhere"\nid = "m"', "provider 'nowhere'"),
        ('provider = "planted:Missing"\nid = "m"', "Missing"),
    ],
)
def test_a_fallback_that_alone_has_work_is_checked_first(
    run: RunFolder,
    medbench: Callable[..., Any],
    tmp_path: Path,
    fallback: str,
    said: str,
    dry: tuple[str, ...],
) -> None:
    """The judge has failed for good at a third: nothing is left for it, and all of that for the fallback."""
    _planted_answers(_fails_at_steatosis)
    assert medbench("judge", *JUDGE, "--audit", 0).code == 3
    before = {path: path.stat().st_size for path in run.path.iterdir()}
    (tmp_path / "deputy.toml").write_text(fallback, "utf-8")
    refused = medbench("judge", *JUDGE, "--audit", 0, "--fallback", "./deputy.toml", *dry)
    assert refused.code == 2, refused.err
    assert said in refused.err
    assert {path: path.stat().st_size for path in run.path.iterdir()} == before


def test_a_plan_says_what_the_fallback_alone_is_asked(
    run: RunFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Also which of its settings nobody knows; without work it needs no key, and nothing is said of it."""
    _planted_answers(_fails_at_steatosis)
    medbench("judge", *JUDGE, "--audit", 0)
    mistyped = 'provider = "openai"\nid = "deputy"\nbase_url = "http://x/v1"\nsettings = {temprature = 0.5}'
    (tmp_path / "mistyped.toml").write_text(mistyped, "utf-8")
    dry = medbench("judge", *JUDGE, "--audit", 0, "--fallback", "./mistyped.toml", "--dry-run")
    assert "Fallback mistyped (deputy), rubric report-like: 8 outputs, about" in dry.words
    assert "It stands in for planted-Planted, without a grade for these cases." in dry.words
    assert "temprature" in dry.err
    (tmp_path / "deputy.toml").write_text('provider = "planted:Planted"\nid = "deputy"\n', "utf-8")
    assert medbench("judge", *JUDGE, "--audit", 0, "--fallback", "deputy.toml").code == 0
    (tmp_path / "mistyped.toml").write_text(mistyped + '\nkey_env = "NO_KEY"', "utf-8")
    done = medbench("judge", *JUDGE, "--audit", 0, "--fallback", "./mistyped.toml", "--dry-run")
    assert (done.code, "Fallback" in done.words) == (0, False)
    assert run.path.is_dir()
