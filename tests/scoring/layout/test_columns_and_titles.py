"""'None' in a column of descriptions denies its row; 'Normal.' below a title speaks of the title's organ."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

COLUMNS = ["Description", "Location", "Details", "Comment", "Size"]
DENIALS = ["None", "Not present", "No", "absent", "Not seen", "Negative"]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("denial", DENIALS)
def test_a_row_of_nothing_but_a_denial_is_denied(column: str, denial: str) -> None:
    """Whatever the column is called; a row that is described stays there."""
    table = f"| Finding | {column} |\n|---|---|\n| Ascites | {denial} |\n| Liver abscess | Right lobe, 4 cm |"
    read = {finding.concept.name: finding.presence for finding in extract(table)}
    assert read == {"ascites": "absent", "liver abscess": "present"}


def test_an_empty_size_denies_nothing_that_is_described() -> None:
    """'None' beside a description is an empty cell."""
    table = "| Finding | Location | Size |\n|---|---|---|\n| Liver abscess | Right lobe | None |"
    assert [finding.presence for finding in extract(table)] == ["present"]


@pytest.mark.parametrize("title", ["### {}", "**{}**", "{}:", "#### 2. {}"])
@pytest.mark.parametrize("normal", ["Normal.", "Unremarkable.", "Unremarkable in appearance.", "WNL.", "Nl."])
def test_normal_below_a_title_speaks_of_its_organ(title: str, normal: str) -> None:
    """Each organ is normal where it stands, and the next title ends it."""
    text = f"{title.format('Spleen')}\n{normal}\n{title.format('Gallbladder')}\nStones.\n"
    read = [(finding.presence, finding.concept.name, *finding.places) for finding in extract(text)]
    assert read[0] == ("absent", "abnormality", "abdomen/spleen")
    assert ("present", "gallstone") in [row[:2] for row in read]
