"""What scoring again has changed."""

from __future__ import annotations

from results import estimate, summary
from screens import printed

from medbench.report.rescored import rescored
from medbench.schema.score import Slice, Summary


def _summary(f1: float, parser: str) -> Summary:
    part = Slice(n=40, wanted=40, metrics={"finding.f1": estimate(f1)})
    return summary(everything=part, parser=parser, signatures={"rouge": "rouge|v1", "finding": "finding|v2"})


def test_only_what_changed_has_a_before() -> None:
    """The parser and each number, with an arrow where it is another; a dash where there is none."""
    before, after = _summary(0.5, "old"), _summary(0.25, "new")
    screen = printed(*rescored([("a", before, after), ("b", None, after), ("c", after, after)]))
    assert [" ".join(line.split()) for line in screen.splitlines()] == [
        "system n parser finding F1 ROUGE-L recall ROUGE-L F1",
        "a 40 old → new .500 → .250 - -",
        "b 40 new .250 - -",
        "c 40 new .250 - -",
        "",
        "finding|v2",
        "rouge|v1",
    ]
