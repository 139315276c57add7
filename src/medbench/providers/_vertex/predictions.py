"""Answers of `:predict` of Vertex AI: a chat completion in one of four wrappings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.errors import ProviderError
from medbench.providers._http.error_documents import UNNAMED
from medbench.providers._openai.reply import reply_from

if TYPE_CHECKING:
    from medbench.providers._http.service import Service
    from medbench.schema.response import Reply

# A completion that was taken for a list is cut down to the names of its fields.
_FIELDS: Final = frozenset(
    {"id", "object", "created", "model", "choices", "usage", "prompt_logprobs", "service_tier"}
)


def reply_from_predictions(
    data: object, images_sent: tuple[str, ...] | None, service: Service = UNNAMED
) -> Reply:
    """Return the reply that the answer to one instance holds.

    The four wrappings are a completion, a list of one completion, a list of one list of choices (without
    usage), and a list of one text.

    Args:
        data: The answer's JSON.
        images_sent: Sha256 of the images that were sent.
        service: The server that answered.

    Raises:
        ProviderError: It is none of these, or the answer was withheld.
    """
    if not isinstance(data, dict) or "predictions" not in data:
        return reply_from(data, images_sent, service)
    return reply_from(_completion(_only(data["predictions"])), images_sent, service)


def _only(predictions: object) -> object:
    if not isinstance(predictions, list):
        return predictions
    if len(predictions) != 1:
        reason = f"the endpoint answered one request with {len(predictions):,} predictions"
        raise ProviderError("unreadable", reason, final=False)
    return predictions[0]


def _completion(prediction: object) -> object:
    """Return a prediction as a chat completion."""
    if isinstance(prediction, str):
        if prediction.strip() in _FIELDS:
            reason = f"the endpoint answered with a field's name, '{prediction.strip()}', and not its value"
            raise ProviderError("unreadable", reason, final=False)
        return {"choices": [{"message": {"content": _without_prompt(prediction)}}]}
    return {"choices": prediction} if isinstance(prediction, list) else prediction


def _without_prompt(text: str) -> str:
    """Return the answer alone: some containers repeat the prompt before it, under their own headings."""
    _, found, answer = text.partition("\nOutput:\n")
    return answer if found and text.startswith("Prompt:\n") else text
