"""The shell completes commands, options and their values, once `medbench --install-completion` was typed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
medbench --install-completion || exit
source ~/.bashrc
try() {
  COMP_WORDS=($1) COMP_CWORD=$2 COMPREPLY=()
  _medbench_completion medbench
  echo "$1 ->" ${COMPREPLY[*]}
}
try "medbench con" 1
try "medbench build med" 2
try "medbench compare --form" 2
try "medbench compare --format" 3
try "medbench nothing" 1
"""


@pytest.mark.skipif(
    os.name == "nt"
    or not shutil.which("bash")
    or not shutil.which("medbench", path=Path(sys.executable).parent),
    reason="needs bash, and medbench beside the Python",
)
def test_bash_completes(tmp_path: Path) -> None:
    """Installed into a home of its own, it completes commands, options and values."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", SCRIPT],
        env=os.environ | {"HOME": str(tmp_path), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".bash_completions/medbench.sh").is_file()
    lines = dict(line.split(" ->") for line in done.stdout.splitlines() if " ->" in line)
    assert lines["medbench con"].split() == ["configs"]
    assert lines["medbench build med"].split() == ["medpix"]
    assert lines["medbench compare --form"].split() == ["--format"]
    assert lines["medbench compare --format"].split() == ["markdown", "json", "junit"]
    assert lines["medbench nothing"].split() == []
