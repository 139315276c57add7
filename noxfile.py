"""Everything there is to check: `nox` runs tests, lint and types; `nox -l` lists the other sessions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.14"
nox.options.sessions = [
    "tests",
    "genai(major=2)",
    "lint",
    "types",
    "docs",
    "browser",
]  # tests has the newest major of genai
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "uv|virtualenv"  # uv installs in seconds what takes pip a minute
nox.options.download_python = "never"

GROUPS = nox.project.load_toml("pyproject.toml")
BASELINES = (
    "baseline-best-list",
    "baseline-generic",
    "baseline-joined-references",
    "baseline-normal",
    "baseline-random",
    "baseline-retrieval",
)
SPELLED = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs", "src", "tests", "tools", "noxfile.py")
PARALLEL = ("-q", "-n", "auto", "--dist", "worksteal")
SDK_TESTS = [
    "tests/providers/test_faults.py",
    "tests/steps/run/test_batches_by_service.py",
    "tests/steps/run/test_batches_counted.py",
    "tests/steps/run/test_batches_gemini.py",
    *map(str, sorted(Path("tests/providers").glob("*gemini*"))),
]
CLOSED_PORT = "http://127.0.0.1:9"


def _group(*names: str) -> list[str]:
    return [*nox.project.dependency_groups(GROUPS, *names)]


def _pythons() -> list[str]:
    running = "{}.{}".format(*sys.version_info[:2])
    return sorted({"3.11", "3.12", "3.13", "3.14", running}, key=lambda name: int(name.partition(".")[2]))


@nox.session(python=_pythons())
def tests(session: nox.Session) -> None:
    """The tests; a Python that is not installed is skipped."""
    session.install(".", *_group("test"))
    session.run("python", "-m", "pytest", *(session.posargs or PARALLEL))


@nox.session
def coverage(session: nox.Session) -> None:
    """The tests with branch coverage, which takes longer; fails below the share in pyproject.toml."""
    session.install(".", *_group("test"))
    session.env["COVERAGE_FILE"] = str(Path(session.create_tmp(), ".coverage"))
    session.run("python", "-m", "pytest", *(session.posargs or [*PARALLEL, "--cov"]))


@nox.session
def exhaustive(session: nox.Session) -> None:
    """The tests in full: cut at every byte, many random kills, many examples."""
    session.install(".", *_group("test"))
    session.run("python", "-m", "pytest", *(session.posargs or PARALLEL), env={"MEDBENCH_EXHAUSTIVE": "1"})


@nox.session
@nox.parametrize("major", [2, 3])
def genai(session: nox.Session, major: int) -> None:
    """Provider gemini with each major of Google's SDK: they differ in HTTP library and API version."""
    session.install(".", *_group("test"), f"google-genai~={major}.{20 if major == 2 else 0}")
    session.run("python", "-m", "pytest", *PARALLEL, *SDK_TESTS)


@nox.session
def endpoint(session: nox.Session) -> None:
    """The fake of Vertex AI against Google's own libraries, which are heavy and bring google-genai 2."""
    session.install(
        ".", *_group("test"), "google-cloud-aiplatform==2.7.*", "google-cloud-agentplatform==2.6.*"
    )
    session.run("python", "-m", "pytest", "-q", "tests/endpoints")


