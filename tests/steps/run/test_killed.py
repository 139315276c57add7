"""Runs that are killed or interrupted: nothing is lost, and nothing that was paid for is asked again."""

from __future__ import annotations

import json
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from exhaustive import bounded
from forked import COMMAND, Forked

from medbench.schema.response import Response
from medbench.schema.run import Output
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import HEAD, OUTPUTS, RunFolder

RESPONSES = "responses.jsonl"


PROVIDER = """
import asyncio, os, random, signal, sys, time
from medbench.errors import ProviderError
from medbench.schema.response import Reply
from medbench.stats import bootstrap
from medbench.store import jsonl

# Digits of intervals are none of the subject.
bootstrap.MOST_DRAWS = bootstrap.FEWEST_DRAWS = bootstrap.PART_DRAWS = 100

ASKED = os.open("asked.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
REAL, WRITES, LOGGED = os.write, [0], []

def dying(handle, data):
    # SIGKILL in the middle of a group commit: the first half of the lines is on the disk, torn.
    if b'"request_digest"' in bytes(data) or b'"case_digest"' in bytes(data):
        WRITES[0] += 1
        if WRITES[0] == int(os.environ["DIE_AT_WRITE"]):
            REAL(handle, bytes(data)[: int(len(data) * float(os.environ["DIE_AFTER"]))])
            os.kill(os.getpid(), signal.SIGKILL)
    return REAL(handle, data)

if "DIE_AT_WRITE" in os.environ:
    os.write = dying

def held(handle):
    while LOGGED and os.path.exists("hold-syncs" if handle else "hold"):
        time.sleep(0.002)

os.fsync = held

def held_in_a_thread():
    open("in-a-thread", "w").close()
    held(0)

class Provider:
    def __init__(self, model, folder):
        self.random = random.Random(1)
    async def ask(self, request):
        REAL(ASKED, (request.case_key + "\\n").encode())
        LOGGED.append(True)
        number = len(LOGGED)
        await asyncio.sleep(self.random.uniform(0.001, 0.004))
        if request.case_key.startswith(os.environ.get("BLOCKED", "-")):
            raise ProviderError("blocked", "blocked: safety", final=True)
        if "IN_A_THREAD" in os.environ:
            await asyncio.to_thread(held_in_a_thread)
        while os.path.exists("hold") or number > int(os.environ.get("ANSWERS", "1000")):
            await asyncio.sleep(0.002)
        return Reply(text=f"FINDINGS: there is a mass in {request.case_key}.", answered="m-1")
"""
CASES, AT_ONCE = 40, 4
KILLS = bounded(9, 4)


def texts(folder: Path) -> dict[str, str | None]:
    """The output that counts of each case-replicate."""
    return {
        f"{output.case_id}/{output.replicate}": output.text
        for output in outputs_that_count(RunFolder(folder))
    }


def _command(folder: Path, *extra: str, **environment: str) -> Forked:
    line = ["run", "many", "-m", "./killed.toml", *extra]
    return Forked(COMMAND, *line, folder=folder, **environment)


def _held(folder: Path, **environment: str) -> Forked:
    """Type the line, and wait until all the calls that it makes at a time are held."""
    (folder / "hold").touch()
    process = _command(folder, "--concurrency", str(AT_ONCE), **environment)
    _until(lambda: len(_asked(folder)) >= AT_ONCE, process)
    return process


def _until(seen: Callable[[], bool], process: Forked) -> None:
    while not seen() and process.poll() is None:
        time.sleep(0.002)


@pytest.fixture
def many(write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path) -> Path:
    """A folder with a benchmark of forty cases and the provider; no pool, so that the baselines are quick."""
    write_benchmark(tmp_path / "many", CASES)
    (tmp_path / "killed_mod.py").write_text(PROVIDER)
    (tmp_path / "killed.toml").write_text(
        f'provider = "killed_mod:Provider"\nid = "m"\nlimits = {{ concurrency = {AT_ONCE} }}\n'
    )
    (tmp_path / "asked.log").touch()
    return tmp_path


def _asked(folder: Path) -> list[str]:
    return (folder / "asked.log").read_text().split()


def _run_folder(folder: Path) -> Path:
    (found,) = [head.parent for head in folder.glob(f"runs/many/*/{HEAD}") if "baseline" not in str(head)]
    return found


