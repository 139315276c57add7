"""The report page: what it says, what it lets in, and that what models wrote stays text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run, verdict
from pages import Parsed
from PIL import Image

import medbench as mb
from medbench.errors import InputError
from medbench.report.compare.conclusion import sentence
from medbench.report.numbers import percent
from medbench.schema.case import Case
from medbench.schema.run import Output
from medbench.schema.score import Score
from medbench.schema.verdict import Verdict
from medbench.scoring import findings
from medbench.steps.review import case_rank, sheet
from medbench.steps.show import shown_cases
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, write_records
from medbench.store.runs import OUTPUTS, SCORES, VERDICTS, RunFolder

GRADES = {"able": "gggpgoggtgpg", "base": "gpoogoogpgo-"}
HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)> <!--<script> <b style='color:red'>",
    "{{ 7 * 7 }}{% raw %} javascript:alert(3) =HYPERLINK(1) \u202egnp\u2066 \x1b[31m &lt;i&gt; ]]>",
    "No effusion. " + "A" * 1_000_000,
)


def _with_texts(run: RunFolder, texts: dict[str, str]) -> None:
    outputs = [
        output.model_copy(update={"text": texts.get(output.case_id, output.text)}) if output.text else output
        for output in read_records(run.path / OUTPUTS, Output)
    ]
    write_records(run.path / OUTPUTS, outputs)


@pytest.fixture
def runs(tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]) -> list[RunFolder]:
    """Two graded runs on twelve cases."""
    bench = write_benchmark(tmp_path / "bench", 12)
    return [graded_run(tmp_path / "runs" / name, bench, grades) for name, grades in GRADES.items()]


def _page(runs: list[RunFolder], tmp_path: Path, **options: Any) -> str:
    return mb.report_page(runs, tmp_path / "report.html", **options).path.read_text("utf-8")


def test_same_records_same_bytes(runs: list[RunFolder], tmp_path: Path) -> None:
    """Two pages of the same records are the same to the byte, and nothing is left beside them."""
    first = _page(runs, tmp_path)
    assert first == _page(runs, tmp_path)
    assert [path.name for path in tmp_path.glob("*report*")] == ["report.html"]


def test_policy_allows_one_script_and_one_style(runs: list[RunFolder], tmp_path: Path) -> None:
    """The policy names the digests of the inlined script and style; nothing else could run or be fetched."""
    page = Parsed(_page(runs, tmp_path))
    for tag in ("script", "style"):
        (part,) = page.acting[tag]
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in page.policy
    assert page.policy.startswith("default-src 'none'; img-src data: blob:; ")
    assert "unsafe" not in page.policy
    attributes = [(name, value) for _, attrs in page.elements for name, value in attrs.items()]
    assert not [name for name, _ in attributes if name.startswith("on") or name in {"style", "src", "action"}]
    assert all(str(value).startswith("#") for name, value in attributes if name == "href")


def test_hostile_text_stays_text(
    tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder], runs: list[RunFolder]
) -> None:
    """Scripts, broken markup, templates, direction marks and a line of 1 MB appear as text, nowhere else."""
    plain = Parsed(_page(runs, tmp_path))

    def marked(case: Case) -> Case:
        return type(case).model_validate(
            {**case.model_dump(), "history": HOSTILE[0], "region": "<b>Head</b>", "digest": ""}
        )

    bench = write_benchmark(tmp_path / "hostile", 12, changed=marked)
    made = [graded_run(tmp_path / "bad" / name, bench, grades) for name, grades in GRADES.items()]
    _with_texts(made[0], {f"case-{number:03d}": text for number, text in enumerate(HOSTILE)})
    graded = [
        verdict.model_copy(update={"rationale": HOSTILE[1]})
        for verdict in read_records(made[1].path / VERDICTS, Verdict)
    ]
    write_records(made[1].path / VERDICTS, graded)
    text = _page(made, tmp_path)
    page = Parsed(text)
    assert {tag for tag, _ in page.elements} == {tag for tag, _ in plain.elements}
    assert page.acting == plain.acting
    assert len(page.inert) == len(plain.inert)
    names = {name for _, attrs in page.elements for name in attrs}
    assert names == {name for _, attrs in plain.elements for name in attrs}
    assert not {"\u202e", "\u2066", "\x1b"} & set(text)
    assert "<b>Head</b>" in page.text
    case = page.case(0)
    assert case["history"] == HOSTILE[0]
    shown = [out["around"][0] + "".join(piece[0] for piece in out["text"]) for out in case["outputs"]]
    assert "</script><script>alert(1)</script>" in shown[0]
    assert any("{{ 7 * 7 }}" in verdict for verdict in case["outputs"][1]["verdicts"])
    assert not [island for island in page.inert.values() if "<" in island or "&" in island]


def test_first_view_is_the_record(runs: list[RunFolder], tmp_path: Path) -> None:
    """Sentences and rates of the first view are those of the comparison."""
    record = mb.compare(runs).record
    page = Parsed(_page(runs, tmp_path))
    (pair,) = (pair for pair in record.pairs if pair.conclusion)
    assert pair.conclusion is not None
    assert sentence(pair, pair.conclusion) in page.text
    rows = {cells[0]: cells for cells in page.tables[0]}
    for system in record.systems:
        assert system.graded is not None
        good = system.graded.good
        assert good.interval is not None
        cells = rows[system.name]
        assert cells[1] == f"{good.n}/{system.graded.wanted}"
        ends = f"[{percent(good.interval.low):>2}\N{EN DASH}{percent(good.interval.high):>2}]"
        assert cells[2].startswith(f"{percent(good.mean)} {ends}")
        calls = next(cells for cells in page.tables[1] if cells[0] == system.name)
        assert calls[1] == f"{system.n}/{system.wanted}"
    parts = [part for table in record.strata if table.parts[1:] for part in table.parts]
    found = {part.value: part.difference.n for part in parts}
    forest = next(table for table in page.tables if table[1][0].startswith("all: "))
    assert {cells[0]: int(cells[1]) for cells in forest if cells[0] in found} == found


def test_rates_whose_difference_is_not_shown(runs: list[RunFolder], tmp_path: Path) -> None:
    """Two rates that a headline would set against each other are named, and why that does not hold."""
    page = Parsed(_page(runs, tmp_path)).text
    assert "Does able or base describe the findings of 12 cases better?" in page
    assert "able 73 % good (8 of 11) against base 36 % good (4 of 11): this difference does not hold." in page
    (pair,) = (pair for pair in mb.compare(runs).record.pairs if pair.graded)
    assert pair.graded is not None
    only_able, only_base = len(pair.graded.only_a), len(pair.graded.only_b)
    assert (
        f"Only {pair.graded.n} of 12 cases have a grade of both systems; the two rates rest on other cases "
        f"too. On these {pair.graded.n} cases able alone is good on {only_able}, base alone on {only_base}, "
        f"and on {pair.graded.n - only_able - only_base} they are alike."
    ) in page


def test_marks_are_the_matching(runs: list[RunFolder], tmp_path: Path) -> None:
    """Each finding of either text has the outcome that the scorer gave it, and texts are whole."""
    _with_texts(runs[0], {"case-001": "FINDINGS: No mass. Large effusion. Cardiomegaly."})
    page = Parsed(_page(runs, tmp_path))
    scored = {score.case_id: score.scored for score in read_records(runs[0].path / SCORES, Score)}
    for number in range(3):
        case = page.case(number)
        out, text = case["outputs"][0], scored[case["id"]] or ""
        pairs = findings.matched(case["reference"], text)
        found = [pair for pair in pairs if not _passed_over(pair)]
        assert sorted(outcome for outcome, _ in out["marks"]) == sorted(pair.outcome for pair in found)
        assert "".join(piece[0] for piece in out["text"]) == text
        assert "".join(piece[0] for piece in out["reference"]) == case["reference"]
    marked = {piece[0].lower(): piece[1] for piece in page.case(1)["outputs"][0]["text"] if len(piece) == 2}
    assert marked["mass"] == "contradicted"
    assert marked["effusion"] == "contradicted"
    assert marked["cardiomegaly"] == "unverifiable"


def _passed_over(pair: Any) -> bool:
    finding = pair.reference or pair.output
    return pair.outcome in {"missed", "unverifiable"} and finding.presence == "absent"


def test_rows_say_who_is_right(runs: list[RunFolder], tmp_path: Path) -> None:
    """The list has each case with its grades, and which systems are right in it, as the comparison counts."""
    page = Parsed(_page(runs, tmp_path))
    rows = {
        str(attrs["data-id"]): attrs for tag, attrs in page.elements if tag == "tr" and "data-id" in attrs
    }
    assert len(rows) == 12
    only = [name for name, row in rows.items() if row["data-right"] == "0" and row["data-wrong"] == "1"]
    (pair,) = (pair for pair in mb.compare(runs).record.pairs if pair.graded)
    assert pair.graded is not None
    assert sorted(only) == sorted(pair.graded.only_a)
    assert rows["case-011"]["data-result"] == "good no-grade"
    assert {name for name, row in rows.items() if "data-unsettled" in row} == {"case-008", "case-011"}


def test_rows_say_where_raters_differ(
    tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]
) -> None:
    """Of two judges the mean over a case's outputs counts; a missing grade and the rules differ from none."""
    bench = write_benchmark(tmp_path / "bench", 4)
    second = [verdict(f"case-{number:03d}", letter, "judge-2") for number, letter in enumerate("ggo-")]
    runs = [graded_run(tmp_path / "runs" / name, bench, "gpog", more=second) for name in ("able", "base")]
    page = Parsed(_page(runs, tmp_path, judge="judge-1"))
    rows = [attrs for tag, attrs in page.elements if tag == "tr" and "data-id" in attrs]
    assert [row["data-id"] for row in rows if "data-raters" in row] == ["case-001"]


