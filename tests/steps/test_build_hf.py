"""`build hf`: each shipped map builds from a small copy; what is downloaded, pinned, refused and recorded."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import small_sources
from hub_server import COMMIT, LATER, NAME, TOKEN, Hub
from small_sources import built, copied, pictures, png

from medbench.errors import InputError
from medbench.schema.benchmark import Terms
from medbench.store.benchmark import HEAD, BenchmarkFolder, benchmark_digest
from medbench.store.jsonl import write_one

_MAP = ("--map", "findings=report,image=image,modality=kind")


@pytest.mark.parametrize(
    ("source", "files", "cases", "images"),
    [
        ("ct-rate", small_sources.ct_rate, 4, 6),
        ("mr-rate", small_sources.mr_rate, 4, None),
        ("rexgradient", small_sources.rexgradient, 4, 2),
        ("iu-xray", small_sources.iu_xray, 4, 2),
        ("slake", small_sources.slake, 6, 1),
        ("radimagenet-vqa", small_sources.radimagenet_vqa, 9, 1),
    ],
)
def test_a_shipped_map_builds_from_a_folder(
    source: str,
    files: Callable[[], dict[str, bytes]],
    cases: int,
    images: int | None,
    medbench: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """In each source's own format: reports become references, pictures are all there, patients are groups."""
    folder = copied(tmp_path / "copy", files())
    said = medbench("build", "hf", source, "--folder", folder, "--out", "made")
    assert said.code == 0, said.err
    head, made, references = built(tmp_path / "made")
    assert len(made) == cases
    if images:
        assert {len(case.images) for case in made} == {images}
    assert all(
        case.question or "cm mass in the left" in ref.text for case, ref in zip(made, references, strict=True)
    )
    assert head.dataset.terms is not None
    assert head.dataset.terms.gated is (source in {"ct-rate", "mr-rate", "rexgradient"})
    if groups := {"ct-rate": 2, "mr-rate": 4, "rexgradient": 2, "slake": 3}.get(source):
        assert len({reference.topic for reference in references}) == groups


