"""The decision card counts what a person would count by hand, and says what it cannot know."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medbench as mb
from medbench.errors import UsageError
from medbench.report.card.card import card_page
from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.results.system_row import Graded
from medbench.stats.intervals import wilson
from medbench.store.benchmark import BenchmarkFolder

CASES = (
    ("Left pneumothorax. No effusion.", "There is a left pneumothorax."),  # named
    ("Left pneumothorax.", "No pneumothorax. The heart is large."),  # denied
    ("Left pneumothorax.", "There is a right pneumothorax."),  # on the wrong side
    ("Left pneumothorax. Simple renal cyst.", "There is a simple renal cyst."),  # not named
    ("Left pneumothorax.", None),  # no answer
    ("Simple renal cyst.", "There is a simple renal cyst and a pneumothorax."),  # invented
    ("Simple renal cyst. No pneumothorax.", "Tension pneumothorax."),  # stated against a denial
    ("Left pneumothorax.", "- \n"),  # says nothing
)


@pytest.fixture
def answered(
    tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Path]:
    """A function that imports answers to references, and returns the folder of the run."""
    monkeypatch.chdir(tmp_path)

    def make(pairs: Any = CASES, system: str = "planted", repeats: int = 1) -> Path:
        def reference(case: Case) -> Reference:
            place = int(case.case_id.rpartition("-")[2])
            text = pairs[place][0] if case.case_id.startswith("case") else "Normal."
            return Reference(case_id=case.case_id, source_id=f"S-{case.case_id}", text=text)

        write_benchmark(tmp_path / "bench", len(pairs), reference=reference)
        lines = [
            {"case_id": f"case-{place:03d}", "replicate": repeat}
            | ({"text": said} if said is not None else {"error": "timeout"})
            for place, (_, said) in enumerate(pairs)
            for repeat in range(repeats)
        ]
        (tmp_path / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        (run,) = mb.import_answers("answers.jsonl", "bench", system, progress=False)
        return run.path

    return make


def test_a_limited_run_is_on_the_cases_that_it_was_asked(answered: Callable[..., Path]) -> None:
    """Not on all of the benchmark, whose other cases it never saw."""
    answered()
    mb.run("bench", limit=3, out="few", progress=False)
    card = mb.decision_card("few/bench/baseline-normal").record
    assert (card.cases, card.topics) == (3, 3)
    assert "they are 3 cases of" in card.unknown[0]


def test_it_counts_what_a_person_would_count(answered: Callable[..., Path]) -> None:
    """Of 4 urgent findings in answers one is right, one on the wrong side, one denied, one not named."""
    record = mb.decision_card(answered()).record
    urgent = record.urgent
    assert (urgent.findings, urgent.missed.mean, urgent.wrong) == (4, 0.5, 1)
    assert urgent.outputs == 6
    assert urgent.invented.mean == pytest.approx(2 / 6)
    assert record.unanswered == 2
    assert sum(one.findings for one in record.regions) == 4
    assert sum(one.outputs for one in record.regions) == 6


def test_it_says_the_same_as_the_exported_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted again from the lines of `export --findings`, for another case's report as the answer."""
    from medbench.steps.export import export_findings

    monkeypatch.chdir(tmp_path)
    run = next(run for run in mb.run("phantom-200", progress=False) if run.name == "baseline-retrieval")
    seen: Counter[str] = Counter()
    for line in export_findings(run.folder, {}):
        for pair in line.pairs:
            asked, said = pair.reference, pair.output
            if asked and asked.presence == "present" and asked.tier == "urgent":
                seen["all"] += 1
                seen["missed"] += pair.outcome in ("missed", "contradicted")
                seen["wrong"] += pair.outcome == "partial"
            elif said and said.presence == "present" and said.tier == "urgent":
                seen["invented"] += pair.outcome in ("invented", "contradicted")
    record = mb.decision_card(run.path).record
    assert seen["missed"] > 10
    assert seen["invented"] > 10
    assert record.urgent.findings == seen["all"]
    assert record.urgent.missed.mean == pytest.approx(seen["missed"] / seen["all"])
    assert record.urgent.wrong == seen["wrong"]
    assert record.urgent.invented.mean == pytest.approx(seen["invented"] / record.urgent.outputs)
    assert record.sent == ()
    needed = record.findings_needed or 0
    low, high = wilson(seen["missed"] / seen["all"] * needed, needed)
    assert (high - low) / 2 <= 0.05


def test_the_screen_leads_with_what_is_missed(
    answered: Callable[..., Path], medbench: Callable[..., Any]
) -> None:
    """Few findings are counts; what has no answer, and what is unknown, stands there."""
    run = answered()
    done = medbench("report", run, "--card")
    said = " ".join(done.out.split())
    assert done.code == 0
    assert "Of 1,000 urgent findings it misses 2 in 4: 2 of 4 findings in 6 answers." in said
    assert "2 urgent findings are in cases without an answer, and in no rate." in said
    assert "Whether an output is good as a whole: nothing was graded." in said
    assert "6 of 8 answers are there; without: 1 " in said
    assert "Its answers were made elsewhere and imported: by which way is not known." in said
    page = (run.parents[2] / "card.html").read_text("utf-8")
    assert "it misses 2 in 4" in page
    assert " style=" not in page


