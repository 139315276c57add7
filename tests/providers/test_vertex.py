"""An endpoint of Vertex AI: where it is asked, by which route, and what is said when it cannot be."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from medbench.errors import ProviderError, UsageError
from medbench.providers import vertex
from medbench.registry import find_model
from medbench.schema.model import Limits
from medbench.schema.response import Reply

PNG = b"\x89PNG\r\n\x1a\n"
SHARED = "us-central1-aiplatform.googleapis.com"
DEDICATED = "456.us-central1-7.prediction.vertexai.goog"
NAME = "projects/p1/locations/us-central1/endpoints/456"


def test_the_chat_route_is_asked_first(on_vertex: Any) -> None:
    """A chat completion without a model's name goes to the endpoint's host, with a token and no more."""
    request = on_vertex.chat.request(on_vertex.chat.image(PNG), temperature=0.0, max_tokens=9, system="")
    reply = on_vertex.ask(request=request)
    (seen,), (body,) = on_vertex.seen, on_vertex.bodies()
    assert str(seen.url) == f"https://{SHARED}/v1beta1/{NAME}/chat/completions"
    assert seen.headers["authorization"] == f"Bearer {on_vertex.credentials.token}"
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("", 0.0, 9)
    assert [message["role"] for message in body["messages"]] == ["user"]
    assert (reply.text, reply.answered, reply.route) == ("A mass.", "med-1@2026", "chat/completions")
    assert reply.images_sent == (request.images[0].sha256,)
    assert b"a/0" not in seen.content


@pytest.mark.parametrize("dns", [DEDICATED, f"https://{DEDICATED}"])
def test_a_host_of_its_own_is_found(on_vertex: Any, dns: str) -> None:
    """Where the endpoint has a dedicated host, requests go there; it is looked up once."""
    on_vertex.dedicated(dns)

    async def thrice(provider: vertex.Provider) -> None:
        await asyncio.gather(*(provider.ask(on_vertex.chat.request()) for _ in range(3)))

    on_vertex.run(thrice)
    assert {request.url.host for request in on_vertex.seen} == {DEDICATED}
    assert (len(on_vertex.seen), on_vertex.looked_up, on_vertex.credentials.refreshes) == (3, 1, 1)


def test_all_that_is_looked_up_can_be_had_before_the_first_call(
    on_vertex: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Token and host are there after `connect`; a look-up that hangs is left to the first call."""

    async def calls(provider: vertex.Provider) -> None:
        await provider.connect()
        assert (on_vertex.looked_up, on_vertex.credentials.refreshes, on_vertex.seen) == (1, 1, [])
        await provider.ask(on_vertex.chat.request())

    on_vertex.run(calls)
    assert (on_vertex.looked_up, on_vertex.credentials.refreshes) == (1, 1)
    monkeypatch.setattr(vertex, "_CONNECT_S", 0.0)
    on_vertex.run(lambda provider: provider.connect())
    assert on_vertex.looked_up == 1
    on_vertex.run(lambda provider: provider.connect(), on_vertex.model(base_url="http://front.example"))
    assert on_vertex.looked_up == 1


@pytest.mark.parametrize(
    "dns",
    [
        "evil.example",
        "prediction.vertexai.goog.evil.example",
        "x@evil.example/.prediction.vertexai.goog",
        "evil.example:443#.prediction.vertexai.goog",
        "evil.example\\.prediction.vertexai.goog",
    ],
)
def test_a_host_that_is_not_googles_gets_nothing(on_vertex: Any, dns: str) -> None:
    """Neither a token nor an image is sent to a host outside Google's domain."""
    on_vertex.dedicated(dns)
    error = on_vertex.fails()
    assert (error.kind, error.stops) == ("not_found", True)
    assert not on_vertex.seen


