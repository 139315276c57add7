"""One writer at a time in a run folder; a dead one is found out."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from medbench.errors import LockedError, StoreError
from medbench.store import lock as lock_module
from medbench.store.benchmark import new_folder
from medbench.store.lock import RunLock, hold_unfinished

HOLD = """
import errno, fcntl, os, pathlib, sys
from medbench.store.lock import RunLock
def no_locks(handle, how):
    raise OSError(getattr(errno, sys.argv[2]), "no locks")
if len(sys.argv) > 2:
    fcntl.flock = no_locks
with RunLock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def _holder(folder: Path, *without_locks: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), *without_locks],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    """While a process holds the folder, another is told who does and since when; afterwards it may write."""
    with _holder(tmp_path) as process:
        with pytest.raises(LockedError) as caught, RunLock(tmp_path):
            raise AssertionError
        assert f"process {process.pid}, started " in caught.value.message
        assert caught.value.hint
        process.communicate("\n", timeout=60)
    with RunLock(tmp_path) as lock:
        assert lock.died is None, "it said goodbye"


def test_the_lock_of_a_killed_writer_is_taken_over(tmp_path: Path) -> None:
    """After SIGKILL the folder is free at once, and the next writer knows who died there."""
    with _holder(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    with RunLock(tmp_path) as lock:
        assert lock.died == process.pid
    with RunLock(tmp_path) as lock:
        assert lock.died is None


@pytest.mark.parametrize("content", [b"", b" ", b" {", b" []", b" \xff\xfe", b" {}"])
def test_whatever_stands_in_the_lock_file(tmp_path: Path, content: bytes) -> None:
    """A lock file that was torn by a crash, or holds anything else, is no obstacle."""
    (tmp_path / ".lock").write_bytes(content)
    with RunLock(tmp_path) as lock:
        assert lock.died is None


def test_a_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    """A folder that cannot be written is refused with its name."""
    with pytest.raises(StoreError, match=r"none' cannot be written"), RunLock(tmp_path / "none"):
        raise AssertionError


def test_a_full_disk_at_the_end_does_not_hide_the_first_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What went wrong under the lock is what is raised, and the lock is free again, even on a full disk."""

    def full(_: int, __: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def fail() -> None:
        with RunLock(tmp_path):
            monkeypatch.setattr(os, "write", full)
            msg = "the first error"
            raise StoreError(msg)

    with pytest.raises(StoreError, match="the first error"):
        fail()
    monkeypatch.undo()
    with RunLock(tmp_path):
        pass


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the file system's locks away, as some network file systems do."""
    monkeypatch.setattr(lock_module, "_try_lock", lambda _: None)
    monkeypatch.setattr(lock_module, "_SAID", [])


@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("code", ["ENOLCK", "ENOSYS", "EOPNOTSUPP"])
def test_without_locks_a_file_stands_for_them(tmp_path: Path, code: str) -> None:
    """One writer at a time all the same; a killed one is taken over, and one that ended leaves nothing."""
    with _holder(tmp_path, code) as process:
        with pytest.raises(LockedError, match=f"process {process.pid}, started "), RunLock(tmp_path):
            raise AssertionError
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    with RunLock(tmp_path) as lock:
        assert lock.died == process.pid
        with pytest.raises(LockedError), RunLock(tmp_path):
            raise AssertionError
    with RunLock(tmp_path) as lock:
        assert lock.died is None
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.usefixtures("no_locks")
def test_that_there_are_no_locks_is_said_once(tmp_path: Path) -> None:
    """The first run of a process says that a file stands for the lock; the next say nothing."""
    said = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with RunLock(tmp_path / name) as lock:
            said.append(lock.notice())
    assert "has no locks" in said[0]
    assert said[1] == ""


_ME = {"pid": os.getpid(), "host": socket.gethostname(), "started": lock_module.process_began(os.getpid())}
OWNERS: dict[str, tuple[object, bool]] = {
    "another-host": (_ME | {"host": "elsewhere"}, False),
    "another-host-and-a-dead-pid": (_ME | {"host": "elsewhere", "pid": 2**22 + 1}, False),
    "alive": (_ME, False),
    "torn": ('{"pid": 1', False),
    "empty": ("", False),
    "dead": (_ME | {"pid": 2**22 + 1}, True),
    "pid-given-to-another-process": (_ME | {"started": "1"}, True),
}


@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("name", OWNERS)
def test_only_the_file_of_a_process_known_to_be_dead_is_taken_over(tmp_path: Path, name: str) -> None:
    """An owner on another machine, or one that cannot be read, is refused with the file to delete."""
    content, taken = OWNERS[name]
    path = tmp_path / ".lock-owner"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    if taken:
        with RunLock(tmp_path) as lock:
            assert lock.died is not None
        return
    with pytest.raises(LockedError) as caught, RunLock(tmp_path):
        raise AssertionError
    assert str(path) in caught.value.hint
    assert ("on elsewhere" in caught.value.message) == name.startswith("another-host")


@pytest.mark.usefixtures("no_locks")
def test_of_many_that_find_a_dead_owner_one_takes_over(tmp_path: Path) -> None:
    """Started together on the file of a dead process, exactly one holds the folder."""
    (tmp_path / ".lock-owner").write_text(json.dumps(_ME | {"pid": 2**22 + 1}))
    start, ended, held = threading.Barrier(8), threading.Barrier(8), []

    def take() -> None:
        start.wait(60)
        try:
            with RunLock(tmp_path):
                held.append(1)
                ended.wait(60)
        except LockedError:
            ended.wait(60)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == 1


@pytest.mark.usefixtures("no_locks")
def test_one_that_was_killed_while_it_took_over_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it without an end: the file that it left is to be deleted."""
    owner = tmp_path / ".lock-owner"
    owner.write_text(json.dumps(_ME | {"pid": 2**22 + 1}))
    with monkeypatch.context() as killed:
        killed.setattr(Path, "unlink", lambda *_, **__: sys.exit(9))
        with pytest.raises(SystemExit), RunLock(tmp_path):
            raise AssertionError
    (left,) = tmp_path.glob(".lock-owner-*")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        os.utime(left, (0, 0))

    monkeypatch.setattr(time, "sleep", wait)
    for known in (1, 1):  # the second time it is old from the beginning
        with pytest.raises(LockedError) as caught, RunLock(tmp_path):
            raise AssertionError
        assert len(waits) == known
        assert caught.value.message == (
            f"{tmp_path} is being taken over from process {2**22 + 1}, which is gone."
        )
        assert f"delete '{left}'" in caught.value.hint
    left.unlink()
    with RunLock(tmp_path) as lock:
        assert lock.died == 2**22 + 1


@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("ahead", [3, 90_000])
def test_what_is_new_by_the_clock_of_its_server_is_not_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    """This machine's clock may be ahead of it: a lock that is being taken over is waited for."""
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + ahead)
    (tmp_path / ".half.1.partial").touch()
    content = json.dumps(_ME | {"pid": 2**22 + 1}).encode()
    (tmp_path / ".lock-owner").write_bytes(content)
    taking = tmp_path / f".lock-owner-{hashlib.sha256(content).hexdigest()[:16]}"
    taking.touch()
    monkeypatch.setattr(time, "sleep", lambda _: taking.unlink())
    with RunLock(tmp_path) as lock:
        assert lock.died == 2**22 + 1
    assert (tmp_path / ".half.1.partial").exists()


