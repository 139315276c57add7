"""Google's own libraries at the fake service, as medbench is (`nox -s endpoint`); skipped without them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from vertex_cloud import MODEL, PROJECT, Cloud, FakeTime, camel
from vertex_server import FakeCredentials

from medbench.endpoints.clock import Clock
from medbench.endpoints.deploy import begin, finish, request
from medbench.endpoints.options import options_of
from medbench.endpoints.place import Place
from medbench.endpoints.removal import find, remove
from medbench.endpoints.service import VertexService

NAME = "medbench-medgemma-4b-20261129-120000-0a1b2c"


@pytest.fixture
def garden(cloud: Cloud) -> Any:
    """The Model Garden of google-cloud-agentplatform, at the fake."""
    agentplatform = pytest.importorskip("agentplatform", exc_type=ImportError)
    client = agentplatform.Client(
        project=PROJECT,
        location="us-central1",
        credentials=FakeCredentials(),
        http_options={"base_url": cloud.url, "api_version": "v1beta1"},
    )
    return client.model_garden


@pytest.fixture
def aiplatform(cloud: Cloud) -> Any:
    """google-cloud-aiplatform, at the fake."""
    module = pytest.importorskip("google.cloud.aiplatform", exc_type=ImportError)
    module.init(
        project=PROJECT,
        location="us-central1",
        credentials=FakeCredentials(),
        api_endpoint=cloud.url,
        api_transport="rest",
    )
    return module


def _ours(do: Callable[[VertexService], Awaitable[Any]]) -> Any:
    async def once() -> Any:
        async with VertexService(Place(PROJECT, "us-central1")) as service:
            return await do(service)

    return asyncio.run(once())


@pytest.mark.filterwarnings("ignore")
def test_the_same_deployment_is_asked_for_in_the_same_words(
    garden: Any, cloud: Cloud, fake_time: FakeTime
) -> None:
    """Both bodies are the same, but for fields that Google's library sends empty or twice."""
    cloud.polls = 0
    option = _ours(lambda service: options_of(service, MODEL))[0]
    _ours(lambda service: begin(service, request(MODEL, NAME, option)))
    made = garden.deploy_publisher_model(
        model=MODEL,
        config={
            "accept_eula": True,
            "machine_type": option.machine,
            "accelerator_type": option.accelerator,
            "accelerator_count": option.accelerators,
            "min_replica_count": 1,
            "max_replica_count": 1,
            "endpoint_display_name": NAME,
            "model_display_name": NAME,
            "poll_interval_seconds": 0.01,
        },
    )
    assert made.endpoint.endswith(tuple(cloud.endpoints))
    ours, theirs = (body for path, body in cloud.bodies if path.endswith(":deploy"))
    assert camel(theirs) == camel(ours)


@pytest.mark.filterwarnings("ignore")
def test_what_medbench_put_up_is_seen_and_removed_by_googles_library(
    aiplatform: Any, cloud: Cloud, fake_time: FakeTime
) -> None:
    """The resources of the fake are ones that it reads: endpoint, model on it, model."""
    clock = Clock(fake_time.now, fake_time.sleep)

    async def put_up(service: VertexService) -> Any:
        option = (await options_of(service, MODEL))[0]
        return await finish(service, await begin(service, request(MODEL, NAME, option)), clock, lambda: None)

    deployed = _ours(put_up)
    cloud.removal_polls = -1
    (endpoint,) = aiplatform.Endpoint.list()
    assert endpoint.display_name == NAME
    assert endpoint.resource_name == deployed.endpoint
    assert [each.display_name for each in endpoint.list_models()] == [NAME]
    endpoint.undeploy_all()
    endpoint.delete()
    aiplatform.Model(deployed.resource).delete()
    assert cloud.is_empty


@pytest.mark.filterwarnings("ignore")
def test_what_googles_library_put_up_is_removed_by_medbench(
    garden: Any, cloud: Cloud, fake_time: FakeTime
) -> None:
    """By its display name, all three of it."""
    cloud.polls = 0
    garden.deploy_publisher_model(
        model=MODEL,
        config={
            "accept_eula": True,
            "machine_type": "g2-standard-12",
            "accelerator_type": "NVIDIA_L4",
            "accelerator_count": 1,
            "endpoint_display_name": NAME,
            "model_display_name": NAME,
            "poll_interval_seconds": 0.01,
        },
    )
    assert _ours(lambda service: find(service, NAME)).endpoints
    clock = Clock(fake_time.now, fake_time.sleep)
    removal = _ours(lambda service: remove(service, NAME, None, clock, lambda _: None))
    assert removal.left == ()
    assert cloud.is_empty
