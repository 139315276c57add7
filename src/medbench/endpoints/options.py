"""Machines and containers that the service offers for a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from medbench.providers._http.json_values import mapping
from medbench.providers._http.service import one_line
from medbench.schema.endpoint import hardware_text, machine_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.endpoints.service import VertexService


@dataclass(frozen=True, slots=True)
class Option:
    """One way to put a model up, as the service lists it."""

    machine: str
    """Machine type, such as 'g2-standard-12'."""
    accelerator: str
    """Kind of accelerator, such as 'NVIDIA_L4'; '' for none."""
    accelerators: int
    """Number of accelerators."""
    image_uri: str
    """Container image; '' where the list names none."""
    container: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False, repr=False)
    """The container's whole specification, as it was listed."""

    @property
    def hardware(self) -> str:
        """Its accelerators as a price names them: '1 x L4'."""
        return hardware_text(self.accelerator, self.accelerators)

    @property
    def words(self) -> str:
        """The machine in words: 'g2-standard-12, 1 x L4'."""
        return machine_text(self.machine, self.accelerator, self.accelerators)

    def spec(self) -> dict[str, Any]:
        """Return the machine as a request names it."""
        if not self.accelerator:
            return {"machineType": self.machine}
        return {
            "machineType": self.machine,
            "acceleratorType": self.accelerator,
            "acceleratorCount": self.accelerators,
        }


async def options_of(service: VertexService, publisher_model: str) -> list[Option]:
    """Return the ways to put a model up, in the service's order, each once.

    Args:
        service: Where it would be put up.
        publisher_model: Such as 'publishers/google/models/medgemma@medgemma-1.5-4b-it'.

    Raises:
        ProviderError: The service knows no such model, or does not answer.
    """
    said = await service.get(
        f"v1beta1/{publisher_model}",
        includeEquivalentModelGardenModelDeploymentConfigs="true",
        isHuggingFaceModel="false",
    )
    several = mapping(mapping(said.get("supportedActions")).get("multiDeployVertex")).get("multiDeployVertex")
    listed = several if isinstance(several, list) else []
    single = mapping(said.get("supportedActions")).get("deploy")
    found = [_option(mapping(each)) for each in [*listed, *([single] if single and not listed else [])]]
    return list(dict.fromkeys(option for option in found if option is not None))


def _option(listed: Mapping[str, Any]) -> Option | None:
    spec = mapping(mapping(listed.get("dedicatedResources")).get("machineSpec"))
    container = mapping(listed.get("containerSpec"))
    machine, number = spec.get("machineType"), spec.get("acceleratorCount", 0)
    if not isinstance(machine, str) or not isinstance(number, int):
        return None
    return Option(
        one_line(machine, 60),
        one_line(str(spec.get("acceleratorType") or ""), 60),
        number,
        one_line(str(container.get("imageUri") or "")),
        dict(container),
    )
