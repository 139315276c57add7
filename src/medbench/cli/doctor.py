"""`medbench doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medbench.api.arguments import split_names
from medbench.cli import console, options
from medbench.errors import UsageError
from medbench.sentences import line_of

if TYPE_CHECKING:
    from medbench.config import Settings
    from medbench.schema.results.doctor import ModelReport
    from medbench.steps.doctor.doctor import DoctorPlan


def doctor(
    benchmark: Annotated[
        str | None, typer.Argument(help="A benchmark to check: files, images, names. No call is made.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model", "-m", help="Models to ask, with commas or repeated; without it none is asked."
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for a server whose model is still loading, up to 25 minutes.")
    ] = False,
    pixels: Annotated[
        bool,
        typer.Option(
            "--pixels", help="Ask models what becomes of pixels on their way: JPEG, size, series, windows."
        ),
    ] = False,
    max_cost: options.MaxCost = None,
) -> int:
    """Find what is missing; with -m, if a model answers and sees.

    \b
      medbench doctor                        settings, keys, versions; no call is made
      medbench doctor medpix-100             the files and images of a benchmark, and names in them
      medbench doctor -m NAME,NAME           a few calls to each model, on drawn images
      medbench doctor -m NAME --wait         the same, once a new endpoint is ready
      medbench doctor -m NAME --pixels       what becomes of pixels on their way, by 160 or more calls
    """
    from medbench.config import load_settings

    settings = load_settings()
    names = list(dict.fromkeys(split_names(model)))
    if not names:
        if model or wait or pixels:
            raise UsageError("-m names no model.", "medbench doctor -m NAME   (all: medbench models)")
        return _environment(settings) if benchmark is None else _benchmark(benchmark)
    if benchmark is not None:
        raise UsageError("-m and a benchmark are checked apart.", line_of("doctor", benchmark))
    try:
        return _models(names, settings, max_cost, wait=wait, pixels=pixels)
    except KeyboardInterrupt:
        return console.stopped("nothing is kept", "starts over")


def _environment(settings: Settings) -> int:
    from medbench.report.doctor import environment_table
    from medbench.steps.doctor.environment import environment

    console.show(environment_table(environment(settings)))
    console.say("\nNo call was made.")
    console.say_next(
        ("medbench models", "the models, and what each still needs"),
        ("medbench doctor -m NAME", "whether one answers, and sees"),
    )
    return 0


def _benchmark(name: str) -> int:
    from medbench.report.doctor import environment_table
    from medbench.steps.doctor.benchmark import benchmark_checks

    checks = list(benchmark_checks(name))
    console.show(environment_table(checks))
    console.say("\nNo call was made.")
    return 1 if any(check.state == "no" for check in checks) else 0


def _models(names: list[str], settings: Settings, max_cost: float | None, *, wait: bool, pixels: bool) -> int:
    from pathlib import Path

    from medbench.report.blocks import Paragraph
    from medbench.report.doctor import models_table, verdict
    from medbench.steps.access.changes import unknown_settings
    from medbench.steps.access.hosts import destinations
    from medbench.steps.access.systems import named_model
    from medbench.steps.doctor.doctor import ask_all, doctor_plan
    from medbench.store.benchmark import temporary_folder

    with temporary_folder("doctor") as folder:
        found = [named_model(name, settings) for name in names]
        plans = [
            doctor_plan(name, model, folder / str(number), pixels=pixels)
            for number, (name, (model, _)) in enumerate(zip(names, found, strict=True))
        ]
        _say_price(plans)
        models = [(plan.name, plan.model) for plan in plans if plan.probes]
        for words in (*destinations(models), *unknown_settings(models)):
            console.say(words)
        reports = ask_all(
            plans,
            console.say,
            max_cost=settings.max_cost if max_cost is None else max_cost,
            must_hold=max_cost is not None or not settings.max_cost,
            kept=Path(settings.defaults.runs) / "doctor",
            wait=wait,
        )
    console.show(models_table(reports))
    console.say()
    console.show(Paragraph(verdict(reports)))
    return _finish(reports)


def _say_price(plans: list[DoctorPlan]) -> None:
    from medbench.report.doctor import price
    from medbench.steps.doctor.doctor import expense
    from medbench.steps.doctor.environment import settings_place

    console.say(f"Settings: {settings_place() or 'the defaults, no medbench.toml here'}.")
    console.say(price(expense(plans)) + "\n")


def _finish(reports: list[ModelReport]) -> int:
    from medbench.report.numbers import cost
    from medbench.schema.account import Sum

    good = [report.name for report in reports if report.can_run]
    spent = Sum()
    for report in reports:
        spent.add(report.spent)
    if spent.usd or spent.unknown:
        console.say(f"Spent: {cost(spent.known, spent.unknown)}.")
    if len(good) == len(reports):
        console.say_next((line_of("run", "-m", ",".join(good), "--dry-run"), "what it would cost"))
        return 0
    lasting = any(report.state == "no" for report in reports)
    again = "once that is fixed" if lasting else "with --wait, or later"
    lines = [(f"the same line again, {again}", "")]
    lines += [
        (line_of("run", "-m", report.name, *report.change.split(), "--dry-run"), "as it sees")
        for report in reports
        if report.change
    ]
    if good:
        lines.append((line_of("run", "-m", ",".join(good), "--dry-run"), "without the others"))
    console.say_next(*lines)
    return 1 if lasting else 3
