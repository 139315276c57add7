"""Chooses the images of a case that are sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from medbench.errors import UsageError

if TYPE_CHECKING:
    from medbench.schema.case import Image

USUAL: Final = "spread:4"
"""At most four images, evenly spread: the default, since MedGemma's container is started with four."""
EACH: Final = "each"
"""All images, one call per image."""
NO_IMAGES: Final = "none"
"""The text alone."""
CHOICES: Final = ("first", "all", "spread", EACH, NO_IMAGES)
_SPREAD = re.compile(r"spread:([1-9]\d{0,3})")


def full_choice(choice: str) -> str:
    """Return the choice as it is recorded: 'spread' gets the usual number.

    Raises:
        UsageError: There is no such choice.
    """
    if choice == "spread":
        return USUAL
    if choice in CHOICES or _SPREAD.fullmatch(choice):
        return choice
    raise UsageError(
        f"--images does not take '{choice}'.", f"--images {' | '.join(CHOICES)}, or spread:N for at most N"
    )


def chosen(images: tuple[Image, ...], choice: str) -> tuple[Image, ...]:
    """Return the images of a case that are sent, in the case's order.

    Args:
        images: All images of the case.
        choice: As `full_choice` returns it. 'spread:N' takes the first, the last and some evenly between.
    """
    spread = _SPREAD.fullmatch(choice)
    if spread:
        return _spread(images, int(spread[1]))
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
