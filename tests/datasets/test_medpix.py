"""Reading a checkout of MedPix 2.0: its layouts, its quirks, and copies that are not whole."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from medbench.datasets.examine import examine, flag_counts, left_out
from medbench.datasets.medpix import dataset_of, find_medpix, read_medpix
from medbench.datasets.medpix_fields import (
    CORRECTED,
    SAME_PATIENT,
    SCANS,
    SPELLINGS,
)
from medbench.errors import InputError


def _description(name: str, uid: str, **fields: Any) -> dict[str, Any]:
    about = {"ACR Codes": "1.1", "Age": "0", "Caption": "a slice", "Figure Part": None, "Sex": "N/A"}
    about |= {"Modality": " MR - Montage of Images", "Plane": "Transverse", **fields}
    return {
        "Type": "MR",
        "U_id": uid,
        "image": name,
        "Description": about,
        "Location": "Brain",
        "Location Category": "Spine and Muscles",
    }


def _write(base: Path, splits: Path) -> None:
    splits.mkdir(parents=True, exist_ok=True)
    text = {"Title": "T", "History": "n/a", "Findings": "  Two  spaces stay.\n", "Case Diagnosis": "D"}
    topic = {"Title": "Aortic (AVM) x", "Disease Discussion": "about it", "ACR Code": "1.2"}
    cases = [
        {"U_id": "U2", "TAC": [], "MRI": [], "Case": text, "Topic": topic},
        {"U_id": "U1", "TAC": [], "MRI": [], "Case": {"Title": "T", "History": "Cough."}, "Topic": topic},
    ]
    images = [
        _description("U1_a", "U1", Age="12", Sex="male"),
        _description("U2_b", "U2"),
        _description("U2_a", "U2"),
    ]
    (base / "Case_topic.json").write_text(json.dumps(cases))
    (base / "Descriptions.json").write_text(json.dumps(images))
    uids = {"train": ["U2"], "train_1": ["U2"], "train_2": [], "dev": ["U1"], "test": []}
    (splits / "uid_list.json").write_text(json.dumps(uids))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small source of MedPix's shape, with its real layout."""
    _write_to = tmp_path / "MedPix-2.0" / "MedPix-2-0"
    (_write_to / "images").mkdir(parents=True)
    _write(_write_to, _write_to / "splitted_dataset")
    return tmp_path / "MedPix-2.0"


def test_a_checkout_is_read_in_its_order(checkout: Path) -> None:
    """Cases as in Case_topic.json, images as in Descriptions.json, texts verbatim, fields cleaned."""
    two, one = read_medpix(checkout)
    assert (two.source_id, one.source_id) == ("U2", "U1")
    assert [image.name for image in two.images] == ["U2_b.png", "U2_a.png"]
    assert two.text == "  Two  spaces stay.\n"
    assert (one.text, two.history, one.history) == ("", None, "Cough.")
    assert (two.age, two.sex, one.age, one.sex) == (None, None, "12", "male")
    assert (two.split, one.split) == ("train", "dev")
    assert two.region == "Spine/MSK"
    assert (two.topic, two.acr_codes) == ("aortic-avm-x", ("1.2", "1.1"))
    image = two.images[0]
    assert (image.modality, image.sequence, image.plane) == ("MR", "montage", "axial")
    assert image.content == checkout / "MedPix-2-0" / "images" / "U2_b.png"


@pytest.mark.parametrize("layout", ["inner", "root", "flat"])
def test_three_layouts_are_known(checkout: Path, tmp_path: Path, layout: str) -> None:
    """The inner folder, the files at the root with images/, and all in one folder with the splits beside."""
    if layout == "inner":
        source = checkout / "MedPix-2-0"
    else:
        source = tmp_path / layout
        source.mkdir()
        _write(source, source)
        if layout == "root":
            (source / "images").mkdir()
    cases = read_medpix(source)
    assert [case.split for case in cases] == ["train", "dev"]
    assert cases[0].images[0].content == (
        source / "U2_b.png" if layout == "flat" else source / "images" / "U2_b.png"
    )


