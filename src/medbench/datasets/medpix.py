"""Reads a checkout of MedPix 2.0 (github.com/CHILab1/MedPix-2.0) into cases."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from medbench.datasets.medpix_fields import (
    REGIONS,
    age_of,
    is_radiology,
    kind_of,
    plane_of,
    present,
    sex_of,
)
from medbench.datasets.source import SourceCase, SourceImage
from medbench.errors import InputError, UsageError
from medbench.schema.benchmark import Dataset

REPOSITORY = "https://github.com/CHILab1/MedPix-2.0"
DEFAULT_FOLDER = "MedPix-2.0"
VARIABLE = "MEDBENCH_MEDPIX"
CASES = "Case_topic.json"
IMAGES = "Descriptions.json"
SPLITS = "uid_list.json"
REGION_ORDER = tuple(REGIONS.values())

_CLONE = f"git clone --depth 1 {REPOSITORY}   (320 MB), then this line again"


def find_medpix(source: Path | None = None) -> Path:
    """The folder of a checkout: the given one, else ./MedPix-2.0, else $MEDBENCH_MEDPIX.

    Raises:
        UsageError: The given folder is not there.
        InputError: None of them holds MedPix's files.
    """
    if source is not None:
        if not source.is_dir():
            raise UsageError(f"'{source}' is no folder.", f"--source with the checkout   ({_CLONE})")
        if _base(source) is None:
            raise InputError(
                f"no MedPix 2.0 in '{source}': it does not hold '{CASES}'.", _clone_or_pull(source)
            )
        return source
    named = os.environ.get(VARIABLE, "")
    for folder in (Path(DEFAULT_FOLDER), *([Path(named)] if named else [])):
        if _base(folder) is not None:
            return folder
    half = next((f for f in (Path(DEFAULT_FOLDER), Path(named or DEFAULT_FOLDER)) if f.is_dir()), None)
    raise InputError(
        f"no MedPix 2.0 here: neither './{DEFAULT_FOLDER}' nor ${VARIABLE} holds '{CASES}'.",
        _clone_or_pull(half) if half else _CLONE,
    )


def read_medpix(source: Path) -> list[SourceCase]:
    """All cases in the order of Case_topic.json, their images in the order of Descriptions.json.

    Texts are verbatim. Image files may be missing: whether they are there matters only once a case is drawn.

    Args:
        source: A checkout: its root, its folder 'MedPix-2-0', or a flat copy of the files.

    Raises:
        InputError: A file is missing, cut or of another shape.
    """
    base = _base(source)
    if base is None:
        raise InputError(f"no MedPix 2.0 in '{source}': it does not hold '{CASES}'.", _clone_or_pull(source))
    cases, images = _records(base / CASES), _records(base / IMAGES)
    by_case: dict[str, list[dict[str, Any]]] = {}
    splits = _splits(base)
    folder = base / "images" if (base / "images").is_dir() else base
    try:
        for image in images:
            by_case.setdefault(image["U_id"], []).append(image)
        return [_case(raw, by_case[raw["U_id"]], folder, splits) for raw in cases]
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"'{base / CASES}' and '{IMAGES}' are not MedPix 2.0's: {type(error).__name__} at {error}.",
            _clone_or_pull(source),
        ) from None


def dataset_of(source: Path) -> Dataset:
    """The record of where the cases come from; with the commit where git's own files tell it."""
    return Dataset(name="MedPix 2.0", source=REPOSITORY.removeprefix("https://"), commit=_commit(source))


def _case(
    raw: dict[str, Any], images: list[dict[str, Any]], folder: Path, splits: dict[str, str]
) -> SourceCase:
    text, topic, uid = raw["Case"], raw["Topic"], raw["U_id"]
    described = [image["Description"] for image in images]
    codes = (topic.get("ACR Code"), *(about.get("ACR Codes") for about in described))
    return SourceCase(
        source_id=uid,
        region=REGIONS[images[0]["Location Category"]],
        images=tuple(_image(image, folder) for image in images),
        text=present(text.get("Findings")) or "",
        age=age_of(described[0].get("Age")),
        sex=sex_of(described[0].get("Sex")),
        history=present(text.get("History")),
        split=splits.get(uid),
        topic=_slug(topic.get("Title")),
        title=present(text.get("Title")),
        diagnosis=present(text.get("Case Diagnosis")),
        differential=present(text.get("Differential Diagnosis")),
        discussion=present(text.get("Discussion")) or present(topic.get("Disease Discussion")),
        acr_codes=tuple(dict.fromkeys(code for code in map(present, codes) if code)),
    )


def _image(raw: dict[str, Any], folder: Path) -> SourceImage:
    about, name = raw["Description"], raw["image"]
    if not re.fullmatch(r"[\w-]+", name):
        raise InputError(f"'{IMAGES}' names an image '{name}', which is no plain file name.", _CLONE)
    kind = kind_of(name, about.get("Modality") or "", raw["Type"])
    return SourceImage(
        name=f"{name}.png",
        content=folder / f"{name}.png",
        modality=kind.modality,
        sequence=kind.sequence,
        contrast=kind.contrast,
        plane=plane_of(name, about.get("Plane"), kind.modality),
        caption=present(about.get("Caption")) or "",
        radiology=is_radiology(name, about.get("Plane")),
    )


def _slug(title: object) -> str | None:
    text = present(title)
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-") or None if text else None


def _base(source: Path) -> Path | None:
    return next((base for base in (source, source / "MedPix-2-0") if (base / CASES).is_file()), None)


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(
            f"'{path}' cannot be read: {error.strerror or error}; the copy of MedPix 2.0 is not whole.",
            _clone_or_pull(path.parent),
        ) from None
    except ValueError:
        raise InputError(f"'{path}' is cut or no JSON.", _clone_or_pull(path.parent)) from None
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise InputError(f"'{path}' is not MedPix's list of records.", _clone_or_pull(path.parent))
    return found


def _splits(base: Path) -> dict[str, str]:
    path = next((p for p in (base / SPLITS, base / "splitted_dataset" / SPLITS) if p.is_file()), None)
    if path is None:
        return {}
    try:
        found = json.loads(path.read_bytes())
        # 'train_1' and 'train_2' are halves of 'train'.
        return {uid: split for split in ("train", "dev", "test") for uid in found[split]}
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"'{path}' is cut or not MedPix's list of splits.", _clone_or_pull(base)) from None


def _commit(source: Path) -> str | None:
    """The revision from .git, read without running git."""
    for folder in (source, *([source.absolute().parent] if source.absolute().name == "MedPix-2-0" else [])):
        git = folder / ".git"
        try:
            head = (git / "HEAD").read_text("utf-8").strip()
            name = head.removeprefix("ref: ")
            if name == head:
                return _hash(head)
            if (git / name).is_file():
                return _hash((git / name).read_text("utf-8").strip())
            packed = (git / "packed-refs").read_text("utf-8").splitlines()
            return next((_hash(line.split()[0]) for line in packed if line.endswith(f" {name}")), None)
        except (OSError, UnicodeDecodeError):
            continue
    return None


def _hash(text: str) -> str | None:
    return text if re.fullmatch(r"[0-9a-f]{40,64}", text) else None


def _clone_or_pull(folder: Path) -> str:
    if not folder.exists():
        return _CLONE
    return f"{_CLONE.removesuffix(', then this line again')} into another folder, then --source with it"
