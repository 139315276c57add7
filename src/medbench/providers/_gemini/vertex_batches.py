"""Batch prediction of Vertex AI: requests are read from the user's bucket, and answers are written to it.

The service gives a line no key of its own. It repeats the request in the answer's line, and a label of the
request is the key.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from medbench.errors import ProviderError
from medbench.providers import BatchAnswer
from medbench.providers._gemini.batch_format import PAGES, GeminiFormat, state_of, too_many_batches
from medbench.providers._gemini.bucket import HOST, Place, Storage
from medbench.providers._gemini.reply import reply_from
from medbench.providers._http.exchange import exchange
from medbench.providers._http.json_values import mapping, name, objects_in
from medbench.providers._http.service import Service, one_line
from medbench.providers._vertex.credentials import Tokens

if TYPE_CHECKING:
    from pathlib import Path


_LABEL: Final = "medbench_key"
"""Label of a request that holds its key."""
_JOB: Final = re.compile(r"projects/[\w.:-]+/locations/[\w-]+/batchPredictionJobs/\w+", re.ASCII)
_PHRASES: Final = {status.phrase.lower(): status.value for status in HTTPStatus}


class VertexBatches(GeminiFormat):
    """The batches of a project, in a folder of a bucket, which the model's file names."""

    @cached_property
    def _folder(self) -> Place:
        return Place.of(self._model.bucket)

    @cached_property
    def _tokens(self) -> Tokens:
        return Tokens()

    @cached_property
    def _storage(self) -> Storage:
        server = self._account.base_url or f"https://{HOST}"
        return Storage(server, self._connections, self._bucket_service)

    async def upload(self, name: str, file: Path) -> str:
        """Write the file to the bucket, under the batch's name."""
        place = self._folder / f"{name}.jsonl"
        await self._storage.put(place, file)
        return str(place)

    async def create(self, name: str, file: Path, uploaded: str) -> str:
        """Create a job of that name, which writes to a folder of that name."""
        del file
        model, config = self._model.id, {"display_name": name, "dest": str(self._folder / name)}
        created = await self._call(
            lambda client: client.batches.create(model=model, src=uploaded, config=config)
        )
        return _checked(created.name)

    async def find(self, name: str, uploaded: str) -> str | None:
        """Look for a job by its name, or by its file of requests."""
        jobs = f"projects/{self._account.project}/locations/{self._account.location}/batchPredictionJobs"
        token = ""
        for _ in range(PAGES):
            url = f"{self._server}/{self._account.api_version}/{jobs}?pageSize=100{token}"
            service = await self._with_token(self._service)
            async with self._connections.one() as connection:
                page = await exchange(connection, url, service)
            for job in objects_in(page, "batchPredictionJobs", may_lack=True):
                uris = mapping(mapping(job.get("inputConfig")).get("gcsSource")).get("uris")
                of_file = bool(uploaded) and isinstance(uris, list) and uploaded in uris
                if of_file or job.get("displayName") == name:
                    return _checked(job.get("name"))
            if not page.get("nextPageToken"):
                return None
            token = f"&pageToken={quote(str(page['nextPageToken']), safe='')}"
        raise too_many_batches()

    async def download(self, batch: str, to: Path) -> None:
        """Write the answers that lie in the job's folder; of a job that failed, there may be none."""
        job = await self._job(batch)
        folder, succeeded = Place.of(getattr(job.dest, "gcs_uri", None)), state_of(job) == "succeeded"
        there = sorted(place for place in await self._storage.list(folder) if place.name.endswith(".jsonl"))
        whole = [place for place in there if place.name.rpartition("/")[2].startswith("predictions")]
        if succeeded and not there:
            # To take it for an empty answer would ask, and pay for, all of it once more.
            reason = f"the batch has succeeded, but no answers lie in '{folder}'"
            raise ProviderError("not_found", reason, final=False, status=404)
        # A job that was broken off may have written only parts of its answers, under other names.
        rest = [] if succeeded and whole else [place for place in there if place not in whole]
        with to.open("wb") as file:
            for place in (*whole, *rest):
                await self._storage.get(place, file)

    def _with_key(self, key: str, document: dict[str, Any]) -> dict[str, Any]:
        return {"request": {**document, "labels": {_LABEL: key}}}

    def _key_in(self, data: dict[str, Any]) -> str | None:
        request = mapping(data.get("request")) or mapping(data.get("instance"))
        return name(mapping(request.get("labels")).get(_LABEL))

    def _answer(self, key: str | None, data: dict[str, Any]) -> BatchAnswer:
        if data.get("status"):
            raise self._refusal(_error_in(data["status"]))
        response = data.get("response", data.get("prediction"))
        if response is None:
            return super()._answer(key, data)
        if isinstance(response, str):
            raise _bare_id(response)
        reply = reply_from(response, None)
        if reply.text.strip() in {"id", name(mapping(response).get("responseId"))}:
            raise _bare_id(reply.text)
        return BatchAnswer(key, reply)

    async def _bucket_service(self) -> Service:
        """Return the storage, with a token."""
        account, place = self._account, f"the bucket of '{self._folder}'"
        hint = f"the account needs the role 'Storage Object User' in {place}"
        where, gone = account.base_url or "Google Cloud Storage", f"{place} is not there"
        service = Service(self._model.id, where, account.service.key, hint, gone, account.service.reach_hint)
        return await self._with_token(service)

    async def _with_token(self, service: Service) -> Service:
        """Return a service with a token of Google's; another server gets the key that is named for it."""
        if self._account.wants_credentials:
            token = await self._tokens.get()
            return replace(service, key=token.secret, headers=token.headers)
        return replace(service, headers={"authorization": f"Bearer {service.key}"} if service.key else {})


def _error_in(status: object) -> object:
    """Return the error that a line's status names: an object, or words with one in them."""
    if not isinstance(status, str):
        return mapping(status).get("error", status)
    words, brace, rest = status.partition("{")
    try:
        error = mapping(json.loads(brace + rest))
    except (ValueError, RecursionError):
        error = {}
    code = _PHRASES.get(words.strip(" :").lower(), 500)
    return error.get("error", error) or {"code": code, "message": status}


def _bare_id(text: str) -> ProviderError:
    reason = f"the service gave an id in place of an answer: '{one_line(text, 60)}'"
    return ProviderError("unreadable", reason, final=False, status=200)


def _checked(job: object) -> str:
    """Return the name of a job, which becomes a part of an address."""
    if isinstance(job, str) and _JOB.fullmatch(job):
        return job
    raise ProviderError("unreadable", "the server's answer names no batch prediction job", final=False)
