"""Systems in lanes: those that share a server wait for each other, the others do not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from medbench.steps.run.run import _lanes

SERVERS = st.frozensets(st.sampled_from("abcdef"), min_size=1, max_size=3)


def _units(servers: list[frozenset[str]]) -> list[Any]:
    return [SimpleNamespace(number=number, servers=each) for number, each in enumerate(servers)]


@given(st.lists(SERVERS, max_size=12))
def test_no_two_lanes_share_a_server(servers: list[frozenset[str]]) -> None:
    """Each unit is in one lane, in the order of the plan; lanes are apart, and no lane could be two."""
    units = _units(servers)
    lanes = cast("list[list[Any]]", _lanes(units))
    assert sorted(unit.number for lane in lanes for unit in lane) == list(range(len(units)))
    asked = [frozenset().union(*(unit.servers for unit in lane)) for lane in lanes]
    assert sum(len(each) for each in asked) == len(frozenset().union(*asked))
    for lane, each in zip(lanes, asked, strict=True):
        assert [unit.number for unit in lane] == sorted(unit.number for unit in lane)
        reached = set(lane[0].servers)
        while more := {name for unit in lane if unit.servers & reached for name in unit.servers} - reached:
            reached |= more
        assert reached == each
