"""Settings of the environment for proxies and certificates, checked before a library stumbles over them."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib.util import find_spec
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies

from medbench.errors import ProviderError, UsageError

if TYPE_CHECKING:
    import ssl

_PROXIES: Final = ("http", "https", "all")
_SCHEMES: Final = frozenset({"http", "https", "socks5", "socks5h"})
_SECRET: Final = re.compile(r"[^/@]*@")
"""User and password of an address."""
_EXAMPLE: Final = "http://HOST:PORT"


class _Named(NamedTuple):
    """The certificates that the environment names in the place of those that come with httpx."""

    file: str | None
    folder: str | None
    changed_ns: int | None
    """When the file was changed last; None for no file, or one that cannot be read."""


def check_network() -> None:
    """Check the variables by which httpx finds proxies and certificates.

    Raises:
        UsageError: One of them cannot be used. Its value is shown without user and password.
    """
    proxies, exceptions = getproxies(), _exceptions()
    # Without a proxy, or with an exception for all hosts, nobody reads the others.
    if "*" not in exceptions:
        addresses = [(kind, proxies[kind]) for kind in _PROXIES if proxies.get(kind)]
        for kind, address in addresses:
            _check_proxy(_name(f"{kind}_proxy"), address)
        for entry in filter(None, exceptions if addresses else ()):
            _check_exception(_name("no_proxy"), entry)
    certificates()


def certificates() -> ssl.SSLContext:
    """Return the certificates that httpx checks servers with, read anew only where other ones are named.

    Raises:
        UsageError: The environment names some that cannot be used.
    """
    return _read_certificates(_named_certificates())


def check_direct(host: str) -> None:
    """Check that no exception from the proxies means a host in a way that httpx does not read.

    It reads names and single addresses, and passes over networks, patterns, IPv6 zones and other spellings:
    the host would be asked through the proxy.

    Args:
        host: Name or address of a server, as it stands in an address; without brackets.

    Raises:
        UsageError: One does.
    """
    entries = _exceptions()
    entry = next((entry for entry in entries if _means(entry, host)), None)
    if entry is None or "*" in entries:
        return
    variable = _name("no_proxy")
    raise UsageError(
        f"{variable} has '{_shown(entry)}', but only names and single addresses in it are read: '{host}' "
        "would be asked through the proxy.",
        f"export {variable}=${variable},{host}",
    )


def as_failure(error: UsageError) -> ProviderError:
    """Return what is wrong with the environment as the failure that every call would have."""
    return ProviderError("setting", f"{error.message} {error.hint}", final=False, stops=True, sent=False)


def _exceptions() -> list[str]:
    return [entry.strip() for entry in getproxies().get("no", "").split(",")]


def _means(entry: str, host: str) -> bool:
    """Return True if an entry is meant for a host, and is none of what httpx reads as that host."""
    entry, host = entry.lower(), host.lower()
    if host == entry.partition("/")[0] or "://" in entry:
        return False
    if "*" in entry:
        return fnmatchcase(host, entry)
    try:
        return ip_address(host.replace("%25", "%")) in ip_network(entry.partition("%")[0], strict=False)
    except ValueError:  # a name
        return False


def _check_proxy(variable: str, value: str) -> None:
    address = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(address)
        is_address = bool(parts.hostname) and parts.port != 0 and value.isprintable() and " " not in value
    except ValueError:  # of a port that is none, or brackets that do not close
        is_address = False
    if not is_address or parts.scheme.lower() not in _SCHEMES:
        raise UsageError(
            f"{variable} is '{_shown(value)}', which is not an address of a proxy.",
            f"export {variable}={_EXAMPLE}   (or: unset {variable})",
        )
    if parts.scheme.lower().startswith("socks") and find_spec("socksio") is None:
        raise UsageError(
            f"{variable} is '{_shown(value)}', and proxies of that kind are reached by socksio, which is not "
            "installed.",
            "pip install 'httpx[socks]'",
        )


def _check_exception(variable: str, entry: str) -> None:
    if _is_exception(entry):
        return
    bare = entry.strip("[]")
    example = bare if bare != entry and _is_ipv6(bare) else "localhost,127.0.0.1,.example.org"
    raise UsageError(
        f"{variable} has '{_shown(entry)}', which names no host.", f"export {variable}={example}"
    )


def _is_exception(entry: str) -> bool:
    """Return True for a host, with a port or without, an address of one, or '://' and such."""
    if not entry.isprintable():
        return False
    if "://" in entry:
        try:
            return urlsplit(entry).port != 0
        except ValueError:
            return False
    host, colon, port = entry.partition(":")
    return _is_ipv6(entry) or (not set("[]@") & set(entry) and bool(host) and (not colon or port.isdecimal()))


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)  # and no network of them, which httpx takes for a port
    except ValueError:
        return False
    return True


def _named_certificates() -> _Named:
    """Return what the environment says of certificates; equal as long as they need not be read again."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        changed_ns = Path(file).stat().st_mtime_ns if file else None
    except OSError:
        changed_ns = None
    return _Named(file, folder, changed_ns)


@lru_cache(maxsize=1)  # reading them takes longer than all else that a call does here
def _read_certificates(named: _Named) -> ssl.SSLContext:
    import ssl

    import httpx

    if named.folder and not named.file and not Path(named.folder).is_dir():
        raise UsageError(
            f"SSL_CERT_DIR is '{_shown(named.folder)}', which is not a folder.",
            "the path of a folder of certificates   (or: unset SSL_CERT_DIR)",
        )
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        if not named.file:
            raise
        is_read = isinstance(error, ssl.SSLError)
        problem = "holds no certificates" if is_read else f"cannot be read: {error.strerror or error}"
        raise UsageError(
            f"SSL_CERT_FILE is '{_shown(named.file)}', which {problem}.",
            "the path of a file of certificates in PEM format   (or: unset SSL_CERT_FILE)",
        ) from None


def _name(variable: str) -> str:
    """Return a variable as the environment spells it; the one in small letters is the one that counts."""
    return variable if variable in os.environ else variable.upper()


def _shown(value: str) -> str:
    plain = _SECRET.sub("…@", value)
    return "".join(sign if sign.isprintable() else "?" for sign in plain)[:120]