def _answered(folder: Path) -> set[str]:
    """Case keys whose responses were whole lines on the disk."""
    ledgers = [path for path in folder.glob(f"runs/many/*/{RESPONSES}") if "baseline" not in str(path)]
    return {
        f"{one.call_for.case_id}/{one.call_for.replicate}"
        for path in ledgers
        for one in read_records(path, Response)
        if one.text is not None
    }


EXPECTED = {f"case-{n:03d}/0": f"FINDINGS: there is a mass in case-{n:03d}/0." for n in range(CASES)}


def _check_complete(folder: Path, kills: int) -> None:
    assert texts(_run_folder(folder)) == EXPECTED, "the outputs equal those of an undisturbed run"
    lines = [one.case_id for one in read_records(_run_folder(folder) / OUTPUTS, Output)]
    assert sorted(lines) == [f"case-{n:03d}" for n in range(CASES)], "each case has one line"
    assert CASES <= len(_asked(folder)) <= CASES + kills * AT_ONCE


def test_killed_at_random_moments_it_neither_loses_nor_repeats(many: Path) -> None:
    """SIGKILL at random moments: every case has one output, nothing on the disk is asked again."""
    moments = random.Random(20260223)
    kills = 0
    taken_over = False
    while True:
        before, on_disk = len(_asked(many)), _answered(many)
        calls = moments.randint(1, 4 if KILLS > 4 else 9) if kills < KILLS else CASES
        # The calls after these are held: however late it is killed, it has not ended.
        process = _command(many, "--concurrency", str(AT_ONCE), ANSWERS=str(calls))
        if kills < KILLS:
            _until(lambda wanted=before + calls: len(_asked(many)) >= wanted, process)  # type: ignore[misc]
            time.sleep(moments.uniform(0, 0.004))
            process.send_signal(signal.SIGKILL)
        code, _, err = process.end()
        repeated = on_disk & set(_asked(many)[before:])
        assert not repeated, "what was on the disk at the time of the kill is never asked again"
        taken_over |= "is gone" in err
        if code != -signal.SIGKILL:
            break
        kills += 1
    assert code == 0, err
    assert kills == KILLS
    assert taken_over, "the next process says that the one before it died"
    _check_complete(many, kills)
    assert len(_asked(many)) < CASES * 2, "the test killed it while it worked, not before"


@pytest.mark.parametrize("share", ["0", "0.37", "0.999"])
def test_killed_inside_a_group_commit(many: Path, share: str) -> None:
    """SIGKILL while a batch of lines is half on the disk: the tear is cut, whole lines count."""
    kills = 0
    tears = []
    for write in ("3", "2"):
        before, on_disk = len(_asked(many)), _answered(many)
        process = _command(many, "--concurrency", str(AT_ONCE), DIE_AT_WRITE=write, DIE_AFTER=share)
        assert process.end()[0] == -signal.SIGKILL
        assert not on_disk & set(_asked(many)[before:])
        kills += 1
        files = [_run_folder(many) / name for name in (RESPONSES, OUTPUTS)]
        tears.append(any(path.exists() and path.read_bytes()[-1:] not in {b"\n", b""} for path in files))
    assert any(tears) == (share != "0"), "the kill did tear a line"
    before, on_disk = len(_asked(many)), _answered(many)
    code, _, err = _command(many, "--concurrency", str(AT_ONCE)).end()
    assert code == 0, err
    assert not on_disk & set(_asked(many)[before:])
    assert ("torn last line was cut" in " ".join(err.split())) == tears[-1]
    _check_complete(many, kills)


def test_killed_while_the_disk_syncs(many: Path) -> None:
    """On a disk that never ends a sync, every answer that was read outlives the kill; none is asked again."""
    for kill in range(1, 4):
        (many / "hold-syncs").touch()
        process = _command(many, "--concurrency", str(AT_ONCE))
        _until(lambda kill=kill: len(_answered(many)) == kill * AT_ONCE, process)  # type: ignore[misc]
        process.send_signal(signal.SIGKILL)
        process.end()
        assert len(_asked(many)) == kill * AT_ONCE, "while answers wait for the disk, nothing more is sent"
    (many / "hold-syncs").unlink()
    code, _, err = _command(many, "--concurrency", str(AT_ONCE)).end()
    assert code == 0, err
    _check_complete(many, 0)
    assert len(_asked(many)) == CASES


