"""All errors that medbench raises on purpose.

The tree::

    MedbenchError               an error that a person can act on; exit code 1
    ├── UsageError              a wrong name, setting or option; exit code 2
    │   └── UntrustedError          settings that the user has not trusted
    ├── InputError              a source, benchmark or file that cannot be used as it is
    │   ├── ImageError          a picture that cannot be read, or is not the one recorded
    │   └── RecordError         a line that is not a valid record
    │       └── NewerRecordError    a line that a newer medbench wrote
    ├── StoreError              a folder that cannot be written, or was changed
    │   └── LockedError         another process is writing there
    ├── FaultError              code of medbench or of a plugin failed on one thing
    ├── EndpointError           an endpoint could not be put up or taken down
    │   └── UnfinishedError         what becomes of it was unknown when patience ended
    ├── ProviderError           a model gave no usable answer; becomes a Failure, never a score
    ├── PendingError            an answer is still to come, with a batch; the case stays not run
    └── ProviderDownError       a provider stopped answering; the rest stays not run
        └── BudgetError             the next call could cost more than the command may spend

The command line shows two lines on stderr: ``Error: <message>`` and ``Try:   <hint>``. In Python, `str` of an
error is the message with the hint on the line below.
"""

from __future__ import annotations


class MedbenchError(Exception):
    """An error that a person can act on.

    Args:
        message: A sentence on what happened, with the offending value in quotes.
        hint: The next thing to try, shown on the line below.
        instead: A wrong name and the right one, so that the command line can show the whole line corrected.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", instead: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.instead = instead

    def __str__(self) -> str:
        return f"{self.message}\nTry:   {self.hint}" if self.hint else self.message


class UsageError(MedbenchError):
    """A name, a setting or an option that does not exist or does not fit."""

    exit_code = 2


class UntrustedError(UsageError):
    """Settings of a file that the user has not trusted, which the command would need."""


class InputError(MedbenchError):
    """A source, benchmark or file that cannot be used as it is."""


class ImageError(InputError):
    """A picture that cannot be read, is not allowed, or is not the one that was recorded."""


class RecordError(InputError):
    """A line that is not a valid record."""


class NewerRecordError(RecordError):
    """A line that was written by a newer medbench."""


class StoreError(MedbenchError):
    """A folder that cannot be written, or was changed."""


class LockedError(StoreError):
    """Another process is writing to the run."""


class FaultError(MedbenchError):
    """Code failed on one thing, such as a text: no number stands for it."""


class EndpointError(MedbenchError):
    """An endpoint could not be put up or taken down."""


class UnfinishedError(EndpointError):
    """Work on an endpoint had not ended when patience did: what becomes of it is unknown."""

    exit_code = 3


class ProviderError(MedbenchError):
    """A model gave no usable answer to one call.

    Args:
        kind: One word for the kind of failure, such as ``timeout`` or ``blocked``.
        reason: The failure in words.
        final: True if sending the same request again cannot help.
        status: HTTP status; None where there was none.
        wait_s: Seconds that the service asked to wait before the next attempt; None where it did not say.
        limited: True if the service refused because of too many calls at a time.
        later: True if only another session may help: another attempt now would fail the same way.
        stops: True if every other call would fail the same way now, such as for a wrong key.
        sent: True if the service may have worked on the request, and may bill it.
        reply: The `Reply` that came, where it holds no answer: its tokens are counted. Else None.
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
        # Others' sentences end with a full stop; those that quote a reason have their own.
        self.reason = reason if reason.endswith("..") else reason.removesuffix(".")
        super().__init__(self.reason)
        self.kind = kind
        self.final = final
        self.status = status
        self.wait_s = wait_s
        self.limited = limited
        self.later = later or stops
        self.stops = stops
        self.sent = sent and (status is None or 200 <= status < 300)
        self.reply = reply


class PendingError(MedbenchError):
    """An answer is still to come, with a batch; what needs it stays not run until then."""


class ProviderDownError(MedbenchError):
    """A provider stopped answering in this session; the calls that were not sent stay not run."""


class BudgetError(ProviderDownError):
    """The next call could cost more than the command may still spend."""
