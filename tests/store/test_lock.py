"""One writer at a time in a run folder; a dead one is found out."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from medbench.errors import LockedError, StoreError
from medbench.store.lock import RunLock

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import pathlib, sys
from medbench.store.lock import RunLock
with RunLock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def _holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
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
        process.communicate("\n", timeout=10)
    with RunLock(tmp_path) as lock:
        assert lock.died is None, "it said goodbye"


def test_the_lock_of_a_killed_writer_is_taken_over(tmp_path: Path) -> None:
    """After SIGKILL the folder is free at once, and the next writer knows who died there."""
    with _holder(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
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
