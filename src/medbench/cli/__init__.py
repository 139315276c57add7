"""The commands: options, call the step, show the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
)

if TYPE_CHECKING:
    from typer._click.core import Context  # the type of what `format_help` is given
    from typer._click.formatting import HelpFormatter

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
}
_EXAMPLES = (
    ("medbench run", "a first result: no key, no network, no data"),
    ("medbench run medpix-100 -m NAME", "a model on real cases"),
    ("medbench compare", "what the runs show, side by side"),
)
_EXIT_CODES = "0 done · 1 error · 2 usage · 3 incomplete, the same line goes on · 130 stopped by Ctrl-C"


class Commands(TyperGroup):
    """The page that `medbench --help` shows: commands to type first."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the page."""
        formatter.write("Usage: medbench COMMAND [OPTIONS]\n\n")
        formatter.write("  How well do multimodal models describe the findings on radiology images?\n\n")
        for line, meaning in _EXAMPLES:
            formatter.write(f"      {line:<44}{meaning}\n")
        for title, names in _GROUPS.items():
            formatter.write(f"\n{title}\n")
            for name, tag in names:
                command = self.get_command(ctx, name)
                assert command is not None
                what = command.get_short_help_str(90).rstrip(".")
                formatter.write(f"  {name:<10}{what:<62}{tag}".rstrip() + "\n")
        formatter.write("\nOptions: --version, --help; medbench COMMAND --help for those of a command\n")
        formatter.write(f"Exit codes: {_EXIT_CODES}\n")


app = typer.Typer(
    name="medbench",
    cls=Commands,
    invoke_without_command=True,
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


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"medbench {version('medbench')}")
        raise typer.Exit


@app.callback()
def medbench(
    ctx: typer.Context,
    _version_asked: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """How well do multimodal models describe the findings on radiology images?"""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
