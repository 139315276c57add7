"""The list of models: what each costs, what is missing, what is gone."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from price_listing import NEXT_YEAR, PriceListing

from medbench.schema.results.view import ModelView
from medbench.steps.models import models_known

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def _known(own: dict[str, dict[str, Any]], at: dt.datetime = NOW) -> dict[str, ModelView]:
    return {view.name: view for view in models_known(own, at)}


def test_prices_and_days() -> None:
    """Each model with its price in words and the day on which it was read."""
    day = dt.date(2026, 10, 1)
    known = _known(
        {
            "tokens": {"provider": "echo", "price": {"input": 0.5, "output": 2.0, "date": day}},
            "hours": {"provider": "echo", "price": {"gpu_hour": 1.5, "hardware": "1 x L4"}},
            "nobody-knows": {"provider": "echo"},
        }
    )
    assert (known["tokens"].price, known["tokens"].price_date) == ("$0.50 in, $2.00 out per M", day)
    assert (known["hours"].price, known["hours"].price_date) == ("$1.50 an hour (1 x L4)", None)
    assert known["nobody-knows"].price == "unknown"
    assert known["baseline-normal"].price == "free"
    assert known["baseline-normal"].missing == ""


def test_shipped_models_have_a_price_with_a_day() -> None:
    """Tokens of Gemini from the price table, hours of an endpoint from the model's file."""
    known = _known({})
    assert re.fullmatch(r"\$[\d.]+ in, \$[\d.]+ out per M", known["gemini-flash"].price)
    assert re.fullmatch(r"\$[\d.]+ an hour \(.+\)", known["medgemma-4b"].price)
    assert known["medgemma-4b"].price_date is not None


def test_a_model_is_gone_from_the_day_on_which_it_retires() -> None:
    """The day decides, not the file."""
    assert _known({})["gemini-3-pro-preview"].gone
    before = dt.datetime(2026, 3, 8, tzinfo=dt.UTC)
    assert not _known({}, before)["gemini-3-pro-preview"].gone


def test_what_happens_soon_is_told_soon_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rise or an end more than 90 days away is not spoken of."""
    monkeypatch.setattr("medbench.pricing.prices.Table", PriceListing)
    own: dict[str, dict[str, Any]] = {
        "ends": {"provider": "echo", "retires": NEXT_YEAR.date()},
        "rises": {"provider": "gemini", "id": "flash"},
    }
    early, late = (dt.datetime(2026, 10, day, tzinfo=dt.UTC) for day in (2, 3))
    assert not _known(own, early)["ends"].leaves
    assert _known(own, late)["ends"].leaves
    assert not _known(own, NEXT_YEAR)["ends"].leaves
    assert _known(own, early)["rises"].dearer is None
    assert _known(own, late)["rises"].dearer == (NEXT_YEAR.date(), 2.0)


def test_a_list_imports_no_code_of_ones_own(module: Callable[[str, str], str]) -> None:
    """A provider outside the package is listed by what the file says; one of a later version is missing."""
    module("listed_mod", "raise RuntimeError('imported')")
    known = _known(
        {
            "mine": {"provider": "listed_mod:Provider", "price": {"free": True}},
            "later": {"provider": "a-later-version"},
        }
    )
    assert "listed_mod" not in sys.modules
    assert (known["mine"].price, known["mine"].missing) == ("free", "")
    assert (known["later"].missing, known["later"].hint) == ("provider", "pip install -U medbench")
    assert known["mine"].own
    assert not known["echo"].own


@pytest.mark.parametrize("all_", [False, True])
def test_the_screen(medbench: Callable[..., Any], tmp_path: Any, all_: bool) -> None:
    """Names, prices with their day, what is ready; what is gone or dearer soon; what to type for the rest."""
    soon = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)
    (tmp_path / "medbench.toml").write_text(
        '[models.mine]\nprovider = "openai"\nid = "acme/mine-1"\n'
        f'[models.leaves]\nprovider = "echo"\nid = "old-1"\nretires = {soon}\nsuccessor = "new-1"\n'
        "price = { input = 0.25, output = 1.0, date = 2026-01-31 }\n"
    )
    said = medbench("models", *(["--all"] if all_ else []))
    assert said.code == 0
    assert "Prices of 2026-01-31; " in said.words, "the oldest day on which a price was read"
    assert "0.25, 1.00" in said.out
    assert "/hour " in said.out
    row = next(line for line in said.out.splitlines() if line.startswith("mine *"))
    assert "mine-1" in row
    assert "acme/" not in row
    assert row.endswith(" server")
    assert "medbench doctor -m NAME" in said.err
    flat = " ".join(said.out.split())
    assert "Needs: what is missing of the settings, or the key that they name; no server was asked." in flat
    gone, soon_gone = (flat[flat.index(words) :].partition(". ")[0] for words in ("Gone: ", "Retires soon: "))
    assert "gemini-3-pro-preview (2026-03-09, now gemini-3.1-pro-preview)" in gone
    assert f"old-1 ({soon}, now new-1)" in soon_gone
    assert "Next: " in said.err
    assert said.err.count('base_url = "') == 1
    assert ("\ngemini-3-pro-preview  " in said.out) == all_
    assert ("\necho " in said.out) == all_
    assert ("models --all" in said.err) != all_
    assert all(len(line.rstrip()) <= 80 for line in said.out.splitlines())
