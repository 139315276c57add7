"""`medbench build`: a benchmark from a source of cases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medbench.cli import console
from medbench.errors import UsageError

if TYPE_CHECKING:
    from medbench.schema.results.build import BuildReport

app = typer.Typer(
    name="build",
    help="Build a benchmark from a source of cases. Only `hf` uses the network.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_PAIRS = re.compile(r",(?=\s*[a-z_]+\s*=)")
"""The commas between columns of `--map`; a name of a column may have others."""
_By = Annotated[str, typer.Option(help="Strata of the draw: region, modality, plane, with commas.")]
_Regions = Annotated[list[str] | None, typer.Option(help="Only these regions, with commas.")]
_Kinds = Annotated[list[str] | None, typer.Option(help="Only cases of these modalities: CT, MR, CT+MR …")]
_Split = Annotated[list[str] | None, typer.Option(help="Only these splits of the source: train, dev, test.")]
_Count = Annotated[str, typer.Option(help="Only cases with 1 image, 2+ images, or any.")]
_Keep = Annotated[
    list[str] | None,
    typer.Option(help="Keep what is left out: unanswerable, no-radiology, history-names-diagnosis."),
]
_Strip = Annotated[
    bool,
    typer.Option(
        "--strip-metadata", help="Take texts and EXIF out of JPEG and PNG files; the pixels stay as they are."
    ),
]
_Egress = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST", help="Hosts that alone may be sent the cases, with commas."),
]


@app.command()
def medpix(
    source: Annotated[
        Path | None, typer.Option(help="A checkout of MedPix 2.0.  [./MedPix-2.0, then $MEDBENCH_MEDPIX]")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write.  [medpix-<cases>]")] = None,
    unit: Annotated[
        str, typer.Option(help="What becomes a case: case, or image (its caption is the reference).")
    ] = "case",
    by: _By = "region",
    per_stratum: Annotated[int, typer.Option(help="Cases of each stratum; 0 for all.")] = 20,
    regions: _Regions = None,
    modality: _Kinds = None,
    split: _Split = None,
    image_count: _Count = "any",
    seed: Annotated[int, typer.Option(help="Decides which cases; the same seed, the same cases.")] = 1,
    keep: _Keep = None,
    available_only: Annotated[
        bool, typer.Option("--available-only", help="Draw only among cases whose images are all there.")
    ] = False,
    pool: Annotated[int, typer.Option(min=0, help="Most cases kept apart as examples.")] = 50,
    draw: Annotated[str | None, typer.Option(help="A fixed draw: report-2026-02.")] = None,
    strip_metadata: _Strip = False,
    egress: _Egress = None,
) -> None:
    """Draw a benchmark from MedPix 2.0 (CT and MR, 671 cases).

    \b
    medbench build medpix                               100 cases, 20 of each region
    medbench build medpix --per-stratum 64              contains those 100
    medbench build medpix --by region,modality          CT and MR apart, as far as there are enough
    medbench build medpix --unit image --by modality    single images with their captions, CT and MR apart
    medbench build medpix --draw report-2026-02         the 20 cases of the report of February 2026
    """
    arguments = locals()
    from medbench.api.build import build_medpix

    with console.working("Reading MedPix 2.0 and drawing cases …"):
        built = build_medpix(**arguments)
    _show(built.report)


@app.command()
def phantom(
    out: Annotated[Path | None, typer.Option(help="Folder to write.  [phantom-<cases>]")] = None,
    cases: Annotated[int, typer.Option(help="Number of cases.")] = 40,
    seed: Annotated[int, typer.Option(help="The same seed gives the same images.")] = 1,
    pool: Annotated[int, typer.Option(help="Cases kept apart as examples.")] = 60,
    edition: Annotated[
        int, typer.Option(help="1 draws as in phantom-40, 2 as in phantom-200, with more kinds.")
    ] = 1,
) -> None:
    """Draw images whose findings are known exactly: no patients, no network.

    \b
    medbench build phantom                              40 cases
    medbench build phantom --edition 2 --seed 7         others, with more kinds of findings
    """
    from medbench.api.build import build_phantom

    with console.working("Drawing images …"):
        built = build_phantom(out, cases=cases, seed=seed, pool=pool, edition=edition)
    _show(built.report)


@app.command()
def phantom_volumes(
    out: Annotated[Path | None, typer.Option(help="Folder to write.  [phantom-volumes]")] = None,
    cases: Annotated[int, typer.Option(help="Number of cases.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed gives the same images.")] = 1,
) -> None:
    """Draw CT volumes of 60 slices with a lesion on one: no patients, no network.

    \b
    medbench build phantom-volumes
    medbench run volume-slices            which slices and which window does a model need?
    """
    from medbench.api.build import build_phantom_volumes

    with console.working("Drawing volumes …"):
        built = build_phantom_volumes(out, cases=cases, seed=seed)
    _show(built.report)


@app.command()
def folder(
    cases: Annotated[
        Path, typer.Option(help="CSV, Excel or JSON Lines, one case a line: id, images, reference, patient …")
    ],
    images: Annotated[Path, typer.Option(help="Folder of the images.")],
    out: Annotated[Path, typer.Option(help="Folder to write; its name is the benchmark's.")],
    by: _By = "region",
    per_stratum: Annotated[
        int | None, typer.Option(help="Draw so many of each stratum.  [all cases]")
    ] = None,
    regions: _Regions = None,
    modality: _Kinds = None,
    split: _Split = None,
    image_count: _Count = "any",
    seed: Annotated[int, typer.Option(help="Decides which cases are drawn.")] = 1,
    keep: _Keep = None,
    pool: Annotated[
        int, typer.Option(min=0, help="Most cases kept apart as examples, of those not drawn.")
    ] = 50,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help="A column under another name: reference=Befund.", metavar="NAME=COLUMN"),
    ] = None,
    strip_metadata: _Strip = False,
    egress: _Egress = None,
) -> None:
    """Make a benchmark of your own cases.

    \b
    medbench build folder --cases cases.csv --images images/ --out mine
    medbench build folder --cases cases.jsonl --images images/ --out mine-20 --per-stratum 20
    medbench build folder --cases liste.xlsx --images images/ --out mine --map reference=Befund

    \b
    cases.csv:  id,images,reference,region,modality,history
                7,7-a.png;7-b.png,"A 2 cm mass in the left upper lobe.",Thorax,CT,"Cough."
    """
    arguments = locals()
    from medbench.api.build import build_folder

    named = dict(map(_column, columns or ()))
    with console.working("Reading cases and images …"):
        built = build_folder(**arguments | {"columns": named})
    _show(built.report)


@app.command()
def dicom(
    folder: Annotated[Path, typer.Argument(help="Below it lie DICOM or NIfTI files.", metavar="FOLDER")],
    reports: Annotated[
        Path, typer.Option(help="CSV, Excel or JSON Lines, one case a line: volume, reference, region …")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write; its name is the benchmark's.")],
    recipe: Annotated[
        str, typer.Option(help="Slices+window+encoding, or medgemma-notebook, medgemma-lossless, mr.")
    ] = "medgemma-lossless",
    keep: _Keep = None,
    egress: _Egress = None,
    i_have_checked: Annotated[
        bool, typer.Option("--i-have-checked", help="You looked at the pictures, and they hold no name.")
    ] = False,
) -> None:
    """Make a benchmark of CT and MR volumes: DICOM series, NIfTI files.

    \b
    medbench build dicom scans/ --reports reports.csv --out my-ct
    medbench build dicom scans/ --reports reports.csv --out my-ct-24 --recipe even-24+brain+png

    \b
    reports.csv:  volume,reference,region,history
                  patient-7/series-2,"A 2 cm haemorrhage in the left thalamus.",Head,"Sudden weakness."
    """
    arguments = locals()
    from medbench.api.build import build_dicom

    _show(build_dicom(**arguments).report)


@app.command()
def hf(
    source: Annotated[
        str,
        typer.Argument(
            help="slake, radimagenet-vqa, ct-rate, mr-rate, rexgradient, iu-xray, OWNER/NAME or a TOML file.",
            metavar="SOURCE",
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="Folder to write.  [SOURCE-<cases>]")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="Columns of the source: findings=COLUMN,image=COLUMN.", metavar="NAME=COLUMN,…"
        ),
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option(help="Tables to read: data/test-*.parquet.", metavar="PATTERN")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="A copy of the source; nothing is downloaded then.")
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Commit, branch or tag.  [newest]")] = None,
    recipe: Annotated[
        str | None, typer.Option(help="How volumes become pictures, as of build dicom.  [the map's]")
    ] = None,
    by: _By = "region",
    per_stratum: Annotated[int, typer.Option(help="Cases of each stratum; 0 for all.")] = 20,
    regions: _Regions = None,
    modality: _Kinds = None,
    split: _Split = None,
    seed: Annotated[int, typer.Option(help="Decides which cases; the same seed, the same cases.")] = 1,
    keep: _Keep = None,
    pool: Annotated[int, typer.Option(min=0, help="Most cases kept apart as examples.")] = 0,
    egress: _Egress = None,
) -> None:
    """Draw a benchmark from a data set of the Hugging Face Hub.

    \b
    medbench build hf slake                             questions about CT, MR and radiographs
    medbench build hf OWNER/NAME --map findings=report,image=image --out mine
    medbench build hf iu-xray --folder chest-xrays/
    medbench build hf ct-rate --per-stratum 5           your own access; 300 MB a case
    """
    arguments = locals()
    from medbench.api.build import build_hf

    named = dict(_column(part) for text in columns or () for part in _PAIRS.split(text))
    _show(build_hf(**arguments | {"columns": named}).report)


def _column(given: str) -> tuple[str, str]:
    name, equals, column = given.partition("=")
    if not (name.strip() and equals and column.strip()):
        raise UsageError(f"'{given}' names no column.", "--map reference=Befund")
    return name.strip(), column.strip()


def _show(report: BuildReport) -> None:
    from medbench.report.build import build_screen, next_lines

    console.show(*build_screen(report))
    console.say_next(*next_lines(report))
