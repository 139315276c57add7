"""The build step: a whole folder or none, the same bytes for the same seed, and no answer among the cases."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from screens import printed
from typer.testing import CliRunner

from medbench.cli.build import app
from medbench.datasets.draw import STANDARD
from medbench.datasets.source import SourceCase, SourceImage
from medbench.errors import ImageError, InputError, StoreError, UsageError
from medbench.report.build import build_screen, next_lines
from medbench.schema.benchmark import Draw
from medbench.schema.results.build import BuildReport
from medbench.steps.build import build_folder, build_medpix
from medbench.steps.build_phantom import build_phantom
from medbench.store.benchmark import BenchmarkFolder


def _png(seed: int) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(seed).integers(0, 255, (6, 8)).astype(np.uint8)
    Image.fromarray(noise).resize((64, 48)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A table of twelve cases with one or two images each, and its images."""
    (tmp_path / "images").mkdir()
    lines = []
    for n in range(12):
        names = [f"case{n}-{k}.png" for k in range(1 + n % 2)]
        for k, name in enumerate(names):
            (tmp_path / "images" / name).write_bytes(_png(10 * n + k))
        lines.append(
            {
                "id": f"SECRET{n}",
                "images": names,
                "reference": f"There is a round lesion number {n} on the left.",
                "region": ["Thorax", "Head"][n % 2],
                "modality": ["CT", "MR"][n % 2],
                "diagnosis": f"Hiddenoma {n}",
                "title": f"Hiddentitle {n}",
                "topic": f"hiddentopic-{n}",
                "differential": "Hiddendifferential",
                "discussion": "Hiddendiscussion",
                "caption": "Hiddencaption",
                "history": "Cough.",
            }
        )
    (tmp_path / "cases.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    return tmp_path


def _wanted(**fields: Any) -> Draw:
    return STANDARD.model_copy(update=fields)


def _build(own: Path, out: str = "mine", **options: Any) -> BuildReport:
    return build_folder(own / "cases.jsonl", own / "images", own / out, **options)


def _text(report: BuildReport) -> str:
    return printed(*build_screen(report), *(line for line, _ in next_lines(report)))


def _left_behind(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name not in {"cases.jsonl", "images"}]


def test_a_benchmark_is_whole_and_its_bytes_are_those_of_the_source(own: Path) -> None:
    """All cases in the table's order; files, digests and sizes fit; images are copied byte for byte."""
    report = _build(own)
    folder = BenchmarkFolder(own / "mine")
    folder.check()
    cases, references = list(folder.cases()), list(folder.references())
    assert [ref.source_id for ref in references] == [f"SECRET{n}" for n in range(12)]
    assert [case.case_id for case in cases] == [ref.case_id for ref in references]
    for case, ref in zip(cases, references, strict=True):
        for image, name in zip(case.images, ref.source_images, strict=True):
            data = (own / "mine" / image.file).read_bytes()
            assert data == (own / "images" / name).read_bytes()
            assert (image.sha256, image.bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    expected = hashlib.sha256(b"SECRET0").hexdigest()[:6]
    assert cases[0].images[0].file == f"images/thorax-{expected}-1.png"
    assert (folder.head.cases, folder.head.images, folder.head.name) == (12, 18, "mine")
    assert (report.digest, report.total.drawn) == (folder.head.digest, 12)


def test_nothing_that_gives_the_answer_away_is_among_the_cases(own: Path) -> None:
    """Id, diagnosis, title, topic, captions, file names … stand in the references only."""
    _build(own, wanted=_wanted(per_stratum=2), pool=4)
    for part in ("", "pool/"):
        shown = (own / "mine" / f"{part}cases.jsonl").read_text()
        hidden = (own / "mine" / f"{part}references.jsonl").read_text()
        for secret in ("SECRET", "Hidden", "hidden", "round lesion", "case0-", "case1-"):
            assert secret not in shown
        assert shown.count("\n") == 4
        for secret in ("SECRET", "Hiddenoma", "Hiddentitle", "hiddentopic", "Hiddencaption", "round lesion"):
            assert secret in hidden
    assert not [
        path for path in (own / "mine").rglob("*.png") if "case" in path.name or "SECRET" in path.name
    ]


def test_the_same_line_again_writes_nothing(own: Path) -> None:
    """The report says so; another draw into the same folder is an error, and the folder stays as it was."""
    first = _build(own, wanted=_wanted(per_stratum=2), pool=2)
    before = {path: path.stat().st_mtime_ns for path in (own / "mine").rglob("*")}
    again = _build(own, wanted=_wanted(per_stratum=2), pool=2)
    assert (first.unchanged, again.unchanged, again.digest) == (False, True, first.digest)
    assert "nothing was written" in _text(again)
    others: tuple[dict[str, Any], ...] = (
        {"wanted": _wanted(per_stratum=3), "pool": 2},
        {"wanted": _wanted(per_stratum=2), "pool": 3},
    )
    for options in others:
        with pytest.raises(StoreError, match="holds") as caught:
            _build(own, **options)
        assert "--out" in caught.value.hint
    assert {path: path.stat().st_mtime_ns for path in (own / "mine").rglob("*")} == before
    assert _left_behind(own) == ["mine"]


def test_a_changed_benchmark_is_not_taken_for_the_same(own: Path) -> None:
    """The head alone does not prove it: the files are looked at."""
    _build(own)
    with (own / "mine" / "cases.jsonl").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(StoreError, match="was changed"):
        _build(own)


def test_a_folder_of_something_else_is_left_alone(own: Path) -> None:
    """A folder that is not a benchmark is not written into."""
    (own / "mine").mkdir()
    (own / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match="is there already"):
        _build(own)
    assert _left_behind(own / "mine") == ["thesis.txt"]


def test_a_full_disk_leaves_nothing_behind(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fifth image does not fit: two lines, no folder, no part of one."""
    written = []
    whole = Path.write_bytes

    def write(self: Path, data: bytes) -> int:
        written.append(self)
        if len(written) == 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(self, data)

    monkeypatch.setattr(Path, "write_bytes", write)
    with pytest.raises(StoreError, match="No space left on device") as caught:
        _build(own)
    assert "free some space" in caught.value.hint
    assert len(written) == 5
    assert _left_behind(own) == []


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_said_so(own: Path) -> None:
    """The error names the folder."""
    (own / "closed").mkdir(mode=0o555)
    with pytest.raises(StoreError, match="cannot be written"):
        _build(own, "closed/mine")


@pytest.mark.parametrize("damage", ["cut", "empty", "text"])
def test_a_damaged_image_of_a_drawn_case_is_named(own: Path, damage: str) -> None:
    """The file is in the message, and no folder is left."""
    path = own / "images" / "case3-0.png"
    path.write_bytes({"cut": _png(1)[:-30], "empty": b"", "text": b"hello, I am no picture"}[damage])
    with pytest.raises(ImageError, match=r"case3-0\.png"):
        _build(own)
    assert _left_behind(own) == []


def test_the_guards_speak_on_the_screen(own: Path) -> None:
    """What was left out and why, what was noted, and the confounding; no line is wider than the screen."""
    lines = [json.loads(line) for line in (own / "cases.jsonl").read_text().split("\n")]
    lines[0]["reference"] = "The chest radiograph shows a round mass."
    lines[1]["reference"] = ""
    lines[2]["history"] = "Known hiddenoma 2."
    lines[4]["reference"] = "There is a Hiddenoma 4 in the left lung."
    (own / "cases.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    report = _build(own, wanted=_wanted(per_stratum=5))
    assert report.left_out == {"no_findings": 1, "unanswerable": 1, "history_names_diagnosis": 1}
    text = _text(report)
    assert "names a modality that is not there (1)" in " ".join(text.split())
    assert "the history names the diagnosis" in text
    assert "contains the diagnosis (1)" in text
    assert "Thorax has 4 (1 short)" in text
    assert "Modality goes with region here (no CT of Head; no MR of Thorax)" in " ".join(text.split())
    assert "as far as it can; the source has no CT of Head." in " ".join(text.split())
    assert max(map(len, text.replace(str(own), "own").splitlines())) <= 100
    kept = _build(own, "kept", keep=["unanswerable", "history-names-diagnosis"])
    assert kept.left_out == {"no_findings": 1}
    flags = {ref.source_id: ref.flags for ref in BenchmarkFolder(own / "kept").references() if ref.flags}
    assert flags == {
        "SECRET0": ("other_modality",),
        "SECRET2": ("history_names_diagnosis",),
        "SECRET4": ("contains_diagnosis",),
    }


def test_missing_images_of_drawn_cases_are_counted_and_named(shared: Path, tmp_path: Path) -> None:
    """The draw does not depend on the disk: what it lacks is an error, and nothing is written."""
    with pytest.raises(
        InputError, match=r"images of drawn cases are missing: case 'MPX\d+' lacks '.*png'.* and .* more"
    ):
        build_medpix(shared / "data/medpix", tmp_path / "x", STANDARD)
    assert not list(tmp_path.iterdir())


def test_medpix_among_what_is_there(shared: Path, tmp_path: Path) -> None:
    """--available-only is recorded; the pool shares no topic with the benchmark and fills each region."""
    report = build_medpix(
        shared / "data/medpix", tmp_path / "mp", _wanted(per_stratum=4, available_only=True), pool=20
    )
    folder = BenchmarkFolder(tmp_path / "mp")
    folder.check()
    assert folder.head.draw.available_only
    assert (report.total.drawn, folder.head.pool) == (20, 20)
    references = list(folder.references())
    pool = (tmp_path / "mp/pool/references.jsonl").read_text().splitlines()
    topics = {ref.topic for ref in references}
    assert len(topics) > 15
    assert all(json.loads(line)["topic"] not in topics for line in pool)
    assert {example.case.region for example in folder.pool} == {case.region for case in folder.cases()}
    assert "MPX" not in (tmp_path / "mp/cases.jsonl").read_text()


def test_the_report_draw_takes_no_other_option(shared: Path, tmp_path: Path) -> None:
    """It is a fixed recipe; built, it has all 61 images, and says what was noted."""
    source = shared / "data/medpix"
    with pytest.raises(UsageError, match="fixed draw"):
        build_medpix(source, tmp_path / "b", _wanted(seed=7), recipe="report-2026-02")
    with pytest.raises(UsageError, match="'report-2025'"):
        build_medpix(source, tmp_path / "b", STANDARD, recipe="report-2025")
    report = build_medpix(source, tmp_path / "b", STANDARD, recipe="report-2026-02", pool=3)
    assert (report.total.drawn, report.total.images, report.flags["other_modality"]) == (20, 61, 10)
    assert BenchmarkFolder(tmp_path / "b").head.draw.recipe == "report-2026-02"


def test_phantoms_take_the_same_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first cases are the benchmark, the others the pool, as they were drawn."""

    def phantom_cases(count: int, seed: int, *, start: int = 0, edition: int) -> list[SourceCase]:
        return [
            SourceCase(f"p{seed}-{n}", "Head", (SourceImage(f"{n}.png", _png(n), modality="CT"),), "A mass.")
            for n in range(start, start + count)
        ]

    monkeypatch.setattr("medbench.datasets.phantom.cases.phantom_cases", phantom_cases)
    report = build_phantom(tmp_path / "phantom-3", cases=3, seed=5, pool=2)
    folder = BenchmarkFolder(tmp_path / "phantom-3")
    assert [ref.source_id for ref in folder.references()] == ["p5-0", "p5-1", "p5-2"]
    assert (folder.head.pool, folder.head.draw.recipe, report.pool) == (2, "phantom", 2)
    with pytest.raises(UsageError, match="'0' cases"):
        build_phantom(None, cases=0)


def test_the_command_takes_comma_lists(own: Path) -> None:
    """Names with commas or the option repeated; the result is on stdout."""
    line = [
        "folder",
        "--cases",
        str(own / "cases.jsonl"),
        "--images",
        str(own / "images"),
        "--out",
        str(own / "o"),
    ]
    done = CliRunner().invoke(
        app, [*line, "--keep", "unanswerable,no-radiology", "--regions", "head", "--pool", "0"]
    )
    assert done.exit_code == 0, done.output
    head = BenchmarkFolder(own / "o").head
    assert head.draw.keep == ("unanswerable", "no-radiology")
    assert (head.draw.filters, head.cases, head.pool) == ({"region": ("Head",)}, 6, 0)


@pytest.mark.parametrize("command", ["medpix", "phantom", "folder"])
def test_help_ends_with_lines_to_type(command: str) -> None:
    """Every command shows what to type."""
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert f"medbench build {command}" in done.output


def test_metadata_is_taken_out_and_both_digests_are_recorded(own: Path) -> None:
    """The case names the file that was and the one that is; the pixels are the same; the screen says so."""
    paths = sorted((own / "images").iterdir())
    for path in paths[::2]:
        exif = Image.Exif()
        exif[0x010E] = "Doe^Jane"
        with Image.open(path) as picture:
            picture.save(path, "PNG", exif=exif)
    originals = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in paths}
    report = build_folder(own / "cases.jsonl", own / "images", own / "out", strip_metadata=True)
    assert any("taken out of 9 images, whose pixels are unchanged" in note for note in report.notes)
    bench = BenchmarkFolder(own / "out")
    images = [image for case in bench.cases() for image in case.images]
    assert sum(image.original_sha256 is not None for image in images) == 9
    for image in images:
        data = (bench.path / image.file).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (image.sha256, image.bytes)
        assert b"Doe^Jane" not in data
        source = originals[image.original_sha256 or image.sha256]
        with Image.open(source) as before, Image.open(io.BytesIO(data)) as after:
            assert before.tobytes() == after.tobytes()
    assert b"original_sha256" not in next(iter(bench.cases())).model_copy(update={"images": ()}).to_line()
    assert build_folder(own / "cases.jsonl", own / "images", own / "out", strip_metadata=True).unchanged


def test_an_image_is_decoded_once(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for cases that are almost alike leaves nothing to decode when the images are written."""
    from medbench.images import load

    decoded: list[str] = []
    real = load._decode

    def counting(data: bytes, sha256: str, shown: str) -> load.LoadedImage:
        decoded.append(sha256)
        return real(data, sha256, shown)

    monkeypatch.setattr(load, "_decode", counting)
    lines = [json.loads(line) for line in (own / "cases.jsonl").read_text("utf-8").splitlines()]
    rows = [json.dumps({key: value for key, value in line.items() if key != "topic"}) for line in lines]
    (own / "cases.jsonl").write_text("\n".join(rows), "utf-8")
    build_folder(own / "cases.jsonl", own / "images", own / "out")
    assert len(decoded) == len(set(decoded)) == 18
