"""Removal: all three resources of a name go, nothing else does, and what is left has its name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from vertex_cloud import MODEL, NUMBER, PROJECT, Cloud, FakeTime

from medbench import deadline
from medbench.endpoints.clock import Clock
from medbench.endpoints.deploy import begin, finish, request
from medbench.endpoints.options import options_of
from medbench.endpoints.place import OURS, Place
from medbench.endpoints.removal import Removal, names_up, remove
from medbench.endpoints.service import VertexService
from medbench.errors import EndpointError, ProviderError, UnfinishedError
from medbench.providers._http import connections

NAME = "medbench-medgemma-4b-20261129-120000-0a1b2c"


def _with_service(do: Callable[[VertexService], Awaitable[Any]], place: Place | None = None) -> Any:
    async def once() -> Any:
        async with VertexService(place or Place(PROJECT, "us-central1")) as service:
            return await do(service)

    return asyncio.run(once())


def _deploy(fake_time: FakeTime) -> Any:
    async def do(service: VertexService) -> Any:
        option = (await options_of(service, MODEL))[0]
        operation = await begin(service, request(MODEL, NAME, option))
        return await finish(service, operation, _clock(fake_time), lambda: None)

    return _with_service(do)


def _clock(fake_time: FakeTime) -> Clock:
    return Clock(fake_time.now, fake_time.sleep)


def _remove(fake_time: FakeTime, name: str = NAME) -> Removal:
    found: Removal = _with_service(
        lambda service: remove(service, name, None, _clock(fake_time), lambda _: None)
    )
    return found


def test_a_deployment_makes_three_things_and_removal_takes_all(cloud: Cloud, fake_time: FakeTime) -> None:
    """Endpoint, model on it, model; after the removal the project is as it was before."""
    deployed = _deploy(fake_time)
    assert deployed.endpoint.startswith(f"projects/{NUMBER}/locations/us-central1/endpoints/")
    assert len(cloud.endpoints) == len(cloud.models) == 1
    removal = _remove(fake_time)
    assert cloud.is_empty
    assert removal.left == ()
    assert removal.found.endpoints == (deployed.endpoint,)
    assert removal.found.models == (deployed.resource,)


def test_options_are_those_of_the_service(cloud: Cloud) -> None:
    """Machine, accelerator and container come from its list; one asks for what stands there."""
    options = _with_service(lambda service: options_of(service, MODEL))
    assert [option.words for option in options] == [
        "g2-standard-12, 1 x L4",
        "g2-standard-24, 2 x L4",
        "a3-highgpu-1g, 1 x H100 80GB",
    ]
    assert "pytorch-vllm-serve" in options[0].image_uri
    plain = request(MODEL, NAME, options[0])
    assert plain["deployConfig"]["dedicatedResources"]["machineSpec"] == {
        "machineType": "g2-standard-12",
        "acceleratorType": "NVIDIA_L4",
        "acceleratorCount": 1,
    }
    assert "containerSpec" not in plain["modelConfig"]
    own = request(MODEL, NAME, options[0], own_container=True)
    assert own["modelConfig"]["containerSpec"]["args"] == ["--limit-mm-per-prompt=image=4"]


def test_nothing_of_another_name_is_touched(cloud: Cloud, fake_time: FakeTime) -> None:
    """Neither an endpoint of somebody else, nor one whose name begins like ours."""
    cloud.put_up("production-medgemma")
    cloud.put_up(NAME + "-not")
    before = (dict(cloud.endpoints), dict(cloud.models))
    _deploy(fake_time)
    assert _remove(fake_time).left == ()
    assert (cloud.endpoints, cloud.models) == before


def test_an_endpoint_with_another_model_on_it_stays(cloud: Cloud, fake_time: FakeTime) -> None:
    """Ours goes from it, theirs and the endpoint stay, and that is said."""
    _deploy(fake_time)
    (endpoint,) = cloud.endpoints
    cloud.put_on(endpoint, "theirs")
    removal = _remove(fake_time)
    assert [each["displayName"] for each in cloud.endpoints[endpoint]["deployedModels"]] == ["theirs"]
    assert [each["displayName"] for each in cloud.models.values()] == ["theirs"]
    assert removal.left == (f"endpoint {endpoint}, as another model is on it ('theirs')",)


def test_orphans_on_later_pages_are_found(cloud: Cloud, fake_time: FakeTime) -> None:
    """The list comes in pages of two here; ours is on the last."""
    for number in range(5):
        cloud.put_up(f"theirs-{number}")
    cloud.put_up(NAME)
    names = _with_service(names_up)
    assert list(names) == [NAME]
    assert len(names[NAME].endpoints) == len(names[NAME].models) == 1
    assert _remove(fake_time).left == ()
    assert len(cloud.endpoints) == 5


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_may_pass_is_tried_again(cloud: Cloud, fake_time: FakeTime, status: int) -> None:
    """Each kind of call fails twice, and all is gone at the end."""
    _deploy(fake_time)
    for method, pattern in (
        ("GET", "endpoints$"),
        ("GET", r"endpoints/\d+$"),
        ("POST", "undeployModel$"),
        ("GET", "operations/"),
        ("DELETE", "endpoints/"),
        ("DELETE", "models/"),
    ):
        cloud.fault(method, pattern, status, status)
    assert _remove(fake_time).left == ()
    assert cloud.is_empty


def test_an_answer_that_is_lost_after_the_work_was_done(cloud: Cloud, fake_time: FakeTime) -> None:
    """The connection breaks once the service has begun to remove: asking again finds it gone."""
    cloud.removal_polls = 0
    _deploy(fake_time)
    for method, pattern in (("POST", "undeployModel$"), ("DELETE", "endpoints/"), ("DELETE", "models/")):
        cloud.fault(method, pattern, 0)
    assert _remove(fake_time).left == ()
    assert cloud.is_empty


def test_what_cannot_be_removed_has_its_name(cloud: Cloud, fake_time: FakeTime) -> None:
    """A service that goes on refusing: the endpoint is named, once, with its words."""
    _deploy(fake_time)
    (endpoint,) = cloud.endpoints
    cloud.fault("POST", "undeployModel$", *[403] * 9)
    left = _remove(fake_time).left
    assert len([each for each in left if f"endpoint {endpoint}" in each]) == 1
    assert any("403" in each for each in left)
    assert cloud.endpoints[endpoint]["deployedModels"]


def test_a_failed_deployment_says_why_and_leaves_what_is_found(cloud: Cloud, fake_time: FakeTime) -> None:
    """A quota of 0, as in every new project: in words, with the page where more is asked for."""
    cloud.fails = {
        "code": 8,
        "message": "The following quotas are exceeded: CustomModelServingL4GPUsPerProjectPerRegion",
    }
    with pytest.raises(EndpointError) as caught:
        _deploy(fake_time)
    assert caught.value.message.startswith(
        "project 'my-project' may not use so many GPUs of kind L4 in us-central1 "
        "(CustomModelServingL4GPUsPerProjectPerRegion): the quota of a new project is 0."
    )
    assert "console.cloud.google.com/iam-admin/quotas?project=my-project" in caught.value.hint
    assert not cloud.is_empty
    assert _remove(fake_time).left == ()
    assert cloud.is_empty


def test_a_deployment_that_never_ends(cloud: Cloud, fake_time: FakeTime) -> None:
    """Two hours, as Google's own library waits; the clock is the injected one."""
    cloud.polls = 10_000
    with pytest.raises(UnfinishedError, match="120 minutes"):
        _deploy(fake_time)
    assert fake_time.slept == 7200