@pytest.mark.parametrize("status", [404, 405, 501])
def test_predict_is_asked_where_there_is_no_chat_route(on_vertex: Any, status: int) -> None:
    """The same messages go to `:predict` in Vertex AI's wrapping, and to it alone from then on."""
    on_vertex.answers(status, {"predictions": on_vertex.chat.completion})
    request = on_vertex.chat.request(on_vertex.chat.image(PNG), temperature=0.0, max_tokens=9)

    async def twice(provider: vertex.Provider) -> list[Reply]:
        return [await provider.ask(request), await provider.ask(request)]

    replies = on_vertex.run(twice)
    assert [reply.route for reply in replies] == ["predict", "predict"]
    chat, first, second = on_vertex.bodies()
    assert first == second == {"instances": [{"@requestFormat": "chatCompletions", **_without_model(chat)}]}
    assert str(on_vertex.seen[-1].url) == f"https://{SHARED}/v1/{NAME}:predict"


def _without_model(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "model"}


def test_an_endpoint_without_either_route_is_not_there(on_vertex: Any) -> None:
    """Both routes unknown: it stops, and says how to see the ids; no route is remembered."""
    on_vertex.answers(404, 404)
    error = on_vertex.fails()
    assert (error.kind, error.stops) == ("not_found", True)
    assert "gcloud ai endpoints list --region=us-central1 --project=p1" in error.reason


@pytest.mark.parametrize("status", [400, 403, 429, 503])
def test_another_refusal_does_not_change_the_route(on_vertex: Any, status: int) -> None:
    """Only a route that is not there is given up for the other."""
    on_vertex.answers(status, {"predictions": on_vertex.chat.completion})
    assert on_vertex.fails().status == status
    assert len(on_vertex.seen) == 1


def test_a_failure_by_the_second_route_is_its_own(on_vertex: Any) -> None:
    """The second route is remembered although its first answer was a refusal that may pass."""
    replies = iter([503, {"predictions": on_vertex.chat.completion}])
    on_vertex.answers(404, lambda _: _made(next(replies)))

    async def twice(provider: vertex.Provider) -> Reply:
        with pytest.raises(ProviderError, match="503"):
            await provider.ask(on_vertex.chat.request())
        return await provider.ask(on_vertex.chat.request())

    assert on_vertex.run(twice).text == "A mass."
    assert len(on_vertex.seen) == 3


def _made(said: object) -> httpx.Response:
    return httpx.Response(said, json={}) if isinstance(said, int) else httpx.Response(200, json=said)


def test_a_cold_endpoint_is_waited_for(on_vertex: Any) -> None:
    """A 503 may pass, and says how long a fresh endpoint may take."""
    on_vertex.answers((503, {"error": {"message": "The model server is not ready."}}))
    error = on_vertex.fails()
    assert (error.kind, error.final, error.stops) == ("unavailable", False, False)
    assert "20 minutes" in error.reason


@pytest.mark.parametrize(
    ("said", "kind", "says"),
    [
        ((404, {"error": {"message": "Endpoint not found."}}), "not_found", "gcloud ai endpoints list"),
        ((403, {"error": {"message": "Permission denied."}}), "unauthorized", "is project 'p1' right"),
        ((200, {"name": NAME}), "not_deployed", "deploy the model first"),
        ((200, {"name": NAME, "deployedModels": []}), "not_deployed", "deploy the model first"),
    ],
)
def test_an_endpoint_that_cannot_be_asked_stops(on_vertex: Any, said: Any, kind: str, says: str) -> None:
    """A wrong id, a wrong project, nothing deployed: nothing is sent, and each says what to do."""
    on_vertex.lookup = said
    error = on_vertex.fails()
    assert (error.kind, error.final, error.stops) == (kind, False, True)
    assert says in error.reason
    assert not on_vertex.seen


@pytest.mark.parametrize("said", [(200, []), (200, {"error": "x"}), (500, {}), (429, {})])
def test_a_failed_look_up_is_tried_again(on_vertex: Any, said: Any) -> None:
    """What may pass may pass: the next call looks the endpoint up again."""
    on_vertex.lookup = said

    async def twice(provider: vertex.Provider) -> Reply:
        with pytest.raises(ProviderError) as caught:
            await provider.ask(on_vertex.chat.request())
        assert not caught.value.later
        on_vertex.lookup = None
        return await provider.ask(on_vertex.chat.request())

    assert on_vertex.run(twice).text == "A mass."
    assert on_vertex.looked_up == 2


