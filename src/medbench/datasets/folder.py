"""Reads cases of your own: a CSV or JSON Lines table and a folder of images."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from medbench.datasets.dependence import grouped
from medbench.datasets.failed_text import failed_text, is_spreadsheet_error
from medbench.datasets.source import SourceCase, SourceImage
from medbench.datasets.table import KINDS, Table, read_table
from medbench.errors import InputError, UsageError
from medbench.schema.case import Modality
from medbench.sentences import counted, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from medbench.images.load import LoadedImage

_PER_IMAGE = ("modality", "sequence", "contrast", "plane", "caption")
_TEXTS = (
    *("reference", "region", "history", "age", "sex", "diagnosis", "differential"),
    *("discussion", "topic", "title", "split"),
)
_COLUMNS = {name: name for name in ("id", "images", "patient", "group", *_TEXTS, *_PER_IMAGE)} | {
    "findings": "reference",
    "text": "reference",
    "image": "images",
    "case": "id",
    "case_id": "id",
    "patient_id": "patient",
    "subject": "patient",
}
_HALF = re.compile("[\ud800-\udfff]")
"""Half a pair of surrogates, which JSON can name and UTF-8 cannot hold."""
_NEEDED = "every case needs: id, images, reference"
_MODALITIES: dict[str, Modality] = {
    **{name.casefold(): name for name in get_args(Modality)},
    **dict.fromkeys(("mri", "magnetic resonance"), "MR"),
    **dict.fromkeys(("x-ray", "xray", "cr", "dx", "dr", "radiograph", "mg"), "XR"),
    **dict.fromkeys(("ultrasound", "sonography"), "US"),
    **dict.fromkeys(("pet", "pt", "nuclear"), "NM"),
    "other": "OT",
}
_SEXES: dict[str, Literal["female", "male"]] = {
    **dict.fromkeys(("f", "female", "w"), "female"),
    **dict.fromkeys(("m", "male"), "male"),
}


class FolderCases(NamedTuple):
    """The cases of a table."""

    cases: list[SourceCase]
    """In the table's order; those of one patient have one topic."""
    notes: tuple[str, ...]
    """Sentences on what was read otherwise than it was written, and on what is not independent."""
    decoded: Mapping[str, LoadedImage]
    """Images that were decoded already, by sha256, without their bytes."""


def read_folder(table: Path, images: Path, names: Mapping[str, str] | None = None) -> FolderCases:
    """Return all cases of a table.

    Args:
        table: A .csv, .tsv, .xlsx or .jsonl file; docs/building.md lists its columns.
        images: The folder in which the images of the table lie.
        names: A column of medbench's to the table's name for it.

    Raises:
        UsageError: There is no such table or folder, or the table is of another kind.
        InputError: The table is empty or broken, names a case twice, or an image that is missing or lies
            outside the folder; the message names the line.
    """
    if not images.is_dir():
        raise UsageError(f"'{images}' is not a folder.", "--images with the folder in which the images lie")
    if table.suffix.lower() not in KINDS:
        raise UsageError(
            f"'{table}' is none of {', '.join(KINDS)}.", "--cases cases.csv   (columns: id,images,reference)"
        )
    read = read_table(
        table, columns_of(names or {}), needed=("id", "images", "reference"), rename="--map {name}={given}"
    )
    return cases_of(read, table, images)


def cases_of(read: Table, table: Path, images: Path) -> FolderCases:
    """Return the cases of the rows of a table.

    Raises:
        InputError: There are no rows, one is broken or names a case twice, or an image is missing or lies
            outside the folder; the message names the line.
    """
    cases: dict[str, SourceCase] = {}
    patients: list[str | None] = []
    for where, cells in read.rows:
        row = _given(cells)
        case = _case(row, images, where)
        if case.source_id in cases:
            raise InputError(
                f"{where}: the id '{case.source_id}' is given twice: another case has it.",
                "give every case a different id",
            )
        cases[case.source_id] = case
        patients.append(_patient(row))
    if not cases:
        raise InputError(f"'{table}' has no cases.", f"one line per case; {_NEEDED}")
    groups = grouped(list(cases.values()), patients)
    return FolderCases(groups.cases, (*read.notes, *groups.notes), groups.decoded)


