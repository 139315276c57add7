"""scores.npz: what comes back is what was taken, and nothing but what its digest says is believed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from medbench.schema.score import Score
from medbench.store import columns as module
from medbench.store.columns import Columns, ColumnsBuilder, Spool, read_columns


def _score(case: str, failure: str | None = None, **scores: float | None) -> Score:
    return Score(case_id=case, failure=failure, parser="p", scores=scores)


SCORES = [
    _score("b", m=0.1, k=1),
    _score("a", failure="timeout"),
    _score("a", m=None, k=0.5),
    _score("b", m=0.3),
    _score("c", failure="blocked"),
]


@pytest.fixture
def made() -> Columns:
    """Return the columns of these scores."""
    builder = ColumnsBuilder(["k", "m"])
    for score in SCORES:
        builder.add(score)
    return builder.built()


def test_what_comes_back_is_what_was_taken(made: Columns, tmp_path: Path) -> None:
    """Cases by place, failures apart, NaN where an output has no number."""
    made.write(tmp_path / "scores.npz")
    found = read_columns(tmp_path / "scores.npz", made.digest())
    assert found is not None
    assert (found.ids, found.kinds) == (("b", "a", "c"), ("timeout", "blocked"))
    assert (found.cases.tolist(), found.failed.tolist()) == ([0, 1, 0], [1, 2])
    assert list(found.metrics) == ["k", "m"]
    np.testing.assert_equal(found.metrics["k"], [1, 0.5, np.nan])
    np.testing.assert_equal(found.metrics["m"], [0.1, np.nan, 0.3])
    with pytest.raises(KeyError):
        found.metrics["n"]


def test_columns_of_another_digest_are_refused(made: Columns, tmp_path: Path) -> None:
    """One number of one output is enough."""
    path = tmp_path / "scores.npz"
    made.write(path)
    assert read_columns(path, "0" * 64) is None
    other = ColumnsBuilder(["k", "m"])
    for score in [*SCORES[:-2], _score("b", m=0.30000001), SCORES[-1]]:
        other.add(score)
    other.built().write(path)
    assert read_columns(path, made.digest()) is None


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "no zip", "missing", "pickled", "strange"])
def test_a_damaged_file_is_refused_and_no_error(made: Columns, tmp_path: Path, damage: str) -> None:
    """Whatever lies there: nothing is run that it holds, and nothing is believed."""
    path = tmp_path / "scores.npz"
    made.write(path)
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[data.index(np.float64(0.3).tobytes())] ^= 1
    path.write_bytes({"empty": b"", "cut": bytes(data[:-40]), "no zip": b"x" * 99}.get(damage, bytes(data)))
    if damage == "missing":
        path.unlink()
    if damage == "pickled":
        np.savez(path, head=np.array([{}], dtype=object))
    if damage == "strange":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("head.npy", b"x")
    assert read_columns(path, made.digest()) is None


def test_a_reader_goes_on_while_the_file_is_replaced(made: Columns, tmp_path: Path) -> None:
    """The columns are those of the file that was opened, also those that are read later."""
    path = tmp_path / "scores.npz"
    made.write(path)
    found = read_columns(path, made.digest())
    ColumnsBuilder(["k"]).built().write(path)
    assert found is not None
    np.testing.assert_equal(found.metrics["m"], [0.1, np.nan, 0.3])


def test_the_digest_is_of_what_it_holds_whatever_wrote_the_file(made: Columns, tmp_path: Path) -> None:
    """Another packing of the same arrays is the same; the digest is not that of the zip."""
    made.write(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        np.savez_compressed(tmp_path / "b.npz", **file)
    assert read_columns(tmp_path / "b.npz", made.digest()) is not None


def test_a_spool_gives_back_its_rows_wherever_they_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    """In memory, in the file and in both; a row can be added after a column was looked at."""
    monkeypatch.setattr(module, "_BLOCK", 3)
    spool = Spool(["a", "b"])
    for number in range(8):
        spool.add({"a": number, "b": None if number % 2 else -number})
        np.testing.assert_equal(spool["a"], np.arange(number + 1.0))
        wanted = [np.nan if n % 2 else -n for n in range(number + 1)]
        np.testing.assert_equal(spool["b"], wanted)
    assert (list(spool), len(spool)) == (["a", "b"], 2)
