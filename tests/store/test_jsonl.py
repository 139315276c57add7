"""Journals and files of records: whole lines or nothing, whatever fails in between."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from settled import wait_until_settled

from medbench.errors import InputError, RecordError, StoreError
from medbench.schema.run import Output
from medbench.store import jsonl
from medbench.store.jsonl import (
    Journal,
    atomic_file,
    file_digest,
    file_state,
    read_one,
    read_records,
    read_with_offsets,
    write_one,
    write_records,
)

SYNC = os.fsync
"""The real one."""


def _output(number: int, text: str = "text") -> Output:
    return Output(case_id=f"c{number}", case_digest="d", text=text)


def _ids(path: Path) -> list[str]:
    return [output.case_id for output in read_records(path, Output)]


def test_appended_records_come_back_in_order(tmp_path: Path) -> None:
    """What is appended is read back, in order, across several openings of the journal."""
    path = tmp_path / "o.jsonl"
    with Journal(path) as journal:
        journal.append(_output(1), _output(2))
    with Journal(path) as journal:
        assert not journal.cut
        journal.append(_output(3))
    assert _ids(path) == ["c1", "c2", "c3"]


def test_no_file_has_no_records(tmp_path: Path) -> None:
    """A file that is not there yet reads as empty, and digests as nothing."""
    path = tmp_path / "none.jsonl"
    assert _ids(path) == []
    assert file_digest(path).bytes == 0


def test_every_tear_is_cut_and_nothing_else(tmp_path: Path) -> None:
    """Cut at any byte: the whole lines before it stay, the tear goes, and appending never joins two lines."""
    path = tmp_path / "o.jsonl"
    lines = [_output(n, "Größe ≥ 3 cm\u2028\n" * n).to_line() for n in range(3)]
    data = b"".join(lines)
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        whole = data[:size].count(b"\n")
        assert _ids(path) == [f"c{n}" for n in range(whole)], "a reader passes over the tear"
        with Journal(path) as journal:
            assert journal.cut == (size not in {0, *(len(b"".join(lines[: n + 1])) for n in range(3))})
            journal.append(_output(9))
        assert _ids(path) == [*(f"c{n}" for n in range(whole)), "c9"]


def test_a_tear_longer_than_a_block_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for the last newline goes back over as many blocks as it takes, to the start of the file."""
    monkeypatch.setattr(jsonl, "_BLOCK", 16)
    path = tmp_path / "o.jsonl"
    line = _output(1).to_line()
    path.write_bytes(line + b"x" * 100)
    with Journal(path) as journal:
        assert journal.cut
    assert path.read_bytes() == line
    path.write_bytes(b"y" * 100)
    with Journal(path) as journal:
        assert journal.cut
    assert path.read_bytes() == b""


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    """A whole line that is not a record is an error with file and line number, never passed over."""
    path = tmp_path / "o.jsonl"
    path.write_bytes(_output(1).to_line() + b'{"case_id": \n' + _output(2).to_line())
    with pytest.raises(RecordError, match=r"o\.jsonl, line 2, is not JSON"):
        _ids(path)


def test_offsets_lead_to_their_lines(tmp_path: Path) -> None:
    """The position that is given with each record is where its line begins, in bytes."""
    path = tmp_path / "o.jsonl"
    write_records(path, [_output(n, "ß" * n) for n in range(5)])
    data = path.read_bytes()
    for offset, output in read_with_offsets(path, Output):
        assert data[offset:].split(b"\n")[0] + b"\n" == output.to_line()