def test_without_grades_the_key_finding_counts(runs: list[RunFolder], tmp_path: Path) -> None:
    """Where no judge graded, a case says whether its key finding is named, and never that it is good."""
    for run in runs:
        (run.path / VERDICTS).unlink()
    page = Parsed(_page(runs, tmp_path, images="none"))
    results = {attrs["data-result"] for tag, attrs in page.elements if tag == "tr" and "data-result" in attrs}
    assert results <= {"named", "missed", "missed named"}


def test_pictures(runs: list[RunFolder], tmp_path: Path) -> None:
    """Each image stands once: as it is, small, or not; one that was changed is named and left out."""
    bench = runs[0].benchmark()
    wanted = {image.sha256: bench.path / image.file for case in bench.cases() for image in case.images}
    page = Parsed(_page(runs, tmp_path, images="full"))
    for sha256, path in wanted.items():
        assert base64.b64decode(page.inert[f"i-{sha256}"]) == path.read_bytes()
    none = mb.report_page(runs, tmp_path / "none.html", images="none")
    assert not [name for name in Parsed(none.path.read_text("utf-8")).inert if name.startswith("i-")]
    next(iter(wanted.values())).write_bytes(b"\x89PNG changed")
    done = mb.report_page(runs, tmp_path / "gap.html")
    assert len(done.missing) == 1
    assert "was changed" in done.missing[0] or "digest" in done.missing[0]
    kept = [name for name in Parsed(done.path.read_text("utf-8")).inert if name.startswith("i-")]
    assert len(kept) == len(wanted) - 1