def test_answers_that_all_invent_as_much_have_no_interval(answered: Callable[..., Path]) -> None:
    """That of equal values has no width: it is said that they are equal."""
    card = mb.decision_card(answered((("Large right pneumothorax.", "Acute appendicitis."),) * 6))
    assert "it states 1,000 (all equal) urgent findings" in " ".join(str(card).split())


def test_without_an_urgent_finding_nothing_is_said(answered: Callable[..., Path]) -> None:
    """No rate of nothing."""
    card = mb.decision_card(answered((("Simple renal cyst.", "There is a simple renal cyst."),) * 6))
    assert "No urgent finding stands in the references of the answered cases" in " ".join(str(card).split())
    assert card.record.findings_needed is None
    assert card.record.urgent.missed.mean is None


def test_a_card_is_of_one_system(answered: Callable[..., Path], medbench: Callable[..., Any]) -> None:
    """Two runs, or a folder of several, are refused; the same run gives the same bytes."""
    answered(system="other")
    run = answered()
    with pytest.raises(UsageError, match="a card is of one system"):
        mb.decision_card(run.parent)
    assert medbench("report", run, run, "--card").code == 2
    pages = [run.parent / name for name in ("one.html", "two.html")]
    for page in pages:
        mb.decision_card(run, page)
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_what_was_never_invented_may_still_be(answered: Callable[..., Path]) -> None:
    """None in 12 answers is no proof that there are none: the upper end is that of a rate of 0 in 12."""
    pairs = tuple((f"Left pneumothorax {number} cm.", "Left pneumothorax.") for number in range(12))
    for run in (answered(pairs), answered(pairs, "thrice", 3)):
        invented = mb.decision_card(run).record.urgent.invented
        assert (invented.mean, invented.interval.low if invented.interval else None) == (0, 0)
        assert invented.interval is not None
        assert invented.interval.high >= wilson(0, 12)[1]


def test_more_answers_to_a_case_are_no_more_cases(answered: Callable[..., Path]) -> None:
    """The same texts three times settle nothing: as many cases are needed, and no more findings."""
    pairs = CASES[:4] * 4
    once, thrice = (mb.decision_card(answered(pairs, f"by-{n}", n)).record for n in (1, 3))
    assert thrice.urgent.findings == 3 * once.urgent.findings
    assert "48 of 48 answers are there" in str(mb.decision_card("runs/bench/by-3"))
    assert once.findings_needed == once.cases_needed
    assert (once.cases_needed or 0) > 100
    assert thrice.findings_needed == pytest.approx(once.findings_needed, rel=0.1)
    assert thrice.cases_needed == pytest.approx(once.cases_needed, rel=0.1)


def test_a_card_of_imported_answers_says_what_its_day_is(answered: Callable[..., Path]) -> None:
    """The day of the import is not that of the answers."""
    card = mb.decision_card(answered())
    assert f"imported {card.record.first_day}" in " ".join(str(card).split())


def test_the_baseline_is_that_of_the_same_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that answers a third is held against a third; what it was not asked is counted as such."""
    monkeypatch.chdir(tmp_path)
    mb.run("phantom-40", progress=False)
    (whole,) = mb.runs("runs/phantom-40/baseline-retrieval")
    texts = [(one.case_id, one.text) for one in whole.folder.outputs()]
    cards = {}
    for number in (len(texts), len(texts) // 3):
        lines = (json.dumps({"case_id": case_id, "text": text}) for case_id, text in texts[:number])
        (tmp_path / "answers.jsonl").write_text("\n".join(lines), "utf-8")
        (run,) = mb.import_answers("answers.jsonl", "phantom-40", f"first-{number}", progress=False)
        cards[number] = mb.decision_card(run.path).record
    all_of_them, third = cards.values()
    assert all_of_them.floor is not None
    assert third.floor is not None
    assert third.floor.outputs == third.urgent.outputs == len(texts) // 3
    assert all_of_them.unanswered == 0
    assert any(f"{len(texts) - len(texts) // 3} of {len(texts)} times" in line for line in third.unknown)
    assert third.unanswered == all_of_them.urgent.findings - third.urgent.findings > 0


def test_dollars_of_a_good_case_are_those_used_where_more_was_up(answered: Callable[..., Path]) -> None:
    """The hours that an endpoint was up cost more, and stand beside."""
    card = mb.decision_card(answered()).record
    share = card.urgent.missed
    graded = Graded(
        rater="judge",
        wanted=4,
        good=share,
        partial=share,
        poor=share,
        key_finding=share,
        good_if_missing_poor=None,
        good_if_missing_good=None,
        missing={},
    )
    for up, words in (
        (0.0, "A good case: $0.50, 2.0 seconds"),
        (9.0, "A good case: $0.50 used, 2.0 seconds"),
    ):
        row = card.row.model_copy(update={"graded": graded, "cost_up_usd": up})
        told = {"row": row, "usd_a_good_case": 0.5, "seconds_a_good_case": 2.0}
        assert words in " ".join(card_page(card.model_copy(update=told)).split())
