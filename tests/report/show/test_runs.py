"""The screens of `show`: all runs, one run, one case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from results import estimate, run_head, run_state, summary
from screens import printed

from medbench.errors import UsageError
from medbench.report.show.case import EXCERPT, one_case
from medbench.report.show.run import LISTED, one_run
from medbench.report.show.runs import leaderboard
from medbench.schema.account import Sum
from medbench.schema.case import Case
from medbench.schema.finding import SeenFindings
from medbench.schema.reference import Reference
from medbench.schema.response import Failure
from medbench.schema.results.profile import Profile
from medbench.schema.results.view import CaseView, OutputView, RunState, RunView
from medbench.schema.run import BenchmarkLink, ModelUse, Output, SourceFile, Stage, System
from medbench.schema.score import Score, Slice
from medbench.schema.verdict import Verdict

TIED = {"c": 0.3, "b": 0.1 + 0.2, "a": 0.3}
FAILURE = Failure(kind="timeout", reason="after 60 s", final=True)
IMPORTED = run_head(imported_from=(SourceFile(file="old.jsonl", sha256="0"),))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "3 to go"),
        ({"texts": 9, "final_failures": {"timeout": 1}}, "complete; failed: 1 timeout"),
        ({"texts": 0, "wanted": 0}, "not begun"),
        ({"wanted": None, "problem": "no benchmark"}, "no benchmark"),
        ({"wanted": None}, "unknown"),
        ({"head": IMPORTED}, "imported, 3 missing"),
        ({"head": IMPORTED, "texts": 10}, "imported"),
    ],
)
def test_the_state_of_a_run_in_words(given: dict[str, Any], words: str) -> None:
    """What the same line could still do; nothing of a run made elsewhere or whose benchmark is gone."""
    title, header, row = printed(*leaderboard([run_state(**given)])).splitlines()
    assert title == "bench (01234567)"
    assert header.split() == ["system", "n", "above", "chance", "cost", "state"]
    assert row.endswith(f" {words}")


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (Sum(), " $0 "),
        (Sum(calls=2, unknown=2), " unknown "),
        (Sum(calls=2, usd=0.5), " $0.50 "),
        (Sum(calls=2, usd=0.5, unknown=2), " $0.50, 2 unknown "),
        (Sum(calls=2, usd=0.5, reused=3, reused_usd=0.2), " $0.50 + $0.20 reused "),
        (Sum(reused=3, reused_usd=0.2, reused_unknown=1), " $0 + $0.20, 1 unknown reused "),
    ],
    ids=["nothing", "unknown", "known", "partly", "reused", "only-reused"],
)
def test_the_cost_of_a_run(spent: Sum, words: str) -> None:
    """Nothing was asked, nothing is known, all is known, or a part; what is reused stands apart."""
    assert words in printed(*leaderboard([run_state(spent=spent)]))


def test_judging_stands_beside_the_cost_of_answers() -> None:
    """A run that no judge has seen shows a dash, not $0."""
    states = [
        run_state(judging=some, path=name) for name, some in (("a", Sum()), ("b", Sum(calls=9, usd=0.72)))
    ]
    lines = printed(*leaderboard(states, "name")).splitlines()
    assert lines[1].split() == ["system", "n", "above", "chance", "cost", "judging", "state"]
    assert [line.split()[4] for line in lines[2:]] == ["-", "$0.72"]


def test_what_was_asked_names_each_run_once() -> None:
    """Of benchmarks of one name, whose cases differ, the whole paths; else the name."""
    stage = Stage(role="answer", model=ModelUse(name="m", provider="p", id="m"))
    system = System.model_validate({"name": "a", "family": "other", "pipeline": "single", "stages": [stage]})
    states = [
        run_state(
            path=path,
            head=run_head(
                system=system,
                benchmark=BenchmarkLink(name=bench, path=".", digest=digest),
            ),
        )
        for path, bench, digest in (("old/a", "x", "1"), ("new/a", "x", "2"), ("y/a", "y", "3"))
    ]
    _, asked = printed(*leaderboard(states, "name")).split("What was asked\n")
    assert [Path(line.split()[0]) for line in asked.splitlines()[1:]] == [
        Path("old/a"),
        Path("new/a"),
        Path("a"),
    ]
    assert [line.split()[1:3] for line in asked.splitlines()] == [
        ["benchmark", "model"],
        ["x", "(1)"],
        ["x", "(2)"],
        ["y", "m"],
    ]


def test_what_was_asked_names_the_benchmark_where_there_are_several() -> None:
    """One system runs on each of them, and its rows would look alike."""
    stage = Stage(role="answer", model=ModelUse(name="m", provider="p", id="m"))
    system = System.model_validate({"name": "a", "family": "other", "pipeline": "single", "stages": [stage]})
    states = [
        run_state(
            path=f"{bench}/a",
            head=run_head(system=system, benchmark=BenchmarkLink(name=bench, path=".", digest=bench)),
        )
        for bench in ("skull", "chest")
    ]

    def rows(*shown: RunState) -> list[list[str]]:
        asked = printed(*leaderboard(shown)).split("What was asked\n")[1]
        return [line.split()[:3] for line in asked.splitlines()]

    assert rows(*states) == [["system", "benchmark", "model"], ["a", "skull", "m"], ["a", "chest", "m"]]
    assert rows(states[0])[1] == ["a", "m", "-"]


def test_a_row_counts_outputs_and_failures() -> None:
    """Final and open failures together; a question mark where the number wanted is unknown."""
    given = {"final_failures": {"timeout": 1}, "open_failures": {"connection": 2}}
    row = printed(*leaderboard([run_state(**given)])).splitlines()[2]
    assert row.split()[:2] == ["sys", "7/10"]
    assert row.endswith("2 to go; failed: 2 connection, 1 timeout")
    assert " 7/? " in printed(*leaderboard([run_state(wanted=None)]))


def test_the_best_run_comes_first() -> None:
    """By the judge's grade, above chance where there is none; by another column where that is asked for."""
    states = [
        run_state(path="runs/bench/b", above_chance=estimate(0.3, ends=(0.2, 0.4)), texts=9),
        run_state(
            path="runs/bench/a", above_chance=estimate(0.1, ends=(0.0, 0.2)), spent=Sum(calls=1, usd=2.0)
        ),
        run_state(path="runs/bench/c", above_chance=estimate(0.2, ends=(0.1, 0.3))),
    ]

    def order(*states: Any, sort: str = "primary") -> list[str]:
        lines = printed(*leaderboard(states, sort)).splitlines()[2:5]
        return [line.split()[0] for line in lines]

    assert order(*states) == ["b", "c", "a"]
    equal = [run_state(path=f"runs/bench/{name}", above_chance=estimate(mean)) for name, mean in TIED.items()]
    assert order(*equal) == ["a", "b", "c"], "equal ones by name, whatever the last bits of a sum are"
    assert order(*states, sort="name") == ["a", "b", "c"]
    assert order(*states, sort="cost")[0] == "a"
    assert order(*states, sort="n")[0] == "b"
    graded = run_state(path="runs/bench/d", good=estimate(0.05, ends=(0.0, 0.1)), judge="pro")
    assert order(*states, graded)[0] == "d"
    shown = printed(*leaderboard([*states, graded]))
    assert "good %: graded by pro; the others by none." in shown
    with pytest.raises(UsageError, match="no order of runs is called 'dat'") as caught:
        list(leaderboard(states, "dat"))
    assert caught.value.hint == "--sort date"


