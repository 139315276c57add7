"""Texts without what must differ between two calls of the same command.

These are moments of the call itself, how long it took, ids of runs and responses, process ids, the paths of
folders, versions, and the sizes and digests of files that hold any of these. The lines of files that are
written as answers come in are put in order.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

UNORDERED = {
    f"{name}.jsonl"
    for name in ("outputs", "scores", "responses", "verdicts", "findings", "listings", "audit")
}
"""Files whose lines are written, or printed, in the order in which answers came in."""
ORDER = (
    "case_id",
    "replicate",
    "stage",
    "rater",
    "sample",
    "judge_replicate",
    "probe",
    "detail",
    "request_digest",
)
TIMES = ("latency_s", "latency_ms", "took_s", "queued_s", "wait_s")


class Normal:
    """What was learned from the files of one scene: names for ids and digests that do not depend on chance.

    Args:
        folder: Where the scene is played.
        tree: The checkout.
        port: The server's, or 0.
        recorded_times: Whether latencies are data of the source, to be compared.
        prints_times: Whether latencies of this machine are on the screen.
    """

    def __init__(
        self, folder: Path, tree: Path, port: int, *, recorded_times: bool, prints_times: bool
    ) -> None:
        self._replaced = {str(folder): "<folder>", str(tree): "<tree>", f"127.0.0.1:{port}": "<server>"}
        self._recorded, self._printed = recorded_times, prints_times
        self._ids: dict[str, str] = {}
        self._digests: dict[str, str] = {}
        self._begun = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)

    def learn(self, files: list[Path]) -> None:
        """Give names to the ids in new files, then to the digests of the files."""
        records = [path for path in files if path.suffix in {".json", ".jsonl"}]
        for path in sorted(records, key=lambda path: (path.name != "responses.jsonl", path)):
            for kind, value in re.findall(r'"(run_id|response_id)": ?"([0-9a-f]{16,22})"', _in_order(path)):
                self._ids.setdefault(value, f"<{kind} {len(self._ids)}>")
        for path in records:
            content = hashlib.sha256(self.file(path).encode()).hexdigest()[:12]
            self._digests[hashlib.sha256(path.read_bytes()).hexdigest()] = f"<digest of {content}>"

    def file(self, path: Path) -> str:
        """A file; of a picture its digest."""
        if path.suffix == ".png":
            return hashlib.sha256(path.read_bytes()).hexdigest()
        text = self.text(_in_order(path))
        return text if self._recorded else _without_times(text)

    def screen(self, text: str, *, unordered: bool = False) -> str:
        """What a command printed."""
        if unordered:
            text = "".join(sorted(text.splitlines(keepends=True), key=_place))
        took = r"(?<=[(, ])\d+(\.\d+)? s(?=(, \$[\d.]+)?\)\.?$)"
        text = re.sub(took, "<time>", self.text(text), flags=re.MULTILINE)
        if text.startswith("{") and not self._recorded:
            return _without_times(text)
        if self._printed and not text.startswith("{"):
            # Which of two it is said of depends on the clock; it ends in "Quote the medians."
            text = re.sub(r"\n[^\n]* has the higher mean latency(?s:.*?)\bmedians\.(?=\n)", "", text)
            text = re.sub(r"(?<![\d.$=-])\d+\.\d(?![\d%-])( s\b)?", "<s>", text)
            text = re.sub(r" {2,}", "  ", re.sub(r" +$", "", text, flags=re.MULTILINE))
        return text

    def text(self, text: str) -> str:
        """Any text, for what can stand in all of them."""
        for part, name in self._replaced.items():
            text = text.replace(part, name)
        text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(\+00:00|Z)?", self._moment, text)
        text = re.sub(r'("pid": ?)\d+', r"\1<pid>", text)
        text = re.sub(r'("(?:medbench|python)": ?)"[\d.]+[^"]*"', r'\1"<version>"', text)
        text = re.sub(r'("(?:took_s|queued_s)": ?)[\d.e-]+', r"\1<s>", text)
        text = re.sub(r'("bytes": ?)\d+(,\s*"sha256": ?")([0-9a-f]{64})"', self._size, text)
        text = re.sub(r"\b[0-9a-f]{16,22}\b", lambda found: self._ids.get(found[0], found[0]), text)
        return re.sub(r"\b[0-9a-f]{64}\b", lambda found: self._digests.get(found[0], found[0]), text)

    def _size(self, found: re.Match[str]) -> str:
        if found[3] not in self._digests:
            return found[0]
        return f'{found[1]}<size>{found[2]}{self._digests[found[3]]}"'

    def _moment(self, found: re.Match[str]) -> str:
        moment = dt.datetime.fromisoformat(found[0])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        is_now = self._begun <= moment <= dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
        return "<now>" if is_now else found[0]


def _in_order(path: Path) -> str:
    text = path.read_text("utf-8")
    return "".join(sorted(text.splitlines(keepends=True), key=_place)) if path.name in UNORDERED else text


def _place(line: str) -> tuple[str, ...]:
    matches = (re.search(rf'"{key}": ?"?([^",}}]*)', line) for key in ORDER)
    return tuple(match[1] if match else "" for match in matches)


def _without_times(text: str) -> str:
    """JSON without how long calls took, and without the places of sums that depend on their order."""
    text = re.sub(r"\b\d+\.\d{12,}(?:e-\d+)?\b", lambda found: f"{float(found[0]):.10g}", text)
    for key in TIMES:
        text = re.sub(rf'("{key}": ?)-?[\d.]+(?:e-?\d+)?', r"\1<s>", text)
    out, at = "", 0
    for match in re.finditer(r'"(?:latency_ms|latency_s)": ?\{', text):
        if match.start() < at:
            continue
        out += text[at : match.end() - 1] + "<times>"
        depth, at = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
    return out + text[at:]
