"""Reads cases of one's own: a CSV or JSON Lines table and a folder of images."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Literal, get_args

from medbench.datasets.source import SourceCase, SourceImage
from medbench.errors import InputError, UsageError
from medbench.schema.case import Modality
from medbench.sentences import counted, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALIASES = {"findings": "reference", "text": "reference", "image": "images", "case": "id", "case_id": "id"}
COLUMNS = (
    "id",
    "images",
    "reference",
    "region",
    "modality",
    "sequence",
    "contrast",
    "plane",
    "history",
    "age",
    "sex",
    "diagnosis",
    "differential",
    "discussion",
    "topic",
    "title",
    "caption",
    "split",
)
REQUIRED = ("id", "images", "reference")
_MODALITIES: dict[str, Modality] = {
    **{name.casefold(): name for name in get_args(Modality)},
    **dict.fromkeys(("mri", "magnetic resonance"), "MR"),
    **dict.fromkeys(("x-ray", "xray", "cr", "dx", "dr", "radiograph", "mg"), "XR"),
    **dict.fromkeys(("ultrasound", "sonography"), "US"),
    **dict.fromkeys(("pet", "pt", "nuclear"), "NM"),
    "other": "OT",
}
_SEXES: dict[str, Literal["female", "male"]] = {
    "f": "female",
    "female": "female",
    "w": "female",
    "m": "male",
    "male": "male",
}
_NO_REGION = "unknown"


def read_folder(table: Path, images: Path) -> list[SourceCase]:
    """All cases of a table, in its order.

    Args:
        table: A .csv or .jsonl file with the columns of `COLUMNS`.
        images: The folder in which the images of the table lie.

    Raises:
        UsageError: There is no such table or folder, or the table is of another kind.
        InputError: The table is empty or broken, names an unknown column, a case twice, or an image
            that is missing or lies outside the folder; the message names the line.
    """
    if not images.is_dir():
        raise UsageError(f"'{images}' is no folder.", "--images with the folder in which the images lie")
    rows = _csv_rows if table.suffix.lower() == ".csv" else _json_rows
    if table.suffix.lower() not in {".csv", ".jsonl"}:
        raise UsageError(
            f"'{table}' is neither .csv nor .jsonl.", "--cases cases.csv   (columns: id,images,reference)"
        )
    content = _content(table)
    found: dict[str, SourceCase] = {}
    for line, raw in rows(content, table):
        where = f"{table}, line {line}"
        case = _case(_columns(raw, where), images, where)
        if case.source_id in found:
            raise InputError(
                f"{where}: the id '{case.source_id}' is there already.", "give each case an id of its own"
            )
        found[case.source_id] = case
    if not found:
        raise InputError(f"'{table}' has no cases.", f"one line a case; columns: {', '.join(REQUIRED)} …")
    return list(found.values())


def _content(table: Path) -> str:
    try:
        # 'utf-8-sig': spreadsheets put a mark before the first column's name.
        return table.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"'{table}' is not there.", "check --cases") from None
    except OSError as error:
        raise InputError(f"'{table}' cannot be read: {error.strerror or error}.", "check --cases") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"{table}, line {line} is not UTF-8.", "save the table as UTF-8") from None


def _csv_rows(content: str, table: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(content, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            line = reader.line_num
            if None in row or None in row.values():
                raise InputError(
                    f"{table}, line {line} has not {len(reader.fieldnames or ())} cells, as the head has.",
                    'put a text with commas or line breaks in "quotes"',
                )
            yield line, dict(row)
    except csv.Error as error:
        raise InputError(
            f"{table}, line {reader.line_num or line} is broken: {error}.", "mend that line"
        ) from None


def _json_rows(content: str, table: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(
                f"{table}, line {number} is not JSON: '{line[:40]}' ({error}).", "mend that line"
            ) from None
        if not isinstance(row, dict):
            raise InputError(
                f"{table}, line {number} is no JSON object: '{line[:40]}'.", 'like {"id": "1", …}'
            )
        yield number, row


def _columns(raw: dict[str, Any], where: str) -> dict[str, Any]:
    """The row with the names of `COLUMNS`, empty cells left away."""
    row: dict[str, Any] = {}
    for given, value in raw.items():
        name = given.strip().casefold()
        name = ALIASES.get(name, name)
        if name not in COLUMNS:
            close = nearest(name, [*COLUMNS, *ALIASES])
            hint = f"{close}" if close else f"known: {', '.join(COLUMNS)}"
            if ";" in given:
                hint = "separate the columns with commas, not semicolons"
            raise InputError(f"{where.rsplit(',', 1)[0]} has an unknown column '{given}'.", hint)
        if name in row:
            raise InputError(f"{where} has the column '{name}' twice ('{given}').", "keep one of them")
        if value is not None and str(value).strip():
            row[name] = value
    for name in ("id", "images"):
        if name not in row:
            raise InputError(f"{where} has no '{name}'.", f"every case needs: {', '.join(REQUIRED)}")
    return row


def _case(row: dict[str, Any], folder: Path, where: str) -> SourceCase:
    names = _images(row["images"], where)
    kinds = [
        _spread(row, field, len(names), where)
        for field in ("modality", "sequence", "contrast", "plane", "caption")
    ]
    images = tuple(
        SourceImage(
            name=name,
            path=_inside(folder, name, where),
            modality=_modality(modality, where),
            sequence=sequence,
            contrast=contrast,
            plane=plane,
            caption=caption or "",
        )
        for name, modality, sequence, contrast, plane, caption in zip(names, *kinds, strict=True)
    )
    sex = _text(row, "sex", where)
    if sex is not None and sex.casefold() not in _SEXES:
        raise InputError(f"{where}: sex is '{sex}'.", "female, male, or an empty cell where it is unknown")
    texts = {
        name: _text(row, name, where) for name in COLUMNS if name not in {"images", "id"} and name in row
    }
    return SourceCase(
        source_id=str(row["id"]).strip(),
        region=texts.get("region") or _NO_REGION,
        images=images,
        text=texts.get("reference") or "",
        age=texts.get("age"),
        sex=_SEXES[sex.casefold()] if sex else None,
        history=texts.get("history"),
        split=texts.get("split"),
        topic=texts.get("topic"),
        title=texts.get("title"),
        diagnosis=texts.get("diagnosis"),
        differential=texts.get("differential"),
        discussion=texts.get("discussion"),
    )


def _text(row: dict[str, Any], name: str, where: str) -> str | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool | dict) or (
        isinstance(value, list) and name not in {"modality", "sequence", "contrast", "plane", "caption"}
    ):
        raise InputError(f"{where}: '{name}' is no text: '{value}'.", "put it in quotes")
    # References and histories stay verbatim; names of things lose the blanks around them.
    return value if name in {"reference", "history"} and isinstance(value, str) else str(value).strip()


def _images(value: object, where: str) -> list[str]:
    names = value if isinstance(value, list) else str(value).split(";")
    plain = [str(name).strip() for name in names if str(name).strip()]
    if not plain:
        raise InputError(f"{where} names no image.", "images: one file, or several as a.png;b.png")
    twice = next((name for name in plain if plain.count(name) > 1), None)
    if twice:
        raise InputError(f"{where} names the image '{twice}' twice.", "name each image once")
    return plain


def _spread(row: dict[str, Any], name: str, count: int, where: str) -> list[str | None]:
    """A value for each image: one for all of them, or one each (a list, or separated by ';')."""
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
        raise InputError(
            f"{where}: no modality is called '{name}'.", f"one of: {', '.join(get_args(Modality))}"
        )
    return _MODALITIES[name.casefold()]


def _inside(folder: Path, name: str, where: str) -> Path:
    """The path of an image, which must be a file within the folder, links followed."""
    path = folder / name.replace("\\", "/")
    try:
        real = path.resolve()
        if not real.is_relative_to(folder.resolve()):
            raise InputError(
                f"{where}: the image '{name}' lies outside '{folder}'.",
                "copy it into the folder, and name it from there",
            )
        there = real.is_file()
    except (OSError, ValueError, RuntimeError):
        raise InputError(f"{where}: '{name[:80]}' is no file name.", "check that line") from None
    if not there:
        raise InputError(f"{where}: the image '{name}' is not in '{folder}'.", "check its name, and --images")
    return path
