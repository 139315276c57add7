"""Build a benchmark from a source of cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from medbench.api.arguments import check_number, check_word, split_names
from medbench.api.benchmarks import Benchmark
from medbench.store.benchmark import BenchmarkFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from medbench.report.blocks import Block
    from medbench.schema.benchmark import Draw
    from medbench.schema.results.build import BuildReport

    Names = str | Iterable[str] | None


class BuiltBenchmark(Benchmark):
    """A benchmark that was built just now. `report` says what was drawn, what was left out, and why."""

    def __init__(self, report: BuildReport) -> None:
        super().__init__(BenchmarkFolder(report.path))
        self.report = report

    def _blocks(self) -> Iterable[Block]:
        from medbench.report.build import build_screen

        return build_screen(self.report)


def build_medpix(
    source: str | Path | None = None,
    out: str | Path | None = None,
    *,
    unit: Literal["case", "image"] = "case",
    by: Names = "region",
    per_stratum: int = 20,
    regions: Names = None,
    modality: Names = None,
    split: Names = None,
    image_count: str = "any",
    seed: int = 1,
    keep: Names = None,
    available_only: bool = False,
    pool: int = 50,
    draw: str | None = None,
    strip_metadata: bool = False,
    egress: Names = None,
) -> BuiltBenchmark:
    """Draw a benchmark from MedPix 2.0 (CT and MR, 671 cases).

    Several names are a list, or one text with commas.

    Args:
        source: A checkout of MedPix 2.0; by default ./MedPix-2.0, or what $MEDBENCH_MEDPIX names.
        out: Folder to write; by default 'medpix-' or 'medpix-images-' and the number of cases.
        unit: 'image' makes each image a case, with its caption as reference.
        by: What the strata are made of: 'region', 'modality', 'plane', or several with commas.
        per_stratum: Cases of each stratum; 0 for all.
        regions: Only these regions.
        modality: Only cases of these modalities: 'CT', 'MR', 'CT+MR'.
        split: Only these splits of the source: 'train', 'dev', 'test'.
        image_count: Only cases with '1' image, '2+' images, or 'any'.
        seed: Decides which cases are drawn; the same seed draws the same cases.
        keep: Keep what is left out: 'unanswerable', 'no-radiology', 'history-names-diagnosis'.
        available_only: Draw only among cases whose images are all there.
        pool: Most cases kept apart as examples.
        draw: A fixed draw instead: 'report-2026-02'.
        strip_metadata: Take texts and other metadata out of JPEG and PNG files; pixels stay as they are.
        egress: Hosts that may be sent the cases, by their source's terms; any, if none is named.

    Raises:
        UsageError: An argument names something that is not there.
        InputError: The source, or an image of a drawn case, is missing or broken.
        StoreError: The folder cannot be written, or holds another benchmark.
    """
    from medbench.steps import build

    check_number("pool", pool, 0)
    check_word("unit", unit, ("case", "image"))
    wanted = _draw(
        by, per_stratum, seed, regions, modality, split, image_count, keep, available_only=available_only
    ).model_copy(update={"unit": unit})
    return BuiltBenchmark(
        build.build_medpix(
            _path(source),
            _path(out),
            wanted,
            recipe=draw,
            pool=pool,
            strip_metadata=strip_metadata,
            egress=split_names(egress),
        )
    )


def build_phantom(
    out: str | Path | None = None, *, cases: int = 40, seed: int = 1, pool: int = 60, edition: int = 1
) -> BuiltBenchmark:
    """Draw images whose findings are known exactly: no patients, no network.

    Args:
        out: Folder to write; by default 'phantom-' and the number of cases.
        cases: Number of cases.
        seed: The same seed gives the same images.
        pool: Cases kept apart as examples.
        edition: 1 draws as in phantom-40; 2 as in phantom-200, with more kinds of findings.

    Raises:
        UsageError: There cannot be so many cases, or there is no such edition.
        StoreError: The folder cannot be written, or holds another benchmark.
    """
    from medbench.steps import build_phantom as step

    return BuiltBenchmark(step.build_phantom(_path(out), cases=cases, seed=seed, pool=pool, edition=edition))


def build_phantom_volumes(out: str | Path | None = None, *, cases: int = 24, seed: int = 1) -> BuiltBenchmark:
    """Draw CT volumes of 60 slices with a lesion on one: which slice and window show it is known exactly.

    Args:
        out: Folder to write; by default 'phantom-volumes'.
        cases: Number of cases.
        seed: The same seed gives the same images.

    Raises:
        UsageError: There cannot be so many cases.
        StoreError: The folder cannot be written, or holds another benchmark.
    """
    from medbench.steps import build_phantom as step

    return BuiltBenchmark(step.build_phantom_volumes(_path(out), cases=cases, seed=seed))


def build_folder(
    cases: str | Path,
    images: str | Path,
    out: str | Path,
    *,
    by: Names = "region",
    per_stratum: int | None = None,
    regions: Names = None,
    modality: Names = None,
    split: Names = None,
    image_count: str = "any",
    seed: int = 1,
    keep: Names = None,
    pool: int = 50,
    columns: Mapping[str, str] | None = None,
    strip_metadata: bool = False,
    egress: Names = None,
) -> BuiltBenchmark:
    """Make a benchmark of your own cases. All of them are taken unless an argument restricts them.

    Args:
        cases: CSV, Excel or JSON Lines, one case a line: id, images, reference, patient, region, modality …
        images: Folder of the images.
        out: Folder to write; its name is the benchmark's.
        by: What the strata are made of: 'region', or 'region,modality'.
        per_stratum: Draw so many of each stratum; by default all cases are taken.
        regions: Only these regions.
        modality: Only cases of these modalities.
        split: Only these splits of the source.
        image_count: Only cases with '1' image, '2+' images, or 'any'.
        seed: Decides which cases are drawn.
        keep: Keep what is left out: 'unanswerable', 'no-radiology', 'history-names-diagnosis'.
        pool: Most cases kept apart as examples, of those not drawn.
        columns: Names of columns in the table that medbench calls otherwise: {'reference': 'Befund'}.
        strip_metadata: Take texts and other metadata out of JPEG and PNG files; pixels stay as they are.
        egress: Hosts that may be sent the cases, by their source's terms; any, if none is named.

    Raises:
        UsageError: An argument names something that is not there.
        InputError: The table or an image is missing or broken.
        StoreError: The folder cannot be written, or holds another benchmark.
    """
    from medbench.steps import build

    check_number("pool", pool, 0)
    drawing = per_stratum is not None or regions or modality or split or image_count != "any"
    wanted = _draw(by, per_stratum, seed, regions, modality, split, image_count) if drawing else None
    return BuiltBenchmark(
        build.build_folder(
            Path(cases),
            Path(images),
            Path(out),
            wanted=wanted,
            keep=tuple(split_names(keep)),
            pool=pool,
            names=columns,
            strip_metadata=strip_metadata,
            egress=split_names(egress),
        )
    )


def build_dicom(
    folder: str | Path,
    reports: str | Path,
    out: str | Path,
    *,
    recipe: str = "medgemma-lossless",
    keep: Names = None,
    egress: Names = None,
    i_have_checked: bool = False,
) -> BuiltBenchmark:
    """Make a benchmark of CT and MR volumes: DICOM series or NIfTI files, and a table of their reports.

    Args:
        folder: Below it lie the files.
        reports: CSV, Excel or JSON Lines, one case a line: `volume` (a path below the folder, or the id of a
            series or study), `reference`, and any other column of `build_folder`.
        out: Folder to write; its name is the benchmark's.
        recipe: Slices, window and encoding, such as 'even-24+brain+png', or a named one: 'medgemma-notebook',
            'medgemma-lossless', 'mr'.
        keep: Keep what is left out: 'unanswerable', 'no-radiology', 'history-names-diagnosis'.
        egress: Hosts that may be sent the cases, by their source's terms; any, if none is named.
        i_have_checked: You have looked at the pictures, and they hold no name.

    Raises:
        UsageError: An argument names something that is not there, or a library is missing.
        InputError: The table or a volume is missing or broken, or somebody has to look first.
        StoreError: The folder cannot be written, or holds another benchmark.
    """
    from medbench.steps import build_dicom as step

    report = step.build_dicom(
        Path(folder),
        Path(reports),
        Path(out),
        recipe,
        keep=tuple(split_names(keep)),
        egress=split_names(egress),
        checked=i_have_checked,
    )
    return BuiltBenchmark(report)


def build_hf(
    source: str,
    out: str | Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    table: Names = None,
    folder: str | Path | None = None,
    revision: str | None = None,
    recipe: str | None = None,
    by: Names = "region",
    per_stratum: int = 20,
    regions: Names = None,
    modality: Names = None,
    split: Names = None,
    seed: int = 1,
    keep: Names = None,
    pool: int = 0,
    egress: Names = None,
) -> BuiltBenchmark:
    """Draw a benchmark from a data set of the Hugging Face Hub, or from a copy of one in a folder.

    Args:
        source: A shipped map ('slake', 'radimagenet-vqa', 'ct-rate', 'mr-rate', 'rexgradient', 'iu-xray'), a
            repository as 'OWNER/NAME', or the TOML file of a map.
        out: Folder to write; by default the source's name and the number of cases.
        columns: Names of columns of the source: {'findings': 'Findings_EN', 'image': 'image'}.
        table: Paths or patterns of the tables to read, such as 'data/test-*.parquet'.
        folder: A copy of the source on this machine; by default what is needed is downloaded.
        revision: Commit, branch or tag; by default the newest. The commit is recorded.
        recipe: How volumes become pictures, as in `build_dicom`.
        by: What the strata are made of: 'region', 'modality', 'plane', or several with commas.
        per_stratum: Cases of each stratum; 0 for all.
        regions: Only these regions.
        modality: Only cases of these modalities.
        split: Only these splits of the source.
        seed: Decides which cases are drawn; the same seed draws the same cases.
        keep: Keep what is left out: 'unanswerable', 'no-radiology', 'history-names-diagnosis'.
        pool: Most cases kept apart as examples.
        egress: Hosts that may be sent the cases, where the terms of the source allow more.

    Raises:
        UsageError: An argument names something that is not there, or a library is missing.
        InputError: The source cannot be had, contradicts itself about its licence, or is broken.
        StoreError: The folder cannot be written, or holds another benchmark.
    """
    from medbench.steps.build_hf import build_hf as step

    check_number("pool", pool, 0)
    wanted = _draw(by, per_stratum, seed, regions, modality, split, "any", keep)
    report = step(
        source,
        _path(out),
        wanted,
        columns=columns or {},
        tables=split_names(table),
        folder=_path(folder),
        revision=revision,
        recipe=recipe,
        pool=pool,
        egress=split_names(egress),
    )
    return BuiltBenchmark(report)


def _draw(
    by: Names,
    per_stratum: int | None,
    seed: int,
    regions: Names,
    modality: Names,
    splits: Names,
    image_count: str,
    keep: Names = None,
    *,
    available_only: bool = False,
) -> Draw:
    from medbench.schema.benchmark import Draw

    filters = {
        "region": split_names(regions),
        "modality": split_names(modality),
        "split": split_names(splits),
        "image_count": [] if image_count == "any" else [image_count],
    }
    return Draw(
        by=tuple(split_names(by)),
        per_stratum=per_stratum or None,
        seed=seed,
        available_only=available_only,
        filters={name: tuple(values) for name, values in filters.items() if values},
        keep=tuple(split_names(keep)),
    )


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
