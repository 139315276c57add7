"""Questions with a known answer, from a source through run, compare, show and the report page."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import small_sources
from hub_server import NAME
from small_sources import built, copied, png

_MAP = ("--map", "findings=report,image=image,modality=kind")


def test_questions_are_of_three_forms(medbench: Callable[..., Any], tmp_path: Path) -> None:
    """Yes or no, a choice whose answer may be its letter, words; none of them gives its answer away."""
    folder = copied(tmp_path / "copy", small_sources.radimagenet_vqa())
    assert medbench("build", "hf", "radimagenet-vqa", "--folder", folder, "--out", "made").code == 0
    _, cases, references = built(tmp_path / "made")
    forms = Counter((case.question.kind, ref.text) for case, ref in zip(cases, references, strict=True))
    assert forms == {("yes/no", "yes"): 3, ("choice", "meniscal tear"): 3, ("exact", "knee"): 3}
    assert '"knee"' not in (tmp_path / "made" / "cases.jsonl").read_text().replace('"region":"knee"', "")


def test_questions_run_score_and_compare_as_what_they_are(
    medbench: Callable[..., Any], tmp_path: Path, chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accuracy with what guessing gets taken out: who always says yes is not above chance."""
    rows = [
        {
            "image": {"bytes": png(n), "path": None},
            "question": f"Is there an effusion? ({n})",
            "answer": "yes" if n % 3 else "no",
        }
        for n in range(12)
    ]
    folder = copied(tmp_path / "copy", {"t.parquet": small_sources.parquet(rows)})
    line = ("--map", "question=question,answer=answer,image=image", "--folder", folder, "--out", "made")
    assert medbench("build", "hf", NAME, *line).code == 0
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdef")
    model = 'provider = "openai"\nid = "{}"\nbase_url = "http://localhost/v1"\nprice = {{ free = true }}\n'
    staged = f'pipeline = "two-stage"\nstages.first.model = "./always.toml"\n{model.format("x")}'
    (tmp_path / "staged.toml").write_text(staged)
    for name in ("always", "knows"):
        (tmp_path / f"{name}.toml").write_text(model.format(name))
        seen = chat.answers(lambda request, name=name: chat.answer(message={"content": _says(request, name)}))
        said = medbench("run", "made", "-m", f"./{name}.toml")
        assert said.code == 0, said.err
        asked = json.loads(seen[0].content)["messages"][-1]["content"]
        assert "Answer with yes or no alone." in str(asked)
        assert "Describe all imaging findings" not in str(asked)
    summaries = {
        name: json.loads((tmp_path / "runs" / "made" / name / "summary.json").read_text())
        for name in ("always", "knows")
    }
    metrics = {name: summary["everything"]["metrics"] for name, summary in summaries.items()}
    assert metrics["knows"]["answer.right"]["mean"] == 1
    assert metrics["always"]["answer.right"]["mean"] == pytest.approx(8 / 12)
    assert metrics["always"]["above_chance.answer.right"]["mean"] == pytest.approx(0, abs=0.08)
    assert metrics["knows"]["above_chance.answer.right"]["mean"] == 1
    assert metrics["knows"]["finding.f1"]["n"] == 0
    assert "answers:3|parser:" in summaries["knows"]["signatures"]["answers"]
    compared = medbench("compare", "always", "knows")
    assert compared.code == 0, compared.err
    assert "right answers" in compared.out
    report = medbench("report", "always", "knows", "-o", "r.html")
    assert report.code == 0, report.err
    page = (tmp_path / "r.html").read_text()
    assert "right answers, %" in page
    assert medbench("verify", "knows").code == 0
    for more in ((), ("--dry-run",)):
        judged = medbench("judge", "runs/made/knows", "--judge", "./always.toml", *more)
        assert (judged.code, "no judge is needed" in judged.err) == (2, True)
    planned = medbench("run", "made", "-m", "./always.toml", "--fresh", "--dry-run")
    assert planned.code == 0, planned.err
    assert "judg" not in planned.words.lower()
    staged = medbench("run", "made", "-m", "./staged.toml")
    assert (staged.code, "asks questions" in staged.err) == (2, True)
    shown = medbench("show", "knows").out
    assert "right answers" in shown
    assert "same text as another case" not in shown
    assert "Is there an effusion?" in medbench("show", built(tmp_path / "made")[1][0].case_id).out


def _says(request: Any, name: str) -> str:
    number = int(re.search(r"effusion\? \((\d+)\)", request.content.decode())[1])  # type: ignore[index] # it is asked
    return "Yes." if name == "always" or number % 3 else "No, there is none."
