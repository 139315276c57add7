"""Signatures: what decides a number is in it, and nothing else."""

from __future__ import annotations

from medbench.registry import scorers
from medbench.scoring.signature import signature, signatures

DIGEST = "9c41e07b55aa"


def test_a_signature_is_method_parser_and_benchmark() -> None:
    """The digest is cut to eight digits, with or without the name of its algorithm before it."""
    wanted = "usage:1|words:whitespace|parser:findings-2|ref:9c41e07b"
    assert signature("usage:1|words:whitespace", "findings-2", DIGEST) == wanted
    assert signature("usage:1|words:whitespace", "findings-2", f"sha256:{DIGEST}") == wanted


def test_every_scorer_flags_and_controls_have_one() -> None:
    """Scorers depend on parser and benchmark, flags on neither, controls on the swap alone."""
    found = signatures("findings-2", DIGEST)
    assert set(found) == {*scorers(), "flags", "controls"}
    others = signatures("report-2026-02", "0123456789", "any")
    assert {name for name in found if found[name] == others[name]} == {"flags"}
    assert signatures("findings-2", DIGEST, "any")["controls"] != found["controls"]
    assert found["rules"] == f"rules:3|{found['findings']}"
