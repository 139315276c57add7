"""One exchange of JSON: what came back, or a `ProviderError` that says what went wrong."""

from __future__ import annotations

import asyncio
import codecs
import re
import ssl
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from medbench.addresses import server_name
from medbench.errors import ProviderError
from medbench.providers import GARBLED, PAGE
from medbench.providers._http.body import ENCODINGS, json_of, read
from medbench.providers._http.connections import CONNECT_S, answered
from medbench.providers._http.error_documents import error_in_answer
from medbench.providers._http.refusals import refusal
from medbench.providers._http.service import Service, one_line, start_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import httpx


_PART_BYTES: Final = 1 << 20
_OLD_ENCODINGS: Final = ("iso8859", "cp", "gb", "big5", "shift_jis", "euc", "koi8")
"""Beginnings of the names, in Python, of encodings of text that are not Unicode's."""
_OF_AN_ERROR: Final = frozenset(
    {"error", "type", "object", "code", "status", "message", "detail", "request_id"}
)
"""Keys of an error document; an operation or a batch that has failed has others, too."""
_NO_HEAD: Final = "Server disconnected"
"""Beginning of httpx's words for a connection that ended before a head of HTTP; other bytes may have come."""
_ENDED_EARLY: Final = (_NO_HEAD, "peer closed connection")
"""Beginnings of httpx's words for a connection that ended too early, which may be whole the next time."""


class Form(NamedTuple):
    """A file to upload, with the fields beside it."""

    fields: Mapping[str, str]
    name: str
    file: IO[bytes]
    """The file, open."""


class Upload(NamedTuple):
    """A file to post as it is."""

    file: IO[bytes]
    """The file, open."""
    size: int
    """Its bytes."""
    content_type: str
    """Media type of the bytes."""


async def exchange(
    connection: httpx.AsyncBaseTransport,
    url: str,
    service: Service,
    body: bytes | Form | Upload | None = None,
    *,
    method: str | None = None,
) -> Any:
    """Send JSON or a file, or ask for some, and return the JSON that comes back.

    Args:
        connection: One that is lent.
        url: Where to.
        service: Who is asked; its headers go with the request.
        body: The JSON to post, or the file; None gets what is there.
        method: HTTP method; None for POST with a body and GET without.

    Raises:
        ProviderError: There is no JSON. The service's key is never part of the reason.
    """
    import httpx

    usual = "GET"
    headers = {"Accept": "application/json", "Accept-Encoding": ENCODINGS, **service.headers}
    content: dict[str, Any] = {}
    if isinstance(body, Form):
        usual, content = "POST", {"data": body.fields, "files": {"file": (body.name, body.file)}}
    elif isinstance(body, Upload):
        usual, content = "POST", {"content": _parts(body.file)}
        headers |= {"Content-Type": body.content_type, "Content-Length": str(body.size)}
    elif body is not None:
        usual, headers["Content-Type"], content = "POST", "application/json", {"content": body}
    try:
        try:
            async with answered(connection, method or usual, url, headers, **content) as response:
                raw = await read(response)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            raise broken(error, service) from None
        status = response.status_code
        if not 200 <= status < 300:
            raise refusal(status, response.headers, raw, service)
        return await _parsed(raw, status, response.headers.get("content-type", ""), service)
    except ProviderError as error:
        raise service.hidden(error) from None


def _is_error(answer: object) -> bool:
    """Return True for a document that is an error and nothing else, whatever was asked for."""
    return isinstance(answer, dict) and "error" in answer and answer.keys() <= _OF_AN_ERROR


async def _parts(file: IO[bytes]) -> AsyncIterator[bytes]:
    """Yield an open file, part by part."""
    while part := await asyncio.to_thread(file.read, _PART_BYTES):
        yield part


