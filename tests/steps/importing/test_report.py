"""A report page is an archive: its runs come back byte for byte, and one that was changed writes nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import planted
import pytest
from judged_world import hooks, judge, mixed, plan_of, planted_reference, run_of
from scripted import Scripted, scripted
from systems import Quiet

import medbench as mb
from medbench.config import load_settings
from medbench.errors import InputError, MedbenchError, StoreError, UsageError
from medbench.prompts.prompt import load_prompt
from medbench.report.page.archive import archive_list, archived_file
from medbench.schema.archive import Archive, ArchivedFile
from medbench.schema.response import Request
from medbench.schema.run import PromptUse
from medbench.schema.verdict import Listing
from medbench.stats import bootstrap
from medbench.steps.access.systems import prepare
from medbench.steps.importing.archive import MOST_TIMES, open_archive
from medbench.steps.importing.report import import_page
from medbench.steps.judge.judge import judge_all
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.steps.verify.verify import verify_run
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import Journal
from medbench.store.lock import RunLock
from medbench.store.runs import RunFolder
from medbench.store.seals import sealing

NAMES = ["paid", "old"]


def _says(request: Request) -> str:
    return f"FINDINGS:\n{planted.reference_text(int(request.case_key[5:8]) // 2)}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, write_benchmark: Callable[..., BenchmarkFolder]) -> Path:
    """A folder with a judged run of a model, one without seals as an older medbench wrote it, and floors."""
    folder = tmp_path_factory.mktemp("home")
    prompt = load_prompt("findings", "comprehensive")
    system = scripted("paid")
    system = system.model_copy(
        update={
            "system": system.system.model_copy(
                update={"prompt": PromptUse(name=prompt.name, digest=prompt.digest)}
            ),
            "stages": tuple(stage.model_copy(update={"prompt": prompt}) for stage in system.stages),
        }
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.setattr(bootstrap, "MOST_DRAWS", 1_000)
        patched.setattr(bootstrap, "FEWEST_DRAWS", 1_000)
        patched.setattr(Scripted, "asked", [])
        patched.setattr(Scripted, "says", staticmethod(_says))
        patched.setattr(planted.Planted, "fault", "")
        patched.setattr(planted.Planted, "asked", [])
        patched.setattr(planted.Planted, "answers", None)
        patched.setattr(planted.Planted, "chance", random.Random(1))
        patched.setitem(sys.modules, "planted", planted)
        bench = write_benchmark(Path("bench"), reference=planted_reference)
        root = Path("runs")
        systems = (system, *prepare((), load_settings(), root, bench))
        plan = RunPlan(benchmark=bench.address, systems=systems, root=root, command="medbench run")
        run_all(plan, RunHooks(Quiet()))
        old = run_of(bench, root, "old", mixed)
        judge_all(plan_of(RunFolder(root / "bench/paid"), old, judges=(judge(),), canaries=2), hooks())
        _strip(old.path)
        lists = root / "bench/listings"
        lists.mkdir()
        listing = Listing(
            case_id="case-001",
            reference_sha256="0",
            rubric_digest="0",
            findings=(),
            lister="m",
            responses=(),
        )
        with RunLock(lists), sealing(lists), Journal(lists / "listings.jsonl") as journal:
            journal.append(listing)
        for images in ("none", "full", "thumb"):
            mb.report_page(NAMES, f"{images}.html", images=images)
        mb.report_page(NAMES, "without.html", images="none", archive=False)
    return folder


def _strip(run: Path) -> None:
    """Take the seals out of a run's lines, as an older medbench wrote them."""
    for path in run.glob("*.jsonl"):
        path.write_bytes(re.sub(rb',"seal":"[0-9a-f]{16}"}', b"}", path.read_bytes()))
    (run / "seals.json").unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder elsewhere, to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bootstrap, "MOST_DRAWS", 1_000)
    monkeypatch.setattr(bootstrap, "FEWEST_DRAWS", 1_000)
    return tmp_path


def _files(folder: Path, *, images: bool = True) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for part in ("runs", "bench")
        for path in (folder / part).rglob("*")
        if path.is_file() and path.name != ".lock" and (images or path.suffix != ".png")
    }


