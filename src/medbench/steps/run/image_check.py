"""The images of cases, checked before they are shown: a damaged one fails its case in every system alike."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from medbench.errors import ImageError
from medbench.images.load import read_image
from medbench.images.recorded import Pictures
from medbench.schema.response import Failure
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from medbench.schema.case import Case
    from medbench.store.benchmark import BenchmarkFolder

AT_THE_START: Final = 2_000
"""Most images of a benchmark that are all read before the first call; of more, as each case's turn comes."""
_NAMED: Final = 3


class ImageCheck:
    """Checks the images of each case once in a call of `run`, for all of its systems."""

    def __init__(self, benchmark: BenchmarkFolder) -> None:
        self.benchmark = benchmark
        self.pictures = Pictures(benchmark.path, shipped=bool(benchmark.link))
        """Reads the images, also for the systems of the run."""
        self._decoded = benchmark.head.images_decoded
        # To decode an image takes ten times as long as to hash it, or more.
        self._few = benchmark.head.images <= (AT_THE_START if self._decoded else AT_THE_START // 4)
        self._failures: dict[str, Failure | None] = {}

    def begin(self, cases: Iterable[Case], notice: Callable[[str], None]) -> None:
        """Read the images of all cases that are to be asked, unless they are many; name those damaged."""
        if not self._few:
            return
        damaged = []
        for case in cases:
            failure = self._failures[case.case_id] = self._failure_of(case)
            if failure is not None:
                damaged.append(failure.reason)
        if damaged:
            more = f" … and {len(damaged) - _NAMED:,} more" if len(damaged) > _NAMED else ""
            notice(
                f"{counted(len(damaged), 'case has', 'cases have')} a damaged image and will fail in every "
                f"system, the baselines too: {' '.join(damaged[:_NAMED])}{more}"
            )

    async def failure_of(self, case: Case) -> Failure | None:
        """Return why a case cannot be shown to any system; None where all of its images are whole."""
        if case.case_id not in self._failures:
            failure = await asyncio.to_thread(self._failure_of, case)
            self._failures[case.case_id] = failure
        return self._failures[case.case_id]

    def _failure_of(self, case: Case) -> Failure | None:
        try:
            for image in case.images:
                data = self.pictures.read(image)
                if not self._decoded:
                    read_image(data, image.file)
        except ImageError as error:
            return image_failure(error)
        return None


def image_failure(error: ImageError) -> Failure:
    """Return the failure of a case with a damaged image; the same line asks it once the image is mended."""
    return Failure(kind="image", reason=error.message, final=False)
