"""`medbench endpoint`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medbench.cli import console, options
from medbench.cli.endpoints.put_up import agree, go_on, put_up, say_offers
from medbench.errors import EndpointError, MedbenchError, UsageError
from medbench.sentences import line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.endpoints.clock import Clock
    from medbench.endpoints.place import Place
    from medbench.schema.endpoint import Deployment
    from medbench.schema.model import ModelFile
    from medbench.steps.endpoint.plan import Choice, DeployPlan
    from medbench.steps.endpoint.standing import Standing

app = typer.Typer(
    help="Put a model up on an endpoint, and take it down.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("deploy")
def deploy(
    model: Annotated[str, typer.Argument(help="A model that needs an endpoint (`medbench models`).")],
    machine: Annotated[
        str | None, typer.Option(help="Machine type, of those that --dry-run lists.", metavar="TYPE")
    ] = None,
    image_uri: Annotated[
        str | None, typer.Option(help="Container image, of those that --dry-run lists.", metavar="URI")
    ] = None,
    price: Annotated[
        float | None,
        typer.Option(min=0, metavar="USD", help="What an hour costs, where the model's file does not say."),
    ] = None,
    price_source: Annotated[str, typer.Option(metavar="WORDS", help="Where that price is from.")] = "",
    for_: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="Stay, and take it down after so long: 2h, 90m, 1h30m."),
    ] = None,
    accept_eula: options.AcceptEula = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show machines, price and licence; nothing is put up.")
    ] = False,
) -> int:
    """Put a model up; it costs by the hour until it is taken down.

    \b
      medbench endpoint deploy medgemma-4b --dry-run    machines, price, licence
      medbench endpoint deploy medgemma-4b              asks before it costs anything
      medbench endpoint deploy medgemma-4b --for 2h     and takes it down after two hours
    """
    from medbench.config import load_settings
    from medbench.endpoints.clock import system_clock
    from medbench.steps.access.systems import named_model
    from medbench.steps.endpoint.duration import seconds_of
    from medbench.steps.endpoint.plan import Choice

    seconds = seconds_of(for_) if for_ is not None else None
    settings = load_settings()
    found, label = named_model(model, settings)
    choice = Choice(machine, image_uri, price, price_source, settings.models)
    clock = system_clock()
    standing = _open(label, found, clock)
    if standing is not None and not dry_run:
        return go_on(standing, clock)
    found = found.model_copy(update={"endpoint": None}) if standing else found
    plan = _planned(label, found, choice, clock, stays=seconds is None)
    _show_offer(plan, with_options=dry_run)
    if dry_run:
        console.say("Nothing was put up.")
        return 0
    agree(accept_eula=accept_eula)
    return put_up(plan, found, clock, seconds)


def _planned(label: str, model: ModelFile, choice: Choice, clock: Clock, *, stays: bool) -> DeployPlan:
    import asyncio

    from medbench.steps.endpoint.plan import plan_deployment

    return asyncio.run(plan_deployment(label, model, choice, clock.now(), stays=stays))


def _show_offer(plan: DeployPlan, *, with_options: bool) -> None:
    from medbench.report.endpoints.screens import options_table

    if with_options:
        rows = [(option.words, option.image_uri) for option in plan.options]
        console.show(options_table(rows, plan.options.index(plan.option)))
        console.say()
    say_offers([plan])


def _open(label: str, model: ModelFile, clock: Clock) -> Deployment | None:
    """Return what is up or coming up for a model, as the service knows it; None where nothing is."""
    import asyncio

    from medbench.steps.access.deployments import deployments_of
    from medbench.steps.endpoint.standing import standings
    from medbench.store.deployments import DeploymentBook

    known = deployments_of(label, model)
    if known:
        asyncio.run(standings(known, clock))
    current = DeploymentBook().open([each.name for each in known])
    return current[-1] if current else None


@app.command("status")
def status(
    model: Annotated[
        str | None, typer.Argument(help="A model, or a name that `medbench endpoint list` shows.  [all]")
    ] = None,
) -> int:
    """Show what you put up: its state, hours and dollars.

    \b
      medbench endpoint status
      medbench endpoint status medgemma-4b
    """
    import asyncio

    from medbench.endpoints.clock import system_clock
    from medbench.steps.endpoint.standing import standings
    from medbench.store.deployments import DeploymentBook

    clock = system_clock()
    wanted = [each for each in DeploymentBook().open() if model in {None, each.intent.model, each.name}]
    return _show(asyncio.run(standings(wanted, clock)) if wanted else [], clock)


@app.command("list")
def list_() -> int:
    """Show all that medbench put up in your project, also from elsewhere, or by a process that was killed.

    \b
      medbench endpoint list
    """
    import asyncio

    from medbench.endpoints.clock import system_clock
    from medbench.steps.endpoint.standing import standings
    from medbench.store.deployments import DeploymentBook

    clock = system_clock()
    try:
        places = _places()
    except UsageError as error:
        console.say(f"The service was not asked: {error.message}\nTry:   {error.hint}")
        return 3
    return _show(asyncio.run(standings(DeploymentBook().open(), clock, places=places)), clock)


def _places() -> list[Place]:
    """Return where things may be: the places of the book, and those of the models that need an endpoint.

    Raises:
        UsageError: No place is known, or there are no credentials to ask with.
    """
    import os

    from medbench.config import load_settings
    from medbench.endpoints.place import Place
    from medbench.providers._vertex.credentials import LOGIN, missing_credentials
    from medbench.providers._vertex.endpoint import PROJECT
    from medbench.registry import find_model, model_names
    from medbench.store.deployments import DeploymentBook

    pairs = {(each.intent.project, each.intent.location) for each in DeploymentBook().all()}
    own, project = load_settings().models, os.environ.get(PROJECT, "").strip()
    for model in (find_model(name, own) for name in model_names(own)):
        if model.publisher_model and (model.project or project):
            pairs.add((model.project or project, model.location or "us-central1"))
    if not pairs:
        raise UsageError("no project of Google Cloud is named.", f"export {PROJECT}=…")
    if missing_credentials() is not None:
        raise UsageError("there are no credentials of Google Cloud.", LOGIN)
    return [Place(*pair) for pair in sorted(pairs)]


def _show(standings: Sequence[Standing], clock: Clock) -> int:
    from medbench.report.endpoints.screens import standing_fields
    from medbench.steps.endpoint.words import place_words, remark_on, state_words

    open_ = [each for each in standings if each.deployment is None or each.deployment.is_open]
    for each in standings:
        label = each.deployment.intent.model if each.deployment else "not from here"
        state = state_words(each, clock.now())
        console.show(*standing_fields(label, state, each.name, place_words(each), remark_on(each)))
    if not open_:
        console.say("Nothing is up that medbench put up.")
        return 0
    console.say_next(*((line_of("endpoint", "undeploy", each.name), "takes it down") for each in open_))
    return 0


@app.command("undeploy")
def undeploy(
    model: Annotated[
        str | None,
        typer.Argument(help="A model, or a name that `medbench endpoint list` shows.  [all that you put up]"),
    ] = None,
) -> int:
    """Take down what medbench put up: endpoint, deployed model and model. Nothing else is ever touched.

    \b
      medbench endpoint undeploy                 all that you put up from this account
      medbench endpoint undeploy medgemma-4b
    """
    from medbench.endpoints.clock import system_clock
    from medbench.endpoints.place import OURS
    from medbench.store.deployments import DeploymentBook

    clock = system_clock()
    wanted = [each for each in DeploymentBook().open() if model in {None, each.intent.model, each.name}]
    if wanted:
        return _take_down(wanted, clock, named=model)
    if model is None:
        console.say("Nothing is up that you put up from here.")
        console.say_next(("medbench endpoint list", "asks the service, also for what was put up elsewhere"))
        return 0
    if any(model in {each.intent.model, each.name} for each in DeploymentBook().all()):
        console.say(f"Nothing of '{model}' is up: it was taken down before.")
        return 0
    if not OURS.fullmatch(model):
        raise UsageError(
            f"'{model}' is nothing that medbench put up, and what it did not put up it never takes down.",
            "medbench endpoint list   (what it did)",
        )
    return _take_down_stranger(model, clock)


def _take_down(wanted: Iterable[Deployment], clock: Clock, *, named: str | None) -> int:
    """Take each down that no running process is to take down itself; raise the first error at the end."""
    from medbench.steps.endpoint.ending import run_patiently
    from medbench.steps.endpoint.session import down_in_words, still_up
    from medbench.steps.endpoint.take_down import take_down
    from medbench.store.lock import is_running

    first: MedbenchError | None = None
    for each in wanted:
        busy = not each.intent.stays and is_running(each.pid, each.intent.process_began)
        if busy and named != each.name:
            console.say(
                f"'{each.name}' is in use by process {each.pid}, which takes it down at its end. "
                "By its whole name it is taken down now."
            )
            continue
        try:
            console.say(down_in_words(run_patiently(take_down(each, clock, console.say), console.say)))
        except MedbenchError as error:
            first = first or error
        except KeyboardInterrupt as error:
            for line in still_up(each, error, clock):
                console.say(line)
            return 130
    if first is not None:
        raise first
    return 0


def _take_down_stranger(name: str, clock: Clock) -> int:
    """Take down what was put up on another machine, by its whole name."""
    import asyncio

    from medbench.steps.endpoint.standing import standings
    from medbench.steps.endpoint.take_down import remove_stranger

    found = [each for each in asyncio.run(standings([], clock, places=_places())) if each.name == name]
    if not found:
        raise EndpointError(f"nothing is called '{name}' in your project.", "medbench endpoint list")
    for each in found:
        asyncio.run(remove_stranger(name, each.place, clock, console.say))
        console.say(f"'{name}' is down. How long it was up stands where it was put up.")
    return 0
