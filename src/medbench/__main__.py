"""Entry point of the `medbench` command, which turns every error into two lines and an exit code."""

from __future__ import annotations

import atexit
import gc
import io
import os
import signal
import sys

from medbench.errors import MedbenchError
from medbench.offline import OPTION, VARIABLE, install_guard, is_offline

STOPPED = 130
"""Exit code after Ctrl-C."""
COMPLETING = "_MEDBENCH_COMPLETE"
"""Set where the shell asks for what may come next; the line so far stands in the environment, too."""


def main() -> None:
    """Run the command that was typed."""
    # Matrices are small here: the threads of numpy's linear algebra would only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # pydantic would look for plugins among all installed packages, and let each of them see every record.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Looking for cycles after every 700 records takes a tenth of the time. What a call holds, such as images,
    # hangs in none, whether it fails or not (tests/providers/test_memory.py): little waits for the search.
    gc.set_threshold(500_000)
    # Python ends with a search for cycles among all objects, which takes a tenth of a second: it finds none.
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without the sign for it shows a question mark
    code = _code()
    if code == STOPPED:  # Python waits for its threads: another Ctrl-C is to end that, without a traceback
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)


def _code() -> int:
    """Return the exit code; whenever Ctrl-C ends the command, that is said."""
    try:
        code = _conducted()
    except KeyboardInterrupt:  # while libraries are loaded: later Typer makes a code of it
        code = STOPPED
    if code == STOPPED:
        from medbench.cli import console

        console.stopped_silently()
    return code


def _conducted() -> int:
    # Loaded here: the threshold is set by now.
    from typer import TyperException

    from medbench.cli import ANY, app_for, command_of
    from medbench.cli.names import retyped, usage

    arguments = sys.argv[1:]
    if OPTION in arguments:  # of every command, so before or behind its name
        os.environ[VARIABLE] = "1"
        if arguments[0] != "compare":  # compare, which sends nothing, has an option of that name
            arguments = [each for each in arguments if each != OPTION]
    if is_offline():
        install_guard()
    arguments = arguments or ["--help"]
    try:
        app = app_for(ANY if COMPLETING in os.environ else arguments[0] if arguments else "")
        code = app(arguments, prog_name="medbench", standalone_mode=False)
    except MedbenchError as error:
        return _say(error.message, retyped(error), error.exit_code)
    except TyperException as error:
        return _say(*usage(error.format_message(), f"{command_of(sys.argv[1:])} --help"), 2)
    except OSError as error:
        where = f"'{error.filename}'" if error.filename else "a file"
        return _say(
            f"{where} cannot be opened or written: {error.strerror or error}.",
            "check the disk and the rights, then the same line again",
            1,
        )
    return code if isinstance(code, int) else 0


def _say(message: str, hint: str, code: int) -> int:
    from medbench.sentences import printable

    message, hint = printable(message), printable(hint)
    print(f"Error: {message}", file=sys.stderr)  # noqa: T201 - the one place where errors are shown
    if hint:
        print(f"Try:   {hint}", file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    main()
