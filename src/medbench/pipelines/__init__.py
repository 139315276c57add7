"""Pipelines, the ways from a case to an output: one file each, and what all of them have.

A pipeline file holds a class `Pipeline` that derives from the one here; it must define `answer`, and `roles`
and `plan` if it asks a model. Ledger, retries, limits and prices are the client's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from medbench.errors import PendingError, UsageError
from medbench.images.choice import chosen
from medbench.pricing.prices import most_output
from medbench.prompts.prompt import fill
from medbench.registry import find_class
from medbench.schema.benchmark import POOL
from medbench.schema.response import CallFor, Failure, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from medbench.client.asker import Answering
    from medbench.images.recorded import Pictures
    from medbench.prompts.prompt import Prompt
    from medbench.schema.case import Case, Example, Image
    from medbench.schema.response import Response
    from medbench.schema.run import Stage, System


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a pipeline makes."""

    request: Request
    call_for: CallFor
    """Role, case and stage."""
    sample: int = 0
    """Number of the answer to the same request, where a role is asked it several times."""
    bounded: bool = True
    """False where the request takes up an answer of any length, so that its cost has no bound."""


@dataclass(frozen=True, slots=True)
class Tools:
    """All that a pipeline has to work with. Nothing here leads to a reference."""

    system: System
    pictures: Pictures
    """Reads the images of cases."""
    pool: tuple[Example, ...]
    """Cases that may be shown, each with its text."""
    pool_pictures: Pictures
    """Reads the images of the pool."""
    clients: Mapping[str, Answering] = field(default_factory=dict)
    """Role to the client of its model; empty while a pipeline is only asked for its plan."""
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    """Role to its prompt."""
    _stages: Mapping[str, Stage] = field(init=False, repr=False)
    """Role to the part of the system that has it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stages", {stage.role: stage for stage in self.system.stages})

    def pool_texts(self, region: str) -> list[str]:
        """Return the texts of the pool's cases of a region."""
        return [example.text for example in self.pool if example.case.region == region]

    def of_pool(self, image: Image) -> Image:
        """Return an image of the pool for a request, where it is named as the benchmark's images are."""
        return image.model_copy(update={"file": f"{POOL}/{image.file}"})

    def stage(self, role: str) -> Stage:
        """Return the part of the system that has a role."""
        return self._stages[role]

    def filled(self, role: str, case: Case, images: Sequence[Image], **given: str) -> str:
        """Return the prompt of a role, filled in for a case of which these images are sent.

        Args:
            role: The role.
            case: The case.
            images: The images that go with it.
            given: What only the pipeline knows: `answer`, `examples` or `question`.
        """
        if self.stage(role).settings.get("history") is False:
            case = case.model_copy(update={"history": None})
        return fill(self.prompts[role], case, len(images), **given)

    def chosen(self, role: str, case: Case) -> tuple[Image, ...]:
        """Return the images of a case that a role is sent."""
        return chosen(case.images, self.stage(role).images or "all")

    def call(  # noqa: PLR0913 - a call is made of these
        self,
        role: str,
        case: Case,
        replicate: int,
        text: str,
        images: tuple[Image, ...] = (),
        *,
        stage: str = "",
        sample: int | None = None,
        bounded: bool = True,
    ) -> Call:
        """Make a call to the model of a role.

        Args:
            role: The role.
            case: What it is for.
            replicate: The repeat of the case.
            text: The prompt.
            images: The images to send.
            stage: Name of the stage in the ledger; the role's name unless given.
            sample: Number of the answer to the same request; the replicate unless given.
            bounded: False where the text takes up an answer of any length, see `answer_to_come`.
        """
        asked = self.stage(role)
        request = Request(
            model=asked.model.id,
            text=text,
            images=images,
            settings=asked.settings,
            case_key=f"{case.case_id}/{replicate}",
        )
        call_for = CallFor(case_id=case.case_id, replicate=replicate, stage=stage or role, role=role)
        return Call(request, call_for, replicate if sample is None else sample, bounded)

    def answer_to_come(self, role: str) -> tuple[str, bool]:
        """Return a text that stands in a plan for the answer of a role, and False if that has no limit.

        It has a byte for each token that the answer may have: a bound on the cost counts bytes as tokens.
        """
        most = most_output(self.stage(role).settings)
        return " " * (most or 0), most is not None

    async def ask(self, call: Call) -> Response:
        """Make a call: the recorded response, or a new one that is on the disk by now.

        Raises:
            ProviderDownError: The provider was given up, and the case stays not run.
            PendingError: The answer is still to come with a batch, and the case stays not run.
        """
        return await self.clients[call.call_for.role].ask(call.request, call.call_for, call.sample)

    async def ask_each(self, calls: Iterable[Call]) -> list[Response]:
        """Make calls that do not depend on each other; the first one without a text is the last one made.

        In a batch all of them go together, where `ask` after `ask` would wait for a batch each.

        Raises:
            ProviderDownError: The provider was given up, and the case stays not run.
            PendingError: An answer is still to come with a batch, and the case stays not run.
        """
        responses: list[Response] = []
        pending: PendingError | None = None
        for call in calls:
            try:
                responses.append(await self.ask(call))
            except PendingError as error:
                pending = error
                continue
            if responses[-1].text is None:
                return responses
        if pending is not None:
            raise pending
        return responses