def test_a_silent_service_ends_the_wait(cloud: Cloud, fake_time: FakeTime) -> None:
    """Ten minutes of 503 while the operation is asked for."""
    cloud.fault("GET", "operations/", *[503] * 500)
    with pytest.raises(UnfinishedError, match="no answer for 10 minutes"):
        _deploy(fake_time)


def test_a_call_that_is_never_answered_ends(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an endpoint would be up, and paid for, while its removal is waited for."""

    async def silent(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    assert cloud.is_empty
    monkeypatch.setattr(connections, "transport", lambda: httpx.MockTransport(silent))
    monkeypatch.setattr(deadline, "ANSWER_S", 0.01)
    with pytest.raises(ProviderError, match="no answer of https://us-central1-aiplatform") as caught:
        _with_service(lambda service: service.get("v1beta1/x"))
    assert (caught.value.kind, caught.value.sent) == ("timeout", True)


def test_names_from_the_service_stay_in_their_place() -> None:
    """A name that leads elsewhere is never put into an address that gets credentials."""
    place = Place(PROJECT, "us-central1")
    good = "projects/1/locations/us-central1/endpoints/2/operations/3"
    assert place.checked("operations", good) == good
    for name in (
        "projects/1/locations/europe-west4/operations/3",
        "projects/1/locations/us-central1/operations/3?x=",
        "projects/1/locations/us-central1/operations/../../x",
        "https://evil.example/operations/3",
        "projects/1/locations/us-central1/endpoints/3",
        None,
    ):
        with pytest.raises(ProviderError):
            place.checked("operations", name)
    assert OURS.fullmatch(NAME)
    assert not OURS.fullmatch("medbench-production")