def _run_view(**given: Any) -> RunView:
    bare = Profile(raters=(), hardest=(), metric="finding.f1", patterns=(), associations=(), parts=())
    plain: dict[str, Any] = {"state": run_state(), "summary": summary(), "failures": (), "flagged": ()}
    return RunView(**(plain | {"profile": bare} | given))


def test_one_run_begins_with_what_it_is() -> None:
    """Folder, benchmark and date; pipeline, model, prompt and settings; outputs, failures, flags and cost."""
    assert printed(*one_run(_run_view())).splitlines()[:4] == [
        "runs/bench/sys · bench (01234567) · begun 2026-11-29T10:00",
        "pipeline single · no model · prompt - · settings none",
        "outputs 7/10 · failed - · flagged - · cost $0 · judging -",
        "",
    ]


def test_parts_of_a_run_are_rows_in_the_order_of_their_size() -> None:
    """All, those without a flag, then each part: findings first, then the rules, length and time."""
    part = Slice(n=4, wanted=5, metrics={"words": estimate(30.0), "latency_ms": estimate(1500.0)})
    by = {"reference": {"101+ words": part, "26-50 words": part}, "region": {"Head": part}}
    rows = printed(*one_run(_run_view(summary=summary(by=by)))).splitlines()[4:17]
    names = ["all", "unflagged", "reference 26-50 words", "reference 101+ words", "region Head"]
    assert [row.split("  ")[0] for row in rows] == ["outputs of", *names, "", "rules, ROUGE-L", *names]
    assert rows[3].split()[3:] == ["4/5"]
    assert rows[10].split()[3:] == ["30", "1.5", "1.5"]
    metrics = {name: estimate(0.5) for name in ("finding.f1", "above_chance.finding.f1", "rules.good")}
    known = printed(*one_run(_run_view(summary=summary(everything=Slice(n=40, wanted=40, metrics=metrics)))))
    assert "finding F1  above chance" in known
    assert "Above chance: 0 is" in known
    assert "rules %" in known
    assert "good %" not in known


