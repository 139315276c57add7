"""The commands: options, call the step, show the result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from medbench.cli import (
    build,
    compare,
    doctor,
    experiment,
    judge,
    models,
    plan,
    rescore,
    run,
    trust,
    validate_metric,
    watch,
)
from medbench.cli.endpoints.commands import app as endpoint
from medbench.cli.results import export, import_, review, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_GROUPS: dict[str, tuple[tuple[str, str], ...]] = {
    "The steps": (
        ("build", "offline"),
        ("run", "may pay"),
        ("judge", "pays"),
        ("rescore", "offline"),
        ("compare", "offline"),
    ),
    "Before": (
        ("plan", "offline"),
        ("models", "offline"),
        ("configs", "offline"),
        ("doctor", "may pay"),
        ("endpoint", "pays"),
        ("trust", "offline"),
    ),
    "After": (
        ("show", "offline"),
        ("report", "offline"),
        ("gate", "offline"),
        ("review", "offline"),
        ("export", "offline"),
        ("import", "offline"),
    ),
    "Trust": (
        ("watch", "may pay"),
        ("verify", "offline"),
        ("validate-metric", "offline"),
    ),
}
_EXAMPLES = (
    ("medbench run", "a first result: no key, no network, no data"),
    ("medbench run medpix-100 -m NAME", "a model on real cases"),
    ("medbench compare", "what the runs show, side by side"),
)
_EXIT_CODES = """\
Exit codes: 0 done · 1 error · 2 usage · 3 incomplete, the same line goes on ·
            130 stopped by Ctrl-C"""


_COMMANDS: dict[str, typer.Typer | Callable[..., int | None]] = {
    "build": build.app,
    "run": run.run,
    "judge": judge.judge,
    "rescore": rescore.rescore,
    "review": review.app,
    "compare": compare.compare,
    "gate": compare.gate,
    "plan": plan.plan,
    "models": models.models,
    "configs": experiment.configs,
    "doctor": doctor.doctor,
    "endpoint": endpoint,
    "show": show.show,
    "report": compare.report,
    "export": export.export,
    "import": import_.import_,
    "trust": trust.trust,
    "watch": watch.watch,
    "verify": rescore.verify,
    "validate-metric": validate_metric.validate_metric,
}
COMMANDS = frozenset(_COMMANDS)
ANY = "*"
"""In the place of a command: all of them."""
_OF_NO_COMMAND = {"", "--help", "-h", "--version", "--install-completion", "--show-completion"}


def app_for(typed: str) -> typer.Typer:
    """Return the application with what a line needs of it.

    Args:
        typed: The first word of the line. Where it is a command, no other is made: the options of all of them
            take longer than all that `medbench --help` imports. An unknown word gets all, so that the
            nearest can be named.
    """
    app = typer.Typer(
        name="medbench",
        invoke_without_command=True,
        add_help_option=False,  # the page of commands is written here
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(medbench)
    chosen = {typed} & COMMANDS or (set() if typed in _OF_NO_COMMAND else COMMANDS)
    for name, command in _COMMANDS.items():
        if name not in chosen:
            continue
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def command_of(words: Sequence[str]) -> str:
    """Return the command that a line begins with, such as 'medbench build hf', as far as it is one."""
    command = _COMMANDS.get(words[0]) if words else None
    if not isinstance(command, typer.Typer):
        return f"medbench {words[0]}" if command else "medbench"
    inner = {str(each.name or getattr(each.callback, "__name__", "")) for each in command.registered_commands}
    return " ".join(["medbench", words[0], *(word for word in words[1:2] if word in inner)])


def help_page() -> str:
    """Return the page that `medbench --help` shows: commands to type first."""
    lines = [
        "Usage: medbench COMMAND [OPTIONS]\n",
        "  How well do multimodal models describe the findings on radiology images?\n",
        *(f"    {line:<33}{meaning}" for line, meaning in _EXAMPLES),
    ]
    for title, commands in _GROUPS.items():
        lines.append(f"\n{title}")
        for name, tag in commands:
            start = f"{name:<8}  {_summary(_COMMANDS[name])}"
            lines.append(f"  {start:<70}{tag}")
    lines += [
        "\nOptions: --version, --help; medbench COMMAND --help for those of a command",
        "         --offline, with any command: no network at all",
        "         --install-completion: the Tab key completes commands and options",
        _EXIT_CODES,
    ]
    return "\n".join(lines)


def _summary(command: typer.Typer | Callable[..., int | None]) -> str:
    """Return the first sentence of a command's help."""
    text = command.info.help if isinstance(command, typer.Typer) else command.__doc__
    return re.split(r"\.(?=\s|$)", str(text), maxsplit=1)[0]


def _help(asked: bool) -> None:
    if asked:
        typer.echo(help_page())
        raise typer.Exit


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"medbench {version('medbench')}")
        raise typer.Exit


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
        typer.echo(help_page())
