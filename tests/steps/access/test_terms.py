"""Cases of a gated source are sent to no service: no socket is opened, whatever way leads there."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from medbench import trust as trust_module
from medbench.errors import UsageError
from medbench.schema.benchmark import Terms
from medbench.schema.model import ModelFile
from medbench.steps.access.hosts import check_egress
from medbench.store.benchmark import HEAD, BenchmarkFolder
from medbench.store.jsonl import write_one

_GATED = Terms(licence="cc-by-nc-sa-4.0", gated=True, own_servers_only=True)
_REACHED: list[str] = []
_HOOKED: list[bool] = []
_HERE = 'provider = "openai"\nid = "here"\nbase_url = "http://127.0.0.1:9/v1"'
_ADDRESSES = '["http://127.0.0.1:9/v1", "http://models.example/v1"]'
_ENDPOINT = "projects/p/locations/eu-w4/endpoints/1"
_SERVICES = {
    "openai": 'provider = "openai"\nid = "m"\nbase_url = "http://models.example/v1"',
    "addresses": f'provider = "openai"\nid = "m"\naddresses = {_ADDRESSES}',
    "anthropic": 'provider = "anthropic"\nid = "claude-haiku-4-5"\nsettings.max_tokens = 99',
    "gemini": 'provider = "gemini"\nid = "gemini-2.5-flash"',
    "vertex": f'provider = "vertex"\nid = "m"\nproject = "p"\nendpoint = "{_ENDPOINT}"',
}


@pytest.fixture
def reached() -> Iterator[list[str]]:
    """What any socket of this process reaches for, by whichever library."""
    if not _HOOKED:  # an audit hook stays for good
        sys.addaudithook(_note)
    _HOOKED.append(True)
    _REACHED.clear()
    yield _REACHED
    _HOOKED[:] = [False]


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _HOOKED and _HOOKED[-1] and event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        _REACHED.append(f"{event} {arguments[1:] if event != 'socket.getaddrinfo' else arguments[0]}")


@pytest.fixture
def gated(bench: BenchmarkFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> BenchmarkFolder:
    """A benchmark of a gated source; keys are there, so that nothing but its terms stops a call."""
    dataset = bench.head.dataset.model_copy(update={"terms": _GATED})
    write_one(bench.path / HEAD, bench.head.model_copy(update={"dataset": dataset}))
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, "sk-0123456789abcdef")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "GOOGLE_GENAI_USE_VERTEXAI"):
        monkeypatch.delenv(name, raising=False)
    for name, text in {**_SERVICES, "here": _HERE}.items():
        (tmp_path / f"{name}.toml").write_text(f"{text}\nprice = {{ free = true }}\n")
    return bench


def test_the_hook_sees_sockets(reached: list[str]) -> None:
    """Else the tests below would hold whatever happens."""
    with socket.socket() as made, pytest.raises(OSError, match=r"."):
        made.connect(("127.0.0.1", 9))
    assert reached


@pytest.mark.parametrize("more", [(), ("--batch",)])
def test_a_run_at_a_service_opens_no_connection(
    more: tuple[str, ...], gated: BenchmarkFolder, reached: list[str], medbench: Callable[..., Any]
) -> None:
    """One call at a time and in batches, at every kind of service, behind a list of addresses, too."""
    for service in _SERVICES:
        said = medbench("run", "bench", "--limit", "1", "-m", f"./{service}.toml", *more)
        assert (said.code, reached) == (2, []), said.err
        assert f"'{service}' is asked at" in said.err
        assert "may be sent to this machine and your own servers only" in said.err
        assert 'own_servers = ["' in said.err


@pytest.mark.parametrize(
    "role", ["--judge MODEL", "--judge ./here.toml --fallback MODEL", "--judge MODEL --batch"]
)
def test_a_judge_at_a_service_opens_no_connection(
    role: str, gated: BenchmarkFolder, reached: list[str], medbench: Callable[..., Any]
) -> None:
    """A judge is told the radiologist's text, and so is its deputy."""
    assert medbench("run", "bench", "--limit", "1", "-m", "baseline-normal").code == 0
    for service in _SERVICES:
        line = role.replace("MODEL", f"./{service}.toml").split()
        said = medbench("judge", "runs/bench/baseline-normal", "--all", *line)
        assert (said.code, reached) == (2, []), said.err
        assert f"'{service}' is asked at" in said.err


