"""A dry run as it stands on the screen."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.numbers import about_dollars, many, span
from medbench.report.table import printable, table
from medbench.sentences import WIDTH, counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from medbench.schema.results.dry_run import Forecast, Plan, PlannedSystem

_COLUMNS = ("system", "calls", "tokens in", "tokens out", "expected", "at most", "minutes")


def plan(found: Plan) -> Iterator[RenderableType]:
    """How much is left of each system, what that takes and what that rests on, and one request whole."""
    asked = [one for one in found.systems if one.forecast]
    forecasts = [(Path(one.folder).name, one.forecast) for one in asked if one.forecast]
    yield Text(_heading(found, asked) + "\n")
    if forecasts:
        judging = [("judging later", found.judging)] if found.judging else []
        yield table(_COLUMNS, [_row(name, forecast) for name, forecast in forecasts + judging], wraps=(0,))
        yield Text(printable("\n" + "\n".join(_lines(found, forecasts))))
    shown = next((one for one in found.systems if one.example), None)
    if shown is not None:
        yield Text(printable("\n" + _example(shown)))


def _heading(found: Plan, asked: list[PlannedSystem]) -> str:
    if not asked:
        floors = counted(len(found.systems), "baseline")
        return f"{floors} on {found.benchmark}: they ask no model, and are free."
    calls = sum(one.forecast.calls for one in asked if one.forecast)
    sending = [one for one in asked if one.forecast and one.forecast.calls]
    images = sorted({one.images for one in sending}) or [0]
    shown = f", {span(images[0], images[-1])} image{'s' * (images[-1] != 1)}{' each' * (len(sending) > 1)}"
    free = len(found.systems) - len(asked)
    floors = f" (+ {counted(free, 'baseline')}, free)" if free else ""
    what = f"{counted(len(asked), 'system')} on {found.benchmark}: {counted(calls, 'call')}{shown}{floors}."
    stands = [
        f"\n  {Path(one.folder).name}: {one.wanted - one.left} of "
        f"{counted(one.wanted, 'output is', 'outputs are')} on the disk."
        for one in asked
        if one.left < one.wanted
    ]
    stands += [
        f"\n  {Path(one.folder).name}: {counted(one.reused, 'answer is', 'answers are')} taken from "
        "other runs of this system."
        for one in asked
        if one.reused
    ]
    return what + "".join(stands)


def _row(name: str, forecast: Forecast) -> list[str]:
    used = " used" if forecast.gpu_hour is not None else ""
    minutes = "unknown" if forecast.minutes is None else span(*forecast.minutes)
    return [
        name,
        f"{forecast.calls:,}",
        many(forecast.tokens_in),
        many(forecast.tokens_out),
        about_dollars(forecast.usd) + used * (forecast.usd is not None),
        about_dollars(forecast.most_usd) + used * (forecast.most_usd is not None),
        minutes,
    ]


def _lines(found: Plan, forecasts: list[tuple[str, Forecast]]) -> Iterator[str]:
    for name, forecast in forecasts:
        if forecast.gpu_hour is not None:
            yield from _wrapped(
                f"{name}: the share of the endpoint that is used; it costs "
                f"{about_dollars(forecast.gpu_hour)} an hour that it is up, used or not."
            )
        if forecast.list_price_of:
            yield from _wrapped(
                f"{name}: at the list price of {forecast.list_price_of}; what the server at its base_url "
                "charges is not known here. A price of its own in medbench.toml goes first."
            )
    yield from _wrapped(
        "Expected: " + "; ".join(f"{name}, {_rests_on(one)}" for name, one in forecasts) + "."
    )
    if found.judging:
        yield from _wrapped(
            f"Judging: {found.judge}, one verdict an output, {counted(found.listings, 'reference')} to list "
            f"and {counted(found.canaries, 'canary', 'canaries')}; {_rests_on(found.judging, 'verdict')}."
        )
    yield from _wrapped(
        "At most: each call sent once, every byte of text a token, the most tokens for an image, output to "
        "max_tokens; of an endpoint, every call to the deadline."
    )
    yield from _wrapped(_ceiling(found, [one for _, one in forecasts]))


def _rests_on(forecast: Forecast, what: str = "output") -> str:
    if not forecast.outputs:
        return forecast.source or "nothing is recorded"
    outputs = counted(forecast.outputs, f"recorded {what}")
    return (
        f"{outputs} {forecast.source}"
        if forecast.source.startswith("of ")
        else (f"{outputs} ({forecast.source})" if forecast.source else outputs)
    )


def _ceiling(found: Plan, forecasts: list[Forecast]) -> str:
    said = f"Ceiling: ${found.most_usd:g} a command, {found.most_from}."
    expected = sum(one.usd or 0.0 for one in forecasts)
    most = sum(one.most_usd or 0.0 for one in forecasts)
    unknown = any(one.most_usd is None for one in forecasts)
    if unknown:
        said += " It cannot bound calls whose cost is unknown."
    if expected > found.most_usd:
        return f"{said} It will stop this line before its end; the same line with a higher one goes on."
    if most > found.most_usd:
        return f"{said} It may stop this line before its end; the same line with a higher one goes on."
    return said


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _example(shown: PlannedSystem) -> str:
    request = shown.example
    assert request is not None
    settings = ", ".join(f"{key} {value}" for key, value in request.settings.items()) or "none"
    images = "\n".join(
        f"           {image.width}x{image.height} {image.mode}, bytes unchanged, sha256 {image.sha256[:8]}…"
        for image in request.images
    )
    body = "\n           ".join(request.text.splitlines())
    return (
        f"One call of {Path(shown.folder).name} ({request.case_key}), exactly as it would go out:\n"
        f"  model    {request.model}\n  system   {request.system or 'none'}\n  settings {settings}\n"
        f"  text     {body}\n  images   {len(request.images)}\n{images}"
    )
