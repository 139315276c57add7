"""The finding metric reads each sentence of the second edition as the one finding that was drawn."""

from __future__ import annotations

from itertools import product

import pytest

from medbench.datasets.phantom.patient import Dice
from medbench.datasets.phantom.regions import REGIONS, Kind, Region
from medbench.datasets.phantom.report import write_report
from medbench.schema.reference import KnownFinding
from medbench.scoring.extraction.extract import extract

KINDS = [(region, kind) for region in REGIONS.values() for kind in region.kinds]


@pytest.mark.parametrize(("region", "kind"), KINDS, ids=[f"{r.name}-{k.name}" for r, k in KINDS])
def test_a_statement_is_read_as_the_one_finding_that_was_drawn(region: Region, kind: Kind) -> None:
    """One finding is present, with the side and size that were drawn; the report denies nothing of it."""
    for side, site, count in product(kind.sides or (None,), kind.sites, set(kind.counts)):
        size = kind.sizes[1] if kind.sizes else None
        drawn = KnownFinding(kind=kind.name, side=side, site=site, size_mm=size, count=count)
        text = write_report(region, (drawn,), Dice("wording"), 2)
        present = [finding for finding in extract(text) if finding.presence != "absent"]
        assert len(present) == 1, text
        (read,) = present
        assert read.presence == "present"
        assert read.size_mm == size
        if side in {"left", "right"}:
            assert read.side == side
        assert not any(other.concept == read.concept for other in extract(text) if other.presence == "absent")