@nox.session
def lint(session: nox.Session) -> None:
    """Rules, format, directions of imports, unused code, spelling."""
    session.install("-e", ".", *_group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports")
    session.run("vulture")
    session.run("codespell", *SPELLED)


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.install("-e", ".", "nox", *_group("test", "types"))
    session.run("mypy", "--num-workers", "auto")


@nox.session
def docs(session: nox.Session) -> None:
    """The site of docs/ in build/site, strictly: no dead link, no page in no list, nothing from elsewhere."""
    session.install(*_group("docs"))
    session.run("mkdocs", "build", "--strict", "--quiet", env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def pages(session: nox.Session) -> None:
    """Write the generated pages anew, and run what README and quickstart say to type."""
    session.install(".")
    session.run("python", "tools/make_cli_docs.py")
    session.run("python", "tools/make_file_docs.py")
    session.run("python", "tools/make_readme.py")
    if (Path(__file__).parent.parent / "shared").is_dir():
        session.run("python", "tools/make_screens.py")
    session.run("python", "tools/run_docs.py", "README.md", "docs/quickstart.md", "docs/costs.md")


@nox.session(venv_backend="virtualenv")
def build(session: nox.Session) -> None:
    """The wheel alone in a fresh environment: `medbench run` in an empty folder, without a network."""
    work = Path(session.create_tmp()).resolve()
    shutil.rmtree(work, ignore_errors=True)
    session.run("python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(work / "dist"), ".")
    session.run("python", "-m", "venv", str(work / "venv"))
    (wheel,) = (work / "dist").glob("medbench-*.whl")
    bin_ = work / "venv" / ("Scripts" if os.name == "nt" else "bin")
    session.run(str(bin_ / "python"), "-m", "pip", "install", "-q", str(wheel), external=True)
    empty = work / "empty"
    empty.mkdir()
    begun = time.monotonic()
    with session.chdir(empty):
        shown = session.run(
            *_without_network(),
            str(bin_ / "medbench"),
            "run",
            env=dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), CLOSED_PORT),
            external=True,
            silent=True,
        )
    session.log("%s\n%.1f seconds", shown, time.monotonic() - begun)
    missing = [name for name in BASELINES if name not in str(shown)]
    if missing:
        session.error(f"the table lacks {', '.join(missing)}")


def _without_network() -> list[str]:
    """A prefix that takes the network away, where the system has one."""
    for prefix in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and not subprocess.run([*prefix, "true"], check=False).returncode:  # noqa: S603
            return prefix
    return []


@nox.session
def bench(session: nox.Session) -> None:
    """Speed and memory as ratios within one run; prints, and judges nothing."""
    session.install(".", *_group("test"))
    # The mock server's environment is its own: google-genai loads aiohttp where it is installed.
    server = Path(session.create_tmp()).resolve() / "server"
    session.run("python", "-m", "venv", str(server))
    python = str(server / ("Scripts" if os.name == "nt" else "bin") / "python")
    session.run(python, "-m", "pip", "install", "-q", "aiohttp", "numpy", "pillow", external=True)
    session.env["BENCH_PY"] = python
    names = session.posargs or sorted(path.stem for path in Path("tools/bench").glob("bench_*.py"))
    for name in names:
        session.run("python", f"tools/bench/{name}.py")


@nox.session(venv_backend="virtualenv")  # uv would take the plain wheel that it built of the same sources
def compiled(session: nox.Session) -> None:
    """The finding engine compiled by mypyc: the same findings, the tests of scoring, and both speeds."""
    session.install(".", *_group("test"), env={"HATCH_BUILD_HOOK_ENABLE_CUSTOM": "1"})
    engines: tuple[dict[str, str | None], ...] = ({"PYTHONPATH": "src"}, {})
    printed = [
        str(session.run("python", "tools/compiled/same_findings.py", env=env, silent=True)).strip()
        for env in engines
    ]
    session.log("%s", "\n".join(printed))
    plain, compiled = (line.partition(": ") for line in printed)
    if (plain[0], compiled[0]) != ("plain Python", "compiled") or plain[2] != compiled[2]:
        session.error("the two engines are not there, or do not find the same")
    session.run("python", "-m", "pytest", *(session.posargs or [*PARALLEL, "tests/scoring"]))
    recorded = Path("../shared/data/seed_run")  # longer texts than those of the embedded benchmark
    for env in (*engines, *engines):
        session.run(
            "python", "tools/bench/bench_findings.py", *([str(recorded)] * recorded.is_dir()), env=env
        )


@nox.session
def validity(session: nox.Session) -> None:
    """How far the finding metric can be trusted, on one page; fails where a bar is missed."""
    session.install(".")
    session.run("python", "tools/validity/page.py", *session.posargs)


@nox.session
def peers(session: nox.Session) -> None:
    """Runs against servers and clients that others wrote; says which it skipped."""
    session.install(".", *_group("test"))
    session.env["PYTHONPATH"] = str(Path("tests/fixtures").resolve())
    session.run("python", "tools/peers", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """The report page in Chromium, where there is one or Playwright gets one; screenshots with --shots."""
    session.install(".", "playwright", "axe-playwright-python")  # the second has axe-core within
    _need_chromium(session)
    session.run("python", "tools/browser/check_page.py", *session.posargs)


def _need_chromium(session: nox.Session) -> None:
    """Skip a session where no Chromium starts, and say why."""
    why = str(session.run("python", "tools/browser/chromium.py", silent=True) or "")
    if why:
        session.skip(f"no Chromium: {why}. Debian has one: apt-get install chromium")


@nox.session
def ray(session: nox.Session) -> None:
    """Runs and scores on a Ray cluster of two nodes on this machine, one of which is killed; then speed."""
    session.install(".[ray]", *_group("test"))
    session.run("python", "-m", "pytest", "-q", "-s", "tests/executors/cluster/test_ray.py", *session.posargs)
    session.run("python", "tools/bench/ray_rescore.py")


@nox.session
def cloud(session: nox.Session) -> None:
    """Runs in a bucket, by the services' own clients: s3fs at moto, gcsfs at an emulator, on this machine."""
    session.install(".[cloud]", *_group("test"), "moto[server,s3]>=5", "gcp-storage-emulator>=2026.7")
    session.run("python", "-m", "pytest", "-q", "tests/store/test_remote_services.py", *session.posargs)


@nox.session
def croissant(session: nox.Session) -> None:
    """The Croissant description of a benchmark, read by MLCommons' own library."""
    session.install(".", "mlcroissant>=1.1")
    session.run("python", "tools/check_croissant.py", *session.posargs)


@nox.session
def pictures(session: nox.Session) -> None:
    """Take the pictures of docs/ anew: a report of the free run in Chromium."""
    session.install(".", "playwright")
    _need_chromium(session)
    session.run("python", "tools/browser/make_pictures.py")


@nox.session
def finetune(session: nox.Session) -> None:
    """The closed loop of docs/finetune.md, on a tiny model and a CPU: export, tune, serve, run, compare."""
    session.install(".")
    session.run("python", "tools/finetune/loop.py")
