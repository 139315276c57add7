"""Which images of a case are sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from medbench.errors import UsageError

if TYPE_CHECKING:
    from medbench.schema.case import Image

SPREAD: Final = "spread"
"""Evenly chosen over the case's images."""
USUAL: Final = "spread:4"
"""What is sent unless told otherwise; four is what MedGemma's container is started with."""
EACH: Final = "each"
"""All images, one call an image."""
NO_IMAGES: Final = "none"
"""The text alone."""
CHOICES: Final = ("first", "all", SPREAD, EACH, NO_IMAGES)
_SPREAD = re.compile(r"spread:([1-9]\d{0,3})")


def full_choice(choice: str) -> str:
    """The choice in full, as it is recorded: first, all, spread:N, each or none.

    Args:
        choice: The same, or 'spread' for the usual number.

    Raises:
        UsageError: It is none.
    """
    if choice == SPREAD:
        return USUAL
    if choice in CHOICES or _SPREAD.fullmatch(choice):
        return choice
    raise UsageError(
        f"--images takes no '{choice}'.", f"--images {' | '.join(CHOICES)}, or spread:N for at most N"
    )


def chosen(images: tuple[Image, ...], choice: str) -> tuple[Image, ...]:
    """The images of a case that are sent, in the case's order.

    Args:
        images: All of them.
        choice: As `full_choice` gives it. 'spread:N' takes the first, the last and what lies evenly between.
    """
    found = _SPREAD.fullmatch(choice)
    if found:
        return _spread(images, int(found[1]))
    if choice == NO_IMAGES:
        return ()
    return images[:1] if choice == "first" else images


def _spread(images: tuple[Image, ...], most: int) -> tuple[Image, ...]:
    if len(images) <= most:
        return images
    if most == 1:
        return (images[(len(images) - 1) // 2],)
    # In whole numbers, half up: rounding to even would make the gaps differ by where they start.
    last = len(images) - 1
    return tuple(images[(2 * place * last + most - 1) // (2 * (most - 1))] for place in range(most))
