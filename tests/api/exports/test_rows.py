"""The rows of `medbench export`: read back they give the numbers of `compare`; no spreadsheet runs them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from graded_runs import graded_run

from medbench.api.exports import rows as row_files
from medbench.api.exports.rows import row_lines
from medbench.api.frames import Rows
from medbench.schema.run import Output
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, write_records

PRECISE: Any = {} if int(pd.__version__.partition(".")[0]) >= 3 else {"float_precision": "round_trip"}


HOSTILE = [
    '=HYPERLINK("http://x",A1)', "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "'=1", "''", "'",
    "a;=1+1", 'a,"b"\r\nc', "<script>", "a\x00b", "\x1b[31m", "\u202eabc", "", " =1", "ü",
]  # fmt: skip


def _unmarked(text: str) -> str:
    """The documented rule: an apostrophe at the beginning of a text is not of the text."""
    return text.removeprefix("'")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_text_runs_nowhere_and_is_read_back(text: str) -> None:
    """No cell begins a formula, whatever separates cells; without its apostrophe each is what it was."""
    rows = Rows({text or "name": str, "n": float}, [{text or "name": text}])
    data = b"".join(row_lines(rows.kinds, rows, "csv"))
    header, (cell, number) = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    assert (_unmarked(header[0]), _unmarked(cell), number) == (text or "name", text, "")
    for shown in (cell, header[0]):
        assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))
    assert data.splitlines()[0].startswith(b'"')


def test_numbers_keep_every_digit_and_nothing_is_made_of_missing_ones() -> None:
    """Floats are read back to the last bit; a missing value is an empty cell, an empty text a quoted one."""
    values = [0.1 + 0.2, 1 / 3, -5e-324, 1.7976931348623157e308, -0.25, None]
    rows = Rows(
        {"x": float, "n": int, "ok": bool, "text": str},
        [{"x": x, "n": 9007199254740993, "ok": x is None, "text": None if x else ""} for x in values],
    )
    data = b"".join(row_lines(rows.kinds, rows, "csv"))
    by_pandas = pd.read_csv(io.BytesIO(data), **PRECISE)
    by_polars = pl.read_csv(data)
    for read in (by_pandas["x"].tolist(), by_polars["x"].to_list()):
        assert read[:-1] == values[:-1]
        assert read[-1] is None or pd.isna(read[-1])
    assert by_polars["n"].to_list() == [9007199254740993] * 6
    assert by_polars["text"].to_list() == [None] * 5 + [""]
    lines = [json.loads(line) for line in row_lines(rows.kinds, rows, "jsonl")]
    assert lines == [*rows]


def _read(form: str, path: Path) -> pd.DataFrame:
    match form:
        case "csv":
            frame = pd.read_csv(path, **PRECISE)
            texts = frame.select_dtypes(include=["object", "str"]).columns
            frame[texts] = frame[texts].map(lambda cell: _unmarked(cell) if isinstance(cell, str) else cell)
            return frame
        case "jsonl":
            return pd.read_json(path, lines=True, dtype=False, precise_float=True)
    frame = pl.read_parquet(path)
    return pd.DataFrame(frame.to_dict(as_series=False))


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_the_rows_give_the_numbers_of_compare(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any], form: str
) -> None:
    """Failures, hostile texts and lacking verdicts included: n, coverage and rates are the record's."""
    for name, grades in {"a": "gpot-x" * 13 + "gg", "b": "ggooxt" * 13 + "oo"}.items():
        run = graded_run(tmp_path / "runs/many" / name, many, grades, replicates=2)
        outputs = list(read_records(run.path / "outputs.jsonl", Output))
        hostile = iter(HOSTILE)
        write_records(
            run.path / "outputs.jsonl",
            [
                one.model_copy(update={"text": next(hostile, one.text)}) if one.text is not None else one
                for one in outputs
            ],
        )
    file = tmp_path / f"rows.{form}"
    said = medbench("export", "a", "b", f"--{form}", "-o", file)
    assert said.code == 0, said.err
    rows = _read(form, file)
    typed = json.loads(medbench("compare", "a", "b", "--json").out)
    for system in typed["systems"]:
        own = rows[rows["run"] == system["name"]]
        assert (len(own), own["failure"].isna().sum()) == (system["wanted"], system["n"])
        assert own["failure"].value_counts().to_dict() == system["failures"]
        assert own["flags"].fillna("").str.len().gt(0).sum() == system["flagged"]
        grades, graded = own["grade.judge-1"].dropna(), system["graded"]
        assert len(grades) / len(own) == graded["good"]["n"] / graded["wanted"]
        for grade in ("good", "partial", "poor"):
            assert (grades == grade).mean() == graded[grade]["mean"]
        for metric, estimate in system["metrics"].items():
            if metric in own:
                numbers = own[metric].astype(float).dropna()
                assert (len(numbers), len(own) - len(numbers)) == (estimate["n"], estimate["missing"])
                assert numbers.empty or numbers.mean() == pytest.approx(estimate["mean"], rel=1e-12)
    judged = rows.dropna(subset="grade.judge-1").assign(good=lambda row: row["grade.judge-1"] == "good")
    good = judged.pivot_table("good", "case_id", "run")
    (pair,) = [pair for pair in typed["pairs"] if pair["graded"]]
    differences = (good["b"] - good["a"]).dropna()
    assert (len(differences), differences.mean()) == (
        pair["graded"]["n"],
        pytest.approx(pair["graded"]["good"]["difference"]),
    )
    if form != "parquet":
        assert medbench("export", "a", "b", f"--{form}").out.encode() == file.read_bytes()