def test_nothing_deployed_any_more_stops(on_vertex: Any) -> None:
    """An endpoint that is emptied during a run ends it without a final failure of the cases that are left."""
    said = {"error": {"message": "Endpoint has no deployed model.", "status": "FAILED_PRECONDITION"}}
    on_vertex.answers((400, said))
    error = on_vertex.fails()
    assert (error.kind, error.final, error.stops) == ("not_deployed", False, True)


def test_another_precondition_harms_one_call(on_vertex: Any) -> None:
    """It is asked again by the next session, and the other cases go on."""
    on_vertex.answers((400, {"error": {"message": "Prediction failed.", "status": "FAILED_PRECONDITION"}}))
    error = on_vertex.fails()
    assert (error.kind, error.final, error.later, error.stops) == ("not_ready", False, True, False)


@pytest.mark.parametrize("where", ["chat", "predict"])
def test_the_containers_own_words_come_through(on_vertex: Any, where: str) -> None:
    """The container's error, wrapped in a text of JSON, has its kind and a way out."""
    inner = '{"error": {"message": "At most 4 image(s) may be provided in one prompt.", "code": 400}}'
    wrapped = (400, {"error": {"code": 400, "message": inner, "status": "INVALID_ARGUMENT"}})
    on_vertex.answers(wrapped if where == "chat" else 404, wrapped)
    error = on_vertex.fails()
    assert (error.kind, error.final, error.status) == ("too_many_images", True, 400)
    assert "'At most 4 image(s) may be provided in one prompt.'; try --images spread" in error.reason


@pytest.mark.parametrize(
    ("dedicated", "model", "size", "kind"),
    [
        (False, {}, 1_000_000, None),
        (False, {}, 1_200_000, "too_large"),
        (True, {}, 7_400_000, None),
        (True, {}, 7_600_000, "too_large"),
        (False, {"limits": Limits(body_bytes=2_000_000)}, 1_200_000, None),
        (True, {"limits": Limits(body_bytes=2_000_000)}, 1_600_000, "too_large"),
    ],
)
def test_the_hosts_limit_holds(
    on_vertex: Any, dedicated: bool, model: dict[str, Any], size: int, kind: str | None
) -> None:
    """1.5 MB at the shared host and 10 MB at a dedicated one, unless the model file says otherwise."""
    if dedicated:
        on_vertex.dedicated()
    request = on_vertex.chat.request(on_vertex.chat.image(PNG + bytes(size - len(PNG))))
    if kind is None:
        assert on_vertex.ask(on_vertex.model(**model), request).text == "A mass."
        return
    error = on_vertex.fails(on_vertex.model(**model), request)
    assert (error.kind, error.final) == (kind, True)
    assert "--images spread" in error.reason
    assert not on_vertex.seen


def test_limits_are_checked_before_a_token_is_fetched(on_vertex: Any) -> None:
    """Too many images, and what cannot fit into the context, cost no call at all."""
    image = on_vertex.chat.image(PNG)
    model = on_vertex.model(limits=Limits(images=4, context=2_000, image_tokens=256))
    error = on_vertex.fails(model, on_vertex.chat.request(*[image] * 5))
    assert (error.kind, error.final) == ("too_many_images", True)
    assert "--images spread" in error.reason
    error = on_vertex.fails(model, on_vertex.chat.request(*[image] * 4, max_tokens=1_000))
    assert (error.kind, error.final) == ("too_long", True)
    assert "at least 2,025 tokens" in error.reason
    assert on_vertex.ask(model, on_vertex.chat.request(*[image] * 3, max_tokens=1_000)).text == "A mass."
    assert (len(on_vertex.seen), on_vertex.looked_up) == (1, 1)


