"""The screen of `doctor`: tables of checks, and what asking will cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import table
from medbench.sentences import counted, money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.report.blocks import Table
    from medbench.schema.results.doctor import Check, Expense, ModelReport


def environment_table(checks: Sequence[Check]) -> Table:
    """Show the state of each check, what was seen, and what to do."""
    rows = [[check.name, check.state, _observation(check)] for check in checks]
    return table(["check", "state", "found"], rows, left=(0, 1, 2), wraps=(2,))


def models_table(reports: Sequence[ModelReport]) -> Table:
    """Show the checks of each model, whose name stands at the first of them."""
    rows = [
        [report.name if number == 0 else "", check.name, check.state, _observation(check)]
        for report in reports
        for number, check in enumerate(report.checks)
    ]
    return table(["model", "check", "state", "found"], rows, left=(0, 1, 2, 3), wraps=(0, 3))


def _observation(check: Check) -> str:
    return f"{check.words}\nTry: {check.todo}" if check.todo else check.words


def verdict(reports: Sequence[ModelReport]) -> str:
    """Say which models can run, which may later, and which cannot."""
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


def price(expense: Expense) -> str:
    """Say what the calls cost, before any is made."""
    if not expense.calls:
        return "No call can be made."
    parts = []
    if expense.usd or not (expense.unknown or expense.hourly):
        parts.append(f"at most {money(expense.usd, up=True)}" if expense.usd else "free")
    if expense.unknown:
        parts.append(f"price unknown: {', '.join(expense.unknown)}")
    parts += [f"{name} {money(usd)} an hour that it is up, asked or not" for name, usd in expense.hourly]
    return f"{counted(expense.calls, 'call')} on drawn images, {'; '.join(parts)}."
