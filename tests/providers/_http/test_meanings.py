"""Refusals in the words of many servers are told apart by what has to change."""

from __future__ import annotations

import pytest
from growth import LINEAR, growth

from medbench.providers._http.meanings import meaning
from medbench.providers._http.refusal_facts import facts_of

MEMBERS = [
    # An account without money: every call is refused until it is paid.
    ("quota", True, "Your credit balance is too low to access the API. Please go to Plans & Billing."),
    ("quota", True, "This request requires more credits, or fewer max_tokens. You can only afford 120."),
    ("quota", True, "Budget has been exceeded! Current cost: 5.02, Max budget: 5.0"),
    ("quota", True, "You have run out of credits."),
    ("quota", True, "Project spending cap reached; raise the spending limit."),
    ("quota", True, "Insufficient balance, please recharge."),
    # A filter in front of the model: about this request.
    ("blocked_prompt", False, "Input data may contain inappropriate content. content_filter triggered"),
    ("blocked_prompt", False, "Your input was flagged by moderation."),
    ("blocked_prompt", False, "The prompt violates our usage policies."),
    ("blocked_prompt", False, "Blocked by guardrail 'pii'."),
    # A server or model without eyes.
    ("no_images", True, "This model does not support image inputs."),
    ("no_images", True, "No endpoints found that support image input"),
    ("no_images", True, "Invalid content type. image_url is only supported by certain models."),
    ("no_images", True, "llama-3 is not a multimodal model"),
    ("no_images", True, "Model is text-only."),
    ("no_images", True, "Images are not supported by this deployment."),
    ("no_images", True, "image input is not supported: the projector is missing (mmproj)"),
    ("too_many_images", True, "At most 0 image(s) may be provided in one request."),
    ("too_many_images", False, "At most 4 images may be provided in one prompt."),
    # More than fits.
    ("too_long", False, "Requested tokens (9000) exceed context window of 8192"),
    ("too_long", False, "The input (12000 tokens) is longer than the model's context length (8192 tokens)."),
    ("too_long", False, "Input is too long for requested model."),
    ("too_long", False, "prompt is too long: 210000 tokens > 200000 maximum"),
    ("too_long", False, "`inputs` must have less than 4095 tokens. Given: 5000. sequence length too large"),
    ("too_long", False, "exceeds the maximum number of tokens allowed (32768)"),
    ("too_large", False, "Request payload size exceeds the limit: 20971520 bytes."),
    # A setting that this model never takes.
    ("setting", True, "Unsupported value: 'temperature' does not support 0.2 with this model."),
    ("setting", True, "max_new_tokens must be <= 2048"),
    ("setting", True, "Unrecognized request argument supplied: top_k"),
    ("setting", True, "Extra inputs are not permitted: min_p"),
    ("setting", True, "`temperature` must be between 0 and 1"),
    ("setting", True, "reasoning_effort 'xhigh' is invalid"),
    ("setting", True, "Thinking budget is not supported for this model, thinking_budget is invalid"),
    ("setting", True, "As of transformers v4.44, default chat template is no longer allowed"),
    ("setting", True, "This model does not support the parameter 'logprobs'"),
    ("setting", True, 'Invalid JSON payload received. Unknown name "topK2": Cannot find field.'),
    # A model that is not there.
    ("not_found", True, "The model `gpt-x` does not exist or you do not have access to it."),
    ("not_found", True, "model 'llava' not found, try pulling it first"),
    ("not_found", True, "Invalid model name passed in model=abc"),
    # A picture, or nothing known: about this request.
    ("bad_request", False, "Unsupported image format: only JPEG and PNG are supported."),
    ("bad_request", False, "cannot identify image file"),
    ("bad_request", False, "Unable to process input image. Please retry."),
    (None, False, "messages: roles must alternate"),
    (None, False, "Request contains an invalid argument."),
    (None, False, ""),
]
"""Kind, True if every call is refused alike, and the server's words."""


@pytest.mark.parametrize(("kind", "stops", "words"), MEMBERS)
def test_words_of_servers(kind: str | None, stops: bool, words: str) -> None:
    """Money, filters, missing eyes, sizes, settings and models are told apart."""
    meant = meaning(facts_of(None, words))
    assert (meant.kind if meant else None, bool(meant and meant.stops)) == (kind, stops)


def test_time_is_linear_in_hostile_words() -> None:
    """A refusal that is made to be slow to read is read in a moment."""
    for words in ("image ", "tokens ", "model ", "temperature ", "does not support a "):
        assert growth(lambda text: meaning(facts_of(None, text)), words, 100_000) < LINEAR