def test_another_host_gets_no_google_credentials(on_vertex: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With base_url nothing of Google's is read or sent; a key of that host's own may go with it."""
    model = on_vertex.model(base_url="http://front.example:18960/", project=None, endpoint=None)
    assert on_vertex.ask(model).text == "A mass."
    monkeypatch.setenv("FRONT_KEY", "front-key-0123456789")
    on_vertex.ask(model.model_copy(update={"key_env": "FRONT_KEY"}))
    first, second = on_vertex.seen
    path = "/v1beta1/projects/-/locations/us-central1/endpoints/-/chat/completions"
    assert str(first.url) == f"http://front.example:18960{path}"
    assert "authorization" not in first.headers
    assert second.headers["authorization"] == "Bearer front-key-0123456789"
    assert (on_vertex.credentials.refreshes, on_vertex.looked_up) == (0, 0)


def test_another_host_that_refuses_says_where_a_key_goes(on_vertex: Any) -> None:
    """A 401 of another host stops at once: there is no token to replace."""
    on_vertex.answers(401)
    error = on_vertex.fails(on_vertex.model(base_url="http://front.example"))
    assert (error.kind, error.stops) == ("unauthorized", True)
    assert 'key_env = "…"' in error.reason


def test_a_full_name_names_all_parts(on_vertex: Any) -> None:
    """An endpoint may be pasted as gcloud prints it; project and location are in it."""
    name = "projects/77/locations/europe-west4/endpoints/mg-endpoint-1"
    on_vertex.ask(on_vertex.model(endpoint=name, project="other"))
    assert str(on_vertex.seen[0].url).startswith(
        f"https://europe-west4-aiplatform.googleapis.com/v1beta1/{name}/"
    )
    on_vertex.ask(on_vertex.model(endpoint=name, base_url="http://front.example"))
    assert str(on_vertex.seen[1].url) == f"http://front.example/v1beta1/{name}/chat/completions"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"endpoint": None}, "has no endpoint"),
        ({"project": None}, "has no project"),
        ({"location": None}, "has no location"),
        ({"location": "evil.example/"}, "is not a valid location"),
        ({"location": "us-central1.evil.example"}, "is not a valid location"),
        ({"project": "a/b"}, "is not a valid project"),
        ({"endpoint": "456?x"}, "is not a valid endpoint"),
        ({"endpoint": "projects/p/locations/evil.example#/endpoints/1"}, "is not a valid location"),
        ({"settings": {"stream": True}}, "'stream' is set by medbench"),
        ({"base_url": "ftp://x"}, "not an address"),
        ({"base_url": "http://x", "key_env": "NOT_SET_ANYWHERE"}, "'NOT_SET_ANYWHERE' is not set"),
    ],
)
def test_a_model_file_that_cannot_work_is_refused(on_vertex: Any, more: dict[str, Any], says: str) -> None:
    """It is said before anything is sent, in two lines; no part can lead credentials to another host."""
    with pytest.raises(UsageError, match=says) as caught:
        vertex.Provider(on_vertex.model(**more), on_vertex.chat.pictures)
    assert caught.value.hint


def test_the_project_may_come_from_the_environment(on_vertex: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """GOOGLE_CLOUD_PROJECT stands in where the model file names no project."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "from-env")
    on_vertex.ask(on_vertex.model(project=None))
    assert "/projects/from-env/" in str(on_vertex.seen[0].url)


def test_the_shipped_models_need_an_endpoint_and_nothing_else(on_vertex: Any) -> None:
    """`endpoint = "…"` in medbench.toml is what medgemma-4b lacks; its limits leave the body to the host."""
    for name in ("medgemma-4b", "medgemma-27b"):
        shipped = find_model(name, {})
        lacking = vertex.Provider.missing(shipped)
        assert lacking is not None
        assert lacking[0] == "endpoint"
        model = find_model(name, {name: {"endpoint": "456", "project": "p1"}})
        assert on_vertex.ask(model, on_vertex.chat.request(**model.settings)).text == "A mass."
        assert model.limits.body_bytes is None