def test_runs_come_back_byte_for_byte(home: Path, away: Path) -> None:
    """Every file of runs, floors, listings and benchmark but the images; `verify` holds as it did at home."""
    runs = mb.import_report(home / "none.html")
    assert runs.names[:2] == NAMES
    assert {"baseline-normal", "baseline-retrieval"} <= set(runs.names)
    assert _files(away) == _files(home, images=False)
    assert {"runs/bench/paid/audit.jsonl", "runs/bench/listings/listings.jsonl"} <= _files(away).keys()
    for run in runs:
        there = verify_run(RunFolder(home / "runs/bench" / run.name))
        here = verify_run(run.folder)
        assert (here.problems, here.root) == (there.problems, there.root) == ((), here.root)
        assert (here.records, here.unsealed) == (there.records, there.unsealed)
        assert sum(what.startswith("images: 9 of 9 files not here.") for what in here.unchecked) == 1
    retrieved = verify_run(runs["baseline-retrieval"].folder).unchecked
    assert any("outputs of 6 cases: they follow from images" in what for what in retrieved)
    assert runs["old"].folder.path.joinpath("verdicts.jsonl").read_bytes().count(b"seal") == 0


@pytest.mark.parametrize("images", ["none", "full"])
def test_the_page_again_has_the_same_bytes(home: Path, away: Path, images: Any) -> None:
    """What came back makes the same page to the byte; with images='full' the images came back, too."""
    mb.import_report(home / f"{images}.html")
    assert mb.report_page(NAMES, "again.html", images=images).missing == ()
    assert Path("again.html").read_bytes() == (home / f"{images}.html").read_bytes()
    if images == "full":
        wanted = {name: data for name, data in _files(home).items() if not name.startswith("bench/pool/im")}
        assert _files(away) == wanted
        (verified,) = mb.verify("paid").record.runs
        assert [what[:37] for what in verified.unchecked] == ["images of the pool: 4 of 4 files not "]


def test_commands_take_the_runs(home: Path, medbench: Callable[..., Any]) -> None:
    """`import`, then `show`, `compare`, `rescore`, `verify`: as with runs that were made here."""
    said = medbench("import", home / "thumb.html")
    assert said.code == 0, said.err
    assert "runs/bench/paid 9 files, byte for byte" in said.words
    assert "of its 9 images 9 are not in the page and known by their digests" in said.words
    assert medbench("verify").code == 0
    before = mb.compare(NAMES).to_dict()
    for line in ("show", "show paid", "show case-001", "compare paid old", "rescore", "verify"):
        assert medbench(*line.split()).code == 0, line
    assert mb.compare(NAMES).to_dict() == before
    assert "is there already, with the same records" in medbench("import", home / "thumb.html").words


def test_it_says_what_it_cannot_take(home: Path, medbench: Callable[..., Any]) -> None:
    """An option that a page has itself is refused, and answers still need a benchmark."""
    assert "has its own benchmark" in medbench("import", home / "none.html", "--benchmark", "b").err
    assert "has its own system" in medbench("import", home / "none.html", "--system", "s").err
    Path("answers.csv").write_text("case_id,text\n")
    assert "--benchmark NAME" in medbench("import", "answers.csv", "--system", "s").err
    with pytest.raises(UsageError):
        mb.import_report("nothing.html")


def test_the_method_names_the_archive(home: Path) -> None:
    """The page says which runs it gives back, and the root of each; one without says that."""
    text = (home / "none.html").read_text("utf-8")
    root = verify_run(RunFolder(home / "runs/bench/paid")).root
    assert f"<dd>{root}</dd>" in text
    assert "medbench import report.html, then medbench verify" in text
    assert "gives no run back from this page" in (home / "without.html").read_text("utf-8")


