"""Reads a checkout of MedPix 2.0 (github.com/CHILab1/MedPix-2.0) into cases, or each image into one."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medbench.datasets.examine import normalised
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
from medbench.paths import inside
from medbench.schema.benchmark import Dataset
from medbench.unreadable import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from medbench.datasets.examine import Examined

NAME = "MedPix 2.0"
REPOSITORY = "https://github.com/CHILab1/MedPix-2.0"
DEFAULT_FOLDER = "MedPix-2.0"
VARIABLE = "MEDBENCH_MEDPIX"
CASES = "Case_topic.json"
IMAGES = "Descriptions.json"
SPLITS = "uid_list.json"
REGION_ORDER = tuple(REGIONS.values())
"""The regions in the order of the tables."""
PLACEHOLDER, SHARED = "placeholder_caption", "shared_caption"
_PLACEHOLDER = re.compile(r"replace this\b|description of the image|caption\b|n/?a$|none$", re.IGNORECASE)
_INNER = "MedPix-2-0"
"""Folder of a checkout that holds the files."""
_CLONE = f"git clone --depth 1 {REPOSITORY}   (320 MB), then this line again"


def find_medpix(source: Path | None = None) -> Path:
    """Return the folder of a checkout: the given one, else ./MedPix-2.0, else $MEDBENCH_MEDPIX.

    Raises:
        UsageError: The given folder does not exist.
        InputError: None of them holds MedPix's files.
    """
    if source is not None:
        if not source.is_dir():
            raise UsageError(f"'{source}' is not a folder.", f"--source with the checkout   ({_CLONE})")
        if _base(source) is None:
            raise _no_medpix(source)
        return source
    folders = [Path(folder) for folder in (DEFAULT_FOLDER, os.environ.get(VARIABLE)) if folder]
    for folder in folders:
        if _base(folder) is not None:
            return folder
    incomplete = next((folder for folder in folders if folder.is_dir()), None)
    raise InputError(
        f"no MedPix 2.0 here: neither './{DEFAULT_FOLDER}' nor ${VARIABLE} holds '{CASES}'.",
        _clone_hint(incomplete) if incomplete else _CLONE,
    )


def read_medpix(source: Path) -> list[SourceCase]:
    """Return all cases in the order of Case_topic.json, their images in the order of Descriptions.json.

    Texts are verbatim. Image files may be missing: that matters only once a case is drawn.

    Args:
        source: A checkout: its root, its folder 'MedPix-2-0', or a flat copy of the files.

    Raises:
        InputError: A file is missing, cut or of another shape.
    """
    base = _base(source)
    if base is None:
        raise _no_medpix(source)
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
            _clone_hint(source),
        ) from None


def one_image_each(cases: Iterable[SourceCase]) -> tuple[list[SourceCase], dict[str, str]]:
    """Return a case for each image, and why some cannot be drawn, having no caption of their own.

    Images of one source case have one topic, so that statistics take them together and none of them is in
    the pool beside another. A caption that several images of a case share describes none of them alone.
    """
    units: list[SourceCase] = []
    reasons: dict[str, str] = {}
    for case in cases:
        shared = Counter(normalised(image.caption) for image in case.images)
        for image in case.images:
            name = image.name.rpartition(".")[0]
            if _PLACEHOLDER.match(image.caption.strip()):
                reasons[name] = PLACEHOLDER
            elif image.caption.strip() and shared[normalised(image.caption)] > 1:
                reasons[name] = SHARED
            # Without a text a case is not an example of the pool either.
            text = "" if name in reasons else image.caption
            topic = case.topic or case.source_id.lower()
            units.append(replace(case, source_id=name, images=(image,), text=text, topic=topic))
    return units, reasons


def marked(examined: Iterable[Examined], reasons: Mapping[str, str]) -> list[Examined]:
    """Return the cases of images, with these as the reasons of those that cannot be drawn."""
    return [
        replace(entry, reasons=(reasons[entry.case.source_id],)) if entry.case.source_id in reasons else entry
        for entry in examined
    ]


def patients_of_images(
    groups: Sequence[frozenset[str]], cases: Iterable[SourceCase]
) -> tuple[frozenset[str], ...]:
    """Return groups of cases that are one patient as groups of their images."""
    images = {case.source_id: [image.name.rpartition(".")[0] for image in case.images] for case in cases}
    return tuple(frozenset(name for uid in group for name in images.get(uid, ())) for group in groups)


def dataset_of(source: Path) -> Dataset:
    """Return the record of where the cases come from; with the commit where git's own files tell it."""
    return Dataset(name=NAME, source=REPOSITORY.removeprefix("https://"), commit=_commit(source))


