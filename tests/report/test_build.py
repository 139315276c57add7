"""The screen of `build`: what the source has, what was drawn, what the draw can and cannot show."""

from __future__ import annotations

from typing import Any

import pytest
from results import build_report, stratum_row
from screens import printed

from medbench.report.build import build_screen, next_lines
from medbench.schema.results.build import DrawReach


def _lines(**given: Any) -> list[str]:
    return printed(*build_screen(build_report(**given)), width=80).splitlines()


def _words(**given: Any) -> str:
    return " ".join(" ".join(_lines(**given)).split())


def test_the_screen_begins_with_the_source_and_ends_with_the_folder() -> None:
    """Cases, images, what can be drawn; the table of strata; size, digest and time."""
    assert [line.rstrip() for line in _lines(draw_words="--seed 1")] == [
        "MedPix 2.0: 20 cases, 30 images (CT 30).",
        "  can be drawn  10",
        "",
        "Draw: --seed 1",
        "",
        "region  can be drawn  drawn  CT  1 image  2+ images  images",
        "Head              10      5   5        3          2       8",
        "all               10      5   5        3          2       8",
        "",
        "Pool: 5 cases that may be shown as examples.",
        "Wrote mine/ (1.5 MB, digest 01234567, 2 s).",
        "Cite MedPix; do not publish its images.",
    ]


def test_a_folder_that_holds_it_already_is_left_alone() -> None:
    """It is said that nothing was written."""
    assert (
        _lines(unchanged=True)[-2]
        == "mine/ holds exactly this already (digest 01234567); nothing was written."
    )


def test_reasons_for_leaving_cases_out_stand_below_each_other() -> None:
    """The label at the first alone; its parts by flag; a case of two reasons is counted in each."""
    left_out = {"no_findings": 3, "unanswerable": 1_200}
    lines = _lines(left_out=left_out, unanswerable={"too_short": 5}, missing_images=2)
    assert lines[1] == "  left out    3   no findings text: the reference is empty"
    assert lines[2] == "           1,200   the text cannot be told from the images: five words or fewer"
    assert lines[3] == "                   (5)"
    assert lines[4] == "              2   images that are not there (--available-only)"
    assert lines[5] == "                  (a case with several reasons is counted in each)"
    assert "several reasons" not in _words(left_out={"no_findings": 10})
    kept = _words(left_out={"unanswerable": 2})
    assert "can be drawn 10 (--keep unanswerable draws from 12)" in kept
    restricted = _words(left_out={"unanswerable": 2}, filters=("--split test", "--regions Head"))
    assert "can be drawn 10 restricted to --split test, --regions Head" in restricted


def test_a_stratum_without_enough_cases_is_named() -> None:
    """With how many it has, and how many are missing."""
    rows = (stratum_row("Head", short=3, eligible=2), stratum_row("Neck"))
    assert "Not enough cases: Head has 2 (3 short)." in _lines(rows=rows)


def test_modality_that_goes_with_region_is_pointed_out() -> None:
    """Unless it is balanced, or the images are drawn; with the rarest cell, or that there is none."""
    absent = {"MR": ("Thorax", "Head", "Neck"), "CT": ("Spine",)}
    said = _words(absent=absent)
    assert "Modality goes with region here (no MR of Thorax, Head and Neck; no CT of Spine): a" in said
    assert "as far as it can; the rarest, MR of Head, has 3." in _words(
        absent=absent, scarce=("MR of Head", 3)
    )
    assert "as far as it can; the source has no MR of Head." in _words(
        absent=absent, scarce=("MR of Head", 0)
    )
    assert "Modality goes" not in _words(absent=absent, by=("region", "modality"))
    assert "Modality goes" not in _words(absent=absent, real=False)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {},
            "to +-10 points, and a paired difference of 25 points or more (80 % power, discordance .30).",
        ),
        ({"detects": None}, "and not even a paired difference of 30 points (80 % power"),
        ({"stratum": 5}, "A region alone (5 cases) can never reach p < .05 in a paired test."),
        ({"stratum": 20}, "A region alone (20 cases) cannot show even one of 30 points."),
        (
            {"stratum": 64, "stratum_detects": 0.22},
            "A region alone (64 cases) can show one of 22 points or more.",
        ),
    ],
)
def test_what_a_draw_can_show_is_said_before_anything_is_run(given: dict[str, Any], words: str) -> None:
    """The width of a rate, the smallest difference, and what the smallest stratum can show by itself."""
    plain: dict[str, Any] = {
        "groups": 5,
        "half_width": 0.1,
        "detects": 0.25,
        "discordance": 0.3,
        "stratum": None,
    }
    reach = DrawReach(**(plain | {"stratum_detects": None} | given))
    assert words in _words(reach=reach)


def test_a_part_without_strata_is_called_a_part() -> None:
    """Where cases were not drawn by anything."""
    reach = DrawReach(
        groups=3, half_width=0.1, detects=0.25, discordance=0.3, stratum=8, stratum_detects=None
    )
    said = _words(reach=reach, by=())
    assert "What 5 cases / 3 groups can show: " in said
    assert ". A part of 8 groups cannot show" in said


def test_what_is_noted_of_cases_and_the_pool() -> None:
    """Flags in words; what is too like a drawn case; a pool of none."""
    noted = _words(flags={"duplicate_text": 2, "too_short": 1}, pool_excluded=1)
    assert "kept: the same text as another case (2), five words or fewer (1)." in noted
    assert "as examples; 1 is too like a drawn case (same topic," in noted
    assert "Pool: no case; the baselines that use pool cases are left out." in _words(pool=0)


def test_no_line_is_wider_than_80_columns() -> None:
    """Sentences are broken at words, the reasons below their first word."""
    long = {"unanswerable": {"points_elsewhere": 3, "other_modality": 2, "too_short": 4}}
    lines = _lines(
        left_out={"unanswerable": 9}, absent={"MR": tuple(f"Region {n}" for n in range(9))}, **long
    )
    assert max(map(len, lines)) <= 80
    assert lines[2].startswith(" " * 18)


def test_what_to_type_next() -> None:
    """The run on it, quoted where its folder has to be; MedPix is to be cited."""
    assert [line for line, _ in next_lines(build_report())] == ["medbench run mine", "medbench models"]
    assert next_lines(build_report(path="my cases"))[0][0] == "medbench run 'my cases'"
    assert _lines()[-1] == "Cite MedPix; do not publish its images."
    assert "Cite" not in _words(source="a table")
