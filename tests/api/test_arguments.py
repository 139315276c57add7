"""Several names in one value: commas stand between them, and within paths that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from medbench.api.arguments import split_names


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and folders with commas in their names."""
    monkeypatch.chdir(tmp_path)
    for name in ("x,y.toml", "a,b,c.toml", "plain.toml", "deep, er/m.toml", "note,d.txt"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("")
    Path("runs/my,bench/one").mkdir(parents=True)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("echo,gemini-pro", ["echo", "gemini-pro"]),
        (" echo , gemini-pro ,", ["echo", "gemini-pro"]),
        (["a,b", "c"], ["a", "b", "c"]),
        (None, []),
        (",", []),
        ("./x,y.toml", ["./x,y.toml"]),
        ("x,y.toml", ["x,y.toml"]),
        ("echo,./x,y.toml,plain.toml", ["echo", "./x,y.toml", "plain.toml"]),
        ("./x,y.toml, ./a,b,c.toml", ["./x,y.toml", "./a,b,c.toml"]),
        ("deep, er/m.toml,echo", ["deep, er/m.toml", "echo"]),
        ("replay:runs/my,bench/one,echo", ["replay:runs/my,bench/one", "echo"]),
        ("runs/my,bench", ["runs/my,bench"]),
        ("./not,there.toml", ["./not", "there.toml"]),
        ("note,d.txt", ["note", "d.txt"]),
        (Path("not,there.toml"), ["not,there.toml"]),
        ([Path("not,there.toml"), "a,b"], ["not,there.toml", "a", "b"]),
        ("a" * 5000 + ",b", ["a" * 5000, "b"]),
    ],
)
def test_names_stand_between_commas(given: str | list[str] | None, names: list[str]) -> None:
    """A comma in the path of a model file or folder that is there stands between nothing."""
    assert split_names(given) == names
