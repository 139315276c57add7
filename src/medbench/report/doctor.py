"""What `doctor` found, as tables; what it will ask, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.table import table
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from medbench.schema.results.doctor import Check, Expense, ModelReport


def environment_table(checks: Sequence[Check]) -> RenderableType:
    """A line a check: its state, what was found, what to do."""
    rows = [[check.name, check.state, _found(check)] for check in checks]
    return table(["check", "state", "found"], rows, left=(0, 1, 2), wraps=(2,))


def models_table(reports: Sequence[ModelReport]) -> RenderableType:
    """The checks of each model; its name stands at the first."""
    rows = [
        [report.name if number == 0 else "", check.name, check.state, _found(check)]
        for report in reports
        for number, check in enumerate(report.checks)
    ]
    return table(["model", "check", "state", "found"], rows, left=(0, 1, 2, 3), wraps=(0, 3))


def verdict(reports: Sequence[ModelReport]) -> str:
    """Which models can run, which may later, and which cannot."""
    good = [report.name for report in reports if report.can_run]
    if len(good) == len(reports):
        return {1: f"{good[0]} can run.", 2: "Both can run."}.get(len(good), f"All {len(good)} can run.")
    lines = [f"Can run: {', '.join(good)}."] if good else []
    for report in reports:
        wrong = [check.name for check in report.checks if check.state in {"no", "wait"}]
        if report.state == "wait":
            lines.append(f"{report.name} cannot run yet: {', '.join(wrong)}.")
        elif wrong in (["sees"], ["sees", "order"], ["order"]):
            lines.append(f"{report.name} answers, but is not shown to see as it is set up.")
        elif wrong:
            lines.append(f"{report.name} cannot run: {', '.join(wrong)}.")
    return "\n".join(lines)


def price(found: Expense) -> str:
    """What the calls cost, before any is made."""
    if not found.calls:
        return "No call can be made."
    parts = []
    if found.usd or not (found.unknown or found.hourly):
        parts.append(f"at most ${max(found.usd, 0.01):.2f}" if found.usd else "free")
    if found.unknown:
        parts.append(f"price unknown: {', '.join(found.unknown)}")
    parts += [f"{name} ${usd:g} an hour that it is up, asked or not" for name, usd in found.hourly]
    return f"{counted(found.calls, 'call')} on drawn images, {'; '.join(parts)}."


def _found(check: Check) -> str:
    return f"{check.words}\nTry: {check.todo}" if check.todo else check.words