def test_an_experiment_and_a_watch_open_no_connection(
    gated: BenchmarkFolder, reached: list[str], medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Neither does what runs and judges by itself."""
    (tmp_path / "own.toml").write_text(
        'question = "Which?"\nprimary = "finding.f1"\nbenchmark = "bench"\nmax_cost = 5\n'
        '[grid]\nmodel = ["./openai.toml", "./here.toml"]\n'
    )
    for line in (("run", "own.toml"), ("watch", "./openai.toml", "--benchmark", "bench")):
        said = medbench(*line)
        assert (said.code, reached) == (2, []), said.err
        assert "'openai' is asked at" in said.err


def test_training_examples_for_a_service_are_not_written(
    gated: BenchmarkFolder, reached: list[str], medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Vertex AI reads images from Cloud Storage, which is a service."""
    out = tmp_path / "train.jsonl"
    said = medbench(
        "export",
        "bench",
        "--chat",
        "vertex",
        "--images-at",
        "gs://bucket/x",
        "-o",
        str(out),
        "--training-set",
    )
    assert (said.code, out.exists(), reached) == (2, False, [])
    assert "by the terms of tests" in said.err


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("http://localhost:8000/v1", True),
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.9.9.9/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://LOCALHOST/v1", True),
        ("http://localhost.example/v1", False),
        ("http://127.0.0.1.example/v1", False),
        ("http://2130706433/v1", False),
        ("http://10.0.0.7/v1", False),
        ("http://169.254.169.254/v1", False),
        ("http://gpu.hospital.example/v1", True),
        ("http://a.wards.example/v1", True),
        ("http://wards.example/v1", False),
        ("http://evil-gpu.hospital.example/v1", False),
    ],
)
def test_this_machine_and_own_servers_are_allowed(
    address: str, allowed: bool, gated: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names are compared whole; numbers must be those of this machine."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "medbench.toml").write_text('own_servers = ["gpu.hospital.example", "*.wards.example"]\n')
    models = [("m", ModelFile(provider="openai", id="m", base_url=address))]
    head = BenchmarkFolder(gated.path).head
    if allowed:
        check_egress(head, models)
    else:
        with pytest.raises(UsageError, match="your own servers only"):
            check_egress(head, models)


def test_a_medbench_toml_that_is_not_trusted_declares_no_server(
    gated: BenchmarkFolder,
    reached: list[str],
    medbench: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file came with the benchmark, perhaps; the line that trusts it is named."""
    monkeypatch.setattr("medbench.config.state_of", trust_module.state_of)
    (tmp_path / "medbench.toml").write_text('own_servers = ["models.example"]\n')
    said = medbench("run", "bench", "--limit", "1", "-m", "./openai.toml")
    assert (said.code, reached) == (2, [])
    assert "is not trusted yet" in said.err
    assert "own_servers" in said.err


def test_an_own_server_is_asked(
    gated: BenchmarkFolder, chat: Any, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """With the user's word the same line runs."""
    (tmp_path / "medbench.toml").write_text('own_servers = ["models.example"]\n')
    seen = chat.answers(chat.completion)
    said = medbench("run", "bench", "--limit", "1", "-m", "./openai.toml")
    assert said.code == 0, said.err
    assert {request.url.host for request in seen} == {"models.example"}


def test_a_proxy_that_would_read_along_is_a_host(
    gated: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server on this machine is asked through a proxy of the environment, unless that is told not to be."""
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "")
    head = BenchmarkFolder(gated.path).head
    models = [("m", ModelFile(provider="openai", id="m", base_url="http://127.0.0.1:8000/v1"))]
    with pytest.raises(UsageError, match=r"asked through the proxy 'proxy.example', which reads along"):
        check_egress(head, models)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    check_egress(head, models)


@pytest.mark.parametrize(
    ("variable", "project"), [("GOOGLE_GEMINI_BASE_URL", None), ("GOOGLE_VERTEX_BASE_URL", "p")]
)
def test_a_proxy_before_a_server_of_the_environment_is_a_host(
    variable: str, project: str | None, gated: BenchmarkFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google's SDK asks another server where a variable names one: what is sent there in plain is read."""
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "")
    head = BenchmarkFolder(gated.path).head
    models = [("m", ModelFile(provider="gemini", id="m", project=project))]
    monkeypatch.setenv(variable, "http://127.0.0.1:8000")
    with pytest.raises(UsageError, match=r"asked through the proxy 'proxy.example', which reads along"):
        check_egress(head, models)
    monkeypatch.setenv(variable, "https://127.0.0.1:8000")
    check_egress(head, models)


@pytest.mark.parametrize(
    ("without", "host", "is_passed_by"),
    [
        (".wards.example", "wards.example", False),  # urllib would pass it by, httpx does not
        (".wards.example", "a.wards.example", True),
        ("Wards.Example", "wards.example", True),
        ("wards.example", "a.wards.example", True),
        ("ards.example", "wards.example", False),
        ("localhost, 127.0.0.1", "127.0.0.1", True),
        ("localhost,*", "wards.example", True),
        ("::1", "[::1]", True),
        ("127.0.0.1:80", "127.0.0.1", False),
        ("*.wards.example", "a.wards.example", False),
    ],
)
def test_a_proxy_is_passed_by_only_where_httpx_passes_it_by(
    without: str,
    host: str,
    is_passed_by: bool,
    gated: BenchmarkFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """no_proxy has no standard: what counts is how the library that sends reads it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "medbench.toml").write_text('own_servers = ["wards.example", "*.wards.example"]\n')
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", without)
    models = [("m", ModelFile(provider="openai", id="m", base_url=f"http://{host}:8000/v1"))]
    if is_passed_by:
        check_egress(BenchmarkFolder(gated.path).head, models)
    else:
        with pytest.raises(UsageError, match="through the proxy"):
            check_egress(BenchmarkFolder(gated.path).head, models)
