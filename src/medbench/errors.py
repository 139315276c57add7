"""Every error that medbench raises on purpose.

The tree::

    MedbenchError               what happened, what to try; exit code 1
    ├── UsageError              a wrong name, setting or option; exit code 2
    ├── InputError              a source, benchmark or file that cannot be used as it is
    │   ├── ImageError          a picture that cannot be read, or is not the one recorded
    │   └── RecordError         a line that is no valid record
    │       └── NewerRecordError    a line that a newer medbench wrote
    ├── StoreError              a folder that cannot be written, or is not what it was
    │   └── LockedError         another process is writing there
    ├── ProviderError           a model gave no usable answer; becomes a Failure, never a score
    └── ProviderDownError       a provider was given up; the rest stays not run
        └── BudgetError             the next call could cost more than the command may spend

The command line shows two lines on stderr: ``Error: <message>`` and ``Try:   <hint>``. In Python, `str` of an
error is the message with the hint on the line below.
"""

from __future__ import annotations


class MedbenchError(Exception):
    """Something went wrong that a person can act on.

    Args:
        message: What happened, with the offending value in quotes.
        hint: What to try next; shown on the line below.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nTry:   {self.hint}" if self.hint else self.message


class UsageError(MedbenchError):
    """A name, a setting or an option that does not exist or does not fit."""

    exit_code = 2


class InputError(MedbenchError):
    """A source, benchmark or file that cannot be used as it is."""


class ImageError(InputError):
    """A picture that cannot be read, is not allowed, or is not the one that was recorded."""


class RecordError(InputError):
    """A line that is not a valid record."""


class NewerRecordError(RecordError):
    """A line that was written by a newer medbench."""


class StoreError(MedbenchError):
    """A folder that cannot be written, or is no longer what it was."""


class LockedError(StoreError):
    """Another process holds the run."""


class ProviderError(MedbenchError):
    """A model gave no usable answer to one call.

    Args:
        kind: One word for the kind of failure, such as ``timeout`` or ``blocked``.
        reason: What happened, in words.
        final: Whether asking the same again cannot help.
        status: HTTP status, where there was one.
        wait_s: Seconds that the service asked to wait before the next try.
        limited: Whether the service refused because too much was asked of it at a time.
        later: Whether only another session may help: trying again now would fail the same way.
        stops: Whether every other call would fail the same way now, such as for a wrong key.
        sent: Whether the service may have worked on the request, and may have it paid.
        reply: The `Reply` that came, where something came that is no answer: its tokens are counted.
    """

    def __init__(  # noqa: PLR0913 - each is a fact about one failed call
        self,
        kind: str,
        reason: str,
        *,
        final: bool,
        status: int | None = None,
        wait_s: float | None = None,
        limited: bool = False,
        later: bool = False,
        stops: bool = False,
        sent: bool = True,
        reply: object = None,
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.final = final
        self.status = status
        self.wait_s = wait_s
        self.limited = limited
        self.later = later or stops
        self.stops = stops
        self.sent = sent and (status is None or 200 <= status < 300)
        self.reply = reply


class ProviderDownError(MedbenchError):
    """A provider was given up for this session; what it was not asked stays not run."""


class BudgetError(ProviderDownError):
    """The next call could cost more than the command may still spend."""