@dataclass(frozen=True, slots=True)
class Result:
    """The output of a pipeline for one case and replicate: a text or a failure."""

    text: str | None = None
    failure: Failure | None = None
    responses: tuple[str, ...] = ()
    """The responses it was made from; the last one is of the role that wrote the text."""
    reused_from: str | None = None
    """Run that all of the responses were taken from, where none was asked for now."""
    notes: dict[str, Any] = field(default_factory=dict)
    """Further remarks on its making, such as the examples that were shown."""

    @classmethod
    def of(cls, responses: Sequence[Response], text: str | None, **notes: Any) -> Result:
        """Make a result from responses; without a text it fails as the last response did."""
        ids = tuple(response.response_id for response in responses)
        if text is None:
            return cls(failure=responses[-1].failure, responses=ids, notes=notes)
        sources = {response.reused_from for response in responses}
        reused = sources.pop() if len(sources) == 1 else None
        return cls(text=text, responses=ids, reused_from=reused, notes=notes)

    @classmethod
    def without_pool_case(cls, case: Case) -> Result:
        """Make the failure of a case for whose region the pool has nothing to show."""
        reason = f"the pool has no case of region '{case.region}'"
        return cls(failure=Failure(kind="no_pool_case", reason=reason, final=True))


class Pipeline(ABC):
    """A way from a case to an output. Made once a run, or once to be asked for its plan."""

    roles: ClassVar[tuple[str, ...]] = ()
    """Roles of the models that it asks; none for a pipeline without a model."""
    prompts: ClassVar[Mapping[str, str]] = {}
    """Role to its prompt, where that is not the system's."""
    images: ClassVar[Mapping[str, str]] = {}
    """Role to its choice of images, where that is not the system's."""
    gives: ClassVar[Mapping[str, frozenset[str]]] = {}
    """Role to the placeholders that the pipeline fills in; a prompt may use no others, and must use them."""
    settings: ClassVar[Mapping[str, Any]] = {}
    """Settings of the pipeline with their defaults, which stand beside those of its models."""
    reads_findings: ClassVar[bool] = False
    """True if its outputs follow from what the finding metric reads; a newer one may read otherwise."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def plan(self, case: Case, replicate: int) -> Iterable[Call]:
        """Return the calls that `answer` would make for a case, at most, without making them.

        The cost of a run is bounded and forecast by them. Where a call takes up the answer to another one,
        `answer_to_come` stands for it.
        """
        del case, replicate
        return ()

    @abstractmethod
    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the output of one case and replicate.

        Raises:
            ProviderDownError: A provider was given up, and the case stays not run.
            PendingError: An answer is still to come with a batch, and the case stays not run.
        """


def pipeline_class(name: str) -> type[Pipeline]:
    """Return the class of a pipeline; one that derives from nothing gets the defaults of `Pipeline`.

    Args:
        name: A file of this folder, or 'my_pkg.my_mod:Name'.

    Raises:
        UsageError: There is no such class, or it asks models without a plan.
    """
    kind = find_class("pipelines", "pipeline", name, Pipeline)  # type: ignore[type-abstract]
    if kind.roles and kind.plan is Pipeline.plan:
        raise UsageError(
            f"pipeline '{name}' asks models and has no `plan`, so that its cost is unknown.",
            "define plan(case, replicate), see docs/extending.md",
        )
    return kind
