"""`medbench models`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medbench.cli import console

if TYPE_CHECKING:
    from medbench.config import Settings


def models(
    all_: Annotated[bool, typer.Option("--all", help="Include retired models and those for tests.")] = False,
    new: Annotated[
        bool, typer.Option("--new", help="Ask the services what they list, and show what is new or gone.")
    ] = False,
) -> int:
    """List the models, what they cost and what each still needs."""
    import datetime as dt

    from medbench.config import find_settings, load_settings
    from medbench.registry import own_model
    from medbench.report.models import listing, remarks, what_to_type
    from medbench.steps.models import models_known

    settings = load_settings()
    known = models_known(settings.models, dt.datetime.now(dt.UTC))
    if new:
        import asyncio

        from medbench.report.models import lists
        from medbench.steps.models import service_lists

        console.show(*lists(asyncio.run(service_lists(known))))
        _say_withheld(settings)
        return 0
    shown = [view for view in known if all_ or not (view.model.hidden or view.gone)]
    console.show(listing(shown), remarks(known))
    if settings.models:
        console.say(f"*: from {find_settings()}.")
    else:
        console.say(f"A model of your own, in medbench.toml:\n{own_model('NAME')}")
    _say_withheld(settings)
    more = [("medbench models --all", "retired ones, and those for tests")] if len(shown) < len(known) else []
    console.say_next(*what_to_type(shown), *more)
    return 0


def _say_withheld(settings: Settings) -> None:
    """Say which models are left out, as the user has not trusted the file that they are from."""
    from medbench.config import untrusted

    if settings.withheld:
        error = untrusted(settings.withheld)
        console.say(f"Left out: {error.message}\nTry:   {error.hint}")
