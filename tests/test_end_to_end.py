"""The issue's own four commands on the real data, and hostile texts through all of them."""

from __future__ import annotations

import json
import re
import statistics
from typing import TYPE_CHECKING, Any

import pytest

from medbench.datasets.february import read_february
from medbench.schema.score import Score
from medbench.store.jsonl import read_records
from medbench.store.runs import SCORES, RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOOPS = {"MPX1241", "MPX2442", "MPX1136", "MPX1457", "MPX2007"}
REGIONS = {"Spine and Muscles": "Spine/MSK", "Reproductive and Urinary System": "Urinary"}
NAMES = {"medgemma": "medgemma-4b", "gemini": "gemini-3-flash-preview"}


def test_the_numbers_of_the_user_report(shared: Path, tmp_path: Path, medbench: Callable[..., Any]) -> None:
    """The four commands print the report: means, regions, latencies, loops, 40 equal triples."""
    expected = json.loads((shared / "data/seed_run/expected_numbers.json").read_text("utf-8"))
    said = medbench(
        "build", "medpix", "--source", shared / "data/medpix", "--draw", "report-2026-02", "--out", "b"
    )
    assert said.code == 0, said.err
    said = medbench("import", shared / "data/seed_run", "--benchmark", "b", "--out", "runs")
    assert said.code == 0, said.err
    folders = sorted(str(path) for path in (tmp_path / "runs").iterdir())
    said = medbench("rescore", *folders, "--parser", "report-2026-02")
    assert said.code == 0, said.err
    said = medbench("compare", *folders, "--json")
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
    _check_triples(tmp_path / "runs" / "b", expected)
    said = medbench("compare", *folders)
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


HOSTILE = [
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 FINDINGS: a mass",
    "nul \x00 and bell \x07 and delete \x7f and C1 \x9b31m",
    "lone \ud800 and \udfff surrogates",
    "right \u202e to left \u2066 and \u200b zero width",
    "x" * 1_000_000,
    "mass " * 200_000,
]


def _clean(text: str) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "Traceback" not in text


PROVIDER = """
import json, pathlib
from medbench.errors import ProviderError
from medbench.schema.response import Reply
TEXTS = json.loads(pathlib.Path("hostile.json").read_text())
class Provider:
    def __init__(self, model, pictures): pass
    async def ask(self, request):
        number = int(request.case_key[5:8])
        if number == 6:
            raise ProviderError("\\x1b[31mkind", "\\x1b[31mreason \\ud800", final=True)
        return Reply(text=TEXTS[number], answered="\\x1b[1mm", finish_reason="\\x1b")
"""


@pytest.mark.parametrize("way", ["run", "import"])
def test_hostile_texts_harm_nobody(
    write_benchmark: Callable[..., Any],
    tmp_path: Path,
    module: Callable[[str, str], str],
    medbench: Callable[..., Any],
    way: str,
) -> None:
    """Escapes, NULs, half characters, direction marks, a megabyte: scored, shown, never printed raw."""
    write_benchmark(tmp_path / "bench", 7)
    (tmp_path / "hostile.json").write_text(json.dumps(HOSTILE))
    module("hostile_mod", PROVIDER)
    if way == "run":
        said = medbench("run", "bench", "-m", "hostile_mod:Provider", "--min-coverage", "0.5")
    else:
        rows = [{"case_id": f"case-{n:03d}", "text": text} for n, text in enumerate(HOSTILE)]
        rows.append({"case_id": "case-006", "text": "", "error": "\x1b[31merror \ud800"})
        (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        said = medbench("import", "a.jsonl", "--benchmark", "bench", "--system", "hostile")
    assert said.code == 0, said.err
    _clean(said.out + said.err)
    (name,) = [path.name for path in (tmp_path / "runs/bench").iterdir() if "baseline" not in path.name]
    for line in (
        ["rescore"],
        ["compare"],
        ["show"],
        ["show", name],
        *(["show", f"case-{n:03d}"] for n in range(7)),
    ):
        said = medbench(*line)
        assert said.code == 0, said.err
        _clean(said.out + said.err)
    numbers = json.loads(medbench("compare", name, "--json").out)["systems"][0]
    assert numbers["n"] == 6
    assert sum(numbers["failures"].values()) == 1
