"""What all tests of the Python interface share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", autouse=True)
def _few_draws(request: pytest.FixtureRequest) -> None:
    """No test here is about digits of intervals; those that hold what others computed take `all_draws`."""
    request.getfixturevalue("few_draws")
