"""Settings of servers that speak chat completions: those that are known, and names that are mistyped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from medbench.errors import UsageError
from medbench.providers._http.settings import COMMON
from medbench.sentences import misspelt
from medbench.toml_input import as_typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.schema.model import ModelFile

RESERVED: Final = frozenset({"model", "messages", "stream", "stream_options", "n"})
"""Fields that are no settings: with another value no answer could be read, or another model would answer."""
EXTRA: Final = "extra_body"
"""Setting whose keys are sent as fields, whatever they are called; clients of OpenAI call it so."""
_READ_HERE: Final = frozenset({*COMMON, "max_tokens", "max_completion_tokens", "response_schema", EXTRA})
"""Settings that medbench reads itself, so that it has to find them."""
_OTHER_NAMES: Final = {
    "max_new_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "num_predict": "max_tokens",
    "stop_sequences": "stop",
    "stop_words": "stop",
    "system_instruction": "system",
    "system_message": "system",
    "system_prompt": "system",
    "temp": "temperature",
}
"""Names that a setting has in other services and in libraries; a server of this kind ignores them."""
_FIELDS: Final = """
    audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens
    metadata modalities parallel_tool_calls prediction presence_penalty prompt_cache_key
    prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store
    temperature tool_choice tools top_logprobs top_p user verbosity web_search_options

    add_generation_prompt add_special_tokens allowed_token_ids bad_words best_of cache_salt chat_template
    chat_template_kwargs continue_final_message documents echo guided_choice guided_decoding_backend
    guided_grammar guided_json guided_regex guided_whitespace_pattern ignore_eos include_reasoning
    include_stop_str_in_output kv_transfer_params length_penalty logits_processors media_io_kwargs min_p
    min_tokens mm_processor_kwargs priority prompt_logprobs repetition_penalty request_id return_token_ids
    return_tokens_as_token_ids skip_special_tokens spaces_between_special_tokens stop_token_ids
    structural_tag structured_outputs thinking_token_budget top_k truncate_prompt_tokens use_beam_search
    vllm_xargs

    custom_logit_processor custom_params ebnf json_schema lora_path no_stop_trim regex return_hidden_states
    rid separate_reasoning session_params stop_regex stream_reasoning

    cache_prompt dry_allowed_length dry_base dry_multiplier dry_penalty_last_n dry_sequence_breakers
    dynatemp_exponent dynatemp_range grammar grammar_lazy id_slot lora min_keep mirostat mirostat_eta
    mirostat_tau n_discard n_indent n_keep n_predict n_probs penalize_nl reasoning_format repeat_last_n
    repeat_penalty samplers t_max_predict_ms tfs_z thinking_forced_open timings_per_token top_n_sigma
    typical_p xtc_probability xtc_threshold

    do_sample draft_model format keep_alive max_temp min_new_tokens min_temp mirostat_lr nsigma num_ctx
    options prompt_truncate_len random_seed return_tokens tfs think top_a top_h top_n_tokens ttl typical uid

    cache caching enable_thinking fallbacks guardrails include_thoughts mock_response models plugins
    prompt_mode provider reasoning route safe_prompt tags thinking thinking_budget timeout transforms usage
    vl_high_resolution_images
"""
"""Fields by where they are from: OpenAI, vLLM, SGLang, llama.cpp, other servers of models, proxies."""
KNOWN: Final = frozenset(_FIELDS.split()) | _READ_HERE
"""Settings that a server may know; a server may know others as well."""


def check_settings(model: ModelFile) -> None:
    """Check that a model file sets nothing that medbench sets, and nothing under a mistyped name.

    A server ignores a field that it does not know: its answers would stand under a setting they never had.

    Raises:
        UsageError: It does.
    """
    extra = model.settings.get(EXTRA, {})
    if not isinstance(extra, dict):
        raise UsageError(f"'{extra}' does not fit '{EXTRA}', which is a table.", f"{EXTRA} = {{ key = 1 }}")
    if wrong := sorted(RESERVED & {*model.settings, *extra}):
        raise UsageError(
            f"'{wrong[0]}' is set by medbench and cannot stand in [settings].", "leave that line out"
        )
    if wrong := sorted(extra.keys() & (_READ_HERE | model.settings.keys()) - {EXTRA}):
        raise UsageError(f"'{wrong[0]}' stands in '{EXTRA}'.", f"write it beside '{EXTRA}', not in it")
    for name, value in model.settings.items():
        if right := _meant(name):
            raise UsageError(
                f"'{name}' is not a setting of '{model.id}': a server would ignore it.",
                f"{right} = {as_typed(value)}   (if '{name}' is meant: {EXTRA} = {as_typed({name: value})})",
            )


def fields_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request that settings stand for, without those that decide how it is built."""
    fields = {name: value for name, value in settings.items() if name not in COMMON and value is not None}
    extra = fields.pop(EXTRA, {})
    return {**fields, **extra}


def _meant(name: str) -> str | None:
    """Return the setting whose name was mistyped; None for a name that is known, or like none."""
    return None if name in KNOWN else _OTHER_NAMES.get(name) or misspelt(name, KNOWN)
