"""The report of February 2026 from its real answers: its own figures, and those of docs/february.md."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forked import COMMAND, Forked
from pages import Parsed

from medbench.datasets.february import read_february
from medbench.schema.score import Score
from medbench.stats.power import pairs_needed
from medbench.store.jsonl import read_records
from medbench.store.runs import SCORES, RunFolder

MEDGEMMA, GEMINI = "medgemma-4b", "gemini-3-flash-preview"
LOOPS = {"MPX1241", "MPX2442", "MPX1136", "MPX1457", "MPX2007"}
REGIONS = {"Spine and Muscles": "Spine/MSK", "Reproductive and Urinary System": "Urinary"}
NAMES = {"medgemma": MEDGEMMA, "gemini": GEMINI}


@pytest.fixture(scope="module")
def imported(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the imported runs, scored as the report did."""
    folder = tmp_path_factory.mktemp("february")
    for line in (
        f"build medpix --source {shared}/data/medpix --draw report-2026-02 --out b",
        f"import {shared}/data/seed_run --benchmark b --out runs",
        "rescore --parser report-2026-02 --swap any",
    ):
        code, out, err = Forked(COMMAND, *line.split(), folder=folder).end()
        assert code == 0, err
        if line.startswith("build"):
            assert "can never reach p < .05" in " ".join(out.split())
    return folder