def test_the_source_is_looked_for_here_and_in_the_environment(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """./MedPix-2.0 first, then $MEDBENCH_MEDPIX, else the clone command."""
    monkeypatch.chdir(tmp_path)
    assert find_medpix() == Path("MedPix-2.0")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("MEDBENCH_MEDPIX", str(checkout))
    assert find_medpix() == checkout
    monkeypatch.delenv("MEDBENCH_MEDPIX")
    with pytest.raises(InputError, match=r"neither './MedPix-2.0' nor \$MEDBENCH_MEDPIX holds") as caught:
        find_medpix()
    assert caught.value.hint.startswith(
        "git clone --depth 1 https://github.com/CHILab1/MedPix-2.0   (320 MB)"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Case_topic.json", None),
        ("Case_topic.json", "[{"),
        ("Case_topic.json", "[]"),
        ("Case_topic.json", '[{"U_id": "U1"}]'),
        ("Case_topic.json", '{"a": 1}'),
        ("Descriptions.json", None),
        ("Descriptions.json", "version https://git-lfs.github.com/spec/v1"),
        ("Descriptions.json", "[]"),
        ("Descriptions.json", '[{"U_id": "U1"}]'),
        ("splitted_dataset/uid_list.json", "{"),
        ("splitted_dataset/uid_list.json", '{"train": []}'),
    ],
)
def test_a_half_cloned_source_is_said_so(checkout: Path, name: str, content: str | None) -> None:
    """A missing, cut or wrong file is named, and the hint says where the whole source is."""
    path = checkout / "MedPix-2-0" / name
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=path.name) as caught:
        read_medpix(find_medpix(checkout))
    assert "git clone" in caught.value.hint


def test_an_image_name_cannot_leave_the_folder(checkout: Path) -> None:
    """A source that was tampered with is refused."""
    path = checkout / "MedPix-2-0" / "Descriptions.json"
    path.write_text(path.read_text().replace("U2_b", "../../etc/passwd"))
    with pytest.raises(InputError, match=r"'\.\./\.\./etc/passwd'"):
        read_medpix(checkout)


@pytest.mark.parametrize("how", ["loose", "packed", "detached", "none"])
def test_the_commit_is_read_from_gits_own_files(checkout: Path, how: str) -> None:
    """Without running git, from the root or the inner folder; None where it cannot be told."""
    git = checkout / ".git"
    git.mkdir()
    sha = "d3bc4315" * 5
    (git / "HEAD").write_text(f"{sha}\n" if how == "detached" else "ref: refs/heads/main\n")
    if how == "loose":
        (git / "refs/heads").mkdir(parents=True)
        (git / "refs/heads/main").write_text(f"{sha}\n")
    if how == "packed":
        (git / "packed-refs").write_text(f"# pack-refs\n{sha} refs/heads/main\n")
    expected = None if how == "none" else sha
    assert dataset_of(checkout).commit == expected
    assert dataset_of(checkout / "MedPix-2-0").commit == expected


def test_the_tables_fit_the_real_source(shared: Path) -> None:
    """Every spelling, region and corrected image of the real files is known, and none is made up."""
    source = shared / "data/medpix"
    raw = json.loads((source / "Descriptions.json").read_bytes())
    assert {image["Description"]["Modality"] for image in raw} == set(SPELLINGS)
    assert len(SPELLINGS) == 29
    names = {image["image"] for image in raw}
    assert SCANS | set(CORRECTED) <= names
    cases = read_medpix(source)
    assert set().union(*SAME_PATIENT) <= {case.source_id for case in cases}
    assert Counter(case.split for case in cases) == {"train": 535, "dev": 67, "test": 69}
    assert all(image.modality in {"CT", "MR"} for case in cases for image in case.images)


def test_the_figures_of_the_guide_are_those_of_the_guards(shared: Path) -> None:
    """docs/building.md quotes these counts."""
    found = examine(read_medpix(shared / "data/medpix"))
    assert left_out(found) == {"no_findings": 17, "unanswerable": 266, "history_names_diagnosis": 15}
    assert flag_counts(found) == {"other_modality": 237, "points_elsewhere": 31, "too_short": 10}
    regions = Counter(one.case.region for one in found if not one.reasons)
    assert regions == {"Head": 165, "Thorax": 57, "Abdomen": 72, "Spine/MSK": 52, "Urinary": 33}
    guide = (Path(__file__).parents[2] / "docs/building.md").read_text("utf-8")
    for figure in ("| 17 |", "| 266 |", "| 15 |", "379"):
        assert figure in guide