def test_leftovers_of_dead_processes_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process left half done goes; what one is at, what is new and what is not ours stays."""
    monkeypatch.setattr(lock_module, "_FRESH_S", 3_600.0)  # however long this test is made to wait
    paths = {
        name: tmp_path / name
        for name in (".a.1.partial", ".b.2.partial", ".live.3.partial", ".new.4.partial")
    }
    for name, path in paths.items():
        path.mkdir() if name.startswith(".b") else path.touch()
        if ".new" not in name:
            os.utime(path, (0, 0))
    (tmp_path / "c.partial").touch()
    handle = os.open(paths[".live.3.partial"], os.O_RDONLY)
    hold_unfinished(handle)
    with RunLock(tmp_path):
        pass
    os.close(handle)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".live.3.partial", ".lock", ".new.4.partial", "c.partial"]


@pytest.mark.parametrize("name", ["medpix", "we[i]rd *"])
def test_a_new_folder_clears_what_a_killed_one_left(tmp_path: Path, name: str) -> None:
    """A benchmark or run that is begun again leaves nothing of the try that was killed."""
    for left in (f".{name}.x.partial", ".medpix-2.y.partial"):
        (tmp_path / left / "images").mkdir(parents=True)
        os.utime(tmp_path / left, (0, 0))
    with new_folder(tmp_path / name) as folder:
        (folder / "f").touch()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".medpix-2.y.partial", name]
