"""Makes the names of cases: region and hash, the same in every draw, without the source's own name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.datasets.source import SourceCase

_SHORTEST = 6


def case_ids(cases: Sequence[SourceCase]) -> dict[str, str]:
    """Return the case id of every case of a source, by source id.

    Where six digits of the hash do not tell two cases of the source apart, both get more. All cases of the
    source take part, drawn or not, so that a case keeps its id in every draw.
    """
    hashes = {case.source_id: hashlib.sha256(case.source_id.encode()).hexdigest() for case in cases}
    slugs = {case.source_id: _slug(case.region) for case in cases}
    length = dict.fromkeys(hashes, _SHORTEST)
    while True:
        ids = {source: f"{slugs[source]}-{hashes[source][: length[source]]}" for source in hashes}
        counts = Counter(ids.values())
        twice = [source for source, name in ids.items() if counts[name] > 1]
        if not twice:
            return ids
        for source in twice:
            length[source] += 2


def _slug(region: str) -> str:
    plain = unicodedata.normalize("NFKD", region.partition("/")[0]).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:40].strip("-") or "case"