FOREIGN = {
    "empty": b"",
    "elsewhere": b"<!doctype html><title>A page</title><p>Nothing.</p></body>\n</html>\n",
    "binary": bytes(range(256)) * 40,
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_page_from_elsewhere_is_refused(name: str) -> None:
    """A page without an archive gives nothing back, and says so."""
    Path("page.html").write_bytes(FOREIGN[name])
    with pytest.raises(InputError, match=r"page\.html"):
        mb.import_report("page.html")
    assert not Path("runs").exists()


def test_a_page_without_its_records_is_refused(home: Path) -> None:
    """One that was made without them says by which option."""
    with pytest.raises(InputError, match="--no-archive"):
        mb.import_report(home / "without.html")


def test_a_cut_page_is_refused(home: Path, away: Path) -> None:
    """Wherever it ends, nothing is written; the first file that is missing is named."""
    data = (home / "none.html").read_bytes()
    first, last = (data.index(b'id="a-0"'), data.rindex(b'id="a-'))
    for end in (100, data.index(b'id="archive"') + 90, first - 40, first + 300, last + 40, len(data) - 40):
        Path("cut.html").write_bytes(data[:end])
        with pytest.raises(InputError, match=r"cut|ends before it"):
            mb.import_report("cut.html")
        assert not (away / "runs").exists()
        assert not (away / "bench").exists()


def test_a_flipped_bit_is_located(home: Path, away: Path) -> None:
    """In each file of the archive, and in the list of them: it is named, and nothing is written."""
    data = (home / "none.html").read_bytes()
    with open_archive(home / "none.html") as archive:
        files = archive.files
    chance = random.Random(16)
    for number, file in enumerate(files):
        start = data.index(f'id="a-{number}">'.encode()) + len(f'id="a-{number}">')
        end = data.index(b"</script>", start)
        for place in (chance.randrange(start, end), start + 6, data.index(b".", start) - 1, end - 1):
            _flip(data, place, chance)
            with pytest.raises(InputError) as caught:
                import_page(Path("flipped.html"), Path("runs"))
            assert f"'{file.path}'" in caught.value.message
    start = data.index(b'id="archive"')
    for _ in range(20):
        _flip(data, chance.randrange(start + 30, data.index(b"</script>", start)), chance)
        with pytest.raises(InputError, match=r"list of its files|holds no archive"):
            mb.import_report("flipped.html")
    assert not (away / "runs").exists()


def _flip(data: bytes, place: int, chance: random.Random) -> None:
    changed = bytes([data[place] ^ 1 << chance.randrange(8)])
    Path("flipped.html").write_bytes(data[:place] + changed + data[place + 1 :])


def test_a_flipped_bit_in_an_image_costs_that_image(home: Path, away: Path) -> None:
    """It is left out, as it is not what its digest says; all else comes back."""
    data = (home / "full.html").read_bytes()
    start = data.index(b">", data.index(b'id="i-')) + 40
    Path("page.html").write_bytes(data[:start] + bytes([data[start] ^ 1]) + data[start + 1 :])
    mb.import_report("page.html")
    assert len(list((away / "bench/images").iterdir())) == 8


HOSTILE = (
    "../run.json",
    "/etc/cron.d/run.json",
    "runs/../../run.json",
    "runs/b/../run.json",
    "runs/b/s/../../../run.json",
    "runs/./s/run.json",
    "runs/b/s/.ssh/run.json",
    "runs/b/.s/run.json",
    "runs/b/s/run.sh",
    "runs/b/s/sub/deep/run.json",
    "runs/b/s/imported/../../x",
    "runs/b/s/imported/.profile",
    "runs/b/s\\..\\..\\x/run.json",
    "runs/C:/s/run.json",
    "runs/b/s /run.json",
    "runs/b/s\n/run.json",
    "runs/b/s\0/run.json",
    "benchmarks/b/images/x.png",
    "benchmarks/../x/cases.jsonl",
    "medbench.toml",
    "",
)


def _page(*files: tuple[str, bytes], claims: dict[str, Any] | None = None, islands: bytes = b"") -> Path:
    """A page that somebody else made, whose digests are right."""
    listed = tuple(
        ArchivedFile.model_validate(
            {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), **(claims or {})}
        )
        for path, data in files
    )
    text = "<!doctype html>" + archive_list(Archive(images="none", files=listed))
    for number, (_, data) in enumerate(files):
        text += "".join(archived_file(number, [data]))
    Path("hostile.html").write_bytes(text.encode() + islands + b"</body>\n</html>\n")
    return Path("hostile.html")


@pytest.mark.parametrize("path", HOSTILE)
def test_no_path_leads_out(path: str, home: Path, away: Path) -> None:
    """A page that names another file than runs have is refused before anything is written."""
    head = (home / "runs/bench/paid/run.json").read_bytes()
    page = _page(("runs/b/s/run.json", head), (path, b"x"))
    with pytest.raises(InputError, match="which no page of medbench does"):
        mb.import_report(page)
    assert [path.name for path in away.iterdir()] == ["hostile.html"]


def test_one_file_has_one_name(home: Path) -> None:
    """Two files of one name, also where only the case of its letters differs, are refused."""
    head = (home / "runs/bench/paid/run.json").read_bytes()
    for other in ("runs/b/s/run.json", "runs/B/s/run.json"):
        with pytest.raises(InputError, match="which no page of medbench does"):
            mb.import_report(_page(("runs/b/s/run.json", head), (other, head)))
    page = _page(("runs/b/s/run.json", head))
    data = page.read_bytes()
    page.write_bytes(data.replace(b"</body>", data))
    with pytest.raises(InputError, match="two lists"):
        mb.import_report(page)


