"""Where a command works: what was typed is checked before anything is begun, and no file chooses it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from medbench.api.rescore import rescore
from medbench.errors import UsageError
from medbench.executors.cluster.placement import Placement, placement_of


@pytest.fixture
def with_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray as if it were installed, or as it is."""
    monkeypatch.delenv("MEDBENCH_OFFLINE", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))


def test_the_missing_extra_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, medbench: Callable[..., Any]
) -> None:
    """It names what to type; nothing else happens."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    said = medbench("run", "--executor", "ray")
    assert said.code == 2
    assert "--executor ray needs Ray, which is not installed." in said.words
    assert "pip install 'medbench[ray]'" in said.words
    with pytest.raises(UsageError) as raised:
        rescore(executor="ray")
    assert raised.value.hint == "pip install 'medbench[ray]'"


@pytest.mark.usefixtures("with_ray")
@pytest.mark.parametrize("address", ["10.0.0.1:6379", "head.lab:6379", "[::1]:6379"])
def test_an_address_is_a_host_and_a_port(address: str) -> None:
    """As `ray start --head` prints it."""
    assert placement_of("ray", address) == Placement(executor="ray", address=address)
    assert placement_of("ray", None) == Placement(executor="ray")


@pytest.mark.usefixtures("with_ray")
@pytest.mark.parametrize(
    "address", ["", "auto", "ray://10.0.0.1:10001", "10.0.0.1", "10.0.0.1:x", ":1", "a:99999"]
)
def test_what_is_no_such_address_is_refused(address: str) -> None:
    """Nor is one that Ray would find by itself, in a variable or a file of somebody else's."""
    with pytest.raises(UsageError, match="is not HOST:PORT"):
        placement_of("ray", address)


@pytest.mark.usefixtures("with_ray")
def test_nothing_is_joined_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--offline` allows no socket at all."""
    monkeypatch.setenv("MEDBENCH_OFFLINE", "1")
    with pytest.raises(UsageError, match="a cluster is refused"):
        placement_of("ray", None)
    assert placement_of("local", None) == Placement()


@pytest.mark.usefixtures("with_ray")
def test_a_batch_is_placed_by_its_service(medbench: Callable[..., Any]) -> None:
    """There is nothing for a cluster to do."""
    said = medbench("run", "-m", "gemini-flash", "--batch", "--executor", "ray")
    assert said.code == 2
    assert "--executor ray has nothing to do for --batch" in said.words


def test_an_unknown_executor_and_an_address_for_none_are_refused() -> None:
    """With the word that was typed."""
    with pytest.raises(UsageError, match="'rai'"):
        placement_of("rai", None)
    with pytest.raises(UsageError, match="--address 'h:1'"):
        placement_of("local", "h:1")


@pytest.mark.parametrize(
    "lines", ['[defaults]\nexecutor = "ray"', '[defaults]\naddress = "evil:6379"', 'executor = "ray"']
)
def test_no_settings_file_chooses_a_cluster(tmp_path: Path, medbench: Callable[..., Any], lines: str) -> None:
    """Who chooses the cluster gets the cases and runs code here: a medbench.toml has no such key."""
    (tmp_path / "medbench.toml").write_text(f"{lines}\n")
    said = medbench("run")
    assert said.code == 2
    assert "executor" in said.words or "address" in said.words
