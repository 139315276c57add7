"""Fetches the pictures of cases that were drawn: from tables, files, ZIP files and volumes."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from medbench.datasets.hub.tables import Cell, pictures_in
from medbench.datasets.volumes.nifti import ENDINGS, read_nifti
from medbench.errors import InputError
from medbench.images.load import MAX_BYTES, read_image
from medbench.images.slices import MINMAX, pictures_of
from medbench.unreadable import check_readable, is_of_system, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from medbench.datasets.hub.repository import Repository
    from medbench.datasets.hub.source_map import SourceMap
    from medbench.datasets.source import SourceCase, SourceImage
    from medbench.images.load import LoadedImage
    from medbench.images.slices import Recipe

_MOST_VOLUME: Final = 2 * 1024**3
"""Most bytes of a volume in a ZIP file."""
_PIECE: Final = 1024 * 1024
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
"""Errors of a ZIP file that is damaged, encrypted or packed in an unknown way, and of its disk."""
_AIR: Final = -500
"""Hounsfield units below which a CT has values, but for one that was cut out of its surroundings."""


@dataclass(slots=True)
class Fetched:
    """The pictures that were fetched."""

    cases: dict[str, SourceCase] = field(default_factory=dict)
    """Id of a case to the case with its images."""
    decoded: dict[str, LoadedImage] = field(default_factory=dict)
    """Images that were decoded, by sha256, without their bytes."""


def fetch(
    cases: Sequence[SourceCase],
    places: Mapping[str, tuple[Cell | str, ...]],
    source: SourceMap,
    repository: Repository,
    recipe: Recipe | None,
) -> Fetched:
    """Fetch the pictures of cases; the files that are made lie where the cases say.

    Args:
        cases: The cases that were drawn.
        places: Id of a case to where its pictures lie.
        source: The map.
        repository: Its files.
        recipe: How volumes become pictures; None for a source of pictures.

    Raises:
        InputError: A file is missing or broken.
        ImageError: What should be a picture is none.
    """
    fetched = Fetched()
    with _archives(source, repository) as archives:
        for case in _cells_written(cases, places, repository.name):
            images: Iterable[SourceImage] = []
            for image, place in zip(case.images, places[case.source_id], strict=True):
                if isinstance(place, Cell):
                    images = [*images, *_of_cell(image)]
                    continue
                path = _file(place, image, archives, repository)
                if recipe is None:
                    images = [*images, replace(image, content=path)]
                else:
                    images = [*images, *_of_volume(path, image, source, recipe)]
            fetched.cases[case.source_id] = replace(case, images=tuple(images))
            _decode(fetched, case.source_id)
    return fetched


def _decode(fetched: Fetched, source_id: str) -> None:
    """Decode the images of a case, so that what is none is named by its place in the source."""
    for image in fetched.cases[source_id].images:
        assert isinstance(image.content, Path)
        if image.content.stat().st_size > MAX_BYTES:
            raise InputError(f"'{image.name}' has more than {MAX_BYTES:,} bytes.", "leave the row out")
        loaded = read_image(image.content.read_bytes(), image.name, fetched.decoded)
        fetched.decoded[loaded.sha256] = replace(loaded, data=b"")


def _cells_written(
    cases: Sequence[SourceCase], places: Mapping[str, tuple[Cell | str, ...]], name: str
) -> Iterator[SourceCase]:
    """Yield the cases, the pictures of their cells written; each part of a table is read once."""
    images = {
        place: image
        for case in cases
        for image, place in zip(case.images, places[case.source_id], strict=True)
        if isinstance(place, Cell)
    }
    for cell, pictures in pictures_in(list(images), f"a table of '{name}'"):
        for number, data in enumerate(pictures):
            _numbered(images[cell], number).write_bytes(data)
    yield from cases


def _of_cell(image: SourceImage) -> Iterator[SourceImage]:
    number = 0
    while (path := _numbered(image, number)).is_file():
        yield replace(image, content=path)
        number += 1


def _numbered(image: SourceImage, number: int) -> Path:
    assert isinstance(image.content, Path)
    return image.content.with_name(f"{image.content.name}-{number}")


def _file(
    place: str, image: SourceImage, archives: Mapping[str, zipfile.ZipFile], repository: Repository
) -> Path:
    """Return a file of the source; one of a ZIP file is unpacked to where the case says."""
    archive = archives.get(place)
    if archive is None:
        return repository.path(place)
    assert isinstance(image.content, Path)
    to = image.content.with_name(image.content.name + _ending(place))
    return _unpacked(archive, place, to, _MOST_VOLUME if place.endswith(ENDINGS) else MAX_BYTES)


def _of_volume(path: Path, image: SourceImage, source: SourceMap, recipe: Recipe) -> Iterator[SourceImage]:
    """Yield the pictures of a volume, or of the series in the ZIP file of a study."""
    if path.suffix != ".zip":
        yield from _slices(path, image, recipe)
        return
    assert isinstance(image.content, Path)
    with _opened(path, image.name) as study:
        names = sorted(study.namelist())
        members = {
            sequence: next((name for name in names if fnmatchcase(name, pattern)), None)
            for sequence, pattern in source.series.items()
        }
        if not any(members.values()):
            raise InputError(
                f"'{image.name}' has none of the series {', '.join(source.series.values())}.",
                "a map of your own with [series] as they are called there",
            )
        for sequence, member in members.items():
            if member is not None:
                to = image.content.with_name(f"{image.content.name}-{sequence}{_ending(member)}")
                volume = _unpacked(study, member, to, _MOST_VOLUME)
                yield from _slices(volume, replace(image, sequence=sequence, content=to), recipe)
                volume.unlink()


def _slices(path: Path, image: SourceImage, recipe: Recipe) -> Iterator[SourceImage]:
    assert isinstance(image.content, Path)
    if not path.name.endswith(ENDINGS):
        raise InputError(
            f"'{image.name}' is not a volume that is read.", f"one of {', '.join(ENDINGS)}, .zip"
        )
    volume = read_nifti(path, image.modality)
    if image.modality == "CT" and recipe.window != MINMAX and (least := volume.values.min()) > _AIR:
        raise InputError(
            f"'{image.name}' holds no Hounsfield units: its least value is {least:g}, where air has -1000.",
            "a copy with rescaled values; or --recipe even-24+minmax+png, which takes any values",
        )
    for place, data in pictures_of(volume.values, recipe):
        to = image.content.with_name(f"{image.content.name}-{place:04d}.{recipe.ending}")
        to.write_bytes(data)
        yield replace(image, content=to, name=f"{image.name}#{place}", plane=volume.plane)


@contextmanager
def _archives(source: SourceMap, repository: Repository) -> Iterator[dict[str, zipfile.ZipFile]]:
    """Open the ZIP files of a source, and give each file in them with its archive."""
    with ExitStack() as stack:
        found: dict[str, zipfile.ZipFile] = {}
        for name in source.archives:
            archive = stack.enter_context(_opened(repository.path(name), name))
            found.update(dict.fromkeys(archive.namelist(), archive))
        yield found


def _opened(path: Path, name: str) -> zipfile.ZipFile:
    check_readable(path, f"'{name}'")
    try:
        return zipfile.ZipFile(path)
    except _DAMAGE as error:
        if is_of_system(error):
            raise unreadable(error, f"'{name}'") from None
        raise InputError(
            f"'{name}' is not a ZIP file, or is damaged.", "get it again from its source"
        ) from None


def _unpacked(archive: zipfile.ZipFile, member: str, to: Path, most: int) -> Path:
    """Write a file of an archive to a path of our own choice, and no more of it than a picture has."""
    left = most
    with to.open("wb") as file:
        for piece in _pieces(archive, member):
            left -= len(piece)
            if left < 0:
                raise InputError(
                    f"'{Path(member).name}' would unpack to more than {most:,} bytes.", "leave it out"
                )
            file.write(piece)
    return to


def _pieces(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """Yield a file of an archive; what fails here is the archive, and not the disk that it is written to."""
    try:
        with archive.open(member) as packed:
            while piece := packed.read(_PIECE):
                yield piece
    except _DAMAGE as error:
        name = Path(archive.filename or "").name
        if is_of_system(error):
            raise unreadable(error, f"'{name}'") from None
        raise InputError(
            f"a file in '{name}' is damaged or encrypted.",
            "get it again from its source",
        ) from None


def _ending(name: str) -> str:
    return next((ending for ending in ENDINGS if name.endswith(ending)), Path(name).suffix[:8])