def test_cases_without_an_output_and_flagged_ones_are_listed() -> None:
    """Ten at most, then how many more; no title where there is none."""
    failures = tuple((f"c{n}", FAILURE) for n in range(LISTED + 2))
    flagged = tuple((f"f{n}", "loop") for n in range(LISTED))
    view = _run_view(failures=failures, flagged=flagged, summary=summary(flagged=10))
    shown = "\n".join(line.rstrip() for line in printed(*one_run(view)).splitlines())
    assert "\nWithout an output (12)\ncase  kind     why\n" in shown
    assert "c9    timeout  after 60 s\n… and 2 more\n\nFlagged (10)\n" in shown
    assert "f9    loop\n\nPatterns" in shown
    bare = printed(*one_run(_run_view()))
    assert "Without" not in bare
    assert "Flagged" not in bare


IMAGE = {"file": "images/a.png", "sha256": "0" * 64, "bytes": 9, "width": 4, "height": 5, "mode": "L"}


def _case_view(*outputs: OutputView, reference: dict[str, Any] | None = None, **case: Any) -> CaseView:
    plain = {"case_id": "c1", "region": "Head", "images": [IMAGE | {"modality": "MR", "plane": "axial"}]}
    hidden = {"case_id": "c1", "source_id": "MPX1", "text": "A mass."}
    return CaseView(
        folder="bench",
        case=Case.model_validate(plain | case),
        reference=Reference.model_validate(hidden | (reference or {})),
        outputs=outputs,
    )


def _output(text: str | None = "A mass.", **given: Any) -> OutputView:
    output = Output(case_id="c1", case_digest="d", text=text, failure=None if text else FAILURE)
    plain: dict[str, Any] = {"run": "sys", "output": output, "score": None, "prompt": None, "latency_s": None}
    return OutputView(**(plain | {"verdicts": ()} | given))


def test_paths_of_images_are_relative() -> None:
    """A benchmark that lies elsewhere is named once, above the images."""
    view = replace(_case_view(images=[IMAGE, IMAGE]), folder="/far/away/bench")
    lines = printed(*one_case(view)).splitlines()
    assert [line.rstrip() for line in lines[3:]] == [
        "images      in /far/away/bench",
        "            images/a.png · 4x5 ·",
        "            images/a.png · 4x5 ·",
    ]


