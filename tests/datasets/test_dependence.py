"""Several cases of one patient are found, and statistics take them together."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from medbench.datasets.dependence import grouped
from medbench.datasets.source import SourceCase, SourceImage


def picture(seed: int, mark: int = 0) -> bytes:
    """Draw a picture that differs much by its seed, and little by its mark."""
    image = Image.new("L", (64, 64), 20)
    draw = ImageDraw.Draw(image)
    for number in range(6):
        x, y = (seed * 17 + number * 23) % 50, (seed * 29 + number * 13) % 50
        draw.ellipse((x, y, x + 12, y + 9), fill=(seed * 37 + number * 71) % 200 + 55)
    draw.point((mark % 64, 63), fill=255)
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def case(source_id: str, text: str, image: bytes, topic: str | None = None) -> SourceCase:
    """Return a case of one image."""
    return SourceCase(source_id, "Thorax", (SourceImage("a.png", image),), text, topic=topic)


def groups(cases: list[SourceCase], named: list[str | None] | None = None) -> tuple[int, str]:
    """Return the number of groups and what is said of them."""
    found = grouped(cases, named or [None] * len(cases))
    return len({each.topic or each.source_id for each in found.cases}), " ".join(found.notes)


def lesion(number: int) -> str:
    """Return a text that no other number has."""
    sides, lobes = ("left", "right"), ("upper", "lower", "middle")
    where = f"{sides[number % 2]} {lobes[number % 3]} lobe"
    return f"A mass in the {where} with {'pleural ' * (number + 1)}effusion."


def test_independent_cases_stay_so() -> None:
    """Different texts, pictures and ids: nothing is said."""
    assert groups([case(f"c{n}", lesion(n), picture(n)) for n in range(8)]) == (8, "")


@pytest.mark.parametrize("numbered", ["{}", "{}, slice 3", "{} (image 12)"])
def test_the_same_words_are_one_patient(numbered: str) -> None:
    """Also where only the number of the slice differs."""
    texts = [lesion(n // 4)[:-1] + numbered.format("").replace("3", str(n)) + "." for n in range(12)]
    count, said = groups([case(f"c{n}", texts[n], picture(n)) for n in range(12)])
    assert (count, "3 independent groups" in said, "in the same words" in said) == (3, True, True)


def test_normal_studies_are_described_alike() -> None:
    """The same words for a normal study say nothing of the patient."""
    texts = ["The lungs are clear. No pleural effusion."] * 6
    assert groups([case(f"c{n}", text, picture(n)) for n, text in enumerate(texts)])[0] == 6


def test_almost_the_same_image_is_one_patient() -> None:
    """Copies, and neighbouring slices."""
    count, said = groups([case(f"c{n}", lesion(n), picture(n // 3, n)) for n in range(9)])
    assert (count, "image" in said) == (3, True)


@pytest.mark.parametrize("name", ["pat{}_slice{}", "P{}-img-{}", "anon{}/se2_im{}", "case{} frame {}"])
def test_ids_of_slices_name_their_patient(name: str) -> None:
    """What stands before the number of the slice is the patient."""
    cases = [case(name.format(n // 3, n), lesion(n), picture(n)) for n in range(9)]
    assert groups(cases)[0] == 3


def test_ids_that_only_begin_alike_are_asked_about() -> None:
    """'2024-01' and '2024-02' may be two patients of a year: the note says what decides."""
    cases = [case(f"{2020 + n // 3}-{n}", lesion(n), picture(n)) for n in range(9)]
    count, said = groups(cases)
    assert (count, "column 'patient'" in said) == (9, True)


def test_the_table_decides() -> None:
    """Where every row names a patient, nothing is guessed."""
    cases = [case(f"pat1_slice{n}", lesion(0), picture(0)) for n in range(6)]
    count, said = groups(cases, [f"patient {n % 2}" for n in range(6)])
    assert (count, "as the table says" in said) == (2, True)


def test_topics_join_too() -> None:
    """Two patients of one topic are one group, as they were before."""
    cases = [case(f"c{n}", lesion(n), picture(n), topic="lung cancer") for n in range(4)]
    assert groups(cases, ["a", "a", None, None])[0] == 1
