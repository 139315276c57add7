"""The run of February 2026: its two judgings as two raters, and the wrong leg that only the caption shows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import planted
import pytest
from judged_world import judge, judged

from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.response import Request
from medbench.schema.verdict import GRADES, Verdict
from medbench.stats.agreement import cohen_kappa
from medbench.steps.importing.importing import import_runs, read_source
from medbench.steps.reading.judge_cards import cards_of
from medbench.steps.reading.verdict_book import RaterKey, StoredVerdict, books_of
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS, RunFolder

pytestmark = pytest.mark.usefixtures("planted_judge")
FIRST, SECOND = RaterKey("at_00d5287", None), RaterKey("at_HEAD_a23975b", None)


@pytest.fixture
def february(
    shared: Path, tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]
) -> tuple[BenchmarkFolder, list[RunFolder]]:
    """The imported run, on a benchmark with its references and captions, and images of a few pixels."""
    old = shared / "data/seed_run"
    cases = json.loads((old / "raw_responses.json").read_text("utf-8"))
    described = json.loads((shared / "data/medpix/Descriptions.json").read_text("utf-8"))
    captions = {one["image"]: one["Description"]["Caption"] for one in described}

    def reference(case: Case) -> Reference:
        if case.case_id.startswith("pool"):
            return Reference(case_id=case.case_id, source_id=case.case_id, text="a text")
        one = cases[int(case.case_id[-3:])]
        image = one["image_path"].rpartition("/")[2].removesuffix(".png")
        return Reference(
            case_id=case.case_id, source_id=one["uid"], text=one["gold_findings"], captions=(captions[image],)
        )

    bench = write_benchmark(tmp_path / "february", len(cases), reference=reference)
    made = import_runs(old, bench, tmp_path / "runs", read_source(old, None), "medbench import")
    return bench, [RunFolder(one.folder) for one in made]


def judgings(run: RunFolder, rater: RaterKey) -> dict[str, StoredVerdict]:
    """Case to verdict of one judging."""
    return {place.case_id: said for place, said in books_of(run)[rater].own.items()}


def test_the_published_rates_and_their_time_outs(
    february: tuple[BenchmarkFolder, list[RunFolder]],
) -> None:
    """4 of 16 and 7 of 16, eight time-outs on seven cases, and 13 cases that both systems have."""
    _, (medgemma, gemini) = february
    first = [judgings(run, FIRST) for run in (medgemma, gemini)]
    assert [sum(one.grade == "good" for one in said.values()) for said in first] == [4, 7]
    assert [len(said) for said in first] == [16, 16]
    failed = [
        (one.case_id, one.failure.kind)
        for run in (medgemma, gemini)
        for one in read_records(run.path / VERDICTS, Verdict)
        if one.failure and one.rater == FIRST.name
    ]
    assert Counter(kind for _, kind in failed) == {"timeout": 8}
    assert len({case for case, _ in failed}) == 7
    assert len(first[0].keys() & first[1].keys()) == 13


def test_the_second_judging_is_another_rater(february: tuple[BenchmarkFolder, list[RunFolder]]) -> None:
    """On the 27 outputs that both judgings graded they agree with kappa .77, with quadratic weights .93."""
    _, runs = february
    pairs = [
        (said.grade, judgings(run, SECOND)[case].grade)
        for run in runs
        for case, said in judgings(run, FIRST).items()
        if case in judgings(run, SECOND)
    ]
    one, other = zip(*pairs, strict=True)
    assert len(pairs) == 27
    assert cohen_kappa(one, other, GRADES).value == pytest.approx(0.769, abs=5e-4)
    assert cohen_kappa(one, other, GRADES, quadratic=True).value == pytest.approx(0.930, abs=5e-4)
    assert [card.rater for card in cards_of(runs)] == [FIRST.name, SECOND.name]


def names_the_leg(request: Request, _: int) -> str:
    """A judge that finds everything, and says wrong site where the facts name another bone than the text."""
    if "List the findings" in request.text:
        first = planted.block(request.text, "REFERENCE").split(".")[0]
        return json.dumps({"findings": [{"text": first, "present": True, "key": True}]})
    output = planted.block(request.text, "OUTPUT").lower()
    told = planted.block(request.text, "FACTS").lower() if "<<<FACTS>>>" in request.text else ""
    wrong = "femur" in output and "tibia" in told
    numbers = re.findall(r"^(F\d+)\b", request.text, re.MULTILINE)
    outcome = "wrong_site" if wrong else "matched"
    matches = [{"finding": number, "outcome": outcome, "said": "distal femur"} for number in numbers]
    return json.dumps({"reason": "the image shows the tibia", "matches": matches, "invented": []})


def test_the_caption_shows_the_wrong_leg(february: tuple[BenchmarkFolder, list[RunFolder]]) -> None:
    """MPX1227, good under both old judgings, is of the wrong site to a judge that knows the caption."""
    bench, (medgemma, _) = february
    planted.Planted.answers = staticmethod(names_the_leg)
    plain = judge(rubric="matched-1")
    told = plain.model_copy(update={"context": "captions"})
    judged(medgemma, judges=(plain,))
    judged(medgemma, judges=(told,))
    case = next(one.case_id for one in bench.references() if one.source_id == "MPX1227")
    said = {
        one.rater: one
        for one in read_records(medgemma.path / VERDICTS, Verdict)
        if one.case_id == case and one.asked
    }
    assert said["planted/matched-1"].grade == "good"
    wrong = said["planted/matched-1+captions"]
    assert wrong.grade == "poor"
    assert wrong.key_finding is False
    assert [match.outcome for match in wrong.matches] == ["wrong_site"]
    others = [one for one in judge_grades(medgemma, "planted/matched-1+captions") if one.case_id != case]
    assert len(others) == 19


def judge_grades(run: RunFolder, rater: str) -> list[Verdict]:
    """The verdicts of one rater."""
    return [one for one in read_records(run.path / VERDICTS, Verdict) if one.rater == rater]
