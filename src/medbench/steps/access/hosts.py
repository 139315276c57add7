"""Hosts that models are asked at: who they are, and whether a benchmark's terms allow them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.providers import NO_KEY, provider_class

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.schema.benchmark import Benchmark
    from medbench.schema.model import ModelFile


def check_egress(benchmark: Benchmark, models: Iterable[tuple[str, ModelFile]]) -> None:
    """Check that a benchmark's cases may be sent to every host that a model may be asked at.

    Args:
        benchmark: Its `egress` lists the hosts.
        models: Models, each with its name.

    Raises:
        UsageError: A host is not listed, or a model does not say at which host it is asked.
    """
    if not benchmark.egress:
        return
    listed = ", ".join(benchmark.egress)
    for name, model in models:
        hosts = hosts_of(model)
        if hosts is None:
            raise UsageError(
                f"'{name}' does not say which hosts it asks; '{benchmark.name}' may go to {listed} only.",
                "give its provider a class method hosts(model), see docs/extending.md",
            )
        for host in hosts:
            if not any(covers(entry, host) for entry in benchmark.egress):
                raise UsageError(
                    f"'{name}' is asked at '{host}'; the cases of '{benchmark.name}' may go to {listed} only "
                    "(egress in benchmark.json, by the terms of its source).",
                    "a model at one of these hosts",
                )


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
