"""A dry run: what is left, what it takes, what the numbers rest on, and one request in full."""

from __future__ import annotations

from typing import Any

import pytest
from results import forecast, plan, planned, request
from screens import printed

from medbench.report.dry_run import plan_screen
from medbench.report.numbers import DASH


def _screen(*systems: Any, **given: Any) -> str:
    return printed(*plan_screen(plan(*systems, **given)))


def test_baselines_alone_are_free() -> None:
    """No table and no forecast: they ask no model."""
    assert _screen(planned("baseline-normal", None)) == (
        "1 baseline on bench: they ask no model, and are free.\n\n"
    )


def test_the_first_line_counts_systems_calls_and_images() -> None:
    """A range of images where systems differ, each where there are several; baselines are free."""
    one = planned("a", forecast())
    assert _screen(one).startswith("1 system on bench: 10 calls, 10 images.\n\n")
    other = planned("b", forecast(calls=5), images=1)
    assert _screen(one, other, planned("baseline-normal", None)).startswith(
        f"2 systems on bench: 15 calls, 1{DASH}10 images each (+ 1 baseline, free).\n"
    )


def test_what_is_there_already_is_named() -> None:
    """Outputs on the disk, and answers of other runs that are not paid for again."""
    lines = _screen(planned("a", forecast(), left=3, reused=1)).splitlines()
    assert lines[1:3] == [
        "  a: 7 of 10 outputs are on the disk.",
        "  a: 1 answer is taken from other runs of this system.",
    ]


def test_a_system_is_a_row_and_judging_the_last() -> None:
    """Tokens, dollars expected and at most, minutes; 'unknown' where it is; an endpoint's share is marked."""
    server = forecast(gpu_hour=1.15, usd=0.03, most_usd=None, minutes=None, tokens_in=None)
    screen = _screen(planned("a", forecast()), planned("gpu", server), judging=forecast(calls=50))
    lines = [line.split() for line in screen.splitlines() if line]
    rows = {line[0]: line[1:] for line in lines}
    assert rows["a"] == ["10", "12", "k", "3", "k", "$0.12", "$0.50", f"1{DASH}3"]
    assert rows["gpu"] == ["10", "unknown", "3", "k", "$0.03", "used", "unknown", "unknown"]
    assert rows["judging"][:2] == ["later", "50"]
    words = " ".join(screen.split())
    assert "gpu: the share of the endpoint that is used; it costs $1.15 an hour that it is up" in words
    assert (
        "Judging: gemini-pro, one verdict an output, 10 references to list and 40 canaries; nothing is rec"
        in words
    )


def test_a_forecast_says_what_it_rests_on() -> None:
    """Recorded outputs and where they are from, or what is assumed; a list price is called one."""
    systems = (
        planned("a", forecast(outputs=1, source="of run a")),
        planned("b", forecast(outputs=20, source="February 2026")),
        planned("c", forecast(source="assumed", list_price_of="m-1")),
        planned("d", forecast(outputs=2)),
    )
    words = " ".join(_screen(*systems).split())
    assert (
        "Expected: a, 1 recorded output of run a; b, 20 recorded outputs (February 2026); c, assumed; "
        "d, 2 recorded outputs."
    ) in words
    assert "c: at the list price of m-1; what the server at its base_url charges is not known" in words


@pytest.mark.parametrize(
    ("usd", "most", "words"),
    [
        (11.0, 20.0, "It will stop this line before its end"),
        (1.0, 20.0, "It may stop this line before its end"),
        (1.0, None, "It cannot bound calls whose cost is unknown."),
        (12.0, None, "cost is unknown. It will stop this line"),
    ],
)
def test_a_ceiling_that_will_or_may_stop_the_line_says_so(usd: float, most: float | None, words: str) -> None:
    """From what is expected and from the most it can cost."""
    screen = " ".join(_screen(planned("a", forecast(usd=usd, most_usd=most))).split())
    assert "Ceiling: $10 a command, from --max-cost." in screen
    assert words in screen


def test_a_ceiling_above_all_of_it_says_nothing_more() -> None:
    """Nothing is stopped where even the most is within it."""
    assert _screen(planned("a", forecast())).endswith("Ceiling: $10 a command, from --max-cost.\n")


def test_one_request_stands_in_full() -> None:
    """The first system's that has any: model, system instruction, settings, text and images."""
    shown = planned("a", forecast(), example=request(settings={"temperature": 0}))
    screen = _screen(planned("none-left", forecast()), shown, planned("b", forecast(), example=request()))
    assert screen.endswith(
        "\n\nOne call of a (c1), exactly as it would go out:\n"
        "  model    m-1\n  system   none\n  settings temperature 0\n"
        "  text     Describe.\n           Briefly.\n  images   0\n"
    )
