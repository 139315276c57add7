"""Hidden facts about the images that a system was sent: modality, plane and caption, for the judge alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.schema.response import Response
from medbench.store.jsonl import read_records
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.case import Case, Image
    from medbench.schema.reference import Reference
    from medbench.store.runs import RunFolder


class ImageFacts:
    """Tells which images an output of a run rests on; the ledger is read when it is first needed."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._sent: dict[str, frozenset[str]] | None = None

    def of(self, case: Case, reference: Reference, responses: Sequence[str]) -> str:
        """Return a line for each image that was sent; for all of the case where that is not recorded.

        Args:
            case: The case.
            reference: Its reference, which holds the captions.
            responses: Ids of the responses behind the output.
        """
        if self._sent is None:
            self._sent = {
                response.response_id: frozenset(response.images_sent)
                for response in read_records(self._run.path / RESPONSES, Response)
                if response.images_sent is not None
            }
        known = [self._sent[name] for name in responses if name in self._sent]
        sent = frozenset().union(*known) if known else None
        captions = [*reference.captions, *([""] * len(case.images))]
        return "\n".join(
            _line(number, image, caption)
            for number, (image, caption) in enumerate(zip(case.images, captions, strict=False), 1)
            if sent is None or image.sha256 in sent
        )


def _line(number: int, image: Image, caption: str) -> str:
    kind = ", ".join(part for part in (image.modality, image.sequence, image.plane) if part) or "unknown"
    words = " ".join(caption.split())
    return f"Image {number}: {kind}. " + (f"Caption: {words}" if words else "No caption.")
