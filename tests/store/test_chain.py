"""Seals: each line rests on the one before, so that a change is found and its line is named."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from medbench.errors import RecordError, StoreError
from medbench.schema.run import Output
from medbench.store.chain import Chain, check_chain
from medbench.store.jsonl import Journal, read_records, write_records, write_sealed
from medbench.store.seals import SEALS, ends_there, read_seals, sealing, write_seals

NAME = "outputs.jsonl"


def _output(number: int) -> Output:
    return Output(case_id=f"c{number}", case_digest="d", text=f'Größe {number}, "seal":"x"')


def _file(folder: Path, lines: int = 6, unsealed: int = 0) -> Path:
    path = folder / NAME
    write_records(path, [_output(n) for n in range(unsealed)])
    for number in range(unsealed, lines):
        with Journal(path) as journal:
            journal.append(_output(number))
    return path


@pytest.mark.parametrize("unsealed", [0, 1, 4])
def test_what_a_journal_wrote_holds(tmp_path: Path, unsealed: int) -> None:
    """Over several openings, after lines of an older medbench, and as one file: every seal fits."""
    path = _file(tmp_path, unsealed=unsealed)
    assert check_chain(path) == Chain(records=6, unsealed=unsealed)
    assert [record.case_id for record in read_records(path, Output)] == [f"c{n}" for n in range(6)]
    write_sealed(tmp_path / "whole", [_output(n) for n in range(6)])
    assert unsealed or (tmp_path / "whole").read_bytes() == path.read_bytes()


def test_a_seal_is_a_plain_field_of_the_line(tmp_path: Path) -> None:
    """Anything that reads JSON reads a sealed line; the seal is its last field, and short."""
    sealed = _file(tmp_path, 1).read_bytes()
    assert len(json.loads(sealed)["seal"]) == 16
    assert len(sealed) - len(_output(0).to_line()) == 26


def test_the_chain_goes_on_after_a_failed_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that were cut again, for a full disk or a failed sync, leave no gap in the chain."""
    path = _file(tmp_path, 2)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Journal(path) as journal:
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(StoreError):
                journal.append(_output(2), _output(3))
            with pytest.raises(StoreError):
                asyncio.run(journal.commit(_output(4)))
        journal.append(_output(5))
    assert check_chain(path) == Chain(records=3)


CHANGES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], list[int]]] = {
    "text": (lambda lines: [line.replace(b"e 2,", b"e 7,") for line in lines], [3]),
    "seal": (lambda lines: [*lines[:2], lines[2][:-4] + b'z"}\n', *lines[3:]], [3, 4]),
    "seal-taken-off": (lambda lines: [*lines[:2], lines[2][:-28] + b"}\n", *lines[3:]], [3, 4]),
    "reformatted": (
        lambda lines: [*lines[:2], json.dumps(json.loads(lines[2])).encode() + b"\n", *lines[3:]],
        [3, 4],
    ),
    "deleted": (lambda lines: lines[:2] + lines[3:], [3]),
    "first-deleted": (lambda lines: lines[1:], [1]),
    "doubled": (lambda lines: [*lines[:3], *lines[2:]], [4]),
    "swapped": (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], [3, 4, 5]),
    "inserted": (lambda lines: [*lines[:2], _output(9).to_line(), *lines[2:]], [3, 4]),
    "joined": (lambda lines: [*lines[:2], lines[2][:-1] + lines[3], *lines[4:]], [3]),
    "cut-in-two": (lambda lines: [*lines[:2], lines[2][:9] + b"\n", lines[2][9:], *lines[3:]], [3, 4]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_line_is_named(tmp_path: Path, change: str) -> None:
    """An edited, removed, doubled, moved or added line does not fit, and the first that does not is there."""
    path = _file(tmp_path)
    how, broken = CHANGES[change]
    path.write_bytes(b"".join(how(path.read_bytes().splitlines(keepends=True))))
    assert list(check_chain(path).broken) == broken


def test_a_change_of_unsealed_lines_shows_at_the_first_seal(tmp_path: Path) -> None:
    """Lines of an older medbench are sealed as a whole by the first line after them."""
    path = _file(tmp_path, unsealed=3)
    path.write_bytes(path.read_bytes().replace(b"e 1,", b"e 7,"))
    assert check_chain(path) == Chain(records=6, unsealed=3, broken=(4,))


def test_any_flipped_byte_of_a_file_is_noticed(tmp_path: Path) -> None:
    """Whatever bit flips, the chain breaks at that line or the next, or the file does not end as noted."""
    path = _file(tmp_path, 5, unsealed=1)
    write_seals(tmp_path)
    seals = read_seals(tmp_path)
    assert seals is not None
    data = path.read_bytes()
    chance = random.Random(7)
    for place in chance.sample(range(len(data)), 300):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :])
        line = 1 + data[:place].count(b"\n")
        chain = check_chain(path)
        if chain.broken:
            assert line <= chain.broken[0] <= line + 1
        else:
            assert not ends_there(path, seals.files[NAME])
            assert line == 5


def test_the_noted_end_outlives_a_cut(tmp_path: Path) -> None:
    """Lines cut from the end are noticed, also after others were appended in their place."""
    path = _file(tmp_path)
    write_seals(tmp_path)
    seals = read_seals(tmp_path)
    assert seals is not None
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert check_chain(path) == Chain(records=5)
    assert not ends_there(path, seals.files[NAME])
    with sealing(tmp_path), Journal(path) as journal:
        journal.append(_output(8), _output(9))
    assert read_seals(tmp_path) == seals, "the note does not follow what does not fit it"


def test_the_noted_end_moves_on_with_the_file(tmp_path: Path) -> None:
    """After each session the note says where the files end; older ends still fit."""
    path = _file(tmp_path, 2)
    write_seals(tmp_path)
    before = read_seals(tmp_path)
    with sealing(tmp_path), Journal(path) as journal:
        journal.append(_output(2))
    after = read_seals(tmp_path)
    assert before is not None
    assert after is not None
    assert after.files[NAME].bytes == path.stat().st_size
    assert ends_there(path, before.files[NAME])


def test_any_flipped_byte_of_the_note_is_noticed(tmp_path: Path) -> None:
    """A note that was changed is refused, and is not written over."""
    _file(tmp_path, 2)
    write_seals(tmp_path)
    data = (tmp_path / SEALS).read_bytes()
    for place in range(len(data)):
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        (tmp_path / SEALS).write_bytes(flipped)
        with pytest.raises(RecordError):
            read_seals(tmp_path)
    with sealing(tmp_path):
        pass
    assert (tmp_path / SEALS).read_bytes() == flipped
