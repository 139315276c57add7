"""Tokens of Google: fetched once for all, replaced once when refused, and in no message."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import google.auth
import httpx
import pytest
from google.auth import exceptions

from medbench.client.client import Client
from medbench.errors import ProviderError
from medbench.providers import vertex
from medbench.providers._vertex import credentials as _google
from medbench.schema.response import CallFor, Reply, Response
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.ledger import Ledger


def _takes(on_vertex: Any, *good: str) -> None:
    """The endpoint takes these tokens and answers 401 to others."""

    def answer(request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        if token.startswith(good):
            return httpx.Response(200, json=on_vertex.chat.completion)
        return httpx.Response(
            401, json={"error": {"message": f"Invalid: {token}", "status": "UNAUTHENTICATED"}}
        )

    on_vertex.answers(answer)


def test_calls_at_the_same_time_fetch_one_token(on_vertex: Any) -> None:
    """Twenty calls wait for one refresh, which is made off the event loop."""
    threads = []
    refresh = on_vertex.credentials.refresh

    def slow(request: object) -> None:
        threads.append(threading.get_ident())
        refresh(request)

    on_vertex.credentials.refresh = slow

    async def many(provider: vertex.Provider) -> None:
        await asyncio.gather(*(provider.ask(on_vertex.chat.request()) for _ in range(20)))

    on_vertex.run(many)
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


def test_a_token_is_kept_until_it_is_about_to_expire(on_vertex: Any) -> None:
    """No refresh before a call while the token is good; one when minutes are left."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)

    async def calls(provider: vertex.Provider) -> None:
        for minutes in (60, 59, 1, 60):
            on_vertex.credentials.expiry = now + dt.timedelta(minutes=minutes)
            await provider.ask(on_vertex.chat.request())

    on_vertex.run(calls)
    assert on_vertex.credentials.refreshes == 2


def test_a_refused_token_is_replaced_once(on_vertex: Any) -> None:
    """The 401 may pass; the next call brings a new token, and the run goes on."""
    _takes(on_vertex, "token-2-")

    async def calls(provider: vertex.Provider) -> list[bool]:
        first = await asyncio.gather(
            *(provider.ask(on_vertex.chat.request()) for _ in range(3)), return_exceptions=True
        )
        for error in first:
            assert isinstance(error, ProviderError)
            assert (error.kind, error.final, error.stops, error.later) == (
                "unauthorized",
                False,
                False,
                False,
            )
        again = await asyncio.gather(*(provider.ask(on_vertex.chat.request()) for _ in range(3)))
        return [reply.text == "A mass." for reply in again]

    assert on_vertex.run(calls) == [True] * 3
    assert on_vertex.credentials.refreshes == 2


def test_an_expired_token_costs_a_call_two_tries(on_vertex: Any, tmp_path: Path) -> None:
    """Through the client: each call is answered at its second try; the ledger shows both."""
    _takes(on_vertex, "token-2-")

    async def no_wait(seconds: float) -> None:
        assert seconds < 1

    async def calls(provider: vertex.Provider) -> list[Response]:
        with Ledger(tmp_path / "run") as ledger:
            client = Client(provider, on_vertex.model(), ledger, sleep=no_wait)
            asked = [on_vertex.chat.request(text=f"Describe {number}.") for number in range(3)]
            return await asyncio.gather(
                *(client.ask(one, CallFor(case_id="c", stage="single"), 0) for one in asked)
            )

    (tmp_path / "run").mkdir()
    for response in on_vertex.run(calls):
        assert (response.text, response.route, response.failure) == ("A mass.", "chat/completions", None)
        assert [one.outcome for one in response.attempts] == ["unauthorized", "ok"]


def test_a_second_refusal_in_a_row_stops(on_vertex: Any) -> None:
    """A fresh token that is refused as well shows that the account is: not asked a third time."""
    _takes(on_vertex, "none")

    async def calls(provider: vertex.Provider) -> list[ProviderError]:
        errors = []
        for _ in range(2):
            with pytest.raises(ProviderError) as caught:
                await provider.ask(on_vertex.chat.request())
            errors.append(caught.value)
        return errors

    first, second = on_vertex.run(calls)
    assert (first.stops, second.stops) == (False, True)
    assert "canary" not in first.reason + second.reason
    assert "gcloud auth application-default login" in second.reason


def test_an_expired_token_does_not_count_against_the_next(on_vertex: Any) -> None:
    """A token that was accepted and then refused is replaced, however often that happens."""

    async def calls(provider: vertex.Provider) -> Reply:
        for number in (2, 3, 4):
            _takes(on_vertex, f"token-{number}-")
            with pytest.raises(ProviderError) as caught:
                await provider.ask(on_vertex.chat.request())
            assert not caught.value.stops
            reply = await provider.ask(on_vertex.chat.request())
        return reply

    assert on_vertex.run(calls).text == "A mass."
    assert on_vertex.credentials.refreshes == 4


def test_a_refused_token_at_the_look_up_is_replaced(on_vertex: Any) -> None:
    """The first request of a run may meet an old token, too."""
    on_vertex.lookup = (401, {})

    async def calls(provider: vertex.Provider) -> Reply:
        with pytest.raises(ProviderError) as caught:
            await provider.ask(on_vertex.chat.request())
        assert not caught.value.stops
        on_vertex.lookup = None
        return await provider.ask(on_vertex.chat.request())

    assert on_vertex.run(calls).text == "A mass."
    assert on_vertex.credentials.refreshes == 2


