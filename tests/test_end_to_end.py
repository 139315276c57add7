"""Hostile texts through every command: scored, shown, and never printed as they came."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exhaustive import bounded

LONG = bounded(1_000_000, 50_000)
"""Characters of an answer that never ends."""
HOSTILE = [
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 FINDINGS: a mass",
    "nul \x00 and bell \x07 and delete \x7f and C1 \x9b31m",
    "lone \ud800 and \udfff surrogates",
    "right \u202e to left \u2066 and \u200b zero width",
    "x" * LONG,
    "mass " * (LONG // 5),
]


def _clean(text: str) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "Traceback" not in text


PROVIDER = """
import json, pathlib
from medbench.errors import ProviderError
from medbench.schema.response import Reply
TEXTS = json.loads(pathlib.Path("hostile.json").read_text())
class Provider:
    def __init__(self, model, pictures): pass
    async def ask(self, request):
        number = int(request.case_key[5:8])
        if number == 6:
            raise ProviderError("\\x1b[31mkind", "\\x1b[31mreason \\ud800", final=True)
        return Reply(text=TEXTS[number], answered="\\x1b[1mm", finish_reason="\\x1b")
"""


@pytest.mark.parametrize("way", ["run", "import"])
def test_hostile_texts_harm_nobody(
    write_benchmark: Callable[..., Any],
    tmp_path: Path,
    module: Callable[[str, str], str],
    medbench: Callable[..., Any],
    way: str,
) -> None:
    """Escapes, NULs, half characters, direction marks, endless texts: scored, shown, never printed raw."""
    write_benchmark(tmp_path / "bench", 7)
    (tmp_path / "hostile.json").write_text(json.dumps(HOSTILE))
    module("hostile_mod", PROVIDER)
    if way == "run":
        said = medbench("run", "bench", "-m", "hostile_mod:Provider", "--min-coverage", "0.5")
    else:
        rows = [{"case_id": f"case-{n:03d}", "text": text} for n, text in enumerate(HOSTILE)]
        rows.append({"case_id": "case-006", "text": "", "error": "\x1b[31merror \ud800"})
        (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        said = medbench("import", "a.jsonl", "--benchmark", "bench", "--system", "hostile")
    assert said.code == 0, said.err
    _clean(said.out + said.err)
    (name,) = [path.name for path in (tmp_path / "runs/bench").iterdir() if "baseline" not in path.name]
    for line in (
        ["rescore"],
        ["compare"],
        ["show"],
        ["show", name],
        *(["show", f"case-{n:03d}"] for n in range(7)),
    ):
        said = medbench(*line)
        assert said.code == 0, said.err
        _clean(said.out + said.err)
    numbers = json.loads(medbench("compare", name, "--json").out)["systems"][0]
    assert numbers["n"] == 6
    assert sum(numbers["failures"].values()) == 1
