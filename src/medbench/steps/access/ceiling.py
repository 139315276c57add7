"""The ceiling of a command: one that was asked for holds, or nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LINES: Final = {
    "price": "price = { free = true }   # or input and output, in $ per M tokens",
    "limits.image_tokens": "limits.image_tokens = 4096   # most tokens of one image",
    "settings.max_tokens": "settings.max_tokens = 4096   # most tokens of an answer",
}
"""Key that a bound on a call's cost needs, and the line that gives it."""


def check_ceiling(
    model: str,
    missing: Sequence[str],
    max_cost: float | None,
    *,
    must_hold: bool,
    notice: Callable[[str], None],
) -> None:
    """Check that a ceiling holds for the calls to a model, or say that it does not.

    Args:
        model: Name of the model.
        missing: Keys without which the cost of a call has no bound; none where it has one.
        max_cost: Dollars that the command may spend; None for no limit.
        must_hold: True if that was asked for; False for the ceiling of the settings.
        notice: Takes what a person should know.

    Raises:
        UsageError: The ceiling was asked for and cannot hold.
    """
    if max_cost is None or not missing:
        return
    *others, last = (f"'{key}'" for key in missing)
    named = f"{', '.join(others)} or {last}" if others else last
    if must_hold:
        lines = "".join(f"\n       {_LINES[key]}" for key in missing)
        raise UsageError(
            f"a ceiling of ${max_cost:g} cannot hold: '{model}' has no {named}, so a call may cost anything.",
            f"add to medbench.toml, or without the head to its own file:\n       [models.{model}]{lines}",
        )
    counts = "is unknown" if "price" in missing else "counts once it is known"
    notice(
        f"{model} has no {named}: the ceiling of ${max_cost:g} cannot hold for its calls, whose cost "
        f"{counts}. To have it hold: the same line with --max-cost {max_cost:g} says what to add."
    )
