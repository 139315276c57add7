"""What `run --dry-run` looks at: how much is left of each system, and the first call of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.images.choice import chosen
from medbench.pipelines.single import requests_for
from medbench.schema.plan import PlannedSystem
from medbench.steps.folders import as_begun, check_parts, folder_for
from medbench.steps.session import done_of, jobs, wanted_by
from medbench.store.runs import HEAD, Done, RunFolder, check_same

if TYPE_CHECKING:
    from medbench.steps.session import Session
    from medbench.steps.systems import Contestant


def planned_system(session: Session, contestant: Contestant) -> PlannedSystem:
    """One system as it would be run; nothing is written."""
    check_parts(contestant)
    folder = folder_for(session, contestant)
    contestant = as_begun(session, contestant, folder)
    if (folder / HEAD).is_file():
        check_same(session.benchmark, RunFolder(folder))
    done = done_of(session, RunFolder(folder)) if (folder / HEAD).is_file() else Done(iter(()))
    left, images, example = 0, 0, None
    for case, replicate in jobs(session, contestant.system, done):
        left += 1
        images += len(chosen(case.images, contestant.system.images or "all"))
        if example is None and contestant.prompt is not None:
            example = requests_for(contestant.system, contestant.prompt, case, replicate)[0]
    return PlannedSystem(
        folder=str(folder),
        wanted=wanted_by(session, contestant.system),
        left=left,
        images=images,
        free=contestant.model.provider is None,
        example=example,
    )
