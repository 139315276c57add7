"""`medbench run --with-endpoint`: whatever happens, nothing stays up without its name and its command."""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exhaustive import bounded
from forked import Forked
from systems import Quiet
from vertex_cloud import QUOTA, Cloud, FakeTime

import medbench as mb
from medbench.client.waits import Waits
from medbench.endpoints.clock import Clock
from medbench.schema.endpoint import Deployment
from medbench.steps.endpoint.watch import MeteredWatcher
from medbench.steps.reading.spending import endpoint_uses, up_usd
from medbench.steps.run.hooks import RunHooks
from medbench.store.deployments import DeploymentBook
from medbench.store.runs import RunFolder

RUN = ("run", "bench", "-m", "medgemma-4b", "--limit", "2", "--with-endpoint", "--accept-eula")
pytestmark = pytest.mark.usefixtures("bench")


@pytest.fixture
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    """A clock that begins now, as calls are dated by the real one, and moves when somebody waits."""
    made = FakeTime(dt.datetime.now(dt.UTC).replace(microsecond=0))
    monkeypatch.setattr("medbench.endpoints.clock.system_clock", lambda: Clock(made.now, made.sleep))
    return made


def _only() -> Deployment:
    (found,) = DeploymentBook().all()
    return found


def test_it_is_put_up_asked_and_taken_down(
    cloud: Cloud, fake_time: FakeTime, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """One line: price, deployment, a first answer to a picture, the run, and nothing left at the end."""
    cloud.polls = 90
    said = medbench(*RUN)
    assert said.code == 0, said.err
    assert cloud.is_empty
    assert "$1.15 an hour from now until it is down" in said.words
    assert re.search(r"medgemma-4b: up after 15 min, \$0\.2[89]\d?; waiting until it answers to", said.words)
    assert "medgemma-4b: answers" in said.words
    assert re.search(
        r"medgemma-4b is down: up 1\d min, \$0\.\d+, of which \d+ s \(\$0\.\d+\) answering", said.words
    )
    warming = next(body for path, body in cloud.bodies if path.endswith("chat/completions"))
    assert any(part["type"] == "image_url" for part in warming["messages"][-1]["content"])
    gone = _only()
    assert gone.ended == fake_time.now()
    run = RunFolder(tmp_path / "runs/bench/medgemma-4b")
    *_, last = [event.endpoint for event in run.events() if event.kind == "endpoint"]
    assert last is not None
    assert last.is_gone
    assert last.seconds == gone.seconds(fake_time.now()) == (fake_time.now() - gone.began).total_seconds()
    assert last.usd == pytest.approx(last.seconds / 3600 * 1.15)

    again = medbench(*RUN)
    assert again.code == 0
    assert "No call is left that needs an endpoint: none is put up." in again.words
    assert cloud.is_empty
    assert len(DeploymentBook().all()) == 1


@pytest.mark.usefixtures("fake_time")
def test_what_would_refuse_the_run_refuses_it_first(
    cloud: Cloud, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Too small a ceiling, a benchmark that was changed: said before anything is asked for."""
    poor = medbench(*RUN, "--max-cost", "0.2")
    assert poor.code == 2
    assert "its endpoints cost about $0.5" in poor.words
    (tmp_path / "bench/cases.jsonl").write_text("changed")
    assert medbench(*RUN).code == 1
    assert not [line for line in cloud.log if line.endswith(":deploy")]


def test_a_dry_run_needs_no_endpoint(cloud: Cloud, medbench: Callable[..., Any]) -> None:
    """Calls and dollars as if it were up; the service is not asked."""
    said = medbench(*RUN, "--dry-run")
    assert said.code == 0, said.err
    assert cloud.log == []
    assert "$1.15 an hour that it is up" in said.words
    assert "no endpoint" not in said.words


@pytest.mark.parametrize(
    ("method", "pattern", "number"),
    [
        ("POST", r":deploy$", 1),
        ("GET", r"operations/", 1),
        ("GET", r"operations/", 3),
        ("POST", r"chat/completions$", 1),
        ("POST", r"chat/completions$", 3),
        ("POST", r"chat/completions$", 4),
        ("POST", r"undeployModel$", 1),
        ("DELETE", r"endpoints/", 1),
        ("DELETE", r"models/", 1),
    ],
)
def test_ctrl_c_at_each_step_leaves_nothing_up(
    cloud: Cloud, fake_time: FakeTime, medbench: Callable[..., Any], method: str, pattern: str, number: int
) -> None:
    """While it is asked for, comes up, loads, answers, or is taken down: everything goes."""
    _interrupt_at(cloud, method, pattern, number)
    code = medbench(*RUN).code
    assert cloud.is_empty, cloud.log
    assert _only().ended == fake_time.now()
    # What comes once the run is over waits only for the end of the removal, and the run is whole.
    assert code == (0 if "undeploy" in pattern or method == "DELETE" else 130)


def _interrupt_at(cloud: Cloud, method: str, pattern: str, number: int) -> None:
    seen: list[str] = []

    def press(asked: str, path: str) -> None:
        if asked == method and re.search(pattern, path):
            seen.append(path)
            if len(seen) == number:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.05)

    cloud.on_call = press


@pytest.mark.usefixtures("fake_time")
def test_a_second_ctrl_c_leaves_it_up_with_its_name_and_command(
    cloud: Cloud, medbench: Callable[..., Any]
) -> None:
    """One during the run, two more while it is taken down: what it costs and what to type are said."""
    cloud.removal_polls = 10_000
    pressed: list[str] = []

    def press(method: str, path: str) -> None:
        if method == "GET" and "operations/" in path and cloud.asked > 2 and len(pressed) < 2:
            pressed.append(path)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)

    cloud.on_call = press
    said = medbench(*RUN)
    assert said.code != 0
    (deployment,) = DeploymentBook().open()
    assert "Ctrl-C once more leaves it up" in said.words
    assert f"STILL UP, or may be: '{deployment.name}'" in said.words
    assert f"medbench endpoint undeploy {deployment.name}" in said.words
    cloud.removal_polls = 0
    cloud.on_call = lambda *_: None
    for work in cloud.operations.values():
        work.polls = 0
        work.look()
    assert "is in use by process" in medbench("endpoint", "undeploy").words
    assert medbench("endpoint", "undeploy", deployment.name).code == 0
    assert cloud.is_empty


@pytest.mark.usefixtures("fake_time")
@pytest.mark.parametrize("what", ["quota", "failed", "never answers", "refuses pictures", "too long"])
def test_a_failure_at_each_step_leaves_nothing_up(
    cloud: Cloud, medbench: Callable[..., Any], what: str
) -> None:
    """The deployment fails, or what came up does not answer: the reason is said, and all goes."""
    if what == "quota":
        cloud.fails = {"code": 8, "message": QUOTA}
    elif what == "failed":
        cloud.fails = {"code": 13, "message": "Model server exited unexpectedly."}
    elif what == "never answers":
        cloud.loading = 10_000
    elif what == "too long":
        cloud.polls = 10_000
    else:
        cloud.fault("POST", "chat/completions$", *[403] * 99)
    said = medbench(*RUN)
    assert said.code in {1, 3}
    assert cloud.is_empty
    assert DeploymentBook().open() == []
    expected = {
        "quota": "the quota of a new project is 0",
        "failed": "Model server exited unexpectedly",
        "never answers": "has not answered for 30 minutes",
        "refuses pictures": "is up and does not answer",
        "too long": "had not ended after 120 minutes",
    }[what]
    assert expected in said.words


@pytest.mark.usefixtures("fake_time")
def test_a_removal_that_fails_says_what_is_left_and_what_to_type(
    cloud: Cloud, medbench: Callable[..., Any]
) -> None:
    """The run is whole, its endpoint is not gone: exit 3, name, price and command; the next line does it."""
    cloud.fault("POST", "undeployModel$", *[403] * 9)
    said = medbench(*RUN)
    assert said.code == 3
    (deployment,) = DeploymentBook().open()
    assert f"STILL UP, or may be: '{deployment.name}'" in said.words
    assert "$1.15 an hour" in said.words
    assert f"medbench endpoint undeploy {deployment.name}" in said.words
    cloud.faults.clear()
    assert medbench("endpoint", "undeploy", deployment.name).code == 0
    assert cloud.is_empty


def test_the_ceiling_counts_the_hours_that_it_is_up(
    cloud: Cloud, fake_time: FakeTime, medbench: Callable[..., Any]
) -> None:
    """The clock reaches the ceiling after the first output: nothing more is sent, and it goes down."""
    cloud.loading = 0

    def slow(body: dict[str, Any]) -> str:
        fake_time.at += dt.timedelta(minutes=40)
        return "FINDINGS: a mass."

    cloud.answer = slow
    said = medbench(*RUN[:5], "6", *RUN[6:], "--max-cost", "1", "--concurrency", "1")
    assert said.code == 3
    assert "Stopping: the endpoints have cost $1." in said.words
    assert cloud.is_empty
    assert cloud.asked < 7


def test_the_ceiling_counts_while_nothing_is_answered(fake_time: FakeTime) -> None:
    """Nobody has to wait for an output to see that the money is gone."""
    hooks = RunHooks(Quiet())
    watcher = MeteredWatcher(hooks, (), 0.0, Clock(fake_time.now, fake_time.sleep))
    watcher.waiting("m", Waits().now())
    assert watcher.over_ceiling
    assert hooks.stop.is_set()


CHILD = """
import asyncio, datetime as dt
import google.auth
from vertex_server import FakeCredentials
from systems import Quiet
from vertex_cloud import ToLoopback
from medbench.providers._http import connections
from medbench.endpoints import clock
async def sleep(seconds):
    await asyncio.sleep(0)
connections.transport = lambda: ToLoopback(URL)
google.auth.default = lambda **_: (FakeCredentials(), "my-project")
clock.system_clock = lambda: clock.Clock(lambda: dt.datetime.now(dt.UTC), sleep)
from medbench.__main__ import main
main()
"""


KILLS = (
    ("POST", r":deploy$", 1),
    ("POST", r"chat/completions$", 4),
    ("DELETE", r"endpoints/", 1),
    ("GET", r"operations/", 2),
    ("POST", r"chat/completions$", 2),
)


@pytest.mark.parametrize(("method", "pattern", "number"), KILLS[: bounded(5, 2)])
def test_kill_9_is_found_by_the_next_commands(
    cloud: Cloud,
    fake_time: FakeTime,
    medbench: Callable[..., Any],
    tmp_path: Path,
    method: str,
    pattern: str,
    number: int,
) -> None:
    """Killed before the reply, while it comes up, loads, answers, goes: list, status and run say so."""
    _killed(cloud, tmp_path, method, pattern, number)
    fake_time.at = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(seconds=1)
    (deployment,) = DeploymentBook().open()
    name = deployment.name
    assert not cloud.is_empty
    if deployment.operation is None:
        for work in cloud.operations.values():
            work.end()
    for command in ("list", "status"):
        said = medbench("endpoint", command)
        assert name in said.words
        assert "ORPHAN" in said.words
        assert f"medbench endpoint undeploy {name}" in said.words
    plain = medbench("run", "bench", "--limit", "1")
    assert f"STILL UP, or may be: '{name}'" in plain.words
    said = medbench(*RUN)
    assert said.code == 0, said.err
    assert cloud.is_empty
    assert DeploymentBook().open() == []
    assert len(DeploymentBook().all()) <= 2


def _child(cloud: Cloud, tmp_path: Path, on_call: Callable[[Forked, str, str], None]) -> tuple[int, str]:
    """Run in a process of its own, which a test sees with each request that comes."""
    child = Forked(CHILD.replace("URL", repr(cloud.url)), *RUN, folder=tmp_path)
    cloud.on_call = lambda method, path: on_call(child, method, path)
    code, _, err = child.end()
    with cloud.lock:  # until the last request is worked off, which may have nobody to answer to
        cloud.on_call = lambda *_: None
    return code, err


def _killed(cloud: Cloud, tmp_path: Path, method: str, pattern: str, number: int) -> None:
    """Kill such a process once so many requests of a kind have come."""
    seen: list[str] = []

    def kill(child: Forked, asked: str, path: str) -> None:
        if asked == method and re.search(pattern, path):
            seen.append(path)
            if len(seen) == number:
                child.send_signal(signal.SIGKILL)
                child.end()

    assert _child(cloud, tmp_path, kill)[0] == -signal.SIGKILL


def test_a_closed_terminal_takes_it_down(cloud: Cloud, tmp_path: Path) -> None:
    """SIGHUP, as SIGTERM, ends a run as Ctrl-C does."""
    seen: list[str] = []

    def hang_up(child: Forked, _method: str, path: str) -> None:
        if "operations/" in path and not seen:
            seen.append(path)
            child.send_signal(signal.SIGHUP)

    cloud.polls = 10_000
    code, said = _child(cloud, tmp_path, hang_up)
    assert code == 130, said
    assert cloud.is_empty
    assert "is down" in said


def test_every_table_of_costs_has_used_and_up(
    cloud: Cloud, fake_time: FakeTime, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """An hour and a half up, next to nothing used: both stand wherever money does, to the cent."""
    cloud.polls, cloud.loading = 0, 0

    def slow(_body: dict[str, Any]) -> str:
        fake_time.at += dt.timedelta(minutes=30)
        return "FINDINGS: a mass."

    cloud.answer = slow
    said = medbench(*RUN)
    assert said.code == 0, said.err
    deployment = _only()
    assert deployment.ended is not None
    up = (deployment.ended - deployment.began).total_seconds() / 3600 * 1.15
    assert up > 1.7, "the warming and two cases took half an hour each"
    words = f"used, ${up:.2f} up"
    assert (
        f"is down: up 1 h 3{deployment.seconds(fake_time.now()) // 60 % 10:.0f} min, ${up:.2f}" in said.words
    )
    for line in (("compare", "--offline"), ("show",), ("show", "medgemma-4b"), ("show", "--spent")):
        # In a table with more columns the two stand on two lines of their cell.
        assert words in (shown := medbench(*line).words) or f"${up:.2f}" in shown, line
    assert words in said.words
    assert re.search(r"Wrote runs/bench/ \(.*\$0\.\d+ used\)", said.words)
    (row,) = mb.runs("medgemma-4b", root=tmp_path / "runs").to_dict()["runs"]
    assert row["up_usd"] == pytest.approx(up)
    rows = mb.spent(root=tmp_path / "runs").to_dict()["rows"]
    assert sum(row["up_usd"] for row in rows) == pytest.approx(up)
    # The dollars that were used are a part of those hours, and are not counted beside them.
    assert sum(row["usd"] for row in rows) < 0.01


@pytest.mark.usefixtures("fake_time")
def test_runs_of_one_endpoint_share_its_hours(
    cloud: Cloud, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Two systems on one endpoint: their parts add up to its hours, by what each used."""
    line = ("-m", "medgemma-4b", "--limit", "2")
    assert medbench("endpoint", "deploy", "medgemma-4b", "--accept-eula").code == 0
    assert "is still up, $1.15 an hour" in medbench("run", "bench", *line).words
    assert medbench("run", "bench", *line, "--set", "temperature=0.5").code == 0
    deployment = _only()
    assert len(deployment.runs) == 2
    runs = [tmp_path / "runs/bench" / name for name in ("medgemma-4b", "medgemma-4b+temperature=0.5")]
    (first,), (second,) = map(endpoint_uses, runs)
    whole = max(first.seconds, second.seconds) / 3600 * first.usd_hour
    assert 0 < first.usd + second.usd <= whole + 1e-9, "no more than its hours while it is up"
    assert medbench("endpoint", "undeploy").code == 0
    gone = _only()
    assert gone.ended is not None
    parts = [up_usd(run) for run in runs]
    assert sum(parts) == pytest.approx(gone.usd(gone.ended))
    assert min(parts) > 0
    assert up_usd(tmp_path / "runs/bench/baseline-normal") == 0
    assert medbench("verify", "runs").code == 0, "what is written after the end is sealed, too"


@pytest.mark.usefixtures("fake_time")
def test_a_damaged_ledger_does_not_keep_an_endpoint_up(
    cloud: Cloud, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """What is gone is said to be gone, and the hours are written to the run whose ledger can be read."""
    line = ("-m", "medgemma-4b", "--limit", "2")
    assert medbench("endpoint", "deploy", "medgemma-4b", "--accept-eula").code == 0
    medbench("run", "bench", *line)
    medbench("run", "bench", *line, "--set", "temperature=0.5")
    ledger = tmp_path / "runs/bench/medgemma-4b/responses.jsonl"
    ledger.write_bytes(b'{"no": "response"}\n' + ledger.read_bytes())
    done = medbench("endpoint", "undeploy")
    assert (done.code, "medgemma-4b is down" in done.words) == (0, True), done.words
    assert _only().ended is not None
    assert up_usd(tmp_path / "runs/bench/medgemma-4b+temperature=0.5") > 0
    assert cloud.endpoints == {}
