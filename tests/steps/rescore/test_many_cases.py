"""A benchmark of more cases than a process remembers: scored as any other, and references are read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from medbench.schema.reference import Reference
from medbench.schema.run import Output, System
from medbench.scoring import findings
from medbench.scoring.extraction import extract as engine
from medbench.scoring.extraction.observed import Finding
from medbench.steps.rescore import case_table, rescore
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import REFERENCES, BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import HEAD, OUTPUTS, SCORES, SUMMARY, RunFolder, new_head

TEXTS = (
    "A mass of 8 cm in the left lung. There is no mass. Pleural effusion.",
    "Right pleural effusion. The spleen is normal.",
    "Renal stone. No hydronephrosis. A mass in the liver, and no mass in the liver.",
    "Fracture of the left femur.",
    "Normal study.",
    "Acute subdural hematoma with midline shift.",
)


@pytest.fixture
def run(bench: BenchmarkFolder, redigest: Callable[[Path], None], tmp_path: Path) -> RunFolder:
    """A run whose outputs are the references of other cases, and a word more."""
    cases = [*bench.cases()]
    texts = [
        Reference(case_id=case.case_id, source_id=case.case_id, text=text)
        for case, text in zip(cases, TEXTS, strict=True)
    ]
    write_records(bench.path / REFERENCES, texts)
    redigest(bench.path)
    system = System(name="run", family="other", pipeline="single")
    folder = tmp_path / "run"
    folder.mkdir()
    write_one(folder / HEAD, new_head(folder, BenchmarkFolder(bench.path), system, "medbench run"))
    outputs = [
        Output(case_id=case.case_id, case_digest=case.digest, text=f"FINDINGS: {text} Scoliosis.")
        for case, text in zip(cases, (*TEXTS[1:], TEXTS[0]), strict=True)
    ]
    write_records(folder / OUTPUTS, outputs)
    return RunFolder(folder)


def test_scores_are_those_of_few_cases(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte; each reference is taken apart once, also where an output was scored before."""
    Rescorer().rescore(run)
    for module in (case_table, rescore):
        monkeypatch.setattr(module, "MOST_REMEMBERED", 5)
    told: list[tuple[int, int, str]] = []
    rescorer = Rescorer(watch=lambda _, *what: told.append(what))
    assert [score.case_id for score in rescorer.scores(run, [next(run.outputs())])] == ["case-000"]
    read: Counter[str] = Counter()
    extract = engine.extract

    def counted(text: str) -> tuple[Finding, ...]:
        read[text] += 1
        return extract(text)

    monkeypatch.setattr(engine, "extract", counted)
    for remembered in (findings._remembered, findings._said, findings.matched, findings.measured):
        remembered.cache_clear()
    rescorer.rescore(run, tmp_path)
    for name in (SCORES, SUMMARY):
        assert (tmp_path / name).read_bytes() == (run.path / name).read_bytes()
    assert [read[text] for text in TEXTS] == [1] * 6
    assert (6, 6, "references") in told
    assert (6, 6, "outputs") in told


def test_references_of_few_outputs_are_read_as_they_are_needed(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six outputs are held against 20 references each at most: not all of 121 are worth reading."""
    prepared = Rescorer()._prepare(run.benchmark())
    monkeypatch.setattr(rescore, "MOST_REMEMBERED", 5)
    assert prepared.needs_packing(6)
    monkeypatch.setattr(type(prepared.cases), "__len__", lambda _: 121)
    assert not prepared.needs_packing(6)
    assert prepared.needs_packing(7)
    assert not Rescorer(finding=1)._prepare(run.benchmark()).needs_packing(7)
