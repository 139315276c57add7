"""When a provider is given up."""

from __future__ import annotations

from medbench.client.breaker import IN_A_ROW, Breaker


def test_answers_that_are_none_count_from_the_first_of_them() -> None:
    """The outage before is no part of their row: a server that comes back may cut one answer."""
    breaker = Breaker(started=0.0)
    for now in range(40):
        breaker.failed("http_503", "loading", float(now), 300.0)
    breaker.failed("unreadable", "cut", 40.0, 5.0, misled=True)
    assert breaker.why is None
    for now in range(41, 41 + IN_A_ROW - 1):
        breaker.failed("unreadable", "cut", float(now), 5.0, misled=True)
    assert breaker.why == "unreadable for 7 s, 8 tries in a row, the last: cut"


def test_another_failure_between_ends_their_row() -> None:
    """Eight of them, but never more than seven in a row."""
    breaker = Breaker(started=0.0)
    for now in range(16):
        odd = now != 7
        breaker.failed("unreadable" if odd else "timeout", "…", float(now), 5.0 if odd else 300.0, misled=odd)
        if now == 14:
            assert breaker.why is None
    assert breaker.why is not None