def _given(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells that hold something: where nothing is known, programs write NaN into JSON Lines."""
    nothing = {name for name, value in cells.items() if isinstance(value, float) and math.isnan(value)}
    return {name: value for name, value in cells.items() if name not in nothing}


def columns_of(names: Mapping[str, str]) -> dict[str, str]:
    """Return the names that columns may have, with those of the command line.

    Raises:
        UsageError: A name stands for no column of medbench.
    """
    known = set(_COLUMNS.values())
    for name in names:
        if name not in known:
            close = nearest(name, known) or ", ".join(sorted(known))
            raise UsageError(f"no column is called '{name}'.", f"--map {close}=…")
    return {**_COLUMNS, **{given.strip().casefold(): name for name, given in names.items()}}


def column_named(name: str) -> str:
    """Return the column that a name stands for: 'reference' for 'findings', too.

    Raises:
        UsageError: No column has that name.
    """
    known = {**_COLUMNS, **{own: own for own in ("volume", "question", "choices")}, "answer": "reference"}
    if name not in known:
        close = nearest(name, known) or ", ".join(sorted(set(known.values())))
        raise UsageError(f"no column is called '{name}'.", f"--map {close}=…")
    return known[name]


def modality_named(name: str) -> Modality | None:
    """Return the modality that a word means, in any case; None for another word."""
    return _MODALITIES.get(name.strip().casefold())


def sex_named(name: str) -> Literal["female", "male"] | None:
    """Return the sex that a word means, in any case; None for another word."""
    return _SEXES.get(name.strip().casefold())


def _patient(row: Mapping[str, Any]) -> str | None:
    """Return whose the case is; patients of two hospitals or studies may have one number."""
    parts = [f"{name} {str(row[name]).strip()}" for name in ("group", "patient") if name in row]
    return " ".join(parts) or None


def _case(row: dict[str, Any], folder: Path, where: str) -> SourceCase:
    for name in ("id", "images"):
        if name not in row:
            raise InputError(f"{where}: '{name}' is missing.", f"{_NEEDED}   (another name: --map {name}=…)")
    _check_computed(row, where)
    names = _image_names(row["images"], where)
    per_image = [_for_each_image(row, name, len(names), where) for name in _PER_IMAGE]
    texts = {name: _text(row, name, where) for name in _TEXTS if name in row}
    sex = texts.pop("sex", None)
    if sex is not None and sex.casefold() not in _SEXES:
        raise InputError(f"{where}: sex is '{sex}'.", "female, male, or an empty cell where it is unknown")
    return SourceCase(
        source_id=str(row["id"]).strip(),
        region=texts.pop("region", "unknown"),
        images=tuple(
            SourceImage(
                name=name,
                content=_inside(folder, name, where),
                modality=_modality(modality, where),
                sequence=sequence,
                contrast=contrast,
                plane=plane,
                caption=caption or "",
            )
            for name, modality, sequence, contrast, plane, caption in zip(names, *per_image, strict=True)
        ),
        text=texts.pop("reference", ""),
        sex=_SEXES[sex.casefold()] if sex else None,
        **texts,  # type: ignore[arg-type] # the rest are optional texts of the same name
    )


def _check_computed(row: Mapping[str, Any], where: str) -> None:
    """Check that no cell is an error of a spreadsheet or broken, and no reference the error of a program."""
    for name, value in row.items():
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and _HALF.search(text) for text in texts):
            raise InputError(
                f"{where}: '{name}' holds half a character, which no file can hold.",
                "write that text anew, or leave out the row",
            )
        if isinstance(value, str) and is_spreadsheet_error(value):
            raise InputError(
                f"{where}: '{name}' is '{value.strip()}', an error of the spreadsheet.",
                "put the value in its place, or leave out the row",
            )
    reference = row.get("reference")
    failed = failed_text(reference) if isinstance(reference, str) else None
    if failed is not None and failed.kind != "empty":
        begins = " ".join(str(reference).split())[:60]
        raise InputError(
            f"{where}: 'reference' is what a program writes when it fails: '{begins}'.",
            "put the text of the report in its place, or leave out the row",
        )


def _text(row: dict[str, Any], name: str, where: str) -> str:
    value = row[name]
    if isinstance(value, bool | dict | list):
        raise InputError(f"{where}: '{name}' is not a text: '{value}'.", "put it in quotes")
    # References and histories stay verbatim; names of things lose the blanks around them.
    return value if name in {"reference", "history"} and isinstance(value, str) else str(value).strip()


def _image_names(value: object, where: str) -> list[str]:
    names = value if isinstance(value, list) else str(value).split(";")
    plain = [str(name).strip() for name in names if str(name).strip()]
    if not plain:
        raise InputError(f"{where} names no image.", "images: one file, or several as a.png;b.png")
    twice = next((name for name in plain if plain.count(name) > 1), None)
    if twice:
        raise InputError(f"{where} names the image '{twice}' twice.", "name each image once")
    return plain


def _for_each_image(row: dict[str, Any], name: str, count: int, where: str) -> list[str | None]:
    """Return a value for each image: one for all of them, or one each (a list, or separated by ';')."""
    value = row.get(name)
    if value is None:
        return [None] * count
    parts = value if isinstance(value, list) else [str(value)] if name == "caption" else str(value).split(";")
    if len(parts) == 1:
        parts = parts * count
    if len(parts) != count:
        raise InputError(
            f"{where}: {counted(len(parts), 'value')} of '{name}' for {counted(count, 'image')}.",
            "one for all, or one each",
        )
    return [str(part).strip() or None if part is not None else None for part in parts]


def _modality(name: str | None, where: str) -> Modality | None:
    if name is None:
        return None
    if name.casefold() not in _MODALITIES:
        raise InputError(f"{where}: unknown modality '{name}'.", f"one of: {', '.join(get_args(Modality))}")
    return _MODALITIES[name.casefold()]


def _inside(folder: Path, name: str, where: str) -> Path:
    """Return the path of an image, which must be a file within the folder, links followed."""
    path = folder / name.replace("\\", "/")
    try:
        real = path.resolve()
        exists = real.is_file()
        inside = real.is_relative_to(folder.resolve())
    except PermissionError as error:
        raise InputError(
            f"{where}: the image '{name[:80]}' may not be read: {error.strerror}.", "check its rights: ls -ld"
        ) from None
    except (OSError, ValueError, RuntimeError):
        raise InputError(f"{where}: '{name[:80]}' is not a file name.", "check that line") from None
    if not inside:
        raise InputError(
            f"{where}: the image '{name}' lies outside '{folder}'.",
            "copy it into the folder, and name it from there",
        )
    if not exists:
        close = nearest(name, [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()])
        hint = f"'{close}'?" if close else "check its name, and --images"
        raise InputError(f"{where}: the image '{name}' is not in '{folder}'.", hint)
    return path
