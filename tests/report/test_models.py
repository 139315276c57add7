"""The list of models, and what is said of all of them below it."""

from __future__ import annotations

import datetime as dt

from results import model_view
from screens import printed

from medbench.report.models import listing, remarks, what_to_type

DAY = dt.date(2026, 12, 1)


def test_a_model_is_a_row() -> None:
    """What it answers as without its path, provider, price, and what is missing to use it."""
    long_id = {"id": "projects/p/models/med-1", "provider": "vertex:Own", "limits": {"images": 4}}
    views = [
        model_view("med", long_id, own=True, price="$1, $2 per M", price_date=DAY),
        model_view("any", missing="key"),
        model_view("old", gone=True, missing="key"),
    ]
    lines = [" ".join(line.split()) for line in printed(listing(views)).splitlines()]
    assert lines == [
        "name answers as by price, $ needs",
        "med * med-1 vertex 1, 2 -",
        "any any-1 gemini free key",
        "old old-1 gemini free gone",
    ]


def test_baselines_are_one_row() -> None:
    """The first, with their names; the earliest day of a price is said below."""
    baseline = {"provider": None, "pipeline": "baseline-normal", "id": "", "family": "baseline"}
    views = [
        model_view("m", price_date=DAY),
        model_view("n", price_date=dt.date(2026, 11, 1)),
        model_view("baseline-normal", baseline),
    ]
    lines = [" ".join(line.split()) for line in printed(listing(views)).splitlines()]
    assert lines[:2] == ["name answers as by price, $ needs", "baseline-* normal free -"]
    assert "Prices of 2026-11-01; " in printed(remarks(views))


def test_remarks_name_what_changes_soon() -> None:
    """Dearer models that can still be used, retired ones with their successor, each id once."""
    retired = {"retires": "2026-01-01", "successor": "new-1"}
    views = [
        model_view("a", dearer=(DAY, 2.0), price="$1 per M", price_date=DAY),
        model_view("a", dearer=(DAY, 2.0)),
        model_view("b", dearer=(DAY, 1.25)),
        model_view("c", {"retires": "2027-01-01"}, leaves=True),
        model_view("d", retired, gone=True, dearer=(DAY, 2.0)),
    ]
    said = " ".join(printed(remarks(views)).split())
    assert said == (
        "Prices of 2026-12-01; of tokens in and out, a million. Dearer soon: a-1 costs twice as much from "
        "2026-12-01; b-1 costs 1.25 times as much from 2026-12-01. Gone: d-1 (2026-01-01, now new-1). "
        "Retires soon: c-1 (2027-01-01). "
        "Needs: what is missing of the settings, or the key that they name; no server was asked."
    )
    assert printed(remarks([model_view("m")])).startswith("Needs: ")


def test_what_to_type_is_said_once() -> None:
    """A hint that two models share, and none for a model that is gone."""
    views = [
        model_view("a", missing="key", hint="export KEY=…"),
        model_view("b", missing="key", hint="export KEY=…"),
        model_view("c", missing="key", hint="export OLD=…", gone=True),
    ]
    assert what_to_type(views)[0] == ("export KEY=…", "")
    assert len(what_to_type(views)) == 3
    assert len(what_to_type([])) == 2
