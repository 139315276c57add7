"""The commands: options, call the step, show the result."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.core import TyperGroup

from medbench.cli import (
    build,
    compare,
    doctor,
    export,
    import_,
    judge,
    models,
    plan,
    rescore,
    review,
    run,
    show,
    validate_metric,
)

_GROUPS: dict[str, tuple[tuple[str, str], ...]] = {
    "The steps": (
        ("build", "offline"),
        ("run", "pays for models, if any are named"),
        ("judge", "pays for the judge"),
        ("rescore", "offline"),
        ("compare", "offline"),
    ),
    "Before": (("plan", "offline"), ("models", ""), ("doctor", "with -m: pays for some calls")),
    "After": (("show", "offline"), ("review", "offline"), ("export", "offline"), ("import", "offline")),
    "Trust": (("validate-metric", "offline"),),
}
_EXAMPLES = (
    ("medbench run", "a first result: no key, no network, no data"),
    ("medbench run medpix-100 -m NAME", "a model on real cases"),
    ("medbench compare", "what the runs show, side by side"),
)
_EXIT_CODES = "0 done · 1 error · 2 usage · 3 incomplete, the same line goes on · 130 stopped by Ctrl-C"


app = typer.Typer(
    name="medbench",
    invoke_without_command=True,
    add_help_option=False,  # the page of commands is written here
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(build.app, name="build")
app.command("run")(run.run)
app.command("judge")(judge.judge)
app.command("rescore")(rescore.rescore)
app.add_typer(review.app, name="review")
app.command("compare")(compare.compare)
app.command("plan")(plan.plan)
app.command("models")(models.models)
app.command("doctor")(doctor.doctor)
app.command("show")(show.show)
app.command("export")(export.export)
app.command("import")(import_.import_)
app.command("validate-metric")(validate_metric.validate_metric)


def help_page(ctx: typer.Context) -> str:
    """Return the page that `medbench --help` shows: commands to type first."""
    group = ctx.command
    assert isinstance(group, TyperGroup)
    lines = [
        "Usage: medbench COMMAND [OPTIONS]\n",
        "  How well do multimodal models describe the findings on radiology images?\n",
        *(f"      {line:<44}{meaning}" for line, meaning in _EXAMPLES),
    ]
    for title, commands in _GROUPS.items():
        lines.append(f"\n{title}")
        for name, tag in commands:
            summary = group.commands[name].get_short_help_str(90).rstrip(".")
            lines.append(f"  {f'{name:<8}  {summary}':<72}{tag}".rstrip())
    lines += [
        "\nOptions: --version, --help; medbench COMMAND --help for those of a command",
        f"Exit codes: {_EXIT_CODES}",
    ]
    return "\n".join(lines)


def _help(ctx: typer.Context, asked: bool) -> None:
    if asked:
        typer.echo(help_page(ctx))
        raise typer.Exit


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"medbench {version('medbench')}")
        raise typer.Exit


@app.callback()
def medbench(
    ctx: typer.Context,
    _help_asked: Annotated[
        bool, typer.Option("--help", "-h", help="Show this page and exit.", callback=_help, is_eager=True)
    ] = False,
    _version_asked: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """How well do multimodal models describe the findings on radiology images?"""
    if ctx.invoked_subcommand is None:
        typer.echo(help_page(ctx))