def test_a_name_stands_for_one_run(
    write_benchmark: Callable[..., BenchmarkFolder],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    medbench: Callable[..., Any],
) -> None:
    """Also where two benchmarks have one name and other cases: their rows say the same name of it."""
    monkeypatch.chdir(tmp_path)
    for site, cases in {"old": 40, "new": 50}.items():
        bench = write_benchmark(tmp_path / "benchmarks" / site / "many", cases)
        graded_run(tmp_path / site / "a", bench, "g" * cases)
    assert medbench("export", "old/a", "new/a", "--csv", "-o", "rows.csv").code == 0
    names = _read("csv", tmp_path / "rows.csv").groupby(["benchmark", "run"]).size().to_dict()
    assert {(name, Path(run)): rows for (name, run), rows in names.items()} == {
        ("many", Path("old/a")): 40,
        ("many", Path("new/a")): 50,
    }


def test_a_terminal_shows_control_characters_and_obeys_none(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a model wrote moves no cursor; a pipe gets it as it was."""
    run = graded_run(tmp_path / "runs/many/a", many, "g" * 40)
    outputs = list(read_records(run.path / "outputs.jsonl", Output))
    texts = [one.model_copy(update={"text": "\x1b[2Jgone"}) for one in outputs]
    write_records(run.path / "outputs.jsonl", texts)
    assert "\x1b[2J" in medbench("export", "a", "--csv").out
    monkeypatch.setattr(
        "medbench.cli.results.export.sys", SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True))
    )
    shown = medbench("export", "a", "--csv").out
    assert "\x1b" not in shown
    assert "\N{REPLACEMENT CHARACTER}[2Jgone" in shown


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--parquet",), "medbench export a --parquet -o outputs.parquet"),
        (("--csv", "rows.csv"), "medbench export a --csv -o rows.csv"),
        (("b", "--findings"), "medbench export a --findings"),
        (("--csv", "--jsonl"), "medbench export a --csv"),
        ((), "medbench export a --csv"),
    ],
    ids=["no-file", "file-as-run", "two-runs", "two-kinds", "nothing"],
)
def test_what_cannot_be_exported_is_answered_with_a_line_to_type(
    medbench: Callable[..., Any], words: tuple[str, ...], hint: str
) -> None:
    """A file where a run is meant, no file for Parquet, two kinds of export, two runs for findings."""
    said = medbench("export", "a", *words)
    assert said.code == 2
    assert said.err.splitlines()[-1] == f"Try:   {hint}"


@pytest.mark.parametrize("library", ["pyarrow", "polars"])
def test_parquet_holds_groups_of_rows(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By either library the same rows, also none; pyarrow takes a group at a time."""
    monkeypatch.setattr(row_files, "_ROWS", 2)
    monkeypatch.setattr(row_files, "find_spec", lambda name: name == library)
    kinds = {"text": str, "n": int, "score": float, "is": bool}
    rows = [{"text": f"t{n}", "n": n, "score": None if n else 0.1, "is": True} for n in range(5)]
    file = io.BytesIO()
    assert row_files.write_parquet(kinds, iter(rows), file) == 5
    found = pq.ParquetFile(file)
    assert found.read().to_pylist() == rows
    if library == "pyarrow":
        assert [found.metadata.row_group(group).num_rows for group in range(found.num_row_groups)] == [
            2,
            2,
            1,
        ]
    empty = io.BytesIO()
    assert row_files.write_parquet(kinds, iter(()), empty) == 0
    assert pq.ParquetFile(empty).schema_arrow.names == list(kinds)


def test_parquet_says_what_to_install() -> None:
    """Where neither library is installed, the error names one, and the forms that need none."""
    code = (
        "import sys; sys.modules.update(polars=None, pyarrow=None)\n"
        "from medbench.api.exports import rows as row_files; row_files.find_spec = lambda name: None\n"
        "import io; row_files.write_parquet({}, [], io.BytesIO())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-2:] == [
        "medbench.errors.UsageError: Parquet needs pyarrow or polars, and neither is installed.",
        "Try:   pip install pyarrow   (--csv and --jsonl need nothing)",
    ]
