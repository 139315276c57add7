"""`validate-metric`: a metric that orders texts as people do agrees with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medbench as mb
from medbench.__main__ import _code
from medbench.schema.results.validation import MetricAgreement
from medbench.steps.validate import validate_metric

REFERENCE = "There is a {} pleural effusion. There is a rib fracture on the {}. The heart is enlarged."


def _file(tmp_path: Path, rows: list[dict[str, Any]]) -> Path:
    file = tmp_path / "ratings.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def _rows(patients: int = 4) -> list[dict[str, Any]]:
    """Return three candidates of two references a patient: all right, partly right, wrong."""
    rows = []
    for patient in range(patients):
        for side in ("left", "right"):
            reference = f"Patient {patient}. {REFERENCE.format(side, side)}"
            texts = (reference, f"There is a {side} pleural effusion.", "No abnormality. There is ascites.")
            rows += [
                {"reference": reference, "candidate": text, "ratings": [rating, rating - 1], "group": patient}
                for rating, text in zip((5, 3, 1), texts, strict=True)
            ]
    return rows


def _of(file: Path, metric: str) -> MetricAgreement:
    return next(one for one in validate_metric(file).metrics if one.metric == metric)


def test_a_metric_that_orders_as_people_do_has_full_agreement(tmp_path: Path) -> None:
    """F1 of right, partly right and wrong texts stands in the order of the ratings."""
    found = validate_metric(_file(tmp_path, _rows()))
    assert (found.candidates, found.references, found.groups, found.raters, found.pairs) == (24, 8, 4, 2, 24)
    f1 = found.metrics[0]
    assert f1.metric == "finding.f1"
    assert f1.tau.value == pytest.approx(1.0)
    assert f1.rho.value == pytest.approx(1.0)
    assert (f1.preference.value, f1.preference.n) == (1.0, 24)
    assert f1.tau.interval is None, "no group differs from another, which tells nothing of other groups"
    assert f1.preference.interval is not None
    assert f1.preference.interval.clusters == 4


def test_reversed_ratings_reverse_the_agreement(tmp_path: Path) -> None:
    """Where people count errors of the right texts, each measure is at its other end."""
    rows = [{**row, "errors": row["ratings"]} for row in _rows()]
    for row in rows:
        del row["ratings"]
    f1 = _of(_file(tmp_path, rows), "finding.f1")
    assert f1.tau.value == pytest.approx(-1.0)
    assert f1.preference.value == 0.0


def test_a_tie_of_the_metric_is_half_a_preference(tmp_path: Path) -> None:
    """Two texts that score the same are neither right nor wrong; equal ratings ask for nothing."""
    reference = "Large left pleural effusion."
    rows: list[dict[str, Any]] = [{"reference": reference, "better": reference, "worse": reference + " "}]
    rows += [{"reference": reference, "candidate": text, "rating": 2} for text in ("Ascites.", reference)]
    found = _of(_file(tmp_path, rows), "finding.f1")
    assert (found.preference.value, found.preference.n) == (0.5, 1)
    assert (found.tau.value, found.tau.n) == (None, 2)


def test_references_without_a_finding_are_left_out_and_counted(tmp_path: Path) -> None:
    """A metric without a number for a text is compared on the others."""
    rows = [*_rows(), {"reference": "See above.", "candidate": "Ascites.", "rating": 1}]
    found = _of(_file(tmp_path, rows), "finding.f1")
    assert (found.tau.n, found.unmeasured) == (24, 1)


def test_command_and_function_give_the_same_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen leads with a table; --json and `to_dict` hold every metric with its intervals."""
    file = str(_file(tmp_path, _rows()))
    monkeypatch.setattr("sys.argv", ["medbench", "validate-metric", file, "--json"])
    assert _code() == 0
    result = mb.validate_metric(file)
    assert json.loads(capsys.readouterr().out) == result.to_dict()
    monkeypatch.setattr("sys.argv", ["medbench", "validate-metric", file])
    assert _code() == 0
    shown = capsys.readouterr().out
    assert shown.startswith("metric")
    assert "24 candidates of 8 references rated by 2 raters" in " ".join(shown.split())
    assert str(result) == shown.rstrip("\n")
    frame = result.to_frame("pandas")
    assert set(frame["measure"]) == {"tau", "rho", "preference"}
    assert frame.loc[0, "value"] == pytest.approx(1.0)
