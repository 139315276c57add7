"""`medbench plan`."""

from __future__ import annotations

from typing import Annotated

import typer

from medbench.cli import console, options


def plan(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN", help="Runs to learn from; none: those of the benchmark that was run last, if any."
        ),
    ] = None,
    difference: Annotated[float, typer.Option(help="Smallest difference that matters, in points.")] = 10.0,
    benchmark: Annotated[
        str | None, typer.Option(help="Benchmark whose source the cases come from.  [that of the runs]")
    ] = None,
    discordance: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Share of cases of which one system alone is good.  [.30, or of runs]"
        ),
    ] = None,
    base_rate: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share good expected.  [.40, or of the runs]")
    ] = None,
    judge: options.Rater = None,
    json: options.Json = False,
) -> int:
    """Work out how many cases it takes, before paying for them.

    \b
      medbench plan --difference 10                            from the runs at hand
      medbench plan --benchmark medpix-100 --discordance .4    from assumptions
    """
    from medbench.api import plan as api
    from medbench.report.plan import next_line, power_plan

    power = api.plan(
        runs or None,
        difference=difference,
        benchmark=benchmark,
        discordance=discordance,
        base_rate=base_rate,
        judge=judge,
    ).record
    if json:
        typer.echo(power.model_dump_json(indent=1))
        return 0
    console.show(*power_plan(power))
    console.say_next(next_line(power))
    return 0