@pytest.mark.parametrize("gone", [RESPONSES, OUTPUTS, "."])
def test_files_deleted_under_a_run_stop_it(many: Path, gone: str) -> None:
    """A file or folder that is removed under a run stops it at the next commit, in a sentence."""
    process = _held(many)
    path = _run_folder(many) / gone
    shutil.move(path, many / "gone")
    (many / "hold").unlink()
    code, _, err = process.end()
    assert (code, "Traceback" in err) == (1, False), err
    assert "was deleted or moved while it was being written" in " ".join(err.split())
    assert len(_asked(many)) <= 2 * AT_ONCE


def _interrupted(many: Path, **environment: str) -> Forked:
    """Type the line, and press Ctrl-C while all the calls that it makes at a time are held."""
    process = _held(many, **environment)
    process.send_signal(signal.SIGINT)
    _until(lambda: "Stopping" in process.err(), process)
    return process


def test_ctrl_c_waits_and_the_same_line_completes(many: Path) -> None:
    """SIGINT: nothing more is sent, what is in flight is kept, exit 130; the same line then completes."""
    process = _interrupted(many)
    assert process.poll() is None, "it waits for what is in flight"
    (many / "hold").unlink()
    code, _, err = process.end()
    assert code == 130, err
    assert "Traceback" not in err
    assert f"{CASES - AT_ONCE + 6 * CASES} outputs are missing" in err, "systems not begun are missing too"
    assert len(_asked(many)) == AT_ONCE, "nothing more was sent"
    assert len(texts(_run_folder(many))) == AT_ONCE, "what was in flight is kept"
    events = [event.kind for event in RunFolder(_run_folder(many)).events()]
    assert events == ["started", "stopped"]
    code, _, err = _command(many, "--concurrency", str(AT_ONCE)).end()
    assert code == 0, err
    _check_complete(many, 0)


def test_a_second_ctrl_c_does_not_wait(many: Path) -> None:
    """The second SIGINT ends it at once with 130 and no traceback; what was in flight is asked again."""
    process = _interrupted(many)
    process.send_signal(signal.SIGINT)
    code, _, err = process.end()
    assert (code, "Traceback" in err) == (130, False), err
    assert "Ctrl-C" in err
    (many / "hold").unlink()
    code, _, err = _command(many, "--concurrency", str(AT_ONCE)).end()
    assert code == 0, err
    _check_complete(many, 1)


def _catches_ctrl_c(process: Forked) -> bool:
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> signal.SIGINT - 1 & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to see what is caught")
def test_a_third_ctrl_c_ends_what_waits_for_a_thread(many: Path) -> None:
    """A drive that is gone keeps a thread, and so Python, from its end: what is left was said before."""
    process = _interrupted(many, IN_A_THREAD="1")
    _until((many / "in-a-thread").exists, process)
    process.send_signal(signal.SIGINT)
    _until(lambda: not _catches_ctrl_c(process), process)
    assert "the same line again does the rest" in process.err()
    process.send_signal(signal.SIGINT)
    code, _, err = process.end()
    assert (code, "Traceback" in err) == (-signal.SIGINT, False), err


def test_two_processes_at_once_one_wins(many: Path) -> None:
    """Started at the same moment, one completes and the other is told the pid; no case is asked twice."""
    (many / "hold").touch()
    both = [_command(many, "--concurrency", str(AT_ONCE)) for _ in range(2)]
    _until(lambda: any(process.poll() is not None for process in both), both[0])
    (many / "hold").unlink()
    said = [process.end() for process in both]
    won, lost = sorted(range(2), key=lambda n: said[n][0])
    assert [said[won][0], said[lost][0]] == [0, 1], said
    assert f"is being written by process {both[won].pid}" in said[lost][2]
    assert "Traceback" not in said[lost][2]
    _check_complete(many, 0)
    assert len(_asked(many)) == CASES


def test_exit_codes_follow_what_is_left(many: Path) -> None:
    """3 while the same line could complete something, 0 when complete, 3 again below --min-coverage."""
    code, _, err = _command(many, "--concurrency", "8", BLOCKED="case-03").end()
    assert code == 3, "ten of forty are blocked for good: below 95 %"
    assert "--min-coverage" in err
    code, _, err = _command(many, "--min-coverage", "0.75").end()
    assert code == 0, err
    assert len(_asked(many)) == CASES
    states = json.loads(_finish_json(many))
    (system,) = states["systems"]
    assert (system["n"], system["failures"]) == (30, {"blocked": 10})


def _finish_json(folder: Path) -> str:
    return Forked(COMMAND, "compare", _run_folder(folder), "--json", folder=folder).end()[1]
