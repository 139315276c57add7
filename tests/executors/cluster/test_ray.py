"""Runs on a Ray cluster of two nodes on this machine, one of which is killed: `nox -s ray`.

What was sent is counted by the server that was asked, not by medbench.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from medbench.api.rescore import rescore
from medbench.executors.cluster.wire import NotStartedError
from medbench.schema.response import Response
from medbench.schema.run import Output
from medbench.steps.verify.verify import verify_run
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import OUTPUTS, RESPONSES, SCORES, SUMMARY, RunFolder

pytest.importorskip("ray", reason="needs medbench[ray]: nox -s ray")
# What Ray leaves open when it ends is not ours.
pytestmark = pytest.mark.filterwarnings("default")

CASES, AT_ONCE = 60, 16
LINE_S, PATIENCE_S, TEST_S = 240, 120, 500
"""Seconds that a line may take, anything else, and a whole test: Ray starts in half a minute."""
STORE = {"object_store_memory": 150 << 20}


@pytest.fixture(autouse=True)
def _ends() -> Iterator[None]:
    """No test takes for ever, whatever Ray waits for."""

    def too_long(*_: object) -> None:
        pytest.fail(f"it took longer than {TEST_S} s", pytrace=True)

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(TEST_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@dataclass
class Asked:
    """One request that the server was sent."""

    digest: str
    """Of its body: two calls for one case have the same."""
    begun: float
    ended: float | None = None
    """When its answer was on the wire; None if it never was."""


@dataclass
class Server:
    """Answers chat completions slowly, and keeps its own log of what it was asked."""

    log: list[Asked] = field(default_factory=list)
    takes_s: float = 0.25

    def doubled(self) -> dict[str, list[Asked]]:
        """Return the bodies that were sent more than once."""
        by_digest: dict[str, list[Asked]] = {}
        for asked in self.log:
            by_digest.setdefault(asked.digest, []).append(asked)
        return {digest: every for digest, every in by_digest.items() if len(every) > 1}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: ClassVar[Server]

    def do_POST(self) -> None:
        """Log, wait, answer with a text that follows from the request."""
        server = type(self).server_of
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = Asked(hashlib.sha256(body).hexdigest(), time.monotonic())
        server.log.append(asked)
        time.sleep(server.takes_s)
        text = f"FINDINGS: There is a mass of {int(asked.digest[:4], 16) % 90} mm. No effusion."
        message = {"role": "assistant", "content": text}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        usage = {"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12}
        data = json.dumps({"model": "m", "choices": choices, "usage": usage}).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            return
        asked.ended = time.monotonic()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that a killed process leaves."""


