"""Proxies and certificates of the environment: what cannot be used is named, and no secret of it."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest

from medbench.errors import ProviderError, UsageError
from medbench.network import check_direct, check_network
from medbench.providers._http import connections
from medbench.providers._http.proxied import ProxiedTransport

PROXY = "http://proxy.example:3128"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    "value",
    [
        "http://[::1",
        "ftp://proxy:21",
        "http://proxy:99999",
        "http://proxy:0",
        "http://proxy:abc",
        "://",
        "http://",
        "http://pro xy:80",
        "http://a\x01b",
    ],
)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_that_is_no_address(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable as it is spelled, and its value in quotes."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError) as raised:
        check_network()
    shown = value.replace("\x01", "?")
    assert raised.value.message == f"{variable} is '{shown}', which is not an address of a proxy."
    assert f"unset {variable}" in raised.value.hint


@pytest.mark.parametrize(
    "value", ["http://user:geheim@proxy:abc", "user:geheim@proxy:abc", "http://u:p@x@y:z"]
)
def test_a_password_is_not_shown(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(UsageError, match=r"is '.*…@.*:(abc|z)'") as raised:
        check_network()
    assert "geheim" not in str(raised.value)
    assert "u:p" not in str(raised.value)


def test_a_socks_proxy_needs_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which httpx does not bring along."""
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy:1080")
    monkeypatch.setattr("medbench.network.find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"ALL_PROXY is 'socks5://proxy:1080'.* socksio") as raised:
        check_network()
    assert raised.value.hint == "pip install 'httpx[socks]'"
    monkeypatch.setattr("medbench.network.find_spec", lambda name: name)
    check_network()


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ("[::1]", "NO_PROXY=::1"),
        ("fd00::/8", ""),
        ("localhost:abc", ""),
        ("x\x01", ""),
        ("https://x:abc", ""),
        (":80", ""),
    ],
)
def test_an_exception_that_names_no_host(entry: str, hint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only that entry is named; without a proxy nobody reads it."""
    monkeypatch.setenv("NO_PROXY", f"localhost, {entry},.corp")
    check_network()
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    with pytest.raises(UsageError) as raised:
        check_network()
    shown = entry.replace("\x01", "?")
    assert raised.value.message == f"NO_PROXY has '{shown}', which names no host."
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    "exceptions",
    ["", "*", "[::1],*", "::1", "fe80::1", "10.0.0.0/8,.corp,corp:8080", "localhost", "https://x:81", "a b"],
)
@pytest.mark.parametrize("proxy", [PROXY, "proxy:3128", "http://user:p%40ss@[::1]:3128", "HTTP://proxy"])
def test_what_httpx_takes_is_taken(exceptions: str, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the other way round: what passes makes a client."""
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", exceptions)
    check_network()
    httpx.AsyncClient(verify=False)


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("10.0.0.0/8", "10.1.2.3"),
        ("10.1.2.3/16", "10.1.9.9"),
        ("*.corp", "gpu.corp"),
        ("10.1.*", "10.1.2.3"),
        ("fe80::1%eth0", "fe80::1%25eth0"),
        ("fe80::1", "fe80::1%25eth0"),
        ("fd00::5", "fd00:0:0::5"),
    ],
)
def test_an_exception_that_httpx_passes_over_is_named(
    entry: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that it means is not asked through the proxy: the call says what to type, and others go on."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", f".other,{entry}")
    check_network()
    with pytest.raises(UsageError) as raised:
        check_direct(host)
    assert raised.value.message.startswith(f"NO_PROXY has '{entry}', but only names and single addresses")
    assert raised.value.hint == f"export NO_PROXY=$NO_PROXY,{host}"
    name = f"[{host}]" if ":" in host else host
    with pytest.raises(ProviderError, match="would be asked through the proxy") as failed:
        asyncio.run(_sent(f"http://{name}:8000/v1"))
    assert (failed.value.kind, failed.value.stops, failed.value.sent) == ("setting", True, False)
    with pytest.raises(httpx.ConnectError):  # the proxy, where nobody listens
        asyncio.run(_sent("http://192.0.2.1/v1"))
    monkeypatch.setenv("NO_PROXY", f"{entry},*")
    check_direct(host)


@pytest.mark.parametrize(
    ("entries", "host"),
    [
        ("10.1.2.3,10.0.0.0/8", "11.1.2.3"),
        ("10.1.2.3/32", "10.1.2.3"),
        (".corp", "corp"),
        ("::1", "::1"),
        ("a:80", "a"),
    ],
)
def test_an_exception_that_does_not_mean_a_host_is_none(
    entries: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is one that httpx reads."""
    monkeypatch.setenv("NO_PROXY", entries)
    check_direct(host)


async def _sent(url: str) -> httpx.Response:
    transport = ProxiedTransport(ssl.create_default_context(), httpx.Limits())
    try:
        return await transport.handle_async_request(httpx.Request("GET", url))
    finally:
        await transport.aclose()


def test_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is gone, is a folder or holds none; a folder that is none."""
    (tmp_path / "a.pem").write_text("no certificate\n")
    for path, words in (
        (tmp_path / "gone.pem", "which cannot be read: No such file or directory"),
        (tmp_path, "which cannot be read: Is a directory"),
        (tmp_path / "a.pem", "which holds no certificates"),
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        with pytest.raises(UsageError) as raised:
            check_network()
        assert raised.value.message == f"SSL_CERT_FILE is '{path}', {words}."
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "gone"))
    check_network()
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(UsageError, match=r"SSL_CERT_DIR is '.*gone', which is not a folder"):
        check_network()


def test_a_call_fails_with_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other call would fail alike, and nothing is sent."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:abc")
    with pytest.raises(ProviderError, match="HTTPS_PROXY is 'http://proxy:abc'") as raised:
        connections.certificates()
    assert (raised.value.kind, raised.value.stops, raised.value.sent) == ("setting", True, False)


def test_a_command_says_it_once(
    medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In the words of the other messages, and no trace of the library."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "medbench.toml").write_text(
        '[models.mine]\nprovider = "openai"\nid = "m"\nbase_url = "http://127.0.0.1:9/v1"\n'
    )
    monkeypatch.setenv("SSL_CERT_FILE", "/gone.pem")
    said = medbench("run", "phantom-40", "-m", "mine", "--limit", "2")
    assert said.code != 0
    assert "SSL_CERT_FILE is '/gone.pem', which cannot be read" in " ".join((said.out + said.err).split())
    assert "Traceback" not in said.out + said.err
    assert os.environ["SSL_CERT_FILE"] == "/gone.pem"
