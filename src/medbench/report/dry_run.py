"""The screen of `run --dry-run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Verbatim, flush, table
from medbench.report.numbers import many, minutes, span
from medbench.report.request import request_in_full
from medbench.sentences import counted, money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block
    from medbench.schema.results.dry_run import Ceiling, Forecast, Plan, PlannedSystem

_COLUMNS = ("system", "calls", "tokens in", "tokens out", "expected", "at most", "minutes")


def plan_screen(plan: Plan) -> Iterator[Block]:
    """Yield how much is left of each system, what that takes, what the numbers rest on, and one request."""
    systems = [system for system in plan.systems if system.forecast]
    forecasts = [(_name(system), system.forecast) for system in systems if system.forecast]
    yield Verbatim("\n".join([_heading(plan, systems), *_progress(systems)]))
    yield Blank()
    if forecasts:
        judging = [("judging later", plan.judging)] if plan.judging else []
        yield table(_COLUMNS, (_row(name, forecast) for name, forecast in forecasts + judging), wraps=(0,))
        yield Blank()
        for line in _lines(plan, forecasts):
            yield flush(line)
    for system in plan.systems:
        if system.example:
            yield Blank()
            yield request_in_full(f"One call of {_name(system)} ({system.example.case_key})", system.example)
            break


def _name(system: PlannedSystem) -> str:
    return Path(system.folder).name


def _heading(plan: Plan, systems: list[PlannedSystem]) -> str:
    if not systems:
        floors = counted(len(plan.systems), "baseline")
        return f"{floors} on {plan.benchmark}: they ask no model, and are free."
    calls = sum(system.forecast.calls for system in systems if system.forecast)
    sending = [system for system in systems if system.forecast and system.forecast.calls]
    images = sorted({system.images for system in sending}) or [0]
    sent = f", {span(images[0], images[-1])} image{'s' * (images[-1] != 1)}{' each' * (len(sending) > 1)}"
    free = len(plan.systems) - len(systems)
    floors = f" (+ {counted(free, 'baseline')}, free)" if free else ""
    return f"{counted(len(systems), 'system')} on {plan.benchmark}: {counted(calls, 'call')}{sent}{floors}."


def _progress(systems: list[PlannedSystem]) -> Iterator[str]:
    for system in systems:
        if system.left < system.wanted:
            yield (
                f"  {_name(system)}: {system.wanted - system.left} of "
                f"{counted(system.wanted, 'output is', 'outputs are')} on the disk."
            )
    for system in systems:
        if system.waiting:
            calls = counted(system.waiting, "call is", "calls are")
            yield f"  {_name(system)}: {calls} under way in batches."
    for system in systems:
        if system.reused:
            yield (
                f"  {_name(system)}: {counted(system.reused, 'answer is', 'answers are')} taken from "
                "other runs of this system."
            )


def _row(name: str, forecast: Forecast) -> list[str]:
    used = " used" if forecast.gpu_hour is not None else ""
    return [
        name,
        f"{forecast.calls:,}",
        many(forecast.tokens_in),
        many(forecast.tokens_out),
        money(forecast.usd, up=True) + used * (forecast.usd is not None),
        money(forecast.most_usd, up=True) + used * (forecast.most_usd is not None),
        minutes(forecast.minutes),
    ]


def _lines(plan: Plan, forecasts: list[tuple[str, Forecast]]) -> Iterator[str]:
    """Say what each number rests on."""
    for name, forecast in forecasts:
        if forecast.gpu_hour is not None:
            yield (
                f"{name}: the share of the endpoint that is used; it costs "
                f"{money(forecast.gpu_hour, up=True)} an hour that it is up, used or not."
            )
        if forecast.list_price_of:
            yield (
                f"{name}: at the list price of {forecast.list_price_of}; what the server at its base_url "
                "charges is not known here. A price of its own in medbench.toml goes first."
            )
    if plan.batch:
        yield (
            "In batches: at the price of batches, half of the usual one where the table has none; the "
            "answers are due within a day; how long a call takes is unknown."
        )
    yield "Expected: " + "; ".join(f"{name}, {_basis(forecast)}" for name, forecast in forecasts) + "."
    if plan.judging:
        graded = sum(sum(system.graded) for system in plan.systems)
        yield (
            f"Judging: {plan.judge}, one verdict an output, {counted(plan.listings, 'reference')} to list "
            f"and {counted(plan.canaries, 'canary', 'canaries')}; {_basis(plan.judging, 'verdict')}."
            + f" {counted(graded, 'verdict is', 'verdicts are')} paid for already."
            * bool(graded)
        )
    yield (
        "At most: each call sent once, every byte of text a token, the most tokens for an image, output to "
        "max_tokens; of an endpoint, every call to the deadline."
    )
    yield ceiling_line(plan.ceiling)


def _basis(forecast: Forecast, unit: str = "output") -> str:
    if not forecast.outputs:
        return forecast.source or "nothing is recorded"
    outputs = counted(forecast.outputs, f"recorded {unit}")
    if forecast.source.startswith("of "):
        return f"{outputs} {forecast.source}"
    return f"{outputs} ({forecast.source})" if forecast.source else outputs


def ceiling_line(ceiling: Ceiling) -> str:
    """Say what a line may spend, and what happens where its calls may take more."""
    words = f"Ceiling: ${ceiling.most_usd:g} a command, {ceiling.most_from}."
    if ceiling.worst_usd is None:
        words += " It cannot bound calls whose cost is unknown."
    if ceiling.will_stop:
        verb = "will"
    elif (ceiling.worst_usd or 0.0) > ceiling.most_usd:
        verb = "may"
    else:
        return words
    return f"{words} It {verb} stop this line before its end; the same line with a higher one goes on."
