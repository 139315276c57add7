"""The base of all records: frozen, strict about unknown fields, one JSON line each."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from medbench.errors import NewerRecordError, RecordError

SCHEMA_VERSION = 1


SEAL_LENGTH = 16
"""Hexadecimal digits of a seal."""
_FORMS = ((b',"seal":"', b'"}', b"}"), (b',\n "seal": "', b'"\n}', b"\n}"))
"""Before and after the seal of a line, and the end of the line without it; the same of an indented file."""


def sealed(record: bytes, before: str = "") -> tuple[bytes, str]:
    """Add to the JSON of a record a digest over it and the seal before it, and return both.

    A changed, missing or moved line does not fit the seals any more. Who writes all of them anew is found out
    by a root that was published, see `store/merkle.py`.
    """
    body = record.removesuffix(b"\n")
    start, end, plain = _FORMS[body.endswith(b"\n}")]
    seal = seal_over(before, body)
    return b"%b%b%b%b\n" % (body.removesuffix(plain), start, seal.encode(), end), seal


def seal_over(before: str, body: bytes) -> str:
    """Return the seal of a line, given what it rests on."""
    return hashlib.sha256(before.encode() + body).hexdigest()[:SEAL_LENGTH]


def split_seal(record: bytes) -> tuple[bytes, str | None]:
    """Return the JSON of a record as it was before it was sealed, and the seal; None where it has none."""
    body = record.removesuffix(b"\n")
    start, end, plain = _FORMS[body.endswith(b"\n}")]
    at = len(body) - len(end) - SEAL_LENGTH
    if not body.endswith(end) or body[at - len(start) : at] != start:
        return body, None
    return body[: at - len(start)] + plain, body[at : at + SEAL_LENGTH].decode("ascii", "replace")


def _encodable(value: Any) -> Any:
    if not isinstance(value, str) or value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


OutsideText = Annotated[str, BeforeValidator(_encodable)]
"""A text from outside; half a surrogate pair, which UTF-8 cannot hold, becomes a replacement character."""


def _one_line(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and value.isprintable() and value == value.strip():
        return value
    value = _encodable(value)
    return " ".join(line.strip() for line in value.splitlines()) if isinstance(value, str) else value


OutsideName = Annotated[str, BeforeValidator(_one_line)]
"""A name from outside: as `OutsideText`, and one line, so that it begins no sentence of its own."""


class Record(BaseModel):
    """A value that is written to a file and read back; never changed in place."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        ser_json_inf_nan="null",
        # Most commands read a few kinds of records: the validators of the others are never built.
        defer_build=True,
    )

    def to_line(self) -> bytes:
        """Return the record as one line of JSON in UTF-8, with its newline."""
        return self.model_dump_json(by_alias=True).encode() + b"\n"


def make_ready(*kinds: type[Record]) -> None:
    """Build the validators of these records now, so that no call in flight waits for them later."""
    for kind in kinds:
        kind.model_rebuild()


class FileRecord(Record):
    """A record that fills a line or a file, and so carries a schema version."""

    what: ClassVar[str] = "record"

    schema_version: int = Field(default=SCHEMA_VERSION, ge=1, le=SCHEMA_VERSION)
    """Version of the file format; a version newer than this medbench is refused."""

    @classmethod
    def from_line(cls, line: bytes, where: str) -> Self:
        """Read one record.

        Args:
            line: The JSON text, sealed or not.
            where: File and line number, for the error message.

        Raises:
            RecordError: The line is not such a record, or was written by a newer medbench.
        """
        line, _ = split_seal(line)
        try:
            return cls.model_validate_json(line)
        except ValidationError as error:
            reformatted = _without_seal(line)
            if reformatted is not None:
                return cls.from_line(reformatted, where)
            raise _explain(cls, line, where, error) from None


def _without_seal(line: bytes) -> bytes | None:
    """Return a record that something else wrote anew, without its seal; None for anything else."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict) or raw.pop("seal", None) is None:
        return None
    return json.dumps(raw).encode()


def _explain(cls: type[FileRecord], line: bytes, where: str, error: ValidationError) -> RecordError:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return RecordError(
            f"{where} is not JSON: '{_start(line)}'.",
            "restore the file from a copy; medbench changes no line once it is written",
        )
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        return NewerRecordError(
            f"{where} has schema version '{version}', this medbench reads up to '{SCHEMA_VERSION}'.",
            "pip install -U medbench",
        )
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "line"
    return RecordError(
        f"{where} is not a valid {cls.what}: field '{field}': {first['msg'].lower()} ('{_start(line)}').",
        "check that this file was written by medbench and not edited",
    )


def _start(line: bytes) -> str:
    """Return the beginning of a line for a message: one line, without control characters."""
    text = " ".join(line[:60].decode("utf-8", "replace").split())
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return shown + ("…" if len(line) > 60 else "")


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Any) -> bytes:
    """Return JSON with sorted keys and without spaces, so that equal values have equal digests."""
    return _CANONICAL.encode(value).encode()


def digest(value: Any) -> str:
    """Return the sha256 of the canonical JSON of a value, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