def test_a_case_shows_what_it_is_and_its_answer() -> None:
    """Id, source, region, modality, age and sex; history, reference with its notes, images."""
    lines = printed(
        *one_case(_case_view(age="61", sex="female", reference={"diagnosis": "Glioma"}))
    ).splitlines()
    assert lines == [
        "c1 (MPX1) · Head · MR · 1 image · 61 y · female",
        "history     not given",
        "reference   A mass.",
        "diagnosis   Glioma",
        "images      bench/images/a.png · 4x5 · MR axial",
    ]
    noted = _case_view(reference={"flags": ["too_short", "points_elsewhere"]}, history="Cough.")
    assert "reference   A mass.   (note: too short, points elsewhere)" in printed(*one_case(noted))


def test_each_output_has_its_facts_in_its_title() -> None:
    """Not run, failed and why, or the numbers; the prompt is shown once, above all outputs."""
    score = Score(
        case_id="c1", parser="p", words=2, flags=("loop",), scores={"finding.f1": 0.5, "rouge_l.recall": 1.0}
    )
    seen = SeenFindings(grade="partial", key="mass", key_hit=False, lines=(("missed", "effusion"),))
    verdict = Verdict(case_id="c1", rater="pro", rater_kind="judge", grade="good", rationale="All there.")
    silent = Verdict(case_id="c1", rater="pro", rater_kind="judge", failure=FAILURE)
    full = _output(score=score, findings=seen, latency_s=1.25, verdicts=(verdict, silent), prompt="Describe.")
    shown = printed(*one_case(_case_view(full, _output(None, run="other"), _output(run="none", output=None))))
    for words in (
        "prompt      Describe.\n",
        "\n\nsys   key finding missed · finding F1 .500 · ROUGE-L recall 1.000 · 2 words · loop · 1.2 s\n",
        "            key finding   mass: missed\n",
        "            missed        effusion\n",
        "findings    missed: only in the reference.\n",
        "            pro: good. All there.\n",
        "            pro: no verdict, timeout: after 60 s\n",
        "\n\nother   failed, timeout: after 60 s\n",
        "\n\nnone   not run\n",
    ):
        assert words in shown
    assert "partial" not in shown, "the grade of the rules decides nothing"


def test_each_finding_is_said_once() -> None:
    """A line an outcome; the key finding is marked where it is missed."""
    lines = (("missed", "mass"), ("unverifiable", "cyst"), ("unverifiable", "cyst"), ("unverifiable", "gas"))
    seen = SeenFindings(grade="poor", key="mass", key_hit=False, lines=lines)
    shown = printed(*one_case(_case_view(_output(findings=seen))))
    assert "            missed        mass (key finding)\n            unverifiable  cyst; gas\n" in shown


def test_baselines_are_folded_behind_the_models() -> None:
    """A line each; their texts only where all is wanted whole, or where nothing else is there."""
    floor = _output(
        "No mass.", run="baseline-normal", score=Score(case_id="c1", parser="p", words=2, scores={})
    )
    view = _case_view(floor, _output("A lesion."))
    shown = printed(*one_case(view))
    assert "No mass." not in shown
    assert shown.index("A lesion.") < shown.index("\nnormal")
    assert "No mass." in printed(*one_case(view, whole=True))
    assert "No mass." in printed(*one_case(_case_view(floor)))


def test_a_long_output_is_cut_unless_it_is_wanted_whole() -> None:
    """Twelve lines, then how many more there are."""
    view = _case_view(_output("\n".join(str(n) for n in range(EXCERPT + 5))))
    assert f"            {EXCERPT - 1}\n            … (+5 lines: --full)\n" in printed(*one_case(view))
    whole = printed(*one_case(view, whole=True))
    assert f"            {EXCERPT + 4}\n" in whole
    assert "--full" not in whole
