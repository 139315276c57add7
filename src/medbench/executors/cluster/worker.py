"""A worker: makes the calls that it is given on its machine, and keeps the images that came with them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import threading
import time
from collections import Counter, OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.request import getproxies

from medbench.addresses import host_of
from medbench.client.attempt import answer
from medbench.errors import ImageError, MedbenchError, ProviderError
from medbench.executors.cluster.wire import Answer, Failed, Joined, own_version
from medbench.images.recorded import Pictures
from medbench.providers import provider_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.executors.cluster.wire import Source
    from medbench.providers import Provider
    from medbench.schema.case import Image
    from medbench.schema.response import Request

LONGEST_S: Final = 3_600.0
"""Seconds after which a call ends here; its deadline is kept by the client, which may be gone."""
MOST_BYTES: Final = 256 << 20
"""Bytes of images that are kept in memory beside those of calls in flight."""


class Images:
    """Images by their content, in memory. Those of calls in flight stay; of the others those used last."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._data: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._in_use: Counter[str] = Counter()
        # Providers read images in threads.
        self._lock = threading.Lock()

    def get(self, sha256: str) -> bytes | None:
        """Return an image; None where it is not here."""
        with self._lock:
            if sha256 in self._data:
                self._data.move_to_end(sha256)
            return self._data.get(sha256)

    def keep(self, sha256: str, data: bytes) -> None:
        """Keep an image; one whose content is another than it is said to be is not taken."""
        if hashlib.sha256(data).hexdigest() != sha256:
            return
        with self._lock:
            if sha256 not in self._data:
                self._data[sha256] = data
                self._bytes += len(data)
            self._drop_old()

    @contextmanager
    def in_use(self, images: Sequence[Image]) -> Iterator[None]:
        """Keep the images of a call while it is made."""
        names = [image.sha256 for image in images]
        with self._lock:
            self._in_use.update(names)
        try:
            yield
        finally:
            with self._lock:
                self._in_use.subtract(names)
                self._drop_old()

    def _drop_old(self) -> None:
        for name in list(self._data):
            if self._bytes <= self._most:
                return
            if self._in_use[name] <= 0:
                self._bytes -= len(self._data.pop(name))
                del self._in_use[name]


class CarriedPictures(Pictures):
    """Reads the images of a benchmark that may lie on another machine: from its files, or from memory."""

    def __init__(self, source: Source, images: Images) -> None:
        super().__init__(source.folder, shipped=source.shipped)
        self._images = images

    def read(self, image: Image) -> bytes:
        """Return the file's bytes, unchanged.

        Raises:
            ImageError: The image is neither here nor in the benchmark's folder on this machine.
        """
        data = self._images.get(image.sha256)
        if data is None:
            data = super().read(image)
            self._images.keep(image.sha256, data)
        return data

    def lacking(self, images: Sequence[Image]) -> tuple[str, ...]:
        """Return the sha256 of the images that cannot be read on this machine."""
        lacks = []
        for image in images:
            try:
                self.read(image)
            except ImageError:
                lacks.append(image.sha256)
        return tuple(lacks)


class Worker:
    """Makes calls; holds a provider for each model that it was prepared for."""

    def __init__(self) -> None:
        self._images = Images()
        self._ready: dict[int, tuple[Provider, CarriedPictures]] = {}

    @staticmethod
    def joined() -> Joined:
        """Return who it is."""
        proxies = (proxy for kind, proxy in getproxies().items() if kind in {"http", "all"})
        hosts = tuple(host_of(proxy if "://" in proxy else f"http://{proxy}") for proxy in proxies)
        return Joined(socket.gethostname(), os.getpid(), own_version(), proxies=hosts)

    async def prepare(self, number: int, source: Source) -> str:
        """Make the provider of a model and let it load what it needs; returns what is missing here, or ''.

        Args:
            number: Name of the model in later calls.
            source: The model, and where its images are.
        """
        assert source.model.provider is not None
        try:
            kind = provider_class(source.model.provider)
            if missing := kind.missing(source.model):
                return f"no {missing[0]} ({missing[1]})"
            pictures = CarriedPictures(source, self._images)
            provider = kind(source.model, pictures)
            await provider.connect()
        except ProviderError:
            pass  # as without a cluster, it becomes the failure of the first call
        except MedbenchError as error:
            return error.message
        self._ready[number] = provider, pictures
        return ""

    async def ask(self, number: int, request: Request, carried: Mapping[str, bytes]) -> Answer:
        """Make a call.

        Args:
            number: The model.
            request: What to ask.
            carried: Images that came with the call: sha256 to bytes.
        """
        provider, pictures = self._ready[number]
        with self._images.in_use(request.images):
            for sha256, data in carried.items():
                self._images.keep(sha256, data)
            if lacks := await asyncio.to_thread(pictures.lacking, request.images):
                return Answer(lacks=lacks)
            began = time.monotonic()
            try:
                reply = await answer(provider, request, LONGEST_S)
            except ProviderError as error:
                return Answer(failed=Failed.of(error))
            took_s = time.monotonic() - began
            return Answer(reply=reply.model_copy(update={"seconds": took_s}))

    async def close(self) -> None:
        """Close what providers hold open."""
        for provider, _ in self._ready.values():
            await provider.close()
        self._ready.clear()
