"""The phantom draws what it says: checked on the pixels, without the drawer's own book-keeping."""

from __future__ import annotations

import io
import math
import re
from functools import cache
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from medbench.datasets.phantom.cases import draw_case, phantom_cases
from medbench.datasets.phantom.patient import Dice
from medbench.datasets.phantom.plan import choose_views, plan_case
from medbench.datasets.phantom.regions import REGIONS, Kind
from medbench.datasets.phantom.report import write_report
from medbench.datasets.source import SourceCase, SourceImage
from medbench.errors import UsageError
from medbench.schema.reference import KnownFinding

# Size of a pixel in millimetres by modality and plane; the ruler on each image gives the same.
SPACING = {
    ("Head", "axial"): 0.95,
    ("Thorax", "frontal"): 1.6,
    ("Thorax", "lateral"): 1.6,
    ("Abdomen", "axial"): 1.5,
    ("Abdomen", "coronal"): 1.5,
    ("Spine/MSK", "sagittal"): 1.15,
    ("Spine/MSK", "axial"): 0.95,
    ("Urinary", "axial"): 1.5,
    ("Urinary", "coronal"): 1.5,
}
NUMBERS = ("zero", "one", "two", "three", "four", "five")
ALL_KINDS = [(name, kind) for name, region in REGIONS.items() for kind in region.kinds]
NAMES = [f"{region}-{kind.name}" for region, kind in ALL_KINDS]


@cache
def row(count: int) -> tuple[SourceCase, ...]:
    """Cases of seed 1, drawn once for all tests."""
    return tuple(phantom_cases(count, 1))


def data(image: SourceImage) -> bytes:
    """The bytes of a drawn image."""
    assert isinstance(image.content, bytes)
    return image.content