@pytest.mark.parametrize("failing", ["write", "write_at_once", "fsync"])
def test_a_full_disk_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """A write that fails half-way, or a failed sync, raises a sentence and leaves no byte behind."""
    path = tmp_path / "o.jsonl"
    real = os.write
    wrote: list[int] = []

    def half(handle: int, data: bytes) -> int:
        if wrote or failing == "write_at_once":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        wrote.append(1)
        return real(handle, bytes(data)[: len(data) // 2])

    def no_sync(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with Journal(path) as journal:
        journal.append(_output(1))
        before = path.read_bytes()
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", no_sync) if failing == "fsync" else patched.setattr(
                os, "write", half
            )
            with pytest.raises(StoreError) as caught:
                journal.append(_output(2), _output(3))
        assert path.read_bytes() == before
        assert str(path) in caught.value.message
        assert "No space left" in caught.value.message or failing == "fsync"
        assert caught.value.hint
        journal.append(_output(4))
    assert _ids(path) == ["c1", "c4"]


def test_a_full_disk_fails_only_the_commits_of_its_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who waited for the failed write all hear of it; a later commit works, at the right place."""
    path = tmp_path / "o.jsonl"
    real = os.write

    async def work() -> None:
        with Journal(path) as journal:
            assert await journal.commit(_output(0)) == 0
            with monkeypatch.context() as patched:

                def full(handle: int, data: bytes) -> int:
                    if handle == journal._file:
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    return real(handle, data)

                patched.setattr(os, "write", full)
                said = await asyncio.gather(
                    *(journal.commit(_output(n)) for n in range(1, 9)), return_exceptions=True
                )
            assert all(isinstance(one, StoreError) for one in said)
            assert await journal.commit(_output(9)) == path.read_bytes().index(b"\n") + 1

    asyncio.run(work())
    assert _ids(path) == ["c0", "c9"]


def test_fifty_tasks_share_syncs_and_keep_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits of many tasks are whole lines in the order they were made, each told its place."""
    path = tmp_path / "o.jsonl"
    syncs = []

    def sync(handle: int) -> None:
        syncs.append(handle)
        SYNC(handle)

    monkeypatch.setattr(os, "fsync", sync)

    async def work() -> list[int]:
        with Journal(path) as journal:
            first = [journal.commit(_output(n, "x" * (n % 7))) for n in range(50)]
            places = await asyncio.gather(*first)
            return [*places, await journal.commit(_output(50))]

    places = asyncio.run(work())
    assert _ids(path) == [f"c{n}" for n in range(51)]
    assert places == [offset for offset, _ in read_with_offsets(path, Output)]
    assert len(syncs) <= 5


def test_a_commit_returns_after_its_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No commit returns before the bytes of its own line were synced."""
    path = tmp_path / "o.jsonl"
    synced = [0]

    def sync(handle: int) -> None:
        SYNC(handle)
        synced[0] = os.fstat(handle).st_size

    monkeypatch.setattr(os, "fsync", sync)

    async def work() -> None:
        with Journal(path) as journal:

            async def one(number: int) -> None:
                record = _output(number)
                place = await journal.commit(record)
                assert synced[0] >= place + len(record.to_line())

            await asyncio.gather(*(one(n) for n in range(20)))

    asyncio.run(work())


@contextmanager
def _held_syncs(monkeypatch: pytest.MonkeyPatch, error: OSError | None = None) -> Iterator[threading.Event]:
    """Let every sync wait for the event, and then fail if there is an error."""
    go_on = threading.Event()

    def sync(handle: int) -> None:
        assert go_on.wait(10)
        if error is not None:
            raise error

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", sync)
        yield go_on


def test_a_line_is_in_the_file_before_its_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a slow disk syncs, later lines are written all the same, and no commit returns."""
    path = tmp_path / "o.jsonl"

    async def work() -> None:
        with Journal(path) as journal, _held_syncs(monkeypatch) as go_on:
            tasks = []
            for number in range(4):
                tasks.append(asyncio.create_task(journal.commit(_output(number))))
                await asyncio.sleep(0)
                assert _ids(path) == [f"c{n}" for n in range(number + 1)], "a kill would leave it behind"
            assert not any(task.done() for task in tasks)
            go_on.set()
            await asyncio.gather(*tasks)

    asyncio.run(work())


def test_a_failed_sync_fails_what_was_written_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines written during a sync that fails are cut with it, and all who waited hear of it."""
    path = tmp_path / "o.jsonl"

    async def work() -> None:
        with Journal(path) as journal:
            await journal.commit(_output(0))
            with _held_syncs(monkeypatch, OSError(errno.EIO, "Input/output error")) as go_on:
                tasks = [asyncio.create_task(journal.commit(_output(1)))]
                await asyncio.sleep(0)
                tasks.append(asyncio.create_task(journal.commit(_output(2))))
                await asyncio.sleep(0)
                go_on.set()
                said = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(one, StoreError) for one in said)
            await journal.commit(_output(3))

    asyncio.run(work())
    assert _ids(path) == ["c0", "c3"]


def test_a_sync_that_no_thread_can_make_fails_those_who_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine that has no thread left, a commit ends with an error, and not never."""

    async def no_thread(_: Callable[[], None]) -> None:
        msg = "can't start new thread"
        raise RuntimeError(msg)

    async def work() -> None:
        with Journal(tmp_path / "o.jsonl") as journal:
            async with asyncio.timeout(30):
                await journal.commit(_output(0))

    monkeypatch.setattr(asyncio, "to_thread", no_thread)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        asyncio.run(work())


CHANGES: dict[str, Callable[[Path], object]] = {
    "deleted": lambda path: path.unlink(),
    "moved": lambda path: path.rename(path.with_suffix(".old")),
    "folder-moved": lambda path: path.parent.rename(path.parent.with_name("elsewhere")),
    "replaced": lambda path: _swap(path, path.read_bytes()),
    "edited": lambda path: _swap(path, path.read_bytes().replace(b"text", b"mass")),
    "emptied": lambda path: os.truncate(path, 0),
    "longer": lambda path: os.truncate(path, path.stat().st_size + 3),
}


def _swap(path: Path, data: bytes) -> None:
    """Put another file of that name in the place, as editors do."""
    other = path.with_suffix(".new")
    other.write_bytes(data)
    other.replace(path)


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_changed_under_a_journal_is_named_at_the_next_commit(tmp_path: Path, change: str) -> None:
    """Whatever happens to the open file, the next commit says what, and writes nothing."""
    path = tmp_path / "run" / "o.jsonl"
    path.parent.mkdir()
    with Journal(path) as journal:
        journal.append(_output(1))
        whole = path.read_bytes()
        CHANGES[change](path)
        before = path.read_bytes() if path.exists() else None
        with pytest.raises(StoreError, match=r"o\.jsonl' (was|has) .* while it was being written"):
            asyncio.run(journal.commit(_output(2)))
    assert (path.read_bytes() if path.exists() else None) == before
    assert [moved.read_bytes() for moved in path.parent.glob("*.old")] == [whole] * (change == "moved")


def test_a_cancelled_commit_does_not_harm_the_others(tmp_path: Path) -> None:
    """A task that is cancelled while it waits leaves the other lines and their places right."""
    path = tmp_path / "o.jsonl"

    async def work() -> None:
        with Journal(path) as journal:
            tasks = [asyncio.create_task(journal.commit(_output(n))) for n in range(6)]
            await asyncio.sleep(0)
            tasks[2].cancel()
            places = await asyncio.gather(*tasks, return_exceptions=True)
            assert isinstance(places[2], asyncio.CancelledError)
            found = [offset for offset, _ in read_with_offsets(path, Output)]
            assert [place for n, place in enumerate(places) if n != 2] == [
                place for n, place in enumerate(found) if n != 2
            ]

    asyncio.run(work())
    assert _ids(path) == [f"c{n}" for n in range(6)]


def test_closing_waits_for_a_write_in_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal closed in the middle of a write (a second Ctrl-C) never writes to another file's number."""
    path = tmp_path / "o.jsonl"
    entered, go_on = threading.Event(), threading.Event()
    real = os.write

    def slow(handle: int, data: bytes) -> int:
        entered.set()
        assert go_on.wait(5)
        return real(handle, data)

    journal = Journal(path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", slow)
        writer = threading.Thread(target=journal.append, args=(_output(1),))
        writer.start()
        assert entered.wait(5)
        closer = threading.Thread(target=journal.close)
        closer.start()
        go_on.set()
        writer.join(5)
        closer.join(5)
    assert _ids(path) == ["c1"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_a_sentence(tmp_path: Path) -> None:
    """A journal in a folder that may not be written is refused with its name."""
    (tmp_path / "ro").mkdir(mode=0o555)
    with pytest.raises(StoreError, match="cannot be written"):
        Journal(tmp_path / "ro" / "o.jsonl")


def test_a_folder_in_the_place_of_a_file_is_a_sentence(tmp_path: Path) -> None:
    """A journal whose name is taken by a folder is refused with its name."""
    (tmp_path / "o.jsonl").mkdir()
    with pytest.raises(StoreError, match=r"o\.jsonl' cannot be written: Is a directory"):
        Journal(tmp_path / "o.jsonl")


def test_an_atomic_file_is_whole_or_not_there(tmp_path: Path) -> None:
    """A file whose writing fails keeps its old content, and no partial file is left."""
    path = tmp_path / "f.json"
    write_one(path, _output(1))
    before = path.read_bytes()

    def fail() -> None:
        with atomic_file(path) as file:
            file.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left") as caught:
        fail()
    assert caught.value.filename == str(path), "a full disk does not say where: the file is named here"
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["f.json"]


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    """Size and sha256 of what is on the disk; a missing file is like an empty one."""
    path = tmp_path / "o.jsonl"
    write_records(path, [_output(1), _output(2)])
    content = path.read_bytes()
    found = file_digest(path)
    assert (found.bytes, found.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert file_digest(tmp_path / "none").sha256 == hashlib.sha256(b"").hexdigest()


def test_a_missing_single_record_is_a_sentence(tmp_path: Path) -> None:
    """A file of one record that is not there is an input error with its path in quotes."""
    with pytest.raises(InputError, match=r"run\.json' is not there"):
        read_one(tmp_path / "run.json", Output)


@given(st.lists(st.text(), max_size=6))
def test_any_text_survives_the_file(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """Whatever a text holds (newlines, NULs), one record is one line and comes back equal."""
    path = tmp_path_factory.mktemp("any") / "o.jsonl"
    records = [_output(n, text) for n, text in enumerate(texts)]
    write_records(path, records)
    assert path.read_bytes().count(b"\n") == len(texts)
    assert list(read_records(path, Output)) == records


class Seen:
    """A file as a disk shows it that was written so long ago."""

    def __init__(self, age_s: float) -> None:
        at = time.time_ns() - int(age_s * 1e9)
        self.st_ino, self.st_size, self.st_mtime_ns, self.st_ctime_ns = 7, 3, at, at

    def stat(self) -> Seen:
        """Return what there is to see."""
        return self


@pytest.mark.parametrize(("age_s", "may_change"), [(0.0, True), (0.004, True), (1.0, False), (-60.0, False)])
def test_a_file_that_may_be_written_again_unseen_has_no_state_twice(
    age_s: float, *, may_change: bool
) -> None:
    """In the same step of the clock, with as many bytes; a disk whose clock is ahead has states too."""
    seen: Any = Seen(age_s)
    assert (file_state(seen) != file_state(seen)) == may_change


def test_a_file_that_nobody_writes_has_one_state(tmp_path: Path) -> None:
    """Once it is older than a step of the clock; and a file that is not there has none."""
    path = tmp_path / "file"
    assert file_state(path) == ()
    path.write_bytes(b"1")
    wait_until_settled(path)
    before = file_state(path)
    assert file_state(path) == before
    path.write_bytes(b"2")
    wait_until_settled(path)
    assert file_state(path) != before