def test_what_is_needed_is_downloaded_at_one_commit(
    hub: Hub, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """The commit is recorded, the licence too; another line with the same commit finds the same benchmark."""
    hub.files = {**pictures(), "weights/large.bin": b"never asked for"}
    line = ("build", "hf", NAME, *_MAP, "--out", "made")
    said = medbench(*line)
    assert said.code == 0, said.err
    assert f"{NAME} at commit {COMMIT[:8]}: 6 cases, 6 images (CT 6)." in said.out
    head, made, references = built(tmp_path / "made")
    assert head.dataset.commit == COMMIT
    assert head.dataset.source == f"https://huggingface.co/datasets/{NAME}"
    assert head.dataset.terms == Terms(licence="cc-by-4.0", gated=False, own_servers_only=False)
    assert len(made) == len(references) == 6
    got = {
        path.rpartition(f"/{COMMIT}/")[2]
        for method, path, _ in hub.asked
        if method == "GET" and "resolve" in path
    }
    assert got == {"README.md", "data/test-0.parquet"}
    again = medbench(*line, "--revision", COMMIT)
    assert "holds exactly this already" in again.out
    hub.commit = LATER
    assert "has no revision" in medbench(*line, "--revision", COMMIT).err
    moved = medbench(*line, "--out", "later")
    assert moved.code == 0, moved.err
    assert built(tmp_path / "later")[0].dataset.commit == LATER


def test_an_interrupted_download_goes_on_where_it_stopped(
    hub: Hub, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The bytes of a file that broke off are not asked for again; nor is a whole file, by the next line."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    hub.files = pictures(2, more=lambda n: random.Random(n).randbytes(6 * 1024 * 1024))
    file = "data/test-0.parquet"
    piece = 10 * 1024 * 1024  # the client writes so much at a time
    hub.cut = {file: piece + 1000}
    line = ("build", "hf", NAME, *_MAP, "--out", "made")
    hub.files["data/test-1.parquet"] = pictures(1, more=b"1")["data/test-0.parquet"]
    hub.refused = {"data/test-1.parquet"}
    broken = medbench(*line)
    assert broken.code == 1
    assert "answered with status 500" in broken.err
    downloads = [asked for method, path, asked in hub.asked if method == "GET" and path.endswith(file)]
    assert downloads == [None, f"bytes={piece}-"]
    hub.asked.clear()
    assert medbench(*line).code == 0
    assert not [path for method, path, _ in hub.asked if method == "GET" and path.endswith(file)]
    assert len(built(tmp_path / "made")[1]) == 3


@pytest.mark.parametrize(
    ("change", "token", "says"),
    [
        ({"gated": "manual"}, None, "is gated, and there is no token of yours. | hf auth login"),
        ({"gated": "auto"}, "hf_stranger", "your token has no access to it. | ask for access on"),
        ({"gated": "auto"}, TOKEN, ""),
        ({"listed": ["README.md"]}, None, "has no table | --table"),
        (
            {"listed": ["README.md", "data/test-0.parquet", "data/test-1.parquet"]},
            None,
            "has no file 'data/test-1.parquet' | --revision",
        ),
        ({"listed": ["data/../../../etc/passwd"]}, None, "which leads out of it | tell its owner"),
        (
            {"license": "<script>alert(1)</script>"},
            None,
            "a licence that is not a name of one | such as cc-by-4.0",
        ),
        ({"refused": {"README.md"}}, None, "answered with status 500 | try again later"),
        ({"license": "cc-by-nc-4.0"}, None, "one of them is wrong | ask the owner"),
    ],
)
def test_each_refusal_is_a_sentence_that_says_what_to_do(
    change: dict[str, Any],
    token: str | None,
    says: str,
    hub: Hub,
    medbench: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A missing token, no access, files that are not there, names that lead out, a licence that is none."""
    hub.files = pictures()
    for name, value in change.items():
        setattr(hub, name, value)
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    said = medbench("build", "hf", NAME, *_MAP, "--out", "made")
    assert (said.code == 0) is not bool(says), said.err
    assert all(part in said.err for part in says.split(" | "))
    assert "Traceback" not in said.err
    assert "mass" not in said.err + said.out
    if token:
        assert token not in said.err + said.out


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"README.md": b"---\nlicense: [cc-by-4.0\n---\n"}, "header that is not YAML"),
        ({"README.md": b"---\nlicense: cc-by-nc-sa-4.0\n---\n"}, "one of them is wrong"),
        ({"croissant.json": b'{"license": "https://creativecommons.org/licenses/by/4.0/"}'}, ""),
        ({"croissant.json": b'{"license": ["https://spdx.org/licenses/CC-BY-4.0.html"]}'}, ""),
        (
            {"croissant.json": b'{"license": "https://creativecommons.org/licenses/by-nc-sa/4.0/"}'},
            "its Croissant file",
        ),
        ({"meta/croissant.json": b'{"license": {"name": "MIT License"}}'}, "under 'MIT License'"),
        ({"croissant.json": b"{"}, "is not JSON"),
        ({"croissant.json": b'{"license": "<b>mine</b>"}'}, "not a name of one"),
    ],
)
def test_contradictions_about_the_licence_are_refused(
    files: dict[str, bytes], says: str, hub: Hub, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Card, Croissant file and the hub's record must agree, however each writes the name."""
    hub.files = {**pictures(), **files}
    said = medbench("build", "hf", NAME, *_MAP, "--out", "made")
    assert (said.code == 0) is not bool(says), said.err
    assert says in said.err
    assert (tmp_path / "made").is_dir() is not bool(says)


def test_a_card_that_left_the_licence_of_the_map_is_refused(
    medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """A shipped map was written for a licence; under another one its terms are not known."""
    files = small_sources.ct_rate()
    files["README.md"] = b"---\nlicense: mit\n---\n"
    folder = copied(tmp_path / "copy", files)
    said = medbench("build", "hf", "ct-rate", "--folder", folder, "--out", "made")
    assert said.code == 1
    assert "under 'mit', the map of medbench under 'cc-by-nc-sa-4.0'" in said.err


def test_a_source_without_a_licence_binds_its_cases_to_own_servers(
    hub: Hub, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Nobody allowed anything, so nothing is passed on."""
    hub.files = {name: data for name, data in pictures().items() if name != "README.md"}
    hub.license = None
    assert medbench("build", "hf", NAME, *_MAP, "--out", "made").code == 0
    assert built(tmp_path / "made")[0].dataset.terms == Terms(own_servers_only=True)


def test_terms_are_in_the_digest(hub: Hub, medbench: Callable[..., Any], tmp_path: Path) -> None:
    """Who takes them out of the head, or loosens them, has another benchmark; one of before is still read."""
    hub.files = {name: data for name, data in pictures().items() if name != "README.md"}
    hub.license = None
    assert medbench("build", "hf", NAME, *_MAP, "--out", "made").code == 0
    folder, head = tmp_path / "made", built(tmp_path / "made")[0]
    BenchmarkFolder(folder).check()
    for terms in (None, Terms(own_servers_only=False), Terms(own_servers_only=True, licence="mit")):
        dataset = head.dataset.model_copy(update={"terms": terms})
        write_one(folder / HEAD, head.model_copy(update={"dataset": dataset}))
        with pytest.raises(InputError, match="not that of its files and terms: it was changed"):
            BenchmarkFolder(folder).check()
    write_one(folder / HEAD, head.model_copy(update={"digest": benchmark_digest(head.files)}))
    BenchmarkFolder(folder).check()


def test_a_hub_that_cannot_be_reached_is_said(
    hub: Hub, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the client raises: one sentence, and no traceback."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda _: None)
    said = medbench("build", "hf", NAME, *_MAP, "--out", "made")
    assert said.code == 1
    assert f"'{NAME}' could not be downloaded (ConnectError)." in said.err
    offline = medbench("--offline", "build", "hf", NAME, *_MAP, "--out", "made")
    assert (offline.code, "is refused: --offline" in offline.err) == (2, True)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (("slak",), "no source is called 'slak'. | medbench build hf slake"),
        (("a/b",), "no map is shipped for 'a/b'"),
        (("./none.toml",), "no map file './none.toml' is here."),
        (("a b/c", "--map", "findings=x"), "is not the name of a repository"),
        (("a/b", "--map", "finding=x"), "no column is called 'finding'. | --map findings=…"),
        (("rexgradient",), "cannot be downloaded case by case"),
        (("iu-xray", "--folder", "nowhere"), "'nowhere' is not a folder."),
        (("iu-xray", "--folder", ".", "--revision", "x"), "a folder has no revisions."),
        (("iu-xray", "--folder", ".", "--recipe", "mr"), "has pictures, no volumes."),
        (("a/b", "--map", "findings=x", "--folder", ".", "--table", "t.xml"), "is not a table that is read."),
    ],
)
def test_what_is_typed_wrong_is_answered(
    line: tuple[str, ...], says: str, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """With the next thing to try."""
    (tmp_path / "t.xml").write_text("<x/>")
    said = medbench("build", "hf", *line)
    assert said.code == 2, said.err
    assert all(part in said.err for part in says.split(" | ")), said.err


def test_a_data_set_that_is_not_there_or_is_private_is_said(hub: Hub, medbench: Callable[..., Any]) -> None:
    """The hub answers both alike."""
    said = medbench("build", "hf", "someone/else", *_MAP, "--out", "made")
    assert said.code == 1
    assert "there is no data set 'someone/else', or it cannot be seen without a token." in said.err


def test_a_map_of_ones_own_and_other_tables(medbench: Callable[..., Any], tmp_path: Path) -> None:
    """A TOML file in the place of a name; lines of JSON, and cells between tabs."""
    row = {"file": "12_3.png", "text": small_sources.TEXT, "sex": "F", "age": "045Y", "kind": "X-ray"}
    folder = copied(
        tmp_path / "copy",
        {
            "test.jsonl": json.dumps(row).encode(),
            "test.tsv": ("\t".join(row) + "\n" + "\t".join(row.values())).encode(),
            "images/12/12_3.png": png(1),
        },
    )
    (tmp_path / "own.toml").write_text(
        'title = "Our own"\nlicence = "mit"\n[tables]\nlines = ["*.jsonl"]\ntabs = ["*.tsv"]\n'
        '[parts]\nfile = \'^(?P<patient>\\d+)_\'\n[columns]\nid = "{_split}-{file}"\npatient = "patient"\n'
        'image = "images/{patient}/{file}"\nfindings = "text"\nsex = "sex"\nage = "age"\nmodality = "kind"\n'
    )
    said = medbench("build", "hf", "./own.toml", "--folder", folder, "--out", "made")
    assert said.code == 0, said.err
    head, cases, references = built(tmp_path / "made")
    assert {(case.sex, case.age, case.modality) for case in cases} == {("female", "45", "XR")}
    assert len(references) == 2
    assert len({reference.topic for reference in references}) == 1
    assert head.dataset.terms == Terms(licence="mit")


def test_a_column_that_moved_is_named_with_those_that_are_there(
    hub: Hub, medbench: Callable[..., Any]
) -> None:
    """The line to type is there, too."""
    hub.files = pictures()
    said = medbench("build", "hf", NAME, "--map", "findings=reports,image=image", "--out", "made")
    assert said.code == 1
    assert "has no column 'reports': it was moved or renamed." in said.err
    assert "--map NAME=report   (its columns: image, kind, report)" in said.err
