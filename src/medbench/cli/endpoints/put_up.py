"""Deployment by `endpoint deploy` and `run --with-endpoint`: words and steps before, meanwhile and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from medbench.cli import console
from medbench.errors import EndpointError, MedbenchError, UnfinishedError, UsageError
from medbench.sentences import line_of, money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.endpoints.clock import Clock
    from medbench.schema.endpoint import Deployment
    from medbench.schema.model import ModelFile
    from medbench.steps.endpoint.plan import DeployPlan
    from medbench.steps.run.run_plan import RunPlan


def agree(*, accept_eula: bool) -> None:
    """Ask whether price and licence are accepted.

    Raises:
        UsageError: They are not, or nobody can be asked.
    """
    import sys

    if accept_eula:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "licence and price have to be accepted, and there is no terminal to ask at.",
            "the same line with --accept-eula, once you have read them",
        )
    if not typer.confirm("Go on?", err=True):
        raise UsageError("nothing was put up: licence and price were not accepted.")


def say_offers(plans: Sequence[DeployPlan]) -> None:
    """Say what would be put up, at what an hour, under which terms."""
    from medbench.report.endpoints.screens import offer

    for plan in plans:
        console.say(offer(plan.intent, plan.licence))


def say_left_behind() -> None:
    """Say what a process that was killed left up, as it costs money by the hour."""
    from medbench.endpoints.clock import system_clock
    from medbench.steps.endpoint.meter import bill
    from medbench.steps.endpoint.orphans import is_orphan
    from medbench.store.deployments import DeploymentBook

    clock = system_clock()
    for each in DeploymentBook().open():
        if is_orphan(each):
            console.say(
                f"STILL UP, or may be: '{each.name}', which process {each.pid} was to take down and is gone: "
                f"{bill(each, clock.now())} so far, {money(each.intent.usd_hour)} an hour."
            )
            console.say_next((line_of("endpoint", "undeploy", each.name), "takes it down"))


def say_still_up(plan: RunPlan) -> None:
    """Say after a run which of its endpoints go on costing money."""
    from medbench.endpoints.clock import system_clock
    from medbench.steps.access.deployments import deployment_at
    from medbench.steps.endpoint.meter import bill

    clock = system_clock()
    places = {stage.model.endpoint for prepared in plan.systems for stage in prepared.stages}
    for each in filter(None, map(deployment_at, sorted(filter(None, places)))):
        label = each.intent.model
        console.say(
            f"{label} is still up, {money(each.intent.usd_hour)} an hour ({bill(each, clock.now())} so far). "
            f"Done with it? {line_of('endpoint', 'undeploy', label)}"
        )


def put_up(plan: DeployPlan, model: ModelFile, clock: Clock, seconds: float | None) -> int:
    """Put a model up: to stay, or for so many seconds; return the exit code."""
    import asyncio

    from medbench.steps.endpoint.meter import bill
    from medbench.steps.endpoint.put_up import put_up as deploy

    if seconds is not None:
        from medbench.steps.endpoint.stay import stay

        return 0 if stay(plan, model, seconds, clock, console.say) else 3
    try:
        deployment = asyncio.run(deploy(plan, clock, console.say))
    except KeyboardInterrupt:
        return _stopped(plan.name, clock)
    except UnfinishedError:
        raise
    except EndpointError:
        _clear(plan.name, clock)
        raise
    console.say(f"  {plan.intent.model}: up after {bill(deployment, clock.now())} so far")
    _say_up(plan.intent.model)
    return 0


def _say_up(label: str) -> None:
    console.say_next(
        (line_of("doctor", "-m", label, "--wait"), "waits until it answers, and sees"),
        (line_of("endpoint", "undeploy", label), "takes it down: it costs until then"),
    )


def _stopped(name: str, clock: Clock) -> int:
    """Say what Ctrl-C leaves behind: the deployment goes on at the service."""
    from medbench.steps.endpoint.meter import bill
    from medbench.store.deployments import DeploymentBook

    known = DeploymentBook().open([name])
    if not known:
        console.say("Stopped by Ctrl-C: nothing is up.")
        return 130
    console.say(
        f"Stopped by Ctrl-C: '{name}' goes on coming up, {bill(known[0], clock.now())} so far, "
        f"{money(known[0].intent.usd_hour)} an hour."
    )
    console.say_next(
        (line_of("endpoint", "undeploy", name), "takes it down"),
        ("the same line again", "waits until it is up"),
    )
    return 130


def _clear(name: str, clock: Clock) -> None:
    """Remove what a deployment left that failed; say what cannot be removed."""
    from medbench.steps.endpoint.ending import run_patiently
    from medbench.steps.endpoint.session import still_up
    from medbench.steps.endpoint.take_down import take_down
    from medbench.store.deployments import DeploymentBook

    for deployment in DeploymentBook().open([name]):
        try:
            run_patiently(take_down(deployment, clock, console.say), console.say)
            console.say(f"  {deployment.intent.model}: it was not put up, and nothing of it is left.")
        except (MedbenchError, KeyboardInterrupt) as error:
            for line in still_up(deployment, error, clock):
                console.say(line)


def go_on(standing: Deployment, clock: Clock) -> int:
    """Go on with what an earlier line began: the same line again waits until it is up."""
    import asyncio

    from medbench.steps.endpoint.meter import bill
    from medbench.steps.endpoint.put_up import go_on as wait_on
    from medbench.steps.endpoint.put_up import undo

    label = standing.intent.model
    if standing.state == "up":
        console.say(f"{label} is up already: '{standing.name}', {bill(standing, clock.now())} so far.")
        _say_up(label)
        return 0
    if standing.state != "deploying":
        raise UsageError(
            f"'{standing.name}' is left of a deployment that did not come up ({standing.said or 'killed'}).",
            undo(standing.name),
        )
    console.say(f"Going on with '{standing.name}', {bill(standing, clock.now())} so far.")
    try:
        deployment = asyncio.run(wait_on(standing, clock, console.say))
    except KeyboardInterrupt:
        return _stopped(standing.name, clock)
    console.say(f"  {label}: up after {bill(deployment, clock.now())} so far")
    _say_up(label)
    return 0