def test_a_bomb_is_not_unpacked(home: Path, away: Path) -> None:
    """A file said to be huge is refused unread; of one that unpacks to more than is said no more is read."""
    head = (home / "runs/bench/paid/run.json").read_bytes()
    with pytest.raises(InputError, match=f"more than {MOST_TIMES} times"):
        mb.import_report(_page(("runs/b/s/run.json", head), claims={"bytes": 1 << 40}))
    bomb = base64.b64encode(gzip.compress(bytes(50_000_000)))
    digest = f".{hashlib.sha256(bomb).hexdigest()}".encode()
    page = _page(("runs/b/s/run.json", head))
    page.write_bytes(re.sub(rb'(id="a-0">)[^<]*', rb"\1" + bomb + digest, page.read_bytes()))
    with open_archive(page) as archive:
        got: list[int] = []
        with pytest.raises(InputError, match="was changed"):
            got.extend(map(len, archive.content(0)))
    assert sum(got) == len(head) + 1
    assert [path.name for path in away.iterdir()] == ["hostile.html"]


def test_other_content_with_a_digest_of_its_own_is_refused(home: Path, away: Path) -> None:
    """Who packs a changed file anew still has the list against him; a longer one is refused as well."""
    data = (home / "none.html").read_bytes()
    with open_archive(home / "none.html") as archive:
        number = next(n for n, file in enumerate(archive.files) if file.path.endswith("paid/outputs.jsonl"))
        content = b"".join(archive.content(number))
    for changed in (content.replace(b"FINDINGS", b"FINDINGZ", 1), content + b"\n", content[:-9]):
        packed = "".join(archived_file(number, [changed])).encode().strip()
        old = re.compile(rb'<script type="application/gzip" id="a-%d">[^<]*</script>' % number)
        before, after = old.split(data)
        Path("packed.html").write_bytes(before + packed + after)
        with pytest.raises(
            InputError, match=r"'runs/bench/paid/outputs.jsonl' in it does not have its digest"
        ):
            mb.import_report("packed.html")
    assert not (away / "runs").exists()


def test_what_is_no_run_is_refused(home: Path, away: Path) -> None:
    """Digests that fit make no run of anything: heads are read, and a benchmark has to fit its digests."""
    head = (home / "runs/bench/paid/run.json").read_bytes()
    for files in (
        [("runs/b/s/run.json", b"{}"), ("runs/b/s/outputs.jsonl", b"")],
        [("runs/b/s/run.json", b"\xff" * 9), ("runs/b/s/outputs.jsonl", b"")],
        [("runs/b/s/outputs.jsonl", b"")],
        [("benchmarks/b/cases.jsonl", b"")],
        [("runs/b/s/run.json", head), ("benchmarks/b/benchmark.json", b"{}")],
        [
            ("runs/b/s/run.json", head),
            ("benchmarks/b/benchmark.json", (home / "bench/benchmark.json").read_bytes()),
            ("benchmarks/b/cases.jsonl", b"{}\n"),
            ("benchmarks/b/references.jsonl", b""),
        ],
    ):
        with pytest.raises(MedbenchError):
            mb.import_report(_page(*files))
        assert not list(away.rglob("*.json*")), files


def test_a_run_that_is_there_is_left_as_it_is(home: Path, away: Path) -> None:
    """With the same records, or with more behind them, it stays; with others all of the page is refused."""
    mb.import_report(home / "none.html")
    before = {path: path.stat().st_mtime_ns for path in away.rglob("*")}
    mb.import_report(home / "none.html")
    assert {path: path.stat().st_mtime_ns for path in away.rglob("*")} == before
    events = away / "runs/bench/paid/events.jsonl"
    events.write_bytes(events.read_bytes() + b'{"torn')
    restored = import_page(home / "none.html", Path("runs"))
    assert all(run.was_there for run in restored.runs)
    shutil.rmtree(away / "runs/bench/old")
    events.write_bytes(events.read_bytes()[1:])
    with pytest.raises(StoreError, match=r"its 'events.jsonl' is not that of the page"):
        mb.import_report(home / "none.html")
    assert not (away / "runs/bench/old").exists()


def test_another_benchmark_of_that_name_is_left_as_it_is(home: Path, away: Path) -> None:
    """Neither is it overwritten, nor do runs appear that would be read with it."""
    (away / "bench").mkdir()
    (away / "bench/benchmark.json").write_text("{}")
    with pytest.raises(StoreError, match="bench' is there already"):
        mb.import_report(home / "none.html")
    assert [path.name for path in away.rglob("*") if path.is_file()] == ["benchmark.json"]


def test_a_benchmark_that_is_here_is_used(home: Path, away: Path) -> None:
    """With its images, wherever it is found by its digest; the page's copy is not written."""
    shutil.copytree(home / "bench", away / "mine")
    restored = import_page(home / "none.html", Path("runs"))
    assert [(str(one.path), one.was_there) for one in restored.benchmarks] == [("mine", True)]
    assert not Path("bench").exists()
    assert verify_run(RunFolder(away / "runs/bench/paid")).unchecked == ()