@pytest.fixture
def february(
    imported: Path, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """A function that runs a command in that folder."""
    monkeypatch.chdir(imported)
    return medbench


def test_the_numbers_of_the_user_report(shared: Path, imported: Path, february: Callable[..., Any]) -> None:
    """The commands print the user's report: means, regions, latencies, loops, 40 equal triples."""
    expected = json.loads((shared / "data/seed_run/expected_numbers.json").read_text("utf-8"))
    said = february("compare", "--json")
    assert said.code == 0, said.err
    systems = {system["name"]: system for system in json.loads(said.out)["systems"]}
    assert set(systems) == set(NAMES.values())

    metrics = {model: systems[name]["metrics"] for model, name in NAMES.items()}
    shown = {
        model: [
            f"{metrics[model]['rouge_l.recall']['mean']:.3f}",
            f"{metrics[model]['rouge_l.precision']['mean']:.3f}",
            f"{metrics[model]['latency_ms']['mean']:,.0f}",
            f"{metrics[model]['latency_ms']['median'] / 1000:.2f}",
        ]
        for model in NAMES
    }
    assert shown == {
        "medgemma": ["0.219", "0.082", "24,509", "9.07"],
        "gemini": ["0.310", "0.069", "10,652", "10.24"],
    }
    for model, name in NAMES.items():
        numbers = expected["models"][model]
        for metric, key in (
            ("recall", "rougeL_recall"),
            ("precision", "rougeL_precision"),
            ("f1", "rougeL_f1"),
        ):
            assert metrics[model][f"rouge_l.{metric}"]["mean"] == pytest.approx(numbers[key], abs=1e-15)
        assert metrics[model]["latency_ms"]["mean"] == pytest.approx(numbers["avg_latency_ms"], rel=1e-12)
        assert metrics[model]["latency_ms"]["median"] == pytest.approx(
            numbers["median_latency_ms"], rel=1e-12
        )
        assert systems[name]["cost_usd"] == pytest.approx(numbers["total_cost"], rel=1e-12)
        regions = systems[name]["by"]["region"]
        assert len(regions) == len(numbers["by_region"]) == 5
        for region, known in numbers["by_region"].items():
            cell = regions[REGIONS.get(region, region)]
            assert cell["n"] == 4
            assert set(known) == {"recall", "precision", "f1"}
            for metric, value in known.items():
                assert cell["metrics"][f"rouge_l.{metric}"]["mean"] == pytest.approx(value, abs=1e-15)
    assert len(expected["cases"]) == 20
    _check_triples(imported / "runs/b", expected)
    said = february("compare", "--full")
    assert said.code == 0
    assert ".22 [.19" in said.out
    assert ".31 [.28" in said.out


def _check_triples(folder: Path, expected: dict[str, Any]) -> None:
    known = {case["uid"]: case for case in expected["cases"]}
    compared = 0
    for model, name in NAMES.items():
        run = RunFolder(folder / name)
        source = {ref.case_id: ref.source_id for ref in run.benchmark().references()}
        flagged = set()
        for score in read_records(run.path / SCORES, Score):
            triple = known[source[score.case_id]][model]
            found = [score.scores[f"rouge_l.{part}"] for part in ("recall", "precision", "f1")]
            assert found == [triple[part] for part in ("recall", "precision", "f1")], "to the last digit"
            compared += 1
            if "loop" in score.flags:
                flagged.add(source[score.case_id])
        assert flagged == (LOOPS if model == "medgemma" else set())
    assert compared == 40


def test_the_medians_are_those_of_the_raw_file(shared: Path) -> None:
    """The oracle itself: medians of the old file's own seconds are 9.07 and 10.24."""
    medians = [
        statistics.median(answer.latency_s for answer in run.answers if answer.latency_s is not None)
        for run in read_february(shared / "data/seed_run")
    ]
    assert [f"{seconds:.2f}" for seconds in medians] == ["9.07", "10.24"]


def _in(interval: dict[str, Any]) -> tuple[float, float]:
    return round(interval["low"], 3), round(interval["high"], 3)


def test_what_the_old_report_can_carry(february: Callable[..., Any]) -> None:
    """Intervals, pairs, tests, floors, medians and the number of pairs, as the walk-through has them."""
    said = february("compare", GEMINI, MEDGEMMA, "--json")
    assert said.code == 0, said.err
    assert "at_00d5287 counts, the first to grade these runs" in said.err
    found = json.loads(said.out)
    systems = {system["name"]: system for system in found["systems"]}
    medgemma, gemini = systems[MEDGEMMA], systems[GEMINI]
    assert _in(medgemma["graded"]["good"]["interval"]) == (0.102, 0.495)
    assert _in(gemini["graded"]["good"]["interval"]) == (0.231, 0.668)
    assert (medgemma["graded"]["good"]["n"], medgemma["graded"]["good_if_missing_poor"]) == (16, 0.2)
    assert (gemini["graded"]["good_if_missing_poor"], gemini["graded"]["good_if_missing_good"]) == (
        0.35,
        0.55,
    )

    (pair,) = (pair for pair in found["pairs"] if pair["conclusion"])
    graded, metrics = pair["graded"], pair["metrics"]
    assert (graded["n"], len(graded["only_a"]), len(graded["only_b"])) == (13, 3, 1)
    assert (graded["both"], len(graded["neither"])) == (2, 7)
    assert graded["good"]["p"] == pytest.approx(0.625)
    assert graded["good"]["p_mid"] == pytest.approx(0.375)
    assert graded["ordinal"]["p"] == pytest.approx(0.625)
    recall, f1 = metrics["rouge_l.recall"], metrics["rouge_l.f1"]
    assert recall["difference"] == pytest.approx(-0.0915, abs=5e-5)
    assert _in(recall["interval"]) == pytest.approx((-0.129, -0.052), abs=0.003)
    assert f1["difference"] == pytest.approx(-0.006, abs=5e-4)
    assert f1["p"] == pytest.approx(0.62, abs=0.01)
    cut = metrics["first89.rouge_l.recall"]["interval"]
    assert cut["low"] < 0 < cut["high"], "at equal length there is no difference"

    assert medgemma["metrics"]["swap.rouge_l.recall"]["mean"] == pytest.approx(0.195, abs=5e-4)
    assert gemini["metrics"]["swap.rouge_l.recall"]["mean"] == pytest.approx(0.245, abs=5e-4)
    own = medgemma["metrics"]["first89.rouge_l.recall"]["mean"]
    assert own == pytest.approx(medgemma["metrics"]["generic.rouge_l.recall"]["mean"], abs=0.03)
    latency = {name: system["metrics"]["latency_ms"] for name, system in systems.items()}
    assert latency[MEDGEMMA]["mean"] > latency[GEMINI]["mean"]
    assert latency[MEDGEMMA]["median"] < latency[GEMINI]["median"]

    conclusion = pair["conclusion"]
    assert conclusion["outcome"] == "inconclusive"
    assert 95 <= conclusion["pairs_needed"] <= 112
    assert [pairs_needed(0.1875, share) for share in (0.25, 0.31, 0.40, 0.46)] == [57, 73, 95, 108]
    (judgings,) = (one for one in found["judgings"] if "rules" not in {one["a"], one["b"]})
    assert (judgings["n"], judgings["same"], len(judgings["flips"])) == (27, 24, 3)
    assert judgings["kappa"]["value"] == pytest.approx(0.769, abs=5e-4)
    assert judgings["quadratic"]["value"] == pytest.approx(0.930, abs=5e-4)


def test_wilcoxons_test_says_the_same(february: Callable[..., Any], imported: Path) -> None:
    """The note's Wilcoxon test of F1, by scipy: p = .73; no test that anybody knows finds a difference."""
    from scipy.stats import wilcoxon

    values: dict[str, dict[str, float]] = {}
    for name in (MEDGEMMA, GEMINI):
        lines = (imported / "runs/b" / name / "scores.jsonl").read_text("utf-8").splitlines()
        scores = [json.loads(line) for line in lines]
        values[name] = {score["case_id"]: score["scores"]["rouge_l.f1"] for score in scores}
    differences = [values[MEDGEMMA][case] - values[GEMINI][case] for case in values[GEMINI]]
    assert wilcoxon(differences).pvalue == pytest.approx(0.73, abs=0.005)
    assert february("show", MEDGEMMA).code == 0


def test_the_screen_says_it_in_words(february: Callable[..., Any]) -> None:
    """On one screen: what is clear, the conclusion, bounds, length and medians; the parts have the rest."""
    said = february("compare", GEMINI, MEDGEMMA)
    assert said.code == 0
    lines = (said.out + said.err).splitlines()
    assert len(lines) <= 47
    assert [line for line in lines if len(line) > 80] == []
    assert "ROUGE-L recall: gemini-3-flash-preview above medgemma-4b by .09" in "".join(lines[:10])
    for words in (
        "at equal length .01: it pays for length, do not quote it",
        "Inconclusive: gemini-3-flash-preview good on 15 more cases in 100 [-18, 45] than medgemma-4b.",
        "13 of 20 cases judged for both: only gemini-3-flash-preview good 3, only medgemma-4b 1, both 2",
        "tied on 9 of 13); McNemar mid-p = .38, exact p = .63",
        "4 discordant pairs: with fewer than 6 no split can be told from chance.",
        "depends on the verdicts that are missing",
        "about 109 cases with both would settle it (80 % power): 96 more",
        "44 [23\N{EN DASH}67]",
        "good 35\N{EN DASH}55 %",
        "medgemma-4b has the higher mean latency and the lower median",
    ):
        assert words in said.words, words
    parts = february("compare", GEMINI, MEDGEMMA, "--by", "region", "--pairs", "--raters").words
    for words in (
        "name no weakest one",
        "only medgemma-4b good (1): urinary-",
        "agree on 24",
        "good → partial",
    ):
        assert words in parts, words
    other = february(
        "compare", GEMINI, MEDGEMMA, "--judge", "at_HEAD_a23975b", "--exact", "--against", MEDGEMMA
    )
    assert other.code == 0
    assert "16 of 20 cases judged for both" in other.words


def test_the_plan_for_the_reported_difference(february: Callable[..., Any]) -> None:
    """18.75 points at the discordance seen take 72 pairs, at .25 and .46 the 57 and 108 of the note."""
    said = february("plan", GEMINI, MEDGEMMA, "--difference", "18.75")
    assert said.code == 0, said.err
    assert "A difference of 18.75 points takes 72 cases judged for both systems." in said.out
    assert "4 cases a stratum can never reach p < .05" in said.out
    assert max(len(line) for line in said.out.splitlines()) <= 80
    for discordance, needed in ((0.25, 57), (0.46, 108)):
        said = february(
            "plan", GEMINI, MEDGEMMA, "--difference", "18.75", "--discordance", discordance, "--json"
        )
        plan = json.loads(said.out)
        assert plan["needed"] == needed
        assert plan["eligible"] == 654
        assert max(reach["cases"] for reach in plan["reaches"]) == 654


def test_the_page_says_that_the_headline_does_not_hold(imported: Path, february: Callable[..., Any]) -> None:
    """The report page has the old headline, that it does not hold, why, and what would settle it."""
    said = february("report", "-o", "february.html")
    assert said.code == 0, said.err
    assert "do not publish its images" in said.err
    page = Parsed((imported / "february.html").read_text("utf-8"))
    text = " ".join(page.text.split())
    verdict = text[text.index("Skip to the verdict") : text.index("Grades by system")]
    for line in (
        f"{GEMINI} 44 % good (7 of 16) against {MEDGEMMA} 25 % good (4 of 16): this difference does not",
        "Only 13 of 20 cases have a grade of both systems; the two rates rest on other cases too.",
        f"Inconclusive: {GEMINI} good on 15 more cases in 100 [-18, 45] than {MEDGEMMA}.",
        "13 of 20 cases judged for both",
        f"{GEMINI} alone is good on 3, {MEDGEMMA} alone on 1, and on 9 they are alike.",
        "come out at least so far apart in about 63 of 100 such comparisons.",
        "with all of them against one side the difference would be between -5 and +35 points.",
        "about 109 cases with both would settle it",
        "at equal length .01: it pays for length, do not quote it.",
        "no canaries (not tested). No human has checked it",
        "graded 27 outputs both and agree on 24",
        "a few slow answers (5 loops) make its mean. Quote the medians.",
        "Without looking at an image baseline-",
    ):
        assert line in verdict, line
    assert "Cite MedPix; do not publish its images." in text
    assert verdict.index("does not hold") < verdict.index("ROUGE-L recall")
    rates = {cells[0]: cells[1:3] for cells in page.tables[0]}
    assert rates[GEMINI] == ["16/20", "44 [23\N{EN DASH}67]"]
    assert rates[MEDGEMMA] == ["16/20", "25 [10\N{EN DASH}49]"]
    forest = next(cells for table in page.tables for cells in table if cells[0] == "all: good")
    assert forest[1] == "13"
    assert "-15 [-45, 18]" in forest
    assert sum(name.startswith("c-") for name in page.inert) == 20