def _case(
    raw: dict[str, Any], images: list[dict[str, Any]], folder: Path, splits: dict[str, str]
) -> SourceCase:
    text, topic, uid = raw["Case"], raw["Topic"], raw["U_id"]
    descriptions = [image["Description"] for image in images]
    codes = (topic.get("ACR Code"), *(description.get("ACR Codes") for description in descriptions))
    return SourceCase(
        source_id=uid,
        region=REGIONS[images[0]["Location Category"]],
        images=tuple(_image(image, folder) for image in images),
        text=present(text.get("Findings")) or "",
        age=age_of(descriptions[0].get("Age")),
        sex=sex_of(descriptions[0].get("Sex")),
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
    description, name = raw["Description"], raw["image"]
    if not re.fullmatch(r"[\w-]+", name):
        raise InputError(f"'{IMAGES}' names an image '{name}', which is not a plain file name.", _CLONE)
    kind = kind_of(name, description.get("Modality") or "", raw["Type"])
    return SourceImage(
        name=f"{name}.png",
        content=inside(folder, f"{name}.png"),
        modality=kind.modality,
        sequence=kind.sequence,
        contrast=kind.contrast,
        plane=plane_of(name, description.get("Plane"), kind.modality),
        caption=present(description.get("Caption")) or "",
        radiology=is_radiology(name, description.get("Plane")),
    )


def _slug(title: object) -> str | None:
    text = present(title)
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-") or None if text else None


def _base(source: Path) -> Path | None:
    return next((base for base in (source, source / _INNER) if (base / CASES).is_file()), None)


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        records = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputError(
            f"'{path}' is not there; the copy of MedPix 2.0 is incomplete.", _clone_hint(path.parent)
        ) from None
    except OSError as error:
        raise unreadable(error, f"'{path}'") from None
    except ValueError:
        raise InputError(f"'{path}' is cut or not JSON.", _clone_hint(path.parent)) from None
    if not isinstance(records, list) or not records or not all(isinstance(entry, dict) for entry in records):
        raise InputError(f"'{path}' is not MedPix's list of records.", _clone_hint(path.parent))
    return records


def _splits(base: Path) -> dict[str, str]:
    path = next((p for p in (base / SPLITS, base / "splitted_dataset" / SPLITS) if p.is_file()), None)
    if path is None:
        return {}
    try:
        uids = json.loads(path.read_bytes())
        # 'train_1' and 'train_2' are halves of 'train'.
        return {uid: split for split in ("train", "dev", "test") for uid in uids[split]}
    except OSError as error:
        raise unreadable(error, f"'{path}'") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"'{path}' is cut or not MedPix's list of splits.", _clone_hint(base)) from None


def _commit(source: Path) -> str | None:
    """Return the revision from .git, read without running git."""
    root = source.absolute()
    git = (root.parent if root.name == _INNER and not (root / ".git").exists() else root) / ".git"
    try:
        head = (git / "HEAD").read_text("utf-8").strip()
        name = head.removeprefix("ref: ")
        lines = [head]
        if name != head and (git / name).is_file():
            lines = [(git / name).read_text("utf-8")]
        elif name != head:
            packed = (git / "packed-refs").read_text("utf-8").splitlines()
            lines = [line for line in packed if line.endswith(f" {name}")]
    except (OSError, UnicodeDecodeError):
        return None
    commit = re.match(r"[0-9a-f]{40,64}\b", "".join(lines))
    return commit[0] if commit else None


def _no_medpix(source: Path) -> InputError:
    return InputError(f"no MedPix 2.0 in '{source}': it does not hold '{CASES}'.", _clone_hint(source))


def _clone_hint(folder: Path) -> str:
    if not folder.exists():
        return _CLONE
    return f"{_CLONE.removesuffix(', then this line again')} into another folder, then --source with it"
