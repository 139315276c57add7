"""The GitHub action: its script hands on what the gate said, and takes no input for a command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ACTION = Path(__file__).resolve().parents[1] / "action"
FAKE = """#!/bin/bash
printf '%s\\n' "$*" >> typed
[ "$CODE" = 2 ] || echo said
exit "$CODE"
"""
pytestmark = pytest.mark.skipif(
    not ACTION.is_dir() or shutil.which("bash") is None or os.name == "nt", reason="needs action/ and bash"
)


@pytest.mark.parametrize(
    ("code", "undecided", "ends", "outcome"),
    [(0, "pass", 0, "pass"), (1, "pass", 1, "fail"), (3, "pass", 0, "undecided"), (3, "fail", 1, "undecided"),
     (2, "pass", 2, None)],
)  # fmt: skip
def test_the_job_ends_as_the_gate_did(
    tmp_path: Path, code: int, undecided: str, ends: int, outcome: str | None
) -> None:
    """Undecided passes unless it is to fail; an error has no outcome; a name with spaces stays one word."""
    (tmp_path / "medbench").write_text(FAKE, "utf-8")
    (tmp_path / "medbench").chmod(0o755)
    words = {"GATE": "a b; touch c", "AGAINST": "old", "MAX_DROP": "5", "COVERAGE": "0.95"}
    files = {"JUNIT": "gate.xml", "GITHUB_STEP_SUMMARY": "summary", "GITHUB_OUTPUT": "output"}
    system = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CODE": str(code), "UNDECIDED": undecided}
    variables = system | words | files
    done = subprocess.run(["bash", ACTION / "gate.sh"], cwd=tmp_path, env=variables, check=False)
    assert done.returncode == ends
    typed = (tmp_path / "typed").read_text("utf-8").splitlines()
    assert typed[0] == "gate a b; touch c --against old --max-drop 5 --coverage 0.95 --format junit"
    assert not (tmp_path / "c").exists()
    output = tmp_path / "output"
    assert (output.read_text("utf-8") if output.exists() else None) == (outcome and f"outcome={outcome}\n")


def test_no_input_is_pasted_into_a_script() -> None:
    """Every input comes to a shell as a variable, and each variable of the script is given."""
    text = (ACTION / "action.yml").read_text("utf-8")
    for line in text.splitlines():
        if "${{ inputs." in line:
            assert re.fullmatch(r" +[A-Z_]+: \$\{\{ inputs\.[a-z-]+ \}\}", line), line
    given = set(re.findall(r"^ +([A-Z_]+): \$", text, re.MULTILINE))
    used = set(re.findall(r"\$\{?([A-Z_]+)", (ACTION / "gate.sh").read_text("utf-8")))
    assert used - {"GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"} <= given
