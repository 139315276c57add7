"""A page that was cut, changed, repacked or made to do harm is refused, and nothing is written."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import re
from pathlib import Path
from typing import Any

import pytest

import medbench as mb
from medbench.errors import InputError, MedbenchError
from medbench.report.page.archive import archive_list, archived_file
from medbench.schema.archive import Archive, ArchivedFile
from medbench.steps.importing.archive import MOST_TIMES, open_archive
from medbench.steps.importing.report import import_page

pytestmark = pytest.mark.usefixtures("away")
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
