"""Gemini: who is asked with which credentials, what is missing, and what goes nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from medbench.errors import UsageError
from medbench.providers import gemini
from medbench.providers._http import connections
from medbench.providers._vertex import credentials as _google
from medbench.registry import find_model, shipped_models
from medbench.schema.model import ModelFile
from medbench.store.benchmark import BenchmarkFolder

KEY, OTHER = "AIza-canary-0123456789abcdef", "AIza-other-0123456789abcdef"
TOKEN = "ya29.canary-0123456789abcdef"
ELSEWHERE = "http://127.0.0.1:9/gemini"
VERTEX = "projects/p-1/locations/global/publishers/google/models"
SHIPPED = [name for name, model in shipped_models().items() if model.get("provider") == "gemini"]


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A login to Google's cloud; returns the list of the times that it was asked for."""
    import google.auth
    from google.oauth2.credentials import Credentials

    asked: list[Any] = []

    def default(**how: Any) -> tuple[Any, str]:
        asked.append(how)
        return Credentials(TOKEN), "the-logins-own"

    monkeypatch.setattr(google.auth, "default", default)
    return asked


def test_the_key_of_ai_studio_is_in_the_header_and_nowhere_else(gem: Any) -> None:
    """It comes from GEMINI_API_KEY; address and body have none."""
    seen = gem.answers()
    gem.ask()
    assert seen[0].headers["x-goog-api-key"] == KEY
    assert "authorization" not in seen[0].headers
    assert KEY not in str(seen[0].url)
    assert KEY.encode() not in seen[0].content


@pytest.mark.parametrize(
    ("set_", "model", "sent"),
    [
        ({"GOOGLE_API_KEY": OTHER}, {}, OTHER),
        ({"GEMINI_API_KEY": KEY, "GOOGLE_API_KEY": OTHER}, {}, KEY),
        ({"GEMINI_API_KEY": f" {KEY}\n"}, {}, KEY),
        ({"GEMINI_API_KEY": KEY, "MINE": OTHER}, {"key_env": "MINE"}, OTHER),
        ({"MINE": OTHER, "GOOGLE_GENAI_USE_VERTEXAI": "1"}, {"key_env": "MINE"}, OTHER),
        ({"GEMINI_API_KEY": KEY, "GOOGLE_GENAI_USE_VERTEXAI": "false"}, {}, KEY),
        ({"GEMINI_API_KEY": KEY, "GOOGLE_CLOUD_PROJECT": "p"}, {}, KEY),
        ({"GEMINI_API_KEY": KEY, "GOOGLE_GENAI_API_VERSION": "v9"}, {}, KEY),
    ],
)
def test_which_key_is_sent(
    gem: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    set_: dict[str, str],
    model: dict[str, Any],
    sent: str,
) -> None:
    """The variable that the model file names, else GEMINI_API_KEY, else GOOGLE_API_KEY."""
    monkeypatch.delenv("GEMINI_API_KEY")
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    seen = gem.answers()
    gem.ask(gem.model(**model))
    assert seen[0].headers["x-goog-api-key"] == sent
    assert seen[0].url.path == "/v1beta/models/gemini-9-flash:generateContent"
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


@pytest.mark.parametrize(
    ("model", "environment", "where"),
    [
        ({"project": "p-1"}, {}, "https://aiplatform.googleapis.com/v1beta1/projects/p-1/locations/global"),
        (
            {"project": "p-1", "location": "europe-west4"},
            {"GOOGLE_CLOUD_LOCATION": "us-central1", "GEMINI_API_KEY": KEY},
            "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p-1/locations/europe-west4",
        ),
        (
            {},
            {
                "GOOGLE_GENAI_USE_VERTEXAI": "True",
                "GOOGLE_CLOUD_PROJECT": "p-2",
                "GOOGLE_CLOUD_LOCATION": "us-central1",
                "GEMINI_API_KEY": KEY,
            },
            "https://us-central1-aiplatform.googleapis.com/v1beta1/projects/p-2/locations/us-central1",
        ),
    ],
)
def test_a_project_is_asked_on_vertex_ai(
    gem: Any,
    monkeypatch: pytest.MonkeyPatch,
    login: list[Any],
    model: dict[str, Any],
    environment: dict[str, str],
    where: str,
) -> None:
    """The login of gcloud goes there as a token, no key does; project and location stand in the address."""
    monkeypatch.delenv("GEMINI_API_KEY")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    seen = gem.answers()
    assert gem.ask(gem.model(**model)).text == "A mass."
    assert str(seen[0].url) == f"{where}/publishers/google/models/gemini-9-flash:generateContent"
    assert seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert "x-goog-api-key" not in seen[0].headers
    assert len(login) == 1


