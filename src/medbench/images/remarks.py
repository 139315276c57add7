"""Remarks on an image: blank or a dot, a camera's orientation, texts or a place that may name a person."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal

from medbench.sentences import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from PIL.ImageFile import ImageFile

Remark = Literal["blank", "tiny", "orientation", "text", "place"]

_SMALLEST = 256
"""Pixels below which an image is a dot or a placeholder, and shows nothing."""
_ORIENTATION = 0x0112
_PLACE_PART = 0x8825
_LATITUDE, _LONGITUDE = 2, 4
# ImageDescription, DocumentName, HostComputer, Artist, Copyright, XPTitle … XPSubject; UserComment,
# CameraOwnerName, and others of the Exif part that hold words.
_WORDS = frozenset({0x010D, 0x010E, 0x013B, 0x013C, 0x8298, *range(0x9C9B, 0x9CA0)})
_EXIF_PART = 0x8769
_EXIF_WORDS = frozenset({0x9286, 0xA430, 0xA420, 0xFDE8})
_HARMLESS = frozenset(
    {"software", "creation time", "date:create", "date:modify", "date:timestamp", "dpi", "srgb", "gamma"}
)
_TECHNICAL = ("xml:com.adobe", "icc", "exif", "jfif", "adobe", "compression")
_DICOM_NAME = re.compile(r"[A-Za-z]{2,}\^[A-Za-z]{2,}")
_ALIKE = 3
"""Steps of 256 between the darkest and the brightest pixel of an image that looks even."""
_IN_STEPS = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"})
"""Modes whose bands have 256 steps; of others, such as 16 bits and palettes, the numbers have to be equal."""
_NAMED = 3
_MEANINGS: dict[Remark, tuple[str, str]] = {
    "blank": (
        "is of one grey or colour everywhere: is it blank?",
        "are of one grey or colour everywhere: are they blank?",
    ),
    "tiny": (
        f"has fewer than {_SMALLEST} pixels: is it blank, or a placeholder?",
        f"have fewer than {_SMALLEST} pixels: are they blank, or placeholders?",
    ),
    "orientation": (
        "is stored turned, with a note of its orientation (EXIF): viewers turn it, models may not",
        "are stored turned, with a note of the orientation (EXIF): viewers turn them, models may not",
    ),
    "text": (
        "carries texts in its metadata, which may name a person and go with it to each model",
        "carry texts in their metadata, which may name a person and go with them to each model",
    ),
    "place": (
        "carries the place where it was taken (GPS) in its metadata, which goes with it to each model",
        "carry the places where they were taken (GPS) in their metadata, which go with them to each model",
    ),
}


def remarks_on(image: ImageFile) -> tuple[Remark, ...]:
    """Return the remarks on an image that was decoded."""
    exif = image.getexif()
    noted: dict[Remark, bool] = {
        "blank": _is_blank(image),
        "tiny": image.width * image.height < _SMALLEST,
        "orientation": exif.get(_ORIENTATION, 1) not in {0, 1},
        "text": _has_words(image, [exif.get(tag) for tag in _WORDS])
        or _has_words(image, [exif.get_ifd(_EXIF_PART).get(tag) for tag in _EXIF_WORDS]),
        "place": _has_place(image, exif.get_ifd(_PLACE_PART)),
    }
    return tuple(remark for remark, holds in noted.items() if holds)


def in_words(remarked: Iterable[tuple[str, tuple[Remark, ...]]]) -> Iterator[str]:
    """Yield a sentence for each kind of remark, with the first images that it is of."""
    by_kind: dict[Remark, list[str]] = defaultdict(list)
    for name, remarks in remarked:
        for remark in remarks:
            by_kind[remark].append(name)
    for remark, names in by_kind.items():
        one, many = _MEANINGS[remark]
        yield f"{counted(len(names), f'image {one}', f'images {many}')} ({listed(names, _NAMED)})."


def _has_place(image: ImageFile, part: Mapping[int, object]) -> bool:
    """Return True if the metadata say where an image was taken: in EXIF, or in XMP as telephones write it."""
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return bool(part.get(_LATITUDE) and part.get(_LONGITUDE)) or "exif:GPSLatitude" in str(xmp)


def _is_blank(image: ImageFile) -> bool:
    """Return True if an image is of one value everywhere, or nearly, or lets all shine through."""
    bands: Any = image.getextrema()  # a pair of numbers, or one for each band
    pairs = list(bands) if isinstance(bands[0], tuple) else [bands]
    if image.mode in {"RGBA", "LA", "PA"} and pairs.pop()[1] == 0:
        return True
    most = _ALIKE if image.mode in _IN_STEPS else 0
    return all(high - low <= most for low, high in pairs)


def _has_words(image: ImageFile, values: Iterable[object]) -> bool:
    if any(_DICOM_NAME.search(str(value)) for key, value in image.info.items() if key != "icc_profile"):
        return True
    written = [
        value
        for key, value in image.info.items()
        if isinstance(key, str)
        and key.lower() not in _HARMLESS
        and not key.lower().startswith(_TECHNICAL)
        and (isinstance(value, str) or key == "comment")
    ]
    return any(map(_says_something, [*written, *values]))


def _says_something(value: object) -> bool:
    if isinstance(value, bytes):
        return bool(value.strip(b"\0 "))
    return isinstance(value, str) and bool(value.strip("\0 "))
