"""A run with endpoints of its own: put up, waited for, warmed, asked, and taken down whatever happens."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from medbench.errors import MedbenchError, UsageError
from medbench.executors.ending import ending_gently
from medbench.sentences import line_of, money
from medbench.steps.access.deployments import deployment_at, deployments_of, is_deployable
from medbench.steps.endpoint.ending import run_patiently, run_until_interrupted
from medbench.steps.endpoint.meter import bill, length
from medbench.steps.endpoint.orphans import is_orphan
from medbench.steps.endpoint.plan import plan_deployment
from medbench.steps.endpoint.put_up import go_on, put_up, undo
from medbench.steps.endpoint.standing import standings
from medbench.steps.endpoint.take_down import take_down
from medbench.steps.endpoint.warm import warm
from medbench.steps.endpoint.watch import MeteredWatcher
from medbench.steps.run.dry_run import planned
from medbench.steps.run.run import run_all
from medbench.store.deployments import DeploymentBook
from medbench.store.lock import is_running

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from medbench.endpoints.clock import Clock
    from medbench.schema.endpoint import Deployment, Intent
    from medbench.schema.model import ModelFile
    from medbench.steps.endpoint.plan import Choice, DeployPlan
    from medbench.steps.endpoint.take_down import TakenDown
    from medbench.steps.run.hooks import RunHooks
    from medbench.steps.run.run_plan import RunPlan
    from medbench.steps.run.unit import Outcome

NOT_YET: Final = "0"
"""Stands for the id of an endpoint that is still to be put up."""
_UP_H: Final = 0.5
"""Hours that an endpoint takes until it answers."""


@dataclass(frozen=True, slots=True)
class Session:
    """A run and what it takes to have its endpoints."""

    plan: RunPlan
    """The run; models without an endpoint have the one that stands for it."""
    new: tuple[DeployPlan, ...] = ()
    """Deployments to ask for."""
    left: tuple[Deployment, ...] = ()
    """Deployments that a killed run left behind: this one goes on with them, and takes them down."""

    @property
    def usd_hour(self) -> float:
        """Dollars an hour while all of them are up."""
        return sum(intent.usd_hour for intent in self.intents)

    @property
    def intents(self) -> list[Intent]:
        """All that will be up."""
        return [each.intent for each in self.new] + [each.intent for each in self.left]


@dataclass(frozen=True, slots=True)
class Conducted:
    """A run that has ended, with what became of its endpoints."""

    outcomes: list[Outcome]
    """How each system stands."""
    all_down: bool
    """False where something may still be up; it was named, with the command that takes it down."""
    over_ceiling: bool = False
    """True if the run was stopped as its endpoints had cost all that it may."""


def without_endpoints(plan: RunPlan) -> RunPlan:
    """Return a run as it can be forecast before its endpoints are up."""
    return _with_endpoints(plan, dict.fromkeys(_lacking(plan), NOT_YET))


def run_with_endpoints(
    plan: RunPlan,
    choice: Choice,
    clock: Clock,
    hooks: RunHooks,
    agree: Callable[[Sequence[DeployPlan]], None],
) -> Conducted:
    """Run on endpoints that are put up for it and taken down at its end.

    Args:
        plan: The run.
        choice: Machine, container and price, where they are not those of the model's file.
        clock: The time.
        hooks: Those of the run.
        agree: Is told what would be put up, before anything is, and raises where that is not wanted.

    Raises:
        MedbenchError: The run would be refused, could not begin, or nobody agreed to its endpoints.
        KeyboardInterrupt: Ctrl-C while it was put up, or the second one later.
    """
    session = run_until_interrupted(plan_session(plan, choice, clock, hooks.watcher.notice))
    if session.new:
        agree(session.new)
    return conduct(session, hooks, clock)


async def plan_session(plan: RunPlan, choice: Choice, clock: Clock, notice: Callable[[str], None]) -> Session:
    """Check all that would refuse a run, and return what it takes to have its endpoints; nothing is changed.

    Args:
        plan: The run.
        choice: Machine, container and price, where they are not those of the model's file.
        clock: The time.
        notice: Takes what a person should know.

    Raises:
        MedbenchError: The run would be refused, also with its endpoints up.
    """
    plan = await _corrected(plan, clock)
    begun = without_endpoints(plan)
    lacking = _lacking(plan)
    adopted = _adopted(plan)
    if not lacking and not adopted:
        return Session(plan)
    forecast = planned(begun, [], "", lambda _: None)
    for refusal in forecast.refusals:
        raise refusal
    asked: set[str] = set()
    for prepared, system in zip(begun.systems, forecast.systems, strict=True):
        if system.left > system.reused:
            asked |= {stage.model.name for stage in prepared.system.stages}
    new: list[DeployPlan] = []
    for label, model in lacking.items():
        left = await _left_behind(label, model, clock, notice)
        if left is not None:
            adopted[label] = left
        elif label in asked:
            new.append(await plan_deployment(label, model, choice, clock.now(), stays=False))
    for label in adopted.keys() - asked:
        notice(down_in_words(await take_down(adopted.pop(label), clock, notice)))
    session = Session(begun, tuple(new), tuple(adopted.values()))
    _check_ceiling(session, plan.max_cost)
    if not new and not adopted:
        notice("No call is left that needs an endpoint: none is put up.")
    return session


def conduct(session: Session, hooks: RunHooks, clock: Clock) -> Conducted:
    """Put up what a run needs, run it, and take all of it down, however the run ends.

    Raises:
        MedbenchError: The run could not begin, or was refused.
        KeyboardInterrupt: Ctrl-C while it was put up, or the second one later.
    """
    notice = hooks.watcher.notice
    names = [each.name for each in session.new] + [each.name for each in session.left]
    with ending_gently():
        try:
            plan = run_until_interrupted(_all_up(session, clock, notice))
            watcher = MeteredWatcher(hooks, names, session.plan.max_cost, clock)
            outcomes = run_all(plan, replace(hooks, watcher=watcher))
        except BaseException:
            all_down(names, clock, notice)
            raise
        is_down = all_down(names, clock, notice)
    return Conducted(outcomes, is_down, watcher.over_ceiling)


async def _all_up(session: Session, clock: Clock, notice: Callable[[str], None]) -> RunPlan:
    """Put everything up and wait for the first answers; return the run with its endpoints."""

    async def one(work: Coroutine[Any, Any, Deployment]) -> tuple[str, str]:
        deployment = await work
        label = deployment.intent.model
        assert deployment.endpoint is not None
        notice(f"  {label}: up after {bill(deployment, clock.now())}; waiting until it answers to a picture")
        model = _models(session.plan)[label].model_copy(update={"endpoint": deployment.endpoint})
        await warm(deployment, model, clock, notice)
        notice(f"  {label}: answers, {bill(deployment, clock.now())} so far")
        return label, deployment.endpoint

    works = [put_up(each, clock, notice) for each in session.new]
    works += [_again(each, clock, notice) for each in session.left]
    tasks = [asyncio.ensure_future(one(work)) for work in works]
    try:
        return _with_endpoints(session.plan, dict(await asyncio.gather(*tasks)))
    except Exception:
        for task in tasks:
            task.cancel()
        raise
    finally:
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again(deployment: Deployment, clock: Clock, notice: Callable[[str], None]) -> Deployment:
    notice(f"  {deployment.intent.model}: '{deployment.name}' was left up by a run that was killed; going on")
    return deployment if deployment.state == "up" else await go_on(deployment, clock, notice)


async def _left_behind(
    label: str, model: ModelFile, clock: Clock, notice: Callable[[str], None]
) -> Deployment | None:
    """Return what a killed run left of a model's endpoint, or None; what can only be removed is removed.

    Raises:
        UsageError: It is being put up by somebody who is not gone, or to stay.
        UnfinishedError: What it left cannot be removed now.
    """
    for before in deployments_of(label, model):
        await standings([before], clock)  # the service knows how it ended
        known = DeploymentBook().get(before.name)
        if not known.is_open:
            continue
        if known.state in {"deploying", "up"} and not is_orphan(known):
            raise UsageError(
                f"'{label}' is {'up' if known.state == 'up' else 'being put up'} already: '{known.name}'.",
                f"{line_of('endpoint', 'status', label)}   (and once it is up, the same line again)",
            )
        if known.state in {"deploying", "up"}:
            return known
        if is_running(known.pid, known.intent.process_began):
            raise UsageError(
                f"'{label}' is being put up by process {known.pid}: '{known.name}'.",
                "wait for it, or stop it",
            )
        notice(f"  {label}: removing what is left of '{known.name}', which was never up")
        await take_down(known, clock, notice)
    return None


def all_down(names: Sequence[str], clock: Clock, notice: Callable[[str], None]) -> bool:
    """Take down what is open of these; say how long each was up, or what is left and what to type."""
    is_down = True
    for deployment in DeploymentBook().open(names):
        try:
            notice(down_in_words(run_patiently(take_down(deployment, clock, notice), notice)))
        except (MedbenchError, KeyboardInterrupt) as error:
            is_down = False
            for line in still_up(deployment, error, clock):
                notice(line)
    return is_down


def down_in_words(gone: TakenDown) -> str:
    """Return how long something was up, what that cost, and what of it was used."""
    deployment, ended = gone.deployment, gone.deployment.ended
    assert ended is not None
    words = f"{deployment.intent.model} is down: up {bill(deployment, ended)}"
    if deployment.runs:
        hours = gone.used_usd / deployment.intent.usd_hour if deployment.intent.usd_hour else 0.0
        words += f", of which {length(hours * 3600)} ({money(gone.used_usd)}) answering"
    if gone.unwritten:
        words += f". Not written to {', '.join(gone.unwritten)}"
    return f"{words}."


def still_up(deployment: Deployment, error: BaseException, clock: Clock) -> list[str]:
    """Return what may still be up, what it costs, and the exact command that takes it down."""
    why = error.message if isinstance(error, MedbenchError) else "Stopped by the second Ctrl-C."
    price = f"{bill(deployment, clock.now())} so far, {money(deployment.intent.usd_hour)} an hour"
    return [
        f"STILL UP, or may be: '{deployment.name}', {price}. {why}",
        f"Next: {undo(deployment.name)}   takes it down",
    ]


def _models(plan: RunPlan) -> dict[str, ModelFile]:
    """Return the models of a run by name."""
    return {
        use.model.name: stage.model
        for prepared in plan.systems
        for use, stage in zip(prepared.system.stages, prepared.stages, strict=True)
    }


def _lacking(plan: RunPlan) -> dict[str, ModelFile]:
    """Return the models of a run that medbench can put up and that have no endpoint, by name."""
    return {name: model for name, model in _models(plan).items() if is_deployable(model)}


async def _corrected(plan: RunPlan, clock: Clock) -> RunPlan:
    """Return a run without the endpoints that a killed process left and that are not up any more."""
    adopted = _adopted(plan)
    await standings(list(adopted.values()), clock)
    gone = [label for label, each in adopted.items() if DeploymentBook().get(each.name).state != "up"]
    return _with_endpoints(plan, dict.fromkeys(gone))


def _adopted(plan: RunPlan) -> dict[str, Deployment]:
    """Return the deployments that a run would ask and that a killed one left up, by model."""
    models = [stage.model for prepared in plan.systems for stage in prepared.stages]
    found = [deployment_at(model.endpoint) for model in models]
    return {each.intent.model: each for each in found if each is not None and is_orphan(each)}


def _with_endpoints(plan: RunPlan, endpoints: Mapping[str, str | None]) -> RunPlan:
    """Return a run whose models have these endpoints, by name; None for none."""
    systems = []
    for prepared in plan.systems:
        stages = tuple(
            stage.model_copy(
                update={"model": stage.model.model_copy(update={"endpoint": endpoints[use.model.name]})}
            )
            if use.model.name in endpoints
            else stage
            for use, stage in zip(prepared.system.stages, prepared.stages, strict=True)
        )
        systems.append(prepared.model_copy(update={"stages": stages}))
    return plan.model_copy(update={"systems": tuple(systems)})


def _check_ceiling(session: Session, most: float | None) -> None:
    """Check that the ceiling lets an endpoint come up at all.

    Raises:
        UsageError: It does not.
    """
    least = session.usd_hour * _UP_H
    if session.new and most is not None and most < least:
        raise UsageError(
            f"the run may cost {money(most)}, and its endpoints cost about {money(least)} before they "
            "answer.",
            f"--max-cost {max(2 * least, 1):.0f} or more",
        )
