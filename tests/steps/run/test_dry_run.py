"""`run --dry-run`: what is left, what it takes, what that rests on; nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.client.retry import Policy
from medbench.pricing.prices import DEADLINE_S
from medbench.store.benchmark import BenchmarkFolder

PROVIDER = (
    "from medbench.schema.response import Reply, Usage\n"
    "class Provider:\n"
    "    def __init__(self, model, pictures): pass\n"
    "    async def ask(self, request):\n"
    "        count = {'input': 500, 'output': 90, 'thoughts': 10, 'from': 'provider'}\n"
    "        return Reply(text='FINDINGS: a mass', usage=Usage.model_validate(count), images_sent=())\n"
)
SETTINGS = """
[models.paid]
provider = "counting_mod:Provider"
id = "paid-1"
limits = { image_tokens = 1000, concurrency = 2 }
price = { input = 1.0, output = 10.0, date = 2026-11-01 }
settings = { max_tokens = 1000 }
[models.paid.expect]
input_tokens = 2000
output_tokens = 400
seconds = 60
longest_s = 120
outputs = 7
source = "a trial"
[models.hourly]
provider = "counting_mod:Provider"
id = "hourly-1"
limits = { concurrency = 4 }
price = { gpu_hour = 3.6 }
expect = { seconds = 10, outputs = 1 }
settings = { max_tokens = 1000 }
[models.stranger]
provider = "counting_mod:Provider"
id = "stranger-1"
"""


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, module: Callable[[str, str], str]) -> Path:
    """A medbench.toml with models of known, hourly and unknown price."""
    module("counting_mod", PROVIDER)
    path = tmp_path / "medbench.toml"
    path.write_text(SETTINGS)
    return path


def _row(out: str, name: str) -> str:
    return " ".join(next(line for line in out.splitlines() if line.startswith(name)).split())


def test_what_is_left_and_what_it_takes(bench: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """Six calls of 2,000 tokens in and 400 out at $1 and $10: $0.036; three rounds of one or two minutes."""
    said = medbench("run", "bench", "-m", "paid", "--dry-run")
    assert said.code == 0, said.err
    assert "1 system on bench: 6 calls, 9 images (+ 6 baselines, free)." in said.out
    row = _row(said.out, "paid")
    assert row.startswith("paid 6 12 k 2 k $0.036 $0.")
    assert row.endswith("3\N{EN DASH}6")
    assert _row(said.out, "judging later").startswith("judging later 52 73 k 62 k $")
    flat = " ".join(said.out.split())
    assert "Expected: paid, 7 recorded outputs (a trial)." in flat
    assert "Judging: gemini-pro, one verdict an output, 6 references to list and 40 canaries; assumed" in flat
    assert "Ceiling: $10 a command, unless --max-cost or medbench.toml says otherwise." in flat
    assert all(len(line) <= 100 for line in said.out.split("One call of")[0].splitlines())


def test_an_endpoint_is_used_and_up(bench: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """Six calls of 10 s, four at a time, at $3.60 an hour: $0.015; at most two rounds of 300 s, $0.60."""
    said = medbench("run", "bench", "-m", "hourly", "--dry-run")
    assert "$0.015 used" in _row(said.out, "hourly")
    assert "$0.60 used" in _row(said.out, "hourly")
    flat = " ".join(said.out.split())
    assert "it costs $3.60 an hour that it is up, used or not" in flat
    assert "hourly, 1 recorded output." in flat


def test_the_deadline_is_the_clients() -> None:
    """What an endpoint's call can cost at most rests on the deadline that the client sets."""
    assert Policy().deadline_s == DEADLINE_S


