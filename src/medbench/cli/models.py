"""`medbench models`."""

from __future__ import annotations

from typing import Annotated

import typer

from medbench.cli import console


def models(
    all_: Annotated[bool, typer.Option("--all", help="Also those for tests.")] = False,
) -> int:
    """The models there are, what they cost, what each still needs."""
    from medbench.config import find_settings, load_settings
    from medbench.registry import find_model, model_names, names_in
    from medbench.report.models import listing

    settings = load_settings()
    found = {name: find_model(name, settings.models) for name in model_names(settings.models)}
    shown = {name: model for name, model in found.items() if all_ or not model.hidden}
    console.show(listing(shown, frozenset(names_in("providers")), own=frozenset(settings.models)))
    console.say("\nnot yet: its provider is not in this version. *: from medbench.toml.")
    place = find_settings()
    console.say(
        f"Settings: {place}"
        if place
        else "No medbench.toml here; a model of your own goes there, see docs/extending.md"
    )
    console.say("Next: medbench run                   the baselines, free")
    return 0
