"""Several servers of one model: each call goes to the one that is least busy, and none waits for a dead one.

Each has its own limit; all of them together are one provider with one limit to the client.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from medbench.errors import ProviderError
from medbench.providers import GARBLED, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from medbench.client.limit import Controller
    from medbench.schema.response import Reply, Request

FIRST_REST_S = 1.0
"""Seconds for which a server that failed is left alone; doubles while it goes on failing."""
LONGEST_REST_S = 60.0
"""Longest such time."""
IN_A_ROW = 3
"""Failed calls in a row after which a server that can be reached is left alone."""


_UNREACHED: Final = frozenset({"connection", "timeout", GARBLED})
"""Kinds of a failure after which one call tries a server, and the others go elsewhere."""
_FILTERED: Final = "blocked_prompt"
"""Kind of the refusal of what a request says or shows."""
_SILENT: Final = ProviderError("timeout", "no answer", final=False)


@dataclass(slots=True)
class Server:
    """One address of a model, as the calls to it have gone."""

    address: str
    """As it may be shown."""
    controller: Controller
    """Its limit of calls in flight."""
    in_flight: int = 0
    asked: int = 0
    """Calls that were sent to it."""
    failures: int = 0
    """Failed calls in a row."""
    rests: int = 0
    """Times in a row that it was left alone."""
    resting_until: float = 0.0
    has_answered: bool = False
    """True once it has answered a call in this session."""
    alone: int = 0
    """Calls in a row that it refused and another server answered."""
    out: str | None = None
    """Why nothing more is sent to it in this session; None while it is asked."""

    @property
    def limit(self) -> int:
        """Calls that may be in flight: a single one until a server that failed has answered again."""
        return 1 if self.rests else self.controller.limit

    def answered(self) -> None:
        """Note that an answer came."""
        self.failures = self.rests = self.alone = 0
        self.has_answered = True
        self.controller.success(self.in_flight)

    def failed(self, error: ProviderError, now: float) -> None:
        """Note that a call failed in a way that may be the server's fault."""
        if error.limited:
            self.controller.refusal(now, error.wait_s or FIRST_REST_S)
            return
        self.failures += 1
        # Calls that were in flight together fail together: they are one failure of the server.
        if now >= self.resting_until and (error.kind in _UNREACHED or self.failures >= IN_A_ROW):
            self.resting_until = now + min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(self.rests, 30))
            self.rests += 1


@dataclass(slots=True)
class ServerGroup:
    """The servers of one model, which the systems of a command share; together they have one limit.

    In place of a `Controller`: each server has its own, so that what one refuses holds back no other.
    """

    servers: tuple[Server, ...]
    cap: int | None = None
    """Most calls in flight to all of them; None for what each takes."""
    clock: Callable[[], float] = field(default=time.monotonic)

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return max(1, self._capped(sum(server.limit for server in self.awake(self.servers))))

    @property
    def most(self) -> int:
        """Upper bound of the limit."""
        return self._capped(sum(server.controller.most for server in self.servers))

    @property
    def shares(self) -> int:
        """Servers among which the calls in flight are divided."""
        return len(self.awake(self.servers)) or 1

    def success(self, in_flight: int) -> None:
        """Do nothing: the server that answered was told."""

    def refusal(self, now: float, wait_s: float) -> None:
        """Do nothing: the server that refused was told."""

    def least_busy(self, but: Collection[int] = ()) -> int:
        """Return the place in the list of the server that the next call goes to.

        Args:
            but: Places of servers that refused the call, which goes to another where there is one.
        """
        others = self.others(but) or self.others(()) or self.servers
        if awake := self.awake(others):
            chosen = min(awake, key=lambda server: (server.in_flight / server.limit, server.asked))
        else:
            # All rest or are out: the one that comes back first, so that the client sees how it fails.
            chosen = min(others, key=lambda server: server.resting_until)
        return self.servers.index(chosen)

    def others(self, but: Collection[int]) -> list[Server]:
        """Return the servers that are still asked, without those of these places."""
        others = (server for place, server in enumerate(self.servers) if place not in but)
        return [server for server in others if server.out is None]

    def leave_out(self, server: Server, reason: str) -> bool:
        """Send nothing more to a server; returns False if it was the last one."""
        server.out = reason
        return any(other.out is None for other in self.servers)

    def awake(self, servers: Sequence[Server]) -> list[Server]:
        """Return those of some servers that are asked now."""
        now = self.clock()
        return [server for server in servers if server.out is None and server.resting_until <= now]

    def _capped(self, limit: int) -> int:
        return limit if self.cap is None else min(self.cap, limit)


