"""The book of deployments: a name is on the disk before anything is asked for, and no crash loses it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from medbench.schema.endpoint import DeploymentEvent, EndpointUse, Intent
from medbench.store.deployments import DeploymentBook, iso

BEGAN = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
NAME = "medbench-medgemma-4b-20261129-120000-0a1b2c"
INTENT = Intent(
    model="medgemma-4b",
    model_id="google/medgemma-1.5-4b-it",
    publisher_model="publishers/google/models/medgemma@medgemma-1.5-4b-it",
    project="my-project",
    location="us-central1",
    machine="g2-standard-12",
    accelerator="NVIDIA_L4",
    accelerators=1,
    usd_hour=1.2,
    price_date=dt.date(2026, 11, 22),
    price_source="a list",
)


def _event(kind: str, minutes: float = 0, **more: object) -> DeploymentEvent:
    at = iso(BEGAN + dt.timedelta(minutes=minutes))
    return DeploymentEvent.model_validate({"at": at, "kind": kind, "name": NAME, "pid": 1, **more})


@pytest.fixture
def book(tmp_path: Path) -> DeploymentBook:
    """A book with one intent."""
    made = DeploymentBook(tmp_path / "of" / "medbench" / "endpoints.jsonl")
    made.add(_event("intended", intent=INTENT))
    return made


def test_a_deployment_from_intent_to_end(book: DeploymentBook) -> None:
    """Each event moves it on; hours count from the request to the second in which all was gone."""
    assert [(each.name, each.state) for each in book.open()] == [(NAME, "intended")]
    book.add(_event("created", 0.1, operation="o"))
    assert book.get(NAME).state == "deploying"
    book.add(_event("deployed", 17, endpoint="e", resource="m"))
    book.add(_event("used", 18, run="/runs/a"))
    book.add(_event("used", 19, run="/runs/a"))
    up = book.get(NAME)
    assert (up.state, up.operation, up.endpoint, up.resource) == ("up", "o", "e", "m")
    assert up.runs == {"/runs/a": BEGAN + dt.timedelta(minutes=18)}
    assert up.seconds(BEGAN + dt.timedelta(minutes=30)) == 1800
    assert up.usd(BEGAN + dt.timedelta(minutes=30)) == pytest.approx(0.6)
    book.add(_event("removed", 34))
    assert book.open() == []
    gone = book.get(NAME)
    assert gone.seconds(BEGAN + dt.timedelta(days=9)) == 34 * 60
    assert gone.usd(BEGAN + dt.timedelta(days=9)) == pytest.approx(0.68)
    assert gone.machine == "g2-standard-12, 1 x L4"


@pytest.mark.parametrize("removed", [-90, 5, 17])
def test_a_clock_that_is_set_back_earns_nothing(book: DeploymentBook, removed: float) -> None:
    """Up to the last event that was seen it was up; never for less than no time, nor for negative dollars."""
    assert book.get(NAME).usd(BEGAN - dt.timedelta(hours=1)) == 0
    book.add(_event("created", 0.1, operation="o"))
    book.add(_event("deployed", 17, endpoint="e", resource="m"))
    up = book.get(NAME)
    assert up.seconds(BEGAN + dt.timedelta(minutes=removed)) == 17 * 60
    assert up.seconds(BEGAN + dt.timedelta(minutes=30)) == 30 * 60
    book.add(_event("removing", removed))
    book.add(_event("removed", removed))
    gone = book.get(NAME)
    assert gone.seconds(BEGAN) == 17 * 60
    assert gone.usd(BEGAN) == pytest.approx(0.34)


def test_what_was_refused_was_never_up(book: DeploymentBook) -> None:
    """It is closed, and costs nothing."""
    book.add(_event("refused", 1, said="quota"))
    assert book.open() == []
    assert book.get(NAME).seconds(BEGAN + dt.timedelta(days=1)) == 0


def test_a_torn_line_loses_itself_only(book: DeploymentBook) -> None:
    """Cut at every byte of the last line: the intent before it stands, and a new line is whole."""
    whole = book.path.read_bytes()
    last = _event("created", 1, operation="o").to_line()
    for cut in range(len(last)):
        book.path.write_bytes(whole + last[:cut])
        assert book.get(NAME).state == ("deploying" if cut == len(last) - 1 else "intended")
        book.add(_event("deployed", 2, endpoint="e", resource="m"))
        assert book.get(NAME).state == "up"


def test_nobody_else_reads_it(book: DeploymentBook) -> None:
    """File and folder are the user's own, and a missing book is an empty one."""
    assert book.path.stat().st_mode & 0o077 == 0
    assert DeploymentBook(book.path.with_name("other.jsonl")).all() == []


def test_the_seconds_of_a_use() -> None:
    """From the request to the end, at the price."""
    use = EndpointUse(
        name=NAME,
        model_id="m",
        began=iso(BEGAN),
        until=iso(BEGAN + dt.timedelta(seconds=1800)),
        is_gone=True,
        usd_hour=1.2,
    )
    assert use.seconds == 1800
    assert use.usd == pytest.approx(0.6)


def test_a_use_of_a_clock_that_was_set_back_costs_nothing() -> None:
    """A record that another version of medbench wrote."""
    began, until = iso(BEGAN), iso(BEGAN - dt.timedelta(hours=1))
    use = EndpointUse(name=NAME, model_id="m", began=began, until=until, is_gone=True, usd_hour=1.2)
    assert (use.seconds, use.usd) == (0, 0)