async def _parsed(raw: bytes, status: int, content_type: str, service: Service) -> Any:
    if status == 206:
        raise ProviderError("partial", "the server sent a part of an answer (206)", final=False, status=206)
    kind = content_type.partition(";")[0].strip().lower()
    if not raw.strip():
        raise _unreadable("the server answered with an empty body")
    if kind == "text/event-stream":
        reason = (
            "the server answered with a stream of events: streaming is switched on in the server or a proxy"
        )
        raise ProviderError("setting", reason, final=False, stops=True, sent=True, status=200)
    if (kind and "json" not in kind) or raw.lstrip()[:1] == b"<":
        raise page(kind, raw, service)
    try:
        answer = await json_of(_decoded(raw, content_type), service)
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise _unreadable("the server's answer ends within a letter: it is not whole") from None
        # The next answer will be written as this one is: waiting mends nothing.
        reason = f"the server's answer is not in {error.encoding.upper()}; it begins {start_of(raw, service)}"
        raise ProviderError("unreadable", reason, final=False, later=True, status=200) from None
    except (ValueError, RecursionError):
        raise _unreadable(
            f"the server's {len(raw):,} bytes are not whole JSON; they begin {start_of(raw, service)}"
        ) from None
    refused = error_in_answer(answer, service) if _is_error(answer) else None
    if refused is not None and refused.stops:
        raise refused
    return answer


def _decoded(raw: bytes, content_type: str) -> bytes | str:
    """Return JSON as text where its content type names an older encoding; else as it came."""
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", content_type, re.IGNORECASE)
    try:
        name = codecs.lookup(charset[1]).name if charset else ""
    except LookupError:
        return raw
    return raw.decode(name) if name.startswith(_OLD_ENCODINGS) else raw


def page(kind: str, answer: bytes | str, service: Service) -> ProviderError:
    """Return the failure that a page in place of JSON means: of a proxy, or at a wrong address.

    Args:
        kind: Its content type; '' where none was named.
        answer: What came.
        service: The server that answered.
    """
    what = f"'{one_line(kind)}'" if kind and "json" not in kind else "a page"
    begins = start_of(answer, service)
    reason = f"the server answered with {what} in place of JSON, beginning {begins}; {service.reach_hint}"
    return ProviderError(PAGE, reason, final=False, status=200)


def _unreadable(reason: str) -> ProviderError:
    return ProviderError("unreadable", reason, final=False, status=200)


def broken(error: Exception, service: Service) -> ProviderError:
    """Return the failure that an error of httpx, or of the system under it, means."""
    import httpx

    where, words = server_name(service.base_url), one_line(service.hide(str(error))) or type(error).__name__
    if (garbled := _garbled(error, where, words, service)) is not None:
        return garbled
    if isinstance(error, httpx.ConnectTimeout):
        reason = f"no connection to {where} within {CONNECT_S:g} s"
        return ProviderError("timeout", reason, final=False, sent=False)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return ProviderError("timeout", f"{where} took too long ({type(error).__name__})", final=False)
    if isinstance(error, httpx.ProxyError):
        return ProviderError("connection", f"the proxy to {where} refused: {words}", final=False, sent=False)
    if isinstance(error, httpx.ConnectError):
        reason = f"no connection to {where}: {words}; {service.reach_hint}"
        return ProviderError("connection", reason, final=False, sent=False)
    how = f"broke: {words}"
    if isinstance(error, httpx.RemoteProtocolError) and words.startswith(_NO_HEAD):
        other = "the server went down, or what listens there is no HTTP server"
        how = f"ended before an answer in HTTP came: {other}"
    return ProviderError("connection", f"the connection to {where} {how}", final=False)


def _garbled(error: Exception, where: str, words: str, service: Service) -> ProviderError | None:
    """Return the failure where no HTTP came; None where the connection broke, which may not happen again."""
    import httpx

    if (why := _of_tls(error)) is not None:
        return ProviderError(GARBLED, f"no TLS with {where}: {why}", final=False, sent=False)
    if isinstance(error, httpx.DecodingError):
        what = "not packed as it says"
    elif isinstance(error, httpx.RemoteProtocolError) and not words.startswith(_ENDED_EARLY):
        what = "not HTTP"
    else:
        return None
    reason = f"what {where} sends is {what}: {words}; {service.reach_hint} (http or https, the port)"
    return ProviderError(GARBLED, reason, final=False)


def _of_tls(error: BaseException | None) -> str | None:
    """Return why TLS cannot be spoken, and what to look at; None where that is not what is wrong."""
    import httpx

    connected = not isinstance(error, httpx.ConnectError)
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    if isinstance(error, ssl.SSLCertVerificationError):
        why = one_line(getattr(error, "verify_message", "") or str(error))  # Python's own errors have none
        return f"{why}; is the name in base_url right? SSL_CERT_FILE names certificates of your own"
    if connected or error is None or isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return None  # it went away, and may come back; what broke later may have been sent, and be billed
    why = one_line(getattr(error, "reason", "") or str(error))
    return f"{why}; does it speak TLS at this port? else http:// in base_url"
