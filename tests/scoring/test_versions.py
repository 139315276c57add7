"""The first finding metric computes what it computed when it was the current one."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

from medbench.scoring.item import Item
from medbench.scoring.parsing.text import parse
from medbench.scoring.versions import VERSIONS, parser_of, scorers_of

RANKING = Path(__file__).parent.parent / "golden" / "ranking"
FILES = ("abdomen", "head", "spine-msk", "thorax", "urinary")
FIRST = "44efef3bc950dd4ec33cf0462163fa6146567b982a0ab7c1c8270eb4067531bf"
"""Digest of its numbers on the texts of the ranking set, as the first version printed them."""

PARSED = "cf58f8328b864ef7c5d4aa6fe8cef24e0a24bc765306f98511a9eb1b04856e52"
"""Digest of what its parser made of the answers of tests/scoring/parsing/shapes.jsonl."""
WRAPPED = "Sure! Here are the findings:\n\n**Findings:** A mass.\n\nPlease consult a doctor.\n"


def test_first_parser_keeps_its_texts() -> None:
    """What it scores, calls an impression and a note, of answers in many shapes and wrappers."""
    lines = (Path(__file__).parent / "parsing/shapes.jsonl").read_text("utf-8").splitlines()
    texts = [WRAPPED, *(json.loads(line)["text"] for line in lines)]
    parsed = [
        [one.findings, one.impression, one.notes] for one in (parse(text, parser_of(1)) for text in texts)
    ]
    assert hashlib.sha256(json.dumps(parsed).encode()).hexdigest() == PARSED


def test_first_version_keeps_its_numbers() -> None:
    """Every number of the metric and of the rater on it is what it was, on 421 texts."""
    modules = scorers_of(1)
    scorers = [modules[name].make() for name in ("findings", "rules")]
    numbers = []
    for name in FILES:
        for case in tomllib.loads((RANKING / f"{name}.toml").read_text("utf-8"))["case"]:
            texts = [case[key] for key in ("reference", "better", "worse") if key in case]
            for text in texts:
                item = Item(parse(text, parser_of(1)), case["reference"])
                numbers.append([sorted(score(item).items()) for score in scorers])
    assert hashlib.sha256(json.dumps(numbers).encode()).hexdigest() == FIRST


def test_versions_have_signatures_of_their_own() -> None:
    """Numbers of two versions cannot be taken for one measure."""
    for scorer in ("findings", "rules"):
        assert len({scorers_of(version)[scorer].METHOD for version in VERSIONS}) == len(VERSIONS)
