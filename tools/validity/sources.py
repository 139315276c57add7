"""The texts that validity is measured on, read from ../shared: MedPix, the run of February 2026, RadPref."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from medbench.datasets.draw import STANDARD, draw
from medbench.datasets.examine import Examined, examine
from medbench.datasets.february import read_february
from medbench.datasets.medpix import REGION_ORDER, read_medpix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from medbench.schema.verdict import Grade

SHARED = Path(__file__).resolve().parents[3] / "shared"


class Case(NamedTuple):
    """One case of MedPix, as far as its texts go."""

    source_id: str
    region: str
    modality: str
    topic: str
    reference: str


class Answer(NamedTuple):
    """One answer to a case: of February 2026, or made up in its place."""

    case: Case
    text: str
    prompt: str | None
    grades: dict[str, Grade] = {}  # noqa: RUF012 - never changed
    """Judging to grade, where there is one."""


@cache
def medpix() -> tuple[Case, ...]:
    """Return every case of MedPix 2.0 whose reference has findings."""
    return _cases(entry for entry in _examined() if "no_findings" not in entry.reasons)


@cache
def medpix_100() -> tuple[Case, ...]:
    """Return the cases that `medbench build medpix` draws; their pictures aren't needed for that."""
    return _cases(draw(_examined(), STANDARD, REGION_ORDER).cases)


@cache
def february() -> dict[str, list[Answer]]:
    """Return the answers of February 2026 by system."""
    cases = {case.source_id: case for case in _cases(_examined())}
    answers = {}
    for run in read_february(SHARED / "data/seed_run"):
        grades: dict[str, dict[str, Grade]] = defaultdict(dict)
        for verdict in run.verdicts:
            if verdict.grade:
                grades[verdict.case_id][verdict.rater] = verdict.grade
        answered = [answer for answer in run.answers if answer.text]
        answers[run.name] = [
            Answer(cases[one.case], one.text or "", one.prompt, grades[one.case]) for one in answered
        ]
    return answers


def radpref() -> list[dict[str, Any]]:
    """Return the part of RadPref: reports, each with candidates and their ratings."""
    path = SHARED / "data/radpref_dev/radpref_dev.json"
    cases: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cases"]
    return cases


def rated_rows(cases: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row of `medbench validate-metric` for each candidate of RadPref."""
    for number, case in enumerate(cases):
        for candidate in case["candidates"]:
            texts = {"reference": case["reference"], "candidate": candidate["report"]}
            yield {**texts, "ratings": candidate["ratings"], "group": number}


@cache
def _examined() -> tuple[Examined, ...]:
    return tuple(examine(read_medpix(SHARED / "data/medpix")))


def _cases(examined: Iterable[Examined]) -> tuple[Case, ...]:
    cases = (entry.case for entry in examined)
    return tuple(
        Case(case.source_id, case.region, case.modality, case.topic or case.source_id, case.text)
        for case in cases
    )