def test_no_login_stops_the_provider(gem: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Application Default Credentials the failure says what to type, and nothing is sent."""
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    def default(**_: Any) -> None:
        raise DefaultCredentialsError("Your default credentials were not found.")

    monkeypatch.setattr(google.auth, "default", default)
    seen = gem.answers()
    error = gem.fails(gem.model(project="p-1"))
    assert (error.kind, error.final, error.stops) == ("unauthorized", False, True)
    assert "gcloud auth application-default login" in error.reason
    assert not seen


@pytest.mark.parametrize(("retryable", "kind"), [(True, "connection"), (False, "unauthorized")])
def test_a_token_that_cannot_be_had(
    gem: Any, monkeypatch: pytest.MonkeyPatch, login: list[Any], retryable: bool, kind: str
) -> None:
    """A token that is refused stops the provider; one that the network kept back may come yet."""
    from google.auth.exceptions import RefreshError
    from google.oauth2.credentials import Credentials

    def refresh(self: Any, request: Any) -> None:
        raise RefreshError("Reauthentication\nis needed", retryable=retryable)

    monkeypatch.setattr(Credentials, "refresh", refresh)
    monkeypatch.setattr(Credentials, "expired", True)
    seen = gem.answers()
    error = gem.fails(gem.model(project="p-1"))
    assert (error.kind, error.stops) == (kind, kind == "unauthorized")
    assert "Reauthentication is needed" in error.reason
    assert not seen


def test_another_server_gets_no_credentials_of_google(
    gem: Any, monkeypatch: pytest.MonkeyPatch, login: list[Any]
) -> None:
    """Neither the keys of the environment nor the login go to a `base_url`, in neither way of speaking."""
    monkeypatch.setenv("GOOGLE_API_KEY", OTHER)
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p-env")
    seen = gem.answers()
    gem.ask(gem.model(base_url=ELSEWHERE))
    gem.ask(gem.model(base_url=ELSEWHERE + "/", project="p-1", key_env=""))
    assert [str(sent.url) for sent in seen] == [
        f"{ELSEWHERE}/v1beta/models/gemini-9-flash:generateContent",
        f"{ELSEWHERE}/v1beta1/{VERTEX}/gemini-9-flash:generateContent",
    ]
    for sent in seen:
        assert not {"x-goog-api-key", "authorization"} & set(sent.headers)
        assert not any(secret in str(sent.headers) for secret in (KEY, OTHER, TOKEN))
    assert not login


def test_another_server_gets_the_key_that_is_named_for_it(
    gem: Any, monkeypatch: pytest.MonkeyPatch, login: list[Any]
) -> None:
    """As a key of AI Studio, or as a token where a project is named."""
    monkeypatch.setenv("MINE", OTHER)
    seen = gem.answers()
    gem.ask(gem.model(base_url=ELSEWHERE, key_env="MINE"))
    gem.ask(gem.model(base_url=ELSEWHERE, key_env="MINE", project="p-1"))
    assert seen[0].headers["x-goog-api-key"] == OTHER
    assert seen[1].headers["authorization"] == f"Bearer {OTHER}"
    assert not login


@pytest.mark.parametrize(
    ("model", "environment", "expected"),
    [
        ({}, {}, ("key", "export GEMINI_API_KEY=…   aistudio.google.com/apikey")),
        ({}, {"GEMINI_API_KEY": "  "}, ("key", "export GEMINI_API_KEY=…   aistudio.google.com/apikey")),
        ({}, {"GEMINI_API_KEY": KEY}, None),
        ({}, {"GOOGLE_API_KEY": KEY}, None),
        ({"key_env": "MINE"}, {"GEMINI_API_KEY": KEY}, ("key", "export MINE=…")),
        ({"key_env": "MINE"}, {"MINE": KEY}, None),
        ({"project": "p"}, {}, ("credentials", "gcloud auth application-default login")),
        ({"project": "p"}, {"GOOGLE_APPLICATION_CREDENTIALS": __file__}, None),
        ({}, {"GOOGLE_GENAI_USE_VERTEXAI": "1"}, ("project", "export GOOGLE_CLOUD_PROJECT=…")),
        ({}, {"GOOGLE_GENAI_USE_ENTERPRISE": "1", "GOOGLE_CLOUD_PROJECT": "p", "K_SERVICE": "x"}, None),
        ({"base_url": ELSEWHERE}, {}, None),
        ({"base_url": ELSEWHERE, "key_env": "MINE"}, {}, ("key", "export MINE=…")),
    ],
)
def test_what_is_missing_is_said(
    gem: Any,
    monkeypatch: pytest.MonkeyPatch,
    model: dict[str, Any],
    environment: dict[str, str],
    expected: tuple[str, str] | None,
) -> None:
    """In one word and with what to type; without a key or a project, no provider can be made."""
    monkeypatch.delenv("GEMINI_API_KEY")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(gem.folder))
    monkeypatch.delenv("K_SERVICE", raising=False)
    monkeypatch.delenv("GCE_METADATA_HOST", raising=False)
    monkeypatch.setattr(_google, "_MACHINE", gem.folder / "not there")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    file = gem.model(**model)
    assert gemini.Provider.missing(file) == expected
    # There may be other credentials than those that can be seen: Google's library has the last word.
    if expected is None or expected[0] == "credentials":
        gemini.Provider(file, gem.pictures)
        return
    with pytest.raises(UsageError) as caught:
        gemini.Provider(file, gem.pictures)
    assert expected[0] in caught.value.message
    assert expected[1].partition("=")[0] in caught.value.hint


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"base_url": "localhost:8000"}, "not an address"),
        ({"base_url": f"https://me:{KEY}@host"}, "holds a user, a password or a query"),
        ({"project": "p", "key_env": "GEMINI_API_KEY"}, "both a project and key_env"),
    ],
)
def test_a_model_file_that_cannot_work_is_a_wrong_setting(gem: Any, more: dict[str, Any], says: str) -> None:
    """It is said before anything is sent, in two lines and without a key."""
    with pytest.raises(UsageError, match=says) as caught:
        gemini.Provider(gem.model(**more), gem.pictures)
    assert caught.value.hint
    assert "canary" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("value", ["AIza-canary two", "AIza-canary-ü", "AIza-canary\r\nX: y"])
def test_a_key_that_no_header_can_hold_is_not_shown(
    gem: Any, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """It is refused by the variable's name before a library could quote it."""
    monkeypatch.setenv("GEMINI_API_KEY", value)
    with pytest.raises(UsageError, match="'GEMINI_API_KEY' holds no key") as caught:
        gemini.Provider(gem.model(), gem.pictures)
    assert "canary" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("status", [200, 400, 401, 404, 503])
@pytest.mark.parametrize("project", [None, "p-1"])
def test_a_server_that_repeats_a_secret_does_not_get_it_into_a_message(
    gem: Any, login: list[Any], status: int, project: str | None
) -> None:
    """Neither an answer nor an error holds key or token, whole or cut."""
    secret = TOKEN if project else KEY
    text = f"{secret} is what was sent, {'x' * 180} {secret}"
    said = gem.parts({"text": text}) if status == 200 else {"error": {"message": text}}
    gem.answers(said, status=status)
    model = gem.model(project=project)
    shown = gem.ask(model).text if status == 200 else gem.fails(model).reason
    assert "is what was sent" in shown
    assert "canary" not in shown


def test_a_key_is_in_no_file_of_a_run(
    gem: Any, bench: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """A whole `medbench run` against a server that repeats the key: no file and no line has it."""
    gem.answers(gem.parts({"text": f"FINDINGS: {KEY} is what was sent."}))
    said = medbench("run", bench.path, "-m", "gemini-flash")
    assert "canary" not in said.out + said.err
    files = [path.read_text("utf-8") for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert any("is what was sent" in text for text in files)
    assert not any("canary" in text for text in files)


@pytest.mark.parametrize("environment", [True, False])
def test_lists_and_batches_are_asked_for_where_the_calls_go(
    gem: Any, monkeypatch: pytest.MonkeyPatch, environment: bool
) -> None:
    """By http where the address says so, at its port and below its path; the SDK reads the variable, too."""
    seen = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json=gem.answer() | {"models": [], "operations": []})

    monkeypatch.setattr(connections, "transport", lambda: httpx.MockTransport(handle))
    if environment:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"{ELSEWHERE}/")
    model = gem.model(**({} if environment else {"base_url": ELSEWHERE}))

    async def ask() -> None:
        provider = gem.provider(model, gem.pictures)
        batches = provider.batches()
        await provider.ask(gem.request())
        assert await provider.listed() == ()
        assert await batches.find("x", "") is None
        await batches.close()
        await provider.close()

    asyncio.run(ask())
    assert seen == [
        f"{ELSEWHERE}/v1beta/models/gemini-9-flash:generateContent",
        f"{ELSEWHERE}/v1beta/models?pageSize=1000",
        f"{ELSEWHERE}/v1beta/batches?pageSize=100",
    ]


def test_a_server_of_the_environment_is_named_in_messages(gem: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is not an address is refused before anything is sent."""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", ELSEWHERE)
    gem.answers(httpx.ConnectError("refused"))
    assert "no connection to http://127.0.0.1:9" in gem.fails().reason
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "127.0.0.1:4000")
    with pytest.raises(
        UsageError, match=r"GOOGLE_GEMINI_BASE_URL is '.*', which is not an address of a server"
    ):
        gem.provider(gem.model(), gem.pictures)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_model_of_gemini_can_be_asked(gem: Any, name: str) -> None:
    """Its settings are known, and one that is gone can be asked at another server."""
    model = find_model(name, {name: {"base_url": ELSEWHERE}})
    gem.answers()
    request = gem.request(**model.settings).model_copy(update={"model": model.id})
    assert gem.ask(model, request).text == "A mass."


def test_a_model_that_is_gone_is_not_asked(gem: Any) -> None:
    """Google may answer for it with another model: the error names that one, and nothing is sent."""
    seen = gem.answers()
    model = find_model("gemini-3-pro-preview", {})
    with pytest.raises(UsageError, match="'gemini-3-pro-preview' was shut down on 2026-03-09") as caught:
        gemini.Provider(model, gem.pictures)
    assert caught.value.hint == "-m gemini-pro   (gemini-3.1-pro-preview)"
    assert model.hidden
    assert not seen


def test_retiring_is_a_matter_of_the_day(gem: Any) -> None:
    """A model is gone on the day that is named, not before; its successor need not be a shipped one."""
    today = datetime.now(UTC).date()
    with pytest.raises(UsageError, match="was shut down") as caught:
        gemini.Provider(gem.model(retires=today, successor="gemini-10"), gem.pictures)
    assert caught.value.hint == 'id = "gemini-10"'
    with pytest.raises(UsageError, match="was shut down") as caught:
        gemini.Provider(gem.model(retires=today), gem.pictures)
    assert caught.value.hint == "medbench models"
    gemini.Provider(gem.model(retires=date(9999, 1, 1)), gem.pictures)
    assert not ModelFile(provider="gemini").is_retired(today)


@pytest.mark.parametrize(
    ("keys", "environment", "words"),
    [
        ({}, {"GEMINI_API_KEY": KEY, "GOOGLE_API_KEY": OTHER}, "GEMINI_API_KEY is set"),
        ({}, {"GOOGLE_API_KEY": OTHER}, "GOOGLE_API_KEY is set"),
        ({"key_env": "MINE"}, {"GEMINI_API_KEY": KEY, "MINE": OTHER}, "MINE is set"),
        ({"base_url": "https://x.test"}, {"GEMINI_API_KEY": KEY}, "none is sent"),
        ({"base_url": "https://x.test", "key_env": "MINE"}, {"MINE": OTHER}, "MINE is set"),
        ({"project": "p-1"}, {"GEMINI_API_KEY": KEY}, "application default, project p-1"),
        (
            {},
            {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_CLOUD_PROJECT": "p-2", "GEMINI_API_KEY": KEY},
            "application default, project p-2",
        ),
    ],
)
def test_doctor_says_what_calls_are_authorised_with(
    keys: dict[str, Any], environment: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is not sent is not named, also where it is set."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = gemini.Provider.access(ModelFile(provider="gemini", id="m", **keys))
    assert found.words == words
    assert found.name == ("credentials" if "default" in words else "key")
