"""A case and its images: all that a model may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from medbench.schema.base import FileRecord, Record, digest

if TYPE_CHECKING:
    from collections.abc import Iterable

Modality = Literal["CT", "MR", "XR", "US", "NM", "OT"]


class Image(Record):
    """One image of a case, as it lies in the benchmark folder."""

    file: str
    """Path of the file, relative to the benchmark folder, with forward slashes."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Sha256 of the file."""
    original_sha256: str | None = Field(default=None, exclude_if=lambda sha256: sha256 is None)
    """Sha256 of the source's file where its metadata was taken out, with unchanged pixels; else left out."""
    bytes: int = Field(ge=0)
    """Size of the file in bytes."""
    width: int = Field(gt=0)
    """Width in pixels."""
    height: int = Field(gt=0)
    """Height in pixels."""
    mode: str
    """Pillow's name of the pixel format, such as 'RGB', 'L' or 'I;16'."""
    modality: Modality | None = None
    """CT, MR, XR (radiograph), US, NM or OT (other); None where the source does not say."""
    sequence: str | None = None
    """Pulse sequence or kind of series, such as 'T2' or 'scout'; None where unknown."""
    contrast: str | None = None
    """Contrast agent: 'none', 'IV', 'GI', 'GI+IV' or 'Gd'; None where unknown."""
    plane: str | None = None
    """Orientation, such as 'axial' or 'lateral'; None where unknown."""


class Question(Record):
    """A question about the images, with the form of its answer and never the answer."""

    text: str
    """The question."""
    kind: Literal["yes/no", "choice", "exact"]
    """Form of the answer: yes or no, one of the choices, or a few words that must be the right ones."""
    choices: tuple[str, ...] = ()
    """The choices, in the order in which they are shown; none for other forms."""


class Case(FileRecord):
    """One case as a model may see it; nothing in it gives the answer away."""

    what: ClassVar[str] = "case"

    case_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)
    """Name of the case, the same in every draw from the same source."""
    region: str
    """Body part group, such as 'Head' or 'Thorax'."""
    age: str | None = None
    """Age in years as text; None where unknown."""
    sex: Literal["female", "male"] | None = None
    """Sex of the patient; None where unknown."""
    history: str | None = None
    """Clinical history, verbatim; None where there is none."""
    images: tuple[Image, ...]
    """The images, in the source's order."""
    question: Question | None = Field(default=None, exclude_if=lambda question: question is None)
    """A question to answer in the place of describing findings; left out where findings are described."""
    digest: str = ""
    """Sha256 over all other fields of the case; filled in when left out."""

    @model_validator(mode="before")
    @classmethod
    def _fill_digest(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("digest"):
            images = [
                image if isinstance(image, Image) else Image.model_validate(image)
                for image in data.get("images", ())
            ]
            return {**data, "digest": _case_digest(data, images)}
        return data

    @model_validator(mode="after")
    def _check_digest(self) -> Self:
        expected = _case_digest(self.__dict__, self.images)
        if self.digest != expected:
            msg = f"digest is '{self.digest[:8]}', the content has '{expected[:8]}'"
            raise ValueError(msg)
        return self

    @property
    def modality(self) -> str:
        """Return 'CT' where all images are CT, 'CT+MR' where they differ, 'unknown' where none says."""
        kinds = sorted({image.modality for image in self.images if image.modality})
        return "+".join(kinds) or "unknown"


def _case_digest(data: dict[str, Any], images: Iterable[Image]) -> str:
    asked = data.get("question")
    question = {"question": Question.model_validate(asked).model_dump()} if asked else {}
    return digest(
        question
        | {
            "case_id": data.get("case_id"),
            "region": data.get("region"),
            "age": data.get("age"),
            "sex": data.get("sex"),
            "history": data.get("history"),
            "images": [image.model_dump() for image in images],
        }
    )


class Example(Record):
    """A case of the pool with its reference text; a model may see both, since the case is never scored."""

    case: Case
    """The case, with its images."""
    text: str
    """The radiologist's findings."""