def test_unknown_is_said(bench: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """A model that nothing is known of: 'unknown' in each column, never a number."""
    said = medbench("run", "bench", "-m", "stranger", "--dry-run")
    assert _row(said.out, "stranger") == "stranger 6 unknown unknown unknown unknown unknown"
    flat = " ".join(said.out.split())
    assert "stranger, nothing is recorded." in flat
    assert "cannot bound calls whose cost is unknown" in flat


@pytest.mark.parametrize(
    ("most", "says"),
    [
        ("0.01", "will stop this line before its end"),
        ("0.05", "may stop this line before its end"),
        ("5", "Ceiling: $5 a command, from medbench.toml; --max-cost for another."),
    ],
)
def test_the_ceiling(
    bench: BenchmarkFolder, medbench: Callable[..., Any], settings: Path, most: str, says: str
) -> None:
    """Where the ceiling is from, and whether it lies below what is expected or possible."""
    settings.write_text(f"max_cost = {most}\n{SETTINGS}")
    said = medbench("run", "bench", "-m", "paid", "--dry-run")
    assert says in " ".join(said.out.split())


def test_a_ceiling_that_was_typed(bench: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """--max-cost is what counts, and is said."""
    said = medbench("run", "bench", "-m", "paid", "--max-cost", "3.5", "--dry-run")
    assert "Ceiling: $3.5 a command, from --max-cost." in said.out


def test_what_another_run_has_paid_for_is_not_paid_again(
    bench: BenchmarkFolder, medbench: Callable[..., Any], write_benchmark: Callable[..., Any], tmp_path: Path
) -> None:
    """A larger benchmark with the same first six cases: two calls are left, six answers are taken."""
    assert medbench("run", "bench", "-m", "paid").code == 0
    write_benchmark(tmp_path / "larger", cases=8)
    said = medbench("run", "larger", "-m", "paid", "--dry-run")
    assert "paid: 6 answers are taken from other runs of this system." in said.out
    assert _row(said.out, "paid").startswith("paid 2 ")
    fresh = medbench("run", "larger", "-m", "paid", "--fresh", "--dry-run")
    assert _row(fresh.out, "paid").startswith("paid 8 ")


JUDGE = (
    "import planted\n"
    "from medbench.schema.response import Reply, Usage\n"
    "class Judge:\n"
    "    def __init__(self, model, pictures): pass\n"
    "    async def ask(self, request):\n"
    "        count = {'input': 500, 'output': 90, 'from': 'provider'}\n"
    "        return Reply(text=planted.matching(request, 0), usage=Usage.model_validate(count))\n"
)


def test_verdicts_that_are_paid_for_are_not_forecast(
    bench: BenchmarkFolder,
    medbench: Callable[..., Any],
    write_benchmark: Callable[..., Any],
    module: Callable[[str, str], str],
    settings: Path,
) -> None:
    """Of the same run nothing, of a larger draw two verdicts and two lists: as `judge` then asks."""
    module("judging_mod", JUDGE)
    own = '[models.gemini-pro]\nprovider = "judging_mod:Judge"\nid = "j"\nbase_url = "http://127.0.0.1:1"\n'
    settings.write_text(SETTINGS + own)
    assert medbench("run", "bench", "-m", "paid").code == 0
    assert "6 references to list and 40 canaries" in medbench("run", "bench", "-m", "paid", "--dry-run").words
    judged = medbench("judge", "--judge", "gemini-pro", "--audit", "40")
    assert judged.code == 0, judged.err
    same = medbench("run", "bench", "-m", "paid", "--dry-run").words
    assert "0 references to list" in same
    assert "6 verdicts are paid for already" in same
    write_benchmark(settings.parent / "larger", cases=8)
    grown = medbench("run", "larger", "-m", "paid", "--dry-run").words
    assert "2 references to list" in grown
    assert "6 verdicts are paid for already" in grown
    assert medbench("run", "larger", "-m", "paid").code == 0
    assert "2 outputs + 2 references to list" in medbench("judge", "--judge", "gemini-pro", "--dry-run").words


def test_what_was_recorded_goes_before(bench: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """After two cases: four are left, and the expectation is that of the two, 100 tokens out a call."""
    assert medbench("run", "bench", "-m", "paid", "--limit", "2").code == 0
    said = medbench("run", "bench", "-m", "paid", "--dry-run")
    assert "paid: 2 of 6 outputs are on the disk." in said.out
    assert _row(said.out, "paid").startswith("paid 4 8 k 400 ")
    assert "Expected: paid, 2 recorded outputs of this system." in " ".join(said.out.split())


def test_baselines_take_nothing(bench: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """Without a model there is nothing to pay for, and no table."""
    said = medbench("run", "bench", "--dry-run")
    assert said.out.strip() == "6 baselines on bench: they ask no model, and are free."


def test_the_list_price_of_a_proxy_is_called_one(
    bench: BenchmarkFolder, medbench: Callable[..., Any], settings: Path
) -> None:
    """A Gemini model at a base_url is counted at the list price of its id, and the screen says so."""
    settings.write_text('[models.gemini-flash]\nbase_url = "http://localhost:4000"\n')
    said = medbench("run", "bench", "-m", "gemini-flash", "--dry-run")
    assert said.code == 0, said.err
    flat = " ".join(said.out.split())
    assert (
        "gemini-flash: at the list price of gemini-3.8-flash; what the server at its base_url charges" in flat
    )
    settings.write_text("")
    assert "list price" not in medbench("run", "bench", "-m", "gemini-flash", "--dry-run").out


def test_images_are_those_of_the_systems_that_still_send_any(
    bench: BenchmarkFolder, medbench: Callable[..., Any]
) -> None:
    """A system that is complete sends none, and is in no range of images."""
    assert medbench("run", "bench", "-m", "paid").code == 0
    said = medbench("run", "bench", "-m", "paid,hourly", "--dry-run")
    assert "2 systems on bench: 6 calls, 9 images (+ 6 baselines, free)." in said.out
