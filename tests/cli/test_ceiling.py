"""A ceiling that was asked for holds or nothing is sent, and a dry run ends as its line would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import planted
import pytest
from judged_world import mixed, run_of

from medbench.store.benchmark import BenchmarkFolder

PROVIDER = """
from medbench.schema.response import Reply, Usage
class Provider:
    def __init__(self, model, pictures): pass
    async def ask(self, request):
        usage = Usage.model_validate({'input': 500, 'output': 100, 'from': 'provider'})
        return Reply(text='FINDINGS: a mass', usage=usage, images_sent=())
"""
MODELS = """
[models.whole]
provider = "ceiling_mod:Provider"
id = "whole-1"
price = { input = 1.0, output = 10.0 }
limits = { image_tokens = 1000 }
settings = { max_tokens = 1000 }
[models.unpriced]
provider = "ceiling_mod:Provider"
id = "unpriced-1"
limits = { image_tokens = 1000 }
settings = { max_tokens = 1000 }
[models.imageless]
provider = "ceiling_mod:Provider"
id = "imageless-1"
price = { input = 1.0, output = 10.0 }
settings = { max_tokens = 1000 }
[models.bare]
provider = "openai"
id = "bare-1"
key_env = ""
base_url = "http://127.0.0.1:9/v1"
[models.keyless]
provider = "openai"
id = "keyless-1"
key_env = "NO_SUCH_KEY"
base_url = "http://127.0.0.1:9/v1"
"""


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, module: Callable[[str, str], str]) -> Path:
    """A medbench.toml with models that lack something."""
    module("ceiling_mod", PROVIDER)
    path = tmp_path / "medbench.toml"
    path.write_text(MODELS)
    return path


def _error(err: str) -> str:
    return err.partition("Error: ")[2]


@pytest.mark.parametrize(
    ("model", "ceiling", "code", "words"),
    [
        ("whole", ("--max-cost", "5"), 0, ""),
        ("unpriced", (), 0, ""),
        ("unpriced", ("--max-cost", "5"), 2, "'unpriced' has no 'price', so"),
        ("imageless", (), 0, ""),
        ("imageless", ("--max-cost", "5"), 2, "'imageless' has no 'limits.image_tokens', so"),
        ("keyless", (), 2, "no key"),
        (
            "bare",
            ("--max-cost", "5"),
            2,
            "has no 'price', 'limits.image_tokens' or 'settings.max_tokens', so",
        ),
        ("whole,imageless", ("--max-cost", "5"), 2, "'imageless' has no 'limits.image_tokens', so"),
    ],
)
def test_a_dry_run_ends_as_the_run(
    bench: BenchmarkFolder,
    medbench: Callable[..., Any],
    model: str,
    ceiling: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    """The same exit code and the same error, which names the key that is missing and no other."""
    dry = medbench("run", "bench", "-m", model, *ceiling, "--dry-run")
    assert "Nothing was sent or written." in dry.err
    real = medbench("run", "bench", "-m", model, *ceiling)
    assert (dry.code, real.code) == (code, code)
    assert _error(dry.err) == _error(real.err)
    assert words in _error(real.err)
    assert (": the ceiling of $10 cannot hold" in " ".join(real.err.split())) == (
        model in {"unpriced", "imageless"} and not ceiling
    )


def test_a_standing_ceiling_of_nothing_holds(
    bench: BenchmarkFolder, medbench: Callable[..., Any], settings: Path
) -> None:
    """`max_cost = 0` in medbench.toml asks for nothing to be paid; any other number refuses nothing."""
    settings.write_text(f"max_cost = 0\n{MODELS}")
    assert "a ceiling of $0 cannot hold" in medbench("run", "bench", "-m", "unpriced").err
    settings.write_text(f"max_cost = 5\n{MODELS}")
    said = medbench("run", "bench", "-m", "unpriced")
    assert (said.code, "the ceiling of $5 cannot hold" in said.err) == (0, True)


def test_what_was_paid_stands_at_the_end(bench: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """Six calls of $0.0015: on the line of the run, in `show`, and in `show --spent` with the total."""
    assert "s, $0.009)." in medbench("run", "bench", "-m", "whole").err
    assert "s, unknown)." in medbench("run", "bench", "-m", "unpriced").err
    assert " $0.009 " in medbench("show").out
    spent = medbench("show", "--spent").out
    assert spent.split("total")[1].split()[:4] == ["12", "$0.009,", "6", "unknown"]
    assert medbench("show", "bench/whole", "--spent").out.split("total")[1].split()[:2] == ["6", "$0.009"]
    assert medbench("show", "nobody", "--spent").code == 2
    assert '"usd": 0.009' in medbench("show", "--spent", "--json").out


def test_another_system_of_the_name_is_refused_by_both(
    bench: BenchmarkFolder, medbench: Callable[..., Any], settings: Path
) -> None:
    """A run that was begun with other settings ends both in the same way."""
    assert medbench("run", "bench", "-m", "whole").code == 0
    settings.write_text(MODELS.replace("max_tokens = 1000", "max_tokens = 900"))
    dry, real = medbench("run", "bench", "-m", "whole", "--dry-run"), medbench("run", "bench", "-m", "whole")
    assert (dry.code, _error(dry.err)) == (real.code, _error(real.err))
    assert "was run as another system" in _error(real.err)


def test_the_judge_of_the_settings_is_priced(
    bench: BenchmarkFolder, medbench: Callable[..., Any], settings: Path
) -> None:
    """A dry run forecasts the judges that `judge` would ask: those of medbench.toml."""
    settings.write_text(f'{MODELS}\n[defaults]\njudge = ["whole", "claude-haiku"]\n')
    flat = " ".join(medbench("run", "bench", "-m", "whole", "--dry-run").out.split())
    assert "Judging: whole, claude-haiku, one verdict an output, 6 references to list and 80 canaries" in flat
    settings.write_text(f'{MODELS}\n[defaults]\njudge = ["gone"]\n')
    said = medbench("run", "bench", "-m", "whole", "--dry-run")
    assert (said.code, "Judging later cannot be forecast" in said.err) == (0, True)


@pytest.mark.usefixtures("planted_judge")
def test_a_judge_is_held_to_the_ceiling(
    world: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """Without a price the judge is refused under --max-cost, by the dry run too; free, it goes on."""
    run_of(world, tmp_path / "runs", "medgemma-4b", mixed)
    line = ("judge", "--judge", "planted:Planted", "--rubric", "report-like", "--audit", "0")
    both = [medbench(*line, "--max-cost", "1", *dry) for dry in (("--dry-run",), ())]
    assert [said.code for said in both] == [2, 2]
    assert {"has no 'price' or 'settings.max_tokens', so" in _error(said.err) for said in both} == {True}
    assert not planted.Planted.asked
    free = '[models.free]\nprovider = "planted:Planted"\nid = "free"\nprice = { free = true }\n'
    (tmp_path / "medbench.toml").write_text(free)
    said = medbench(*line[:2], "free", *line[3:], "--max-cost", "0")
    assert said.code == 0, said.err
    assert "24 calls: $0 (verdicts $0)" in " ".join(said.err.split())
    assert medbench(*line[:2], "free", *line[3:], "--max-cost", "0").code == 0


def _stops(said: Any) -> bool:
    return "It would stop at its ceiling, with exit code 3." in said.err


@pytest.mark.parametrize(("ceiling", "code"), [("0.001", 3), ("0.05", 0), ("5", 0)])
def test_a_dry_run_of_a_run_ends_as_its_ceiling_lets_it(
    bench: BenchmarkFolder, medbench: Callable[..., Any], ceiling: str, code: int
) -> None:
    """One call of at most $0.01 does not fit, or six do not at worst but as it comes, or all do."""
    dry = medbench("run", "bench", "-m", "whole", "--max-cost", ceiling, "--dry-run")
    real = medbench("run", "bench", "-m", "whole", "--max-cost", ceiling)
    assert (dry.code, real.code) == (code, code)
    assert _stops(dry) == (code == 3)
    assert ("It may stop this line" in " ".join(dry.out.split())) == (ceiling == "0.05")


@pytest.mark.usefixtures("planted_judge")
@pytest.mark.parametrize(("ceiling", "code"), [("0.001", 3), ("5", 0)])
def test_judging_says_its_ceiling_first_and_its_dry_run_ends_the_same(
    world: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any], ceiling: str, code: int
) -> None:
    """Expected, worst case and ceiling stand there before the first question, of a dry run or not."""
    run_of(world, tmp_path / "runs", "medgemma-4b", mixed)
    (tmp_path / "medbench.toml").write_text(
        '[models.dear]\nprovider = "planted:Planted"\nid = "dear"\n'
        "price = { input = 1, output = 10 }\nsettings = { max_tokens = 1000 }\n"
    )
    line = ("judge", "--judge", "dear", "--rubric", "report-like", "--audit", "0", "--max-cost", ceiling)
    dry, real = medbench(*line, "--dry-run"), medbench(*line)
    assert (dry.code, real.code) == (code, code)
    assert _stops(dry) == (code == 3)
    assert bool(planted.Planted.asked) == (code == 0)
    for said in (dry, real):
        words = " ".join(said.err.split())
        assert ", at most $0." in words
        assert f"Ceiling: ${float(ceiling):g} a command, from --max-cost." in words
        assert ("It will stop this line before its end" in words) == (code == 3)