@pytest.mark.parametrize(
    ("raised", "kind", "stops", "says"),
    [
        (exceptions.DefaultCredentialsError("not\nfound"), "unauthorized", True, "application-default login"),
        (exceptions.RefreshError("invalid_grant: Bad Request", {}), "unauthorized", True, "invalid_grant"),
        (exceptions.RefreshError("busy", retryable=True), "unavailable", False, "no token from Google: busy"),
        (exceptions.TransportError("no route"), "connection", False, "is the network up?"),
        (exceptions.GoogleAuthError(), "unauthorized", True, "GoogleAuthError"),
        (
            exceptions.RefreshError("what was sent: refresh-canary-0123456789abcdef"),
            "unauthorized",
            True,
            "what was sent: …",
        ),
    ],
)
def test_why_there_is_no_token_is_said(
    on_vertex: Any, raised: Exception, kind: str, stops: bool, says: str
) -> None:
    """None at all, none that is good, or none now: each in a sentence without a secret."""
    on_vertex.credentials.fails = raised
    error = on_vertex.fails()
    assert (error.kind, error.final, error.stops) == (kind, False, stops)
    assert says in error.reason
    assert not on_vertex.seen


def test_a_server_that_repeats_the_token_gets_it_into_no_record(
    on_vertex: Any,
    bench: BenchmarkFolder,
    tmp_path: Path,
    medbench: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer that repeats what was sent is kept without it, in every file and on the screen."""

    def repeat(request: httpx.Request) -> httpx.Response:
        said = f"{request.headers['authorization']} was sent"
        return httpx.Response(200, json=on_vertex.chat.answer(message={"content": said}))

    on_vertex.answers(repeat)
    (tmp_path / "login.json").touch()
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "login.json"))
    (tmp_path / "mine.toml").write_text(
        'provider = "vertex"\nid = "m"\nproject = "p1"\nlocation = "us-central1"\nendpoint = "456"\n', "utf-8"
    )
    said = medbench("run", bench.path, "-m", "./mine.toml")
    assert "canary" not in said.out + said.err
    files = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert any("was sent" in path.read_text("utf-8") for path in files)
    assert not any("canary" in path.read_text("utf-8") for path in files)


@pytest.fixture
def token_server() -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives tokens, and what it was asked."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["content-length"])))
            said = json.dumps({"access_token": "real-token", "expires_in": 3600}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: object) -> None:
            del args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/token", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_service_account_is_used_as_google_does(
    on_vertex: Any, token_server: tuple[str, list[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """google-auth itself reads the file, signs, fetches a token, and it goes with the request."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    url, asked = token_server
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "project_id": "p1",
        "private_key_id": "k",
        "private_key": key.decode(),
        "client_email": "me@p1.iam.gserviceaccount.com",
        "token_uri": url,
    }
    path = tmp_path / "account.json"
    path.write_text(json.dumps(account), "utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    monkeypatch.setattr(google.auth, "default", DEFAULT)
    assert on_vertex.ask().text == "A mass."
    assert on_vertex.seen[0].headers["authorization"] == "Bearer real-token"
    assert len(asked) == 1
    assert logging.getLogger("google.auth").level == logging.ERROR
    path.write_text("{}", "utf-8")
    error = on_vertex.fails()
    assert (error.kind, error.stops) == ("unauthorized", True)


DEFAULT = google.auth.default


@pytest.mark.parametrize("where", ["none", "named", "gone", "login", "windows", "cloud", "run"])
def test_what_is_missing_is_seen_without_asking_anybody(
    on_vertex: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A file that is named, that gcloud left, or a machine of Google's: else credentials are missing."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "GCE_METADATA_HOST", "K_SERVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    monkeypatch.setattr(_google, "_MACHINE", tmp_path / "product")
    found = tmp_path / "application_default_credentials.json"
    if where in {"named", "gone"}:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(found))
    if where in {"named", "login"}:
        found.write_text("{}", "utf-8")
    if where == "login":
        monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    if where == "cloud":
        (tmp_path / "product").write_text("Google Compute Engine\n", "utf-8")
    if where == "run":
        monkeypatch.setenv("K_SERVICE", "x")
    expected = ("credentials", _google.LOGIN) if where in {"none", "gone", "windows"} else None
    if where == "windows":
        monkeypatch.setattr(_google, "_WINDOWS", True)
        monkeypatch.setenv("APPDATA", str(tmp_path))
        assert vertex.Provider.missing(on_vertex.model()) == expected
        (tmp_path / "gcloud").mkdir()
        (tmp_path / "gcloud" / found.name).write_text("{}", "utf-8")
        expected = None
    assert vertex.Provider.missing(on_vertex.model()) == expected


def test_what_else_is_missing_comes_first(on_vertex: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint, a project, a location; another host needs its key only."""
    monkeypatch.setenv("K_SERVICE", "x")
    missing = vertex.Provider.missing
    assert missing(on_vertex.model()) is None
    assert (missing(on_vertex.model(endpoint=None)) or ("",))[0] == "endpoint"
    assert missing(on_vertex.model(project=None)) == ("project", "export GOOGLE_CLOUD_PROJECT=…")
    assert (missing(on_vertex.model(location=None)) or ("",))[0] == "location"
    other = on_vertex.model(base_url="http://x", key_env="NOT_SET_ANYWHERE", endpoint=None)
    assert missing(other) == ("key", "export NOT_SET_ANYWHERE=…")
