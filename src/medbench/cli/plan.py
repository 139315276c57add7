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
    """How many cases it takes, before they are paid for.

    \b
      medbench plan --difference 10                            from the runs at hand
      medbench plan --benchmark medpix-100 --discordance .4    from assumptions
    """
    from pathlib import Path

    from medbench.config import load_settings
    from medbench.report.plan import next_lines
    from medbench.report.plan import power_plan as shown
    from medbench.steps.plan.plan import Assumptions, assumptions_from, power_plan
    from medbench.store.benchmark import find_benchmark
    from medbench.store.runs import find_runs, runs_in

    settings = load_settings()
    root = Path(settings.defaults.runs)
    assumed = Assumptions(discordance=discordance, base_rate=base_rate)
    found = find_runs(runs or [], root) if runs or (benchmark is None and runs_in(root)) else []
    systems = [run for run in found if not run.head.system.is_floor]
    source = find_benchmark(benchmark) if benchmark else found[0].benchmark() if found else None
    if len(systems) > 1:
        assumed = assumptions_from(systems, judge, assumed, settings)
    made = power_plan(difference / 100, assumed, source)
    if json:
        typer.echo(made.model_dump_json(indent=1))
        return 0
    console.show(*shown(made))
    for line in next_lines(made):
        console.say(line)
    return 0