@pytest.fixture
def server() -> Iterator[tuple[Server, str]]:
    """The server and its address."""
    served = Server()
    handler = type("Handler", (_Handler,), {"server_of": served})
    with _Quiet(("127.0.0.1", 0), handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield served, f"http://127.0.0.1:{http.server_address[1]}/v1"
        http.shutdown()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """The head of a cluster, with one core; a test adds another node."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS_SKIP_REGEX": "."}
    from ray.cluster_utils import Cluster

    made = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 1, "include_dashboard": False, **STORE},
    )
    yield made
    made.shutdown()


@pytest.fixture
def node(cluster: Any) -> Iterator[Any]:
    """The second node, which a test may kill."""
    added = cluster.add_node(num_cpus=1, **STORE)
    cluster.wait_for_nodes()  # for seconds a cluster counts the one that an earlier test has killed
    yield added
    if added in cluster.worker_nodes:
        cluster.remove_node(added)


@dataclass
class World:
    """A folder with a benchmark and a model, in which lines are typed."""

    folder: Path
    server: Server

    def line(self, *words: str) -> subprocess.Popen[str]:
        """Type a line of medbench."""
        return subprocess.Popen(
            [sys.executable, "-m", "medbench", *words],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, out: str, *more: str) -> subprocess.Popen[str]:
        """Begin or go on with the run."""
        return self.line("run", "many", "-m", "./m.toml", "--out", out, *more)

    def run_folder(self, out: str) -> RunFolder:
        """Return the run."""
        return RunFolder(self.folder / out / "many" / "m")

    def until(self, seen: Callable[[], bool], process: subprocess.Popen[str]) -> None:
        """Wait for something while a line is at work."""
        end = time.monotonic() + PATIENCE_S
        while not seen():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < end
            time.sleep(0.01)

    def check_whole(self, out: str) -> dict[str, str | None]:
        """Check that every case has one answer in the ledger and one output with its text."""
        run = self.run_folder(out)
        ledger = list(read_records(run.path / RESPONSES, Response))
        answers = Counter(each.call_for.case_id for each in ledger if each.failure is None)
        assert len(answers) == CASES
        assert set(answers.values()) == {1}
        texts = {output.case_id: output.text for output in outputs_that_count(run)}
        assert len(texts) == CASES
        assert None not in texts.values()
        assert not verify_run(run).problems
        return texts


def say(words: str) -> None:
    """Say what was counted, for whoever runs this with -s."""
    sys.stdout.write(f"\n{words}\n")


def done(process: subprocess.Popen[str]) -> str:
    """Wait for a line that must end well, and return what it said."""
    said = process.communicate(timeout=LINE_S)[0]
    assert process.returncode == 0, said
    return said


@pytest.fixture
def world(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, server: tuple[Server, str]
) -> World:
    """A benchmark of sixty cases without a pool, and a model at the server."""
    write_benchmark(tmp_path / "many", CASES, pool=0)
    (tmp_path / "m.toml").write_text(
        f'provider = "openai"\nid = "m"\nbase_url = "{server[1]}"\nlimits = {{ concurrency = {AT_ONCE} }}\n'
        "price = { input = 1.0, output = 1.0 }\n"
    )
    return World(tmp_path, server[0])


def test_a_node_that_is_killed_costs_its_calls_in_flight(world: World, cluster: Any, node: Any) -> None:
    """No answer is lost, and none is paid for twice but those that were in flight at that moment."""
    world.server.takes_s = 1.0  # the run must not end before the node does, which takes a second
    process = world.run("runs", "--executor", "ray", "--address", cluster.address)
    world.until(lambda: len(world.server.log) >= CASES // 3, process)
    killed = time.monotonic()
    cluster.remove_node(node, allow_graceful=False)
    said = done(process)
    assert "is gone" in said
    assert "raylet" not in said
    world.check_whole("runs")
    lost = [
        each
        for response in read_records(world.run_folder("runs").path / RESPONSES, Response)
        for each in response.attempts
        if each.outcome == "worker_lost"
    ]
    doubled = world.server.doubled()
    say(f"{len(world.server.log)} requests for {CASES} cases; {len(lost)} calls in flight were lost")
    assert 0 < len(lost) <= AT_ONCE
    assert len(doubled) <= len(lost)
    for first, *again in doubled.values():
        assert len(again) == 1
        # It was under way when the node died, or its answer had not come home yet.
        assert first.ended is None or first.ended > killed - 1


def test_a_command_that_begins_as_a_node_dies_goes_on_with_the_others(
    world: World, cluster: Any, node: Any
) -> None:
    """For seconds Ray counts the node, and has no room for the worker that would be there."""
    world.server.takes_s = 0.02
    done(world.run("runs"))
    cluster.remove_node(node, allow_graceful=False)
    said = done(world.run("there", "--executor", "ray", "--address", cluster.address))
    say(next(line for line in said.splitlines() if "Calls are made by" in line))
    assert "Calls are made by 1 worker on 1 machine" in said
    assert world.check_whole("there") == world.check_whole("runs")


def test_scores_that_are_computed_as_a_node_dies_wait_for_no_core_of_it(
    world: World, cluster: Any, node: Any
) -> None:
    """A worker for each core that Ray counts; those that begin compute all."""
    from medbench.executors.cluster.ray_cluster import RayCluster

    with RayCluster(cluster.address) as joined:
        cluster.remove_node(node, allow_graceful=False)
        say(f"{joined.size()[1]} cores are counted")
        found = list(joined.map_in_order(_slow, _make_slow, range(64 * 10), notice=say))
    assert found == [2 * number for number in range(64 * 10)]


def test_scoring_on_a_cluster_without_a_free_core_is_said_and_given_up(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker has the one core that there is."""
    import ray

    from medbench.executors.cluster import in_order
    from medbench.executors.cluster.ray_cluster import RayCluster

    cluster.wait_for_nodes()
    monkeypatch.setattr(in_order, "QUIET_S", 1.0)
    monkeypatch.setattr(in_order, "START_S", 3.0)
    notices: list[str] = []
    with RayCluster(cluster.address) as joined:
        other = ray.remote(_Other).options(num_cpus=1).remote()
        assert ray.get(other.is_here.remote())
        with pytest.raises(NotStartedError, match="it takes a core, and 0 of 1 are free"):
            list(joined.map_in_order(_slow, _make_slow, range(64), notice=notices.append))
    assert len(notices) == 1
    assert "it takes a core, and 0 of 1 are free" in notices[0]


class _Other:
    """A worker of another command."""

    def is_here(self) -> bool:
        """Return True, once it has started."""
        return True


def test_the_killed_command_goes_on_from_the_ledger(world: World, cluster: Any, node: Any) -> None:
    """SIGKILL of the process that was started: the same line again asks what is not in the ledger."""
    line = ("runs", "--executor", "ray", "--address", cluster.address)
    process = world.run(*line)
    world.until(lambda: len(world.server.log) >= CASES // 3, process)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)
    sent = len(world.server.log)
    kept = len(list(read_records(world.run_folder("runs").path / RESPONSES, Response)))
    done(world.run(*line))
    world.check_whole("runs")
    doubled = world.server.doubled()
    say(f"killed with {kept} answers of {sent} calls on the disk; {len(doubled)} asked again")
    assert len(doubled) <= AT_ONCE
    assert all(len(every) == 2 for every in doubled.values())


def test_outputs_and_scores_are_those_of_this_machine(world: World, cluster: Any, node: Any) -> None:
    """Outputs by case, since they come in any order; scores of one run byte for byte."""
    world.server.takes_s = 0.02
    done(world.run("here"))
    said = done(world.run("there", "--executor", "ray", "--address", cluster.address))
    assert "Calls are made by 2 workers" in said
    assert world.check_whole("there") == world.check_whole("here")
    assert not any(asked.ended is None for asked in world.server.log)
    assert Counter(asked.digest for asked in world.server.log).most_common(1)[0][1] == 2
    there = world.run_folder("there")
    lines = {name: (there.path / name).read_bytes() for name in (SCORES, SUMMARY)}
    rescore([there], progress=False)
    assert {name: (there.path / name).read_bytes() for name in lines} == lines
    (there.path / SCORES).unlink()
    done(world.line("rescore", "there/many/m", "--executor", "ray", "--address", cluster.address))
    assert {name: (there.path / name).read_bytes() for name in lines} == lines
    assert [output.case_id for output in read_records(there.path / OUTPUTS, Output)]


@pytest.mark.skipif(
    not shutil.which("unshare") or bool(subprocess.run(["unshare", "-m", "true"], check=False).returncode),
    reason="needs the right to mount (unshare -m)",
)
def test_machines_without_the_files_get_the_images_by_content(world: World, cluster: Any, node: Any) -> None:
    """The benchmark lies where only the command sees it; the server is sent the same bytes as from here."""
    world.server.takes_s = 0.02
    done(world.run("here"))
    (world.folder / "private").mkdir()
    script = 'mount -t tmpfs none private && cp -r many private/ && exec "$@"'
    line = ("run", "private/many", "-m", "./m.toml", "--out", "there", "--executor", "ray")
    process = subprocess.Popen(
        [
            *("unshare", "-m", "sh", "-c", script, "sh", sys.executable, "-m", "medbench"),
            *(*line, "--address", cluster.address),
        ],
        cwd=world.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    done(process)
    assert not list((world.folder / "private").iterdir())
    texts = {output.case_id: output.text for output in outputs_that_count(world.run_folder("there"))}
    assert texts == world.check_whole("here")
    assert set(Counter(asked.digest for asked in world.server.log).values()) == {2}


def test_a_node_that_is_killed_loses_no_score(world: World, cluster: Any, node: Any, tmp_path: Path) -> None:
    """What it was computing is computed by the other one; the file is whole and the same."""
    from medbench.executors.cluster.ray_cluster import RayCluster

    def numbers() -> Iterator[int]:
        for number in range(64 * 40):
            if number == 64 * 12:
                cluster.remove_node(node, allow_graceful=False)
            yield number

    with RayCluster(cluster.address) as joined:
        found = list(joined.map_in_order(_slow, _make_slow, numbers(), notice=say))
    assert found == [2 * number for number in range(64 * 40)]


def _slow(number: int) -> int:
    time.sleep(0.001)
    return 2 * number


def _make_slow() -> Callable[[int], int]:
    return _slow


def test_an_address_where_nothing_listens_is_one_sentence(world: World) -> None:
    """It says what to type; nothing was sent."""
    process = world.run("runs", "--executor", "ray", "--address", "127.0.0.1:9")
    said = process.communicate(timeout=LINE_S)[0]
    assert process.returncode == 2, said
    assert "no cluster is at '127.0.0.1:9'" in " ".join(said.split())
    assert "Traceback" not in said
    assert not world.server.log