def pixels(case: SourceCase, place: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """The greys of one image of a case, counted from 1."""
    return np.asarray(Image.open(io.BytesIO(data(case.images[place - 1])))).astype(np.int64)


@cache
def pair(region: str, finding: KnownFinding, number: int) -> tuple[SourceCase, SourceCase]:
    """The same patient with and without a finding."""
    return (
        draw_case(region, [finding], number=number),
        draw_case(region, [finding], number=number, absent=True),
    )


def difference(
    region: str, finding: KnownFinding, number: int, place: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where an image changes when the finding is drawn; noise and all else are the same."""
    with_it, without = pair(region, finding, number)
    changed = np.abs(pixels(with_it, place) - pixels(without, place)) >= 16
    return np.asarray(changed, dtype=np.bool_)


def blobs(
    mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], least: int = 12
) -> list[list[tuple[int, int]]]:
    """Connected areas of at least so many pixels, by flood fill."""
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    found = []
    while left:
        area, edge = [], [left.pop()]
        while edge:
            y, x = edge.pop()
            area.append((y, x))
            for near in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if near in left:
                    left.remove(near)
                    edge.append(near)
        if len(area) >= least:
            found.append(area)
    return sorted(found, key=len, reverse=True)


def widest(area: list[tuple[int, int]]) -> float:
    """Largest extent of an area over 24 directions, in pixels."""
    points = np.array(area)
    spans = []
    for step in range(24):
        angle = math.pi * step / 24
        along = points[:, 0] * math.sin(angle) + points[:, 1] * math.cos(angle)
        spans.append(float(along.max() - along.min()) + 1.0)
    return max(spans)


def noun(kind: Kind) -> str:
    """The last word of a kind's name, in the singular as far as it can be had."""
    return re.sub(r"(?<!s)s$", "", kind.name.split()[-1])


def finding_of(kind: Kind, side: str | None, *, size: int | None = None, count: int = 1) -> KnownFinding:
    """A finding of a kind at its first site."""
    site = next(iter(kind.sites))
    return KnownFinding.model_validate(
        {"kind": kind.name, "side": side, "site": site, "size_mm": size, "count": count}
    )


def known(case: SourceCase) -> tuple[KnownFinding, ...]:
    """The known findings of a case."""
    assert case.known_findings is not None
    return case.known_findings


def test_same_seed_draws_the_same_bytes() -> None:
    """Two draws of a seed agree in every byte and word, and another seed differs."""
    assert phantom_cases(5, 4) == phantom_cases(5, 4)
    assert phantom_cases(5, 4) != phantom_cases(5, 5)


def test_a_larger_draw_contains_the_smaller() -> None:
    """Case i of a seed is the same whatever the count and wherever the draw starts."""
    assert phantom_cases(3, 1) == list(row(40)[:3])
    assert phantom_cases(2, 1, start=17) == list(row(40)[17:19])


def test_pixels_do_not_change_between_versions() -> None:
    """The pixels of five cases are those that were frozen: a change of the drawing must be meant."""
    digest = sha256()
    for case in row(40)[:5]:
        for place in range(1, len(case.images) + 1):
            digest.update(pixels(case, place).astype(np.uint8).tobytes())
    assert digest.hexdigest()[:16] == "83e7491107e84624"


@pytest.mark.parametrize("seed", [1, 2, 9])
def test_one_case_in_five_is_normal(seed: int) -> None:
    """40 cases have 8 normal ones, spread over all five regions, and 8 cases a region."""
    cases = [plan_case(seed, number) for number in range(1, 41)]
    normal = [region for region, findings in cases if not findings]
    assert len(normal) == 8
    assert set(normal) == set(REGIONS)
    assert all(sum(region == one for one, _ in cases) == 8 for region in REGIONS)
    assert [not known(case) for case in row(40)] == [not plan_case(1, number)[1] for number in range(1, 41)]


def test_the_second_edition_has_all_kinds_on_two_images() -> None:
    """200 cases have every kind and 40 normal ones, and one of two images shows each finding."""
    plans = [plan_case(1, number, 2) for number in range(1, 201)]
    assert sum(not findings for _, findings in plans) == 40
    assert {(region, one.kind) for region, findings in plans for one in findings} == {
        (region, kind.name) for region, kind in ALL_KINDS
    }
    for number, (region, findings) in enumerate(plans):
        views = {view.name for view in choose_views(REGIONS[region], findings, Dice(f"{number}"), 2)}
        assert len(views) == 2
        assert all(views & set(REGIONS[region].kind(one.kind).views) for one in findings)


def test_the_first_edition_has_no_later_kind() -> None:
    """phantom-40 and larger draws of its edition keep to the kinds that they had."""
    for region, findings in (plan_case(1, number) for number in range(1, 201)):
        assert all(REGIONS[region].kind(one.kind).sentences for one in findings)


def test_images_are_small_grey_pngs() -> None:
    """Two or three 8-bit grey PNGs of 224 px a case, under 15 kB each, with modality and plane."""
    for case in row(40):
        assert 2 <= len(case.images) <= 3
        for place, image in enumerate(case.images, start=1):
            picture = Image.open(io.BytesIO(data(image)))
            assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (224, 224))
            assert len(data(image)) < 15_000
            assert image.name == f"{case.source_id}-{place}"
            assert image.modality
            assert image.plane
            assert image.caption == ""


def test_references_say_what_is_known() -> None:
    """Kind, side, size and number of every finding stand in the report, in 12 to 60 words."""
    for case in row(40):
        text = case.text.lower()
        assert 12 <= len(case.text.split()) <= 60
        for finding in known(case):
            if finding.side in {"left", "right"}:
                assert finding.side in text
            if finding.size_mm is not None:
                assert f"{finding.size_mm} mm" in text
            if finding.count > 1:
                assert NUMBERS[finding.count] in text
        sizes = {int(size) for size in re.findall(r"(\d+) mm", text)}
        assert sizes == {finding.size_mm for finding in known(case)} - {None}
        sided = {finding.side for finding in known(case)} & {"left", "right"}
        organs = text.replace("right lobe of the liver", "")
        assert set(re.findall(r"\b(left|right)\b", organs)) == sided


@pytest.mark.parametrize(("region", "kind"), ALL_KINDS, ids=NAMES)
def test_no_report_denies_its_own_finding(region: str, kind: Kind) -> None:
    """The kind is affirmed in the first sentence and no 'No ...' sentence names it, in any wording."""
    size = kind.sizes[0] if kind.sizes else None
    finding = finding_of(kind, kind.sides[0] if kind.sides else None, size=size, count=kind.counts[-1])
    for number in range(40):
        first, *others = write_report(REGIONS[region], (finding,), Dice(f"wording {number}")).split(". ")
        assert not first.startswith(("No ", "Normal"))
        denials = [text for text in others if re.match(r"(no|there is no)\b", text.lower())]
        assert not any(re.search(rf"\b{noun(kind)}", text.lower()) for text in denials)


def test_normal_reports_have_nothing_abnormal() -> None:
    """A normal case has no size, no side and no affirmed finding in its report."""
    for case in row(40):
        if known(case):
            continue
        assert not re.search(r"\d mm|\b(left|right)\b|there is an? |consistent with", case.text.lower())
        assert case.topic == f"{case.region}: normal"


def test_history_never_names_a_kind() -> None:
    """The reason for the study names no kind of its region and does not depend on findings."""
    for case in row(40):
        words = {noun(kind) for kind in REGIONS[case.region].kinds}
        assert not any(word in (case.history or "").lower() for word in words)
    finding = KnownFinding(kind="effusion", side="left")
    assert draw_case("Thorax", [finding]).history == draw_case("Thorax", []).history


def test_topic_groups_cases_of_the_same_kinds() -> None:
    """Cases share a topic exactly when region and set of kinds are the same."""
    groups: dict[tuple[str, frozenset[str]], set[str | None]] = {}
    for case in row(40):
        kinds = frozenset(finding.kind for finding in known(case))
        groups.setdefault((case.region, kinds), set()).add(case.topic)
    assert all(len(topics) == 1 for topics in groups.values())
    assert len({topic for topics in groups.values() for topic in topics}) == len(groups)


@pytest.mark.parametrize(("region", "kind"), ALL_KINDS, ids=NAMES)
def test_images_that_show_a_finding_are_those_named(region: str, kind: Kind) -> None:
    """An image differs from the one without the finding exactly when the finding names that image."""
    finding = finding_of(kind, kind.sides[0] if kind.sides else None)
    if 1 not in kind.counts:
        finding = finding.model_copy(update={"count": kind.counts[-1]})
    case = draw_case(region, [finding], number=3)
    absent = draw_case(region, [finding], number=3, absent=True)
    assert known(absent) == ()
    changed = [
        place
        for place in range(1, len(case.images) + 1)
        if blobs(np.abs(pixels(case, place) - pixels(absent, place)) >= 16)
    ]
    assert tuple(changed) == known(case)[0].images


SIDED = [(region, kind) for region, kind in ALL_KINDS if {"left", "right"} <= set(kind.sides)]


@pytest.mark.parametrize(("region", "kind"), SIDED, ids=[f"{r}-{k.name}" for r, k in SIDED])
def test_side_is_the_patients(region: str, kind: Kind) -> None:
    """On axial, coronal and frontal images the patient's left is in the right half of the image."""
    for side in ("left", "right"):
        finding = finding_of(kind, side)
        case, _ = pair(region, finding, 2)
        for place in known(case)[0].images:
            if case.images[place - 1].plane in {"sagittal", "lateral"}:
                continue
            columns = np.argwhere(difference(region, finding, 2, place))[:, 1]
            share = float((columns >= 112).mean())
            assert share > 0.9 if side == "left" else share < 0.1


ROUND = [
    ("Head", "hemorrhage", "axial"),
    ("Head", "mass", "axial"),
    ("Thorax", "nodule", "frontal"),
    ("Thorax", "mass", "frontal"),
    ("Abdomen", "liver cyst", "axial"),
    ("Abdomen", "liver mass", "axial"),
    ("Abdomen", "kidney stone", "axial"),
    ("Urinary", "bladder stone", "axial"),
    ("Urinary", "bone lesion", "axial"),
    ("Urinary", "bladder mass", "axial"),
    ("Spine/MSK", "syrinx", "sagittal"),
    ("Head", "arachnoid cyst", "axial"),
    ("Thorax", "cavity", "frontal"),
    ("Abdomen", "renal cyst", "axial"),
    ("Abdomen", "renal mass", "axial"),
    ("Spine/MSK", "hemangioma", "sagittal"),
    ("Urinary", "iliac artery aneurysm", "axial"),
]


@pytest.mark.parametrize(("region", "name", "plane"), ROUND, ids=[f"{r}-{n}" for r, n, _ in ROUND])
def test_drawn_diameter_is_the_stated_size(region: str, name: str, plane: str) -> None:
    """The widest extent on the image, times the pixel spacing, is the stated size within 3 pixels."""
    kind = REGIONS[region].kind(name)
    assert kind.sizes is not None
    for number, size in enumerate(kind.sizes, start=5):
        finding = finding_of(kind, kind.sides[0] if kind.sides else None, size=size)
        case, _ = pair(region, finding, number)
        place = next(p for p in known(case)[0].images if case.images[p - 1].plane == plane)
        mask = bright if name in {"hemorrhage", "mass", "syrinx"} else difference
        pixel = SPACING[region, plane]
        assert widest(blobs(mask(region, finding, number, place))[0]) * pixel == pytest.approx(
            size, abs=3 * pixel
        )


def bright(
    region: str, finding: KnownFinding, number: int, place: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where an image becomes bright: a lesion without the dark edema around it."""
    with_it, without = pair(region, finding, number)
    now, before = pixels(with_it, place), pixels(without, place)
    return np.asarray((now - before >= 16) & (now >= 136), dtype=np.bool_)


SEVERAL = [(region, kind) for region, kind in ALL_KINDS if max(kind.counts) > 1]


@pytest.mark.parametrize(("region", "kind"), SEVERAL, ids=[f"{r}-{k.name}" for r, k in SEVERAL])
def test_as_many_lesions_as_stated(region: str, kind: Kind) -> None:
    """The number of separate areas on the first image that shows them is the stated count."""
    assert kind.sizes is not None
    for count in sorted(set(kind.counts)):
        finding = finding_of(kind, kind.sides[0] if kind.sides else None, size=kind.sizes[1], count=count)
        place = known(pair(region, finding, 8)[0])[0].images[0]
        mask = bright if region == "Head" else difference
        assert len(blobs(mask(region, finding, 8, place))) == count


def test_ruler_is_five_centimetres() -> None:
    """The bar at the right edge has six ticks and is 50 mm long at the image's spacing."""
    for case in row(40)[:5]:
        for place, image in enumerate(case.images, start=1):
            column = pixels(case, place)[:, 224 - 7]
            bar = np.flatnonzero((pixels(case, place)[:, 224 - 3] == 200) & (np.arange(224) > 60))
            length = int(bar[-1] - bar[0]) * SPACING[case.region, image.plane or ""]
            assert length == pytest.approx(50, abs=1.7)
            assert column[bar[0]] == column[bar[-1]] == 200


def test_what_cannot_be_drawn_is_refused() -> None:
    """A region, kind, site, side, size or number that does not exist is an error that names it."""
    for region, finding in (
        ("Foot", KnownFinding(kind="mass")),
        ("Head", KnownFinding(kind="effusion")),
        ("Head", KnownFinding(kind="mass", site="liver")),
        ("Head", KnownFinding(kind="mass", side="midline")),
        ("Head", KnownFinding(kind="mass", size_mm=400)),
        ("Head", KnownFinding(kind="infarct", size_mm=4)),
        ("Head", KnownFinding(kind="mass", count=7)),
    ):
        with pytest.raises(UsageError, match="'"):
            draw_case(region, [finding])
