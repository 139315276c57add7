"""A figure that was measured, beside the bar that it has to reach, and tables of them in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Bar(NamedTuple):
    """One thing that has to hold."""

    name: str
    seen: str
    """The figure, as printed."""
    wanted: str
    """The bar, as printed."""
    met: bool


class Part(NamedTuple):
    """One section of the page."""

    title: str
    lines: list[str]
    bars: list[Bar]


def at_least(name: str, seen: float, bar: float) -> Bar:
    """Return the bar of a share or a coefficient that must not be lower."""
    return Bar(name, f"{seen:.3f}", f"≥ {bar:g}", seen >= bar - 1e-12)


def at_most(name: str, seen: float, bar: float) -> Bar:
    """Return the bar of a number that must not be higher."""
    return Bar(name, f"{seen:.3f}", f"≤ {bar:g}", seen <= bar + 1e-12)


def counted(name: str, right: int, total: int, share: float) -> Bar:
    """Return the bar of a number of cases that are right, by the share that has to be."""
    return Bar(name, f"{right} of {total}", f"≥ {100 * share:g} %", right >= share * total - 1e-9)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a Markdown table; numbers have three digits."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    for row in rows:
        cells = (f"{round(cell, 3) + 0.0:.3f}" if isinstance(cell, float) else str(cell) for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    return lines
