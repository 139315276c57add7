"""Deployments that medbench put up: which model they answer for, and what of them a run used."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.errors import MedbenchError
from medbench.schema.endpoint import Deployment, DeploymentEvent, EndpointUse
from medbench.schema.response import Response
from medbench.schema.run import Event
from medbench.store.deployments import DeploymentBook, iso
from medbench.store.jsonl import read_records
from medbench.store.runs import EVENTS, RESPONSES

if TYPE_CHECKING:
    from medbench.schema.model import ModelFile


def is_deployable(model: ModelFile) -> bool:
    """Return True if medbench can put a model up: one of Model Garden, with no endpoint in its file."""
    return (
        model.provider == "vertex"
        and model.publisher_model is not None
        and not (model.endpoint or model.base_url or model.addresses)
    )


def deployments_of(label: str, model: ModelFile) -> list[Deployment]:
    """Return what is open in the book for a model, the latest last."""
    return [
        each
        for each in DeploymentBook().open()
        if each.intent.model == label and each.intent.model_id == model.id
    ]


def with_deployment(label: str, model: ModelFile) -> ModelFile:
    """Return a model with the endpoint that medbench put up for it; as it is where there is none.

    An endpoint that the model's file names always counts.
    """
    if not is_deployable(model):
        return model
    up = [each for each in deployments_of(label, model) if each.state == "up"]
    return model.model_copy(update={"endpoint": up[-1].endpoint}) if up else model


def deployment_at(endpoint: str | None) -> Deployment | None:
    """Return the open deployment on an endpoint, by its full name; None where medbench did not put it up."""
    if endpoint is None:
        return None
    return next((each for each in DeploymentBook().open() if each.endpoint == endpoint), None)


def note_use(deployment: Deployment, run: Path, now: datetime) -> None:
    """Note before the first call that a run asks a deployment, so that its end is written to the run."""
    place = str(run.resolve())
    if place not in deployment.runs:
        DeploymentBook().add(
            DeploymentEvent(at=iso(now), kind="used", name=deployment.name, pid=os.getpid(), run=place)
        )


def use_of(deployment: Deployment, run: Path, now: datetime) -> EndpointUse:
    """Return a run's part of a deployment, by the GPU time that its calls used of that of all runs.

    Where no run used any, the parts are equal. As long as it is up, what other runs have on record is theirs:
    all parts are written anew when it is gone.
    """
    until = deployment.ended or max(now, deployment.seen or now)
    runs = dict.fromkeys([*deployment.runs, str(run.resolve())])
    used = {place: used_usd(deployment, place, until) for place in runs}
    whole, own = sum(used.values()), used[str(run.resolve())]
    share = own / whole if whole else 1 / len(runs)
    seconds = deployment.seconds(until)
    if deployment.ended is None and seconds:
        others = (run_used for run_used in runs if run_used != str(run.resolve()))
        taken = sum(_recorded_seconds(deployment.name, other) for other in others)
        share = min(share, max(0.0, 1 - taken / seconds))
    return EndpointUse(
        name=deployment.name,
        model_id=deployment.intent.model_id,
        began=iso(deployment.began),
        until=iso(until),
        is_gone=deployment.ended is not None,
        usd_hour=deployment.intent.usd_hour,
        machine=deployment.machine,
        share=share,
    )


def _recorded_seconds(name: str, run: str) -> float:
    """Return the seconds of a deployment that a run has on record as its part; 0 where the run is gone."""
    try:
        events = [*read_records(Path(run) / EVENTS, Event)]
    except (MedbenchError, OSError):
        return 0.0
    uses = [event.endpoint for event in events if event.endpoint and event.endpoint.name == name]
    return uses[-1].seconds * uses[-1].share if uses else 0.0


def used_usd(deployment: Deployment, run: str, until: datetime) -> float:
    """Return the dollars of GPU time that a run used of a deployment, as far as its ledger can be read.

    Where a run asked another deployment of the model from some time on, its calls are of that one as long as
    it was up. A damaged ledger must not stand in the way of taking down what costs money; `verify` names it.
    """
    usd = 0.0
    since = deployment.runs.get(run, deployment.began)
    later = [
        (each.runs[run], each.ended or until)
        for each in DeploymentBook().all()
        if each.intent.model_id == deployment.intent.model_id and each.runs.get(run, since) > since
    ]
    try:
        for response in read_records(Path(run) / RESPONSES, Response):
            if response.asked != deployment.intent.model_id or response.reused_from or not response.attempts:
                continue
            start = datetime.fromisoformat(response.attempts[-1].start)
            start = start if start.tzinfo else start.replace(tzinfo=UTC)
            elsewhere = any(first <= start <= ended for first, ended in later)
            if response.cost and since <= start <= until and not elsewhere:
                usd += response.cost.usd
    except (MedbenchError, OSError, ValueError):
        return usd
    return usd