def test_size_of_a_case(
    tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder], runs: list[RunFolder]
) -> None:
    """A case takes a few kilobytes beside its texts, and a large picture some ten."""
    few = write_benchmark(tmp_path / "few", 2)
    pair = [graded_run(tmp_path / "less" / name, few, grades[:2]) for name, grades in GRADES.items()]
    sizes = [len(_page(one, tmp_path, images="none")) for one in (pair, runs)]
    assert (sizes[1] - sizes[0]) / 10 < 6_000
    from medbench.images.transform import transformed
    from medbench.steps.show.report import THUMB

    path = tmp_path / "large.png"
    Image.radial_gradient("L").resize((2_000, 1_500)).save(path)
    assert len(transformed(path.read_bytes(), THUMB)) < 20_000


def test_command(
    medbench: Callable[..., Any], write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """`medbench report` writes report.html, and says how large it is; a wrong size of images is refused."""
    bench = write_benchmark(tmp_path / "bench", 4)
    for name, grades in GRADES.items():
        graded_run(tmp_path / "runs" / "bench" / name, bench, grades[:4])
    said = medbench("report", "able", "base")
    assert said.code == 0, said.err
    assert "Wrote report.html (4 cases, " in said.err
    assert (tmp_path / "report.html").is_file()
    assert medbench("report", "able", "base", "--images", "large").code == 2
    said = medbench("report", "able", "base", "-o", "no/such/folder.html")
    assert said.code == 1
    assert "cannot be written" in said.err


def test_of_very_many_outputs_the_page_holds_a_random_part_and_the_numbers_of_all(
    runs: list[RunFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cases that a blind sheet takes first, each with every output; it says so, and carries no files."""
    whole = mb.report_page(runs, tmp_path / "whole.html", images="none")
    monkeypatch.setattr(shown_cases, "MOST", 23)
    monkeypatch.setattr(shown_cases, "SHOWN", 10)
    part = mb.report_page(runs, tmp_path / "part.html", images="none")
    cases = [case.case_id for case in runs[0].benchmark().cases()]
    shown = sorted(cases, key=case_rank)[:5]
    text = part.path.read_text("utf-8")
    assert {case for case in cases if f'id="c-{case}"' in text} == set(shown)
    assert all(case in text.partition(f'id="c-{case}"')[2].partition("</script>")[0] for case in shown)
    assert (part.cases, part.archived) == (5, 0)
    assert part.comparison.systems == whole.comparison.systems
    assert part.comparison.pairs == whole.comparison.pairs
    assert "5 cases of 12, drawn at random" in part.terms[0]
    assert part.terms[0] in text
    with pytest.raises(InputError, match="more than 10,000 outputs"):
        mb.import_report(part.path)
    assert whole.archived
    assert not any("drawn at random" in words for words in whole.terms)
    on_sheet = {row.id for row in sheet(runs, sample=6, seed=1)}
    assert all(f'"{row}"' in text for row in on_sheet), "as on the sheet, so that what is graded comes back"


def test_the_random_part_is_of_the_cases_that_were_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of a part of a benchmark have no outputs for the rest of it, of which nothing is shown."""
    run = mb.run("phantom-40", "baseline-normal", limit=8, out=tmp_path, progress=False).folders[0]
    asked = {output.case_id for output in read_records(run.path / OUTPUTS, Output)}
    monkeypatch.setattr(shown_cases, "MOST", 7)
    monkeypatch.setattr(shown_cases, "SHOWN", 4)
    part = mb.report_page([run], tmp_path / "part.html", images="none")
    text = part.path.read_text("utf-8")
    assert "4 cases of 8, drawn at random" in part.terms[0]
    assert set(re.findall(r'id="c-([^"]+)"', text)) <= asked
