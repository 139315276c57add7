"""Hosts that models are asked at: who they are, and whether a benchmark's terms allow them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.request import getproxies

from medbench.addresses import host_of
from medbench.config import load_settings
from medbench.errors import MedbenchError, UsageError
from medbench.providers import NO_KEY, provider_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from medbench.schema.benchmark import Benchmark
    from medbench.schema.model import ModelFile


def check_egress(benchmark: Benchmark, models: Iterable[tuple[str, ModelFile]]) -> None:
    """Check that a benchmark's cases may be sent to every host that a model may be asked at.

    Args:
        benchmark: Its `egress` lists the hosts; the terms of its source may bind it to own servers.
        models: Models, each with its name.

    Raises:
        UsageError: A host is not allowed, or a model does not say at which host it is asked.
    """
    if not benchmark.is_bound:
        return
    for name, model in models:
        hosts = hosts_of(model)
        if hosts is None:
            raise UsageError(
                f"'{name}' does not say which hosts it asks; '{benchmark.name}' may go to "
                f"{benchmark.bound_to} only.",
                "give its provider a class method hosts(model), see docs/extending.md",
            )
        for host in hosts:
            check_host(benchmark, host, f"'{name}' is asked at '{host}'")
        for host in _proxies(model):
            check_host(benchmark, host, f"'{name}' is asked through the proxy '{host}', which reads along")


def egress_refusals(benchmark: Benchmark, models: Iterable[tuple[str, ModelFile]]) -> list[MedbenchError]:
    """Return why a benchmark's cases may not go to models: one error a model; see `check_egress`."""
    found: list[MedbenchError] = []
    for model in models:
        try:
            check_egress(benchmark, [model])
        except MedbenchError as error:
            found.append(error)
    return found


def check_host(benchmark: Benchmark, host: str, what: str) -> None:
    """Check that a benchmark's cases may be sent to a host.

    Args:
        benchmark: The benchmark.
        host: The host; '*.' and a domain for any below it.
        what: How they would get there, in words that begin the message.

    Raises:
        UntrustedError: It would be allowed by a medbench.toml that the user has not trusted.
        UsageError: They may not.
    """
    if benchmark.egress and not any(covers(entry, host) for entry in benchmark.egress):
        raise UsageError(
            f"{what}; the cases of '{benchmark.name}' may go to {', '.join(benchmark.egress)} only "
            "(egress in benchmark.json, by the terms of its source).",
            "a model at one of these hosts",
        )
    terms = benchmark.dataset.terms
    if terms is None or not terms.own_servers_only or _is_this_machine(host):
        return
    settings = load_settings()
    if any(covers(entry, host) for entry in settings.own_servers):
        return
    settings.check_trusted("own_servers")
    raise UsageError(
        f"{what}; the cases of '{benchmark.name}' may be sent to this machine and your own servers only, by "
        f"the terms of {benchmark.dataset.name}.",
        'a model on this machine; for a server of your own: own_servers = ["HOST"] in medbench.toml',
    )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _proxies(model: ModelFile) -> Iterator[str]:
    """Yield the hosts of proxies that would read a model's requests: those that are not encrypted."""
    if not model.provider:
        return
    kind, proxies = provider_class(model.provider), getproxies()
    for address in (kind.address(each) or "" for each in model.at_each_address()):
        proxy = proxies.get("http") or proxies.get("all")
        if address.lower().startswith("http://") and proxy and not _is_direct(host_of(address), proxies):
            yield host_of(proxy if "://" in proxy else f"http://{proxy}")


def _is_direct(host: str, proxies: Mapping[str, str]) -> bool:
    """Return True if no_proxy names a host, as httpx reads it: '.domain' is what lies below it only.

    What a system has for exceptions besides, and urllib follows, httpx does not look at.
    """
    entries = [entry.strip().lower() for entry in proxies.get("no", "").split(",")]
    below = any(entry and host.endswith(f".{entry.removeprefix('.')}") for entry in entries)
    return "*" in entries or host in entries or below


def covers(entry: str, host: str) -> bool:
    """Return True if an entry of `egress`, a host or '*.' and a domain, allows a host."""
    entry = entry.lower()
    return host == entry or (entry.startswith("*.") and host.removeprefix("*").endswith(entry[1:]))


def hosts_of(model: ModelFile) -> tuple[str, ...] | None:
    """Return the hosts that a model may be asked at; None where its provider does not say."""
    if not model.provider:
        return ()
    kind = provider_class(model.provider)
    of_each = [kind.hosts(one) for one in model.at_each_address()]
    if None in of_each:
        return None
    return tuple(dict.fromkeys(host for hosts in of_each for host in hosts or ()))


def destinations(models: Iterable[tuple[str, ModelFile]]) -> list[str]:
    """Return sentences that name each server which gets a key, and where the key is from; each once."""
    said: dict[object, str] = {}
    for name, model in models:
        kind, hosts = provider_class(model.provider or "echo"), hosts_of(model)
        authorised = kind.access(model.at_each_address()[0])[1]
        if hosts and authorised != NO_KEY:
            said.setdefault((hosts, authorised), f"{name} is asked at {' or '.join(hosts)} ({authorised}).")
    return list(said.values())
