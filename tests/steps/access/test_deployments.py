"""What of a deployment a run used, by the times in its ledger."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from medbench.schema.endpoint import DeploymentEvent, Intent
from medbench.schema.response import Attempt, CallFor, Cost, Response
from medbench.steps.access.deployments import used_usd
from medbench.store.deployments import DeploymentBook, iso
from medbench.store.jsonl import write_records
from medbench.store.runs import RESPONSES

NOON = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)


def _at(minutes: float) -> str:
    return iso(NOON + dt.timedelta(minutes=minutes))


def _deployed(name: str, run: Path, began: float, used: float) -> None:
    intent = Intent(
        model="medgemma-4b",
        model_id="google/medgemma-4b",
        publisher_model="publishers/google/models/medgemma@4b",
        project="p",
        location="us-central1",
        machine="g2-standard-12",
        usd_hour=1.2,
        price_date=dt.date(2026, 11, 22),
        price_source="a list",
    )
    book = DeploymentBook()
    book.add(DeploymentEvent(at=_at(began), kind="intended", name=name, pid=1, intent=intent))
    book.add(DeploymentEvent(at=_at(used), kind="used", name=name, pid=1, run=str(run)))


def test_a_call_is_of_one_of_two_deployments_of_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its first use on the later one is asked, as long as it is up: no dollar counts twice."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    responses = [
        Response(
            response_id=f"r{minutes}",
            request_digest="0" * 64,
            call_for=CallFor(case_id="c", stage="s"),
            asked="google/medgemma-4b",
            attempts=(Attempt(start=_at(minutes), queued_s=0.0, took_s=1.0, outcome="ok"),),
            cost=Cost(usd=usd, basis="gpu"),
        )
        for minutes, usd in ((20, 1.0), (40, 2.0), (60, 4.0), (80, 8.0))
    ]
    write_records(tmp_path / RESPONSES, responses)
    _deployed("first", tmp_path, 0, 18)
    _deployed("second", tmp_path, 35, 50)
    book, until = DeploymentBook(), NOON + dt.timedelta(minutes=90)

    def used() -> list[float]:
        return [used_usd(book.get(name), str(tmp_path), until) for name in ("first", "second")]

    assert used() == [3.0, 12.0]
    book.add(DeploymentEvent(at=_at(70), kind="removed", name="second", pid=1))
    assert used()[0] == 11.0, "the first is asked again"
