"""A run against a mock server, beside a bare client that does nothing else: wall, CPU, memory, bytes.

The server, the cases and the bare client are those of the folder "shared/bench" beside the repository;
without it nothing is measured. Everything is on this machine. The server runs, and the cases are
made, in the Python that BENCH_PY names, which has aiohttp, numpy and Pillow.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RIG = Path(__file__).resolve().parents[3] / "shared" / "bench"
SIDE = {"100 kB": 512, "4 kB": 96}
MODELS = {
    "openai": 'provider = "openai"\nid = "mock-vlm"\nbase_url = "$MOCK_URL"\nkey_env = ""\n',
    "vertex": 'provider = "vertex"\nid = "mock-vlm"\nproject = "p"\nlocation = "l"\nendpoint = "1"\n'
    'base_url = "$MOCK_ROOT"\nkey_env = ""\n',
    "gemini": 'provider = "gemini"\nid = "mock-vlm"\nbase_url = "$MOCK_ROOT"\nkey_env = "MOCK_KEY"\n',
}
FLAT = ("openai", "gemini")
"""Providers whose memory is measured."""
FREE = "price = { free = true }\nlimits = { concurrency = 32 }\n"


def _cases(folder: Path, many: int, side: int) -> tuple[Path, int]:
    """A benchmark of so many cases, and the bytes of its images."""
    made = subprocess.run(
        [os.environ.get("BENCH_PY", sys.executable), str(RIG / "make_cases.py"), str(many), str(side), "1"],
        capture_output=True,
        text=True,
        check=True,
    )
    source = Path(made.stdout.strip())
    rows = [json.loads(line) for line in (source / "cases.jsonl").read_text().splitlines()]
    table = folder / f"{many}.jsonl"
    with table.open("w") as file:
        for row in rows:
            case = {
                "id": row["uid"],
                "images": [Path(image).name for image in row["images"]],
                "reference": row["gold"],
                "region": row["region"],
                "modality": {"MRI": "MR"}.get(row["modality"], row["modality"]),
                "history": row["question"],
            }
            file.write(json.dumps(case) + "\n")
    out = folder / f"cases-{many}-{side}"
    line = f"build folder --cases {table} --images {source / 'img'} --out {out} --pool 0"
    subprocess.run([sys.executable, "-m", "medbench", *line.split()], check=True, capture_output=True)
    return out, sum(path.stat().st_size for path in (out / "images").iterdir())


def _measured(peer: str, many: int, side: int, command: list[str]) -> dict[str, float]:
    line = [str(RIG / "bench.py"), "--peer", peer, "--n", str(many), "--conc", "32", "--latency", "100"]
    found = subprocess.run(
        [sys.executable, *line, "--side", str(side), "--", *command],
        # An empty value is none: an installed medbench has its bytecode, as the bare client's httpx has.
        env={"BENCH_PY": sys.executable, **os.environ, "MOCK_KEY": "mock", "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, float] = json.loads(found.stdout.splitlines()[-1])
    if result["rc"] or result["requests"] != many:
        sys.exit(f"{peer} ended with {result['rc']} after {result['requests']} of {many}: {result['log']}")
    return result


def _medbench(provider: str, benchmark: Path) -> list[str]:
    # exec: what is measured is the process of medbench alone.
    script = (
        f'cat > "$OUT/mock.toml" <<END\n{MODELS[provider]}{FREE}END\n'
        f'exec "{sys.executable}" -m medbench run "{benchmark}" -m "$OUT/mock.toml" --out "$OUT/runs"'
    )
    return ["sh", "-c", script]


def _median(rows: list[dict[str, float]]) -> dict[str, float]:
    return {
        key: statistics.median(row[key] for row in rows)
        for key in ("wall_s", "request_span_s", "cpu_s", "max_rss_mb", "mb_sent")
    }


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--providers", default="openai,vertex,gemini")
    parser.add_argument("--times", type=int, default=11, help="rounds of the ratios; 0 for none")
    parser.add_argument("--many", type=int, default=20_000, help="cases of the memory run; 0 for none")
    asked = parser.parse_args()
    if not RIG.is_dir():
        print("bench_run: skipped, it needs the folder shared/bench beside the repository")
        return
    with tempfile.TemporaryDirectory() as name:
        if asked.times:
            _compare(Path(name), asked.providers.split(","), asked.times)
        if asked.many:
            _memory(Path(name), asked.many, [one for one in asked.providers.split(",") if one in FLAT])


def _calm(rows: dict[str, list[dict[str, float]]]) -> dict[str, list[dict[str, float]]]:
    """Keep the rounds in which the bare client took at most a fifth more than its best, wall and CPU."""
    base = rows["raw"]
    best = {key: min(row[key] for row in base) for key in ("wall_s", "cpu_s")}
    kept = [at for at, row in enumerate(base) if all(row[key] <= 1.2 * low for key, low in best.items())]
    return {peer: [rounds[at] for at in kept] for peer, rounds in rows.items()}


def _compare(work: Path, providers: list[str], times: int) -> None:
    benchmark, size = _cases(work, 400, 512)
    commands = {"raw": [sys.executable, str(RIG / "task_raw" / "raw_client.py"), "httpx"]}
    commands |= {provider: _medbench(provider, benchmark) for provider in providers}
    rows: dict[str, list[dict[str, float]]] = {peer: [] for peer in commands}
    # In turn: a machine that is slow for a minute is so for all of them.
    for _ in range(times):
        for peer, command in commands.items():
            rows[peer].append(_measured(peer, 400, 512, command))
    rows = _calm(rows)
    base = _median(rows["raw"])
    counted = f"{len(rows['raw'])} of {times} rounds in turn"
    print(f"400 cases with a 100 kB image, 32 at a time, 100 ms; medians of {counted}")
    print(
        f"{'':>8}{'wall s':>9}{'span s':>9}{'CPU s':>9}{'MB':>6}{'x wall':>9}{'x CPU':>8}{'sent / files':>14}"
    )
    for peer in commands:
        row = _median(rows[peer])
        print(
            f"{peer:>8}{row['wall_s']:>9.2f}{row['request_span_s']:>9.2f}{row['cpu_s']:>9.2f}"
            f"{row['max_rss_mb']:>6.0f}{row['wall_s'] / base['wall_s']:>9.2f}"
            f"{row['cpu_s'] / base['cpu_s']:>8.2f}{row['mb_sent'] * 2**20 / size:>14.3f}"
        )


def _memory(work: Path, many: int, providers: list[str]) -> None:
    print(f"Peak memory with images of 4 kB; of {many:,} cases <= 1.15 x that of 400")
    benchmarks = {cases: _cases(work, cases, 96)[0] for cases in (400, many)}
    for provider in providers:
        rows = {
            cases: _measured(provider, cases, 96, _medbench(provider, benchmark))
            for cases, benchmark in benchmarks.items()
        }
        few, lots = (rows[cases]["max_rss_mb"] for cases in (400, many))
        print(
            f"{provider:>8} {few:>6.0f} MB, {lots:>6.0f} MB: {lots / few:.2f} x"
            f"   {rows[many]['cpu_s'] / many * 1e3:.2f} ms of CPU a case"
        )


if __name__ == "__main__":
    main()