def _is_free_refusal(error: ProviderError) -> bool:
    """Return True if a server refused a call unread, so that it costs nothing to ask another one.

    What a filter refused is not asked again elsewhere: that would be choosing the mildest.
    """
    refused = error.status is not None and 400 <= error.status < 500 and (error.final or error.later)
    return refused and not error.stops and not error.sent and error.reply is None and error.kind != _FILTERED


def _of_server(
    error: ProviderError, reason: str, *, stops: bool = False, later: bool = False
) -> ProviderError:
    """Return a refusal as one that is a server's, and not for good."""
    return ProviderError(
        error.kind, reason, final=False, stops=stops, later=later, status=error.status, sent=False
    )


class Servers(Provider):
    """One provider for several servers of the same model.

    Args:
        providers: One for each server, in the order of the group.
        group: What is known of the servers.
    """

    def __init__(self, providers: Sequence[Provider], group: ServerGroup) -> None:
        self._providers, self._group = tuple(providers), group
        self._refused_at: dict[str, set[int]] = {}
        """Digest of a request that is still to be asked to the places of the servers that refused it."""

    async def connect(self) -> None:
        """Connect to each; one that cannot fails with its first call."""
        await asyncio.gather(*(one.connect() for one in self._providers), return_exceptions=True)

    async def ask(self, request: Request) -> Reply:
        """Ask the server that is least busy; the reply says which it was.

        Raises:
            ProviderError: It gave no answer. What is wrong with one server alone may be tried at another.
        """
        at = self._group.least_busy(self._refused_at.get(request.digest, ()) if self._refused_at else ())
        server = self._group.servers[at]
        server.in_flight += 1
        server.asked += 1
        try:
            reply = await self._providers[at].ask(request)
        except ProviderError as error:
            learned = self._refused(at, request, error) if _is_free_refusal(error) else error
            raise self._learned(server, learned) from None
        except asyncio.CancelledError:
            # The client's deadline: a server that takes calls and answers none looks the least busy after it.
            server.failed(_SILENT, self._group.clock())
            raise
        else:
            server.answered()
            for refuser in self._refused_at.pop(request.digest, ()) if self._refused_at else ():
                self._group.servers[refuser].alone += 1
            return reply.model_copy(update={"server": server.address})
        finally:
            server.in_flight -= 1

    def _refused(self, at: int, request: Request, error: ProviderError) -> ProviderError:
        """Return a refusal as the client is to take it: to be tried at another server, or the request's own.

        The latter where a second server refuses it that answers others, or no other is left.
        """
        server, places = self._group.servers[at], self._refused_at.setdefault(request.digest, set())
        is_second = bool(places - {at})
        places.add(at)
        others = self._group.others(places)
        if not others or (is_second and server.has_answered):
            del self._refused_at[request.digest]
            return error
        if server.alone >= IN_A_ROW:
            reason = (
                f"it refused {server.alone} calls in a row that others answered, the last: {error.reason}"
            )
            return _of_server(error, reason, stops=True)
        if not self._group.awake(others):  # they may take it once they are back
            del self._refused_at[request.digest]
            return _of_server(error, error.reason, later=True)
        return _of_server(error, f"{server.address} refused it, and another is asked: {error.reason}")

    def _learned(self, server: Server, error: ProviderError) -> ProviderError:
        """Return the error as one of all servers: what stops a single one may pass."""
        if error.stops:
            if not self._group.leave_out(server, error.reason):
                return error
            reason = f"{server.address} is asked no more: {error.reason}"
            return ProviderError(error.kind, reason, final=False, status=error.status, sent=error.sent)
        if not error.final and not error.later:
            server.failed(error, self._group.clock())
        return error

    def why_no_batches(self) -> str:
        """Return that a batch is of one server."""
        return "it has several addresses, and a batch is of one server"

    async def listed(self) -> tuple[str, ...] | None:
        """Return the models that the first server lists."""
        return await self._providers[0].listed()

    async def close(self) -> None:
        """Close what is open to each."""
        await asyncio.gather(*(one.close() for one in self._providers))
