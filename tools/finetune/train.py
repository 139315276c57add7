"""Train a LoRA adapter on what `medbench export --chat hf` wrote, and merge it: `train.py MODEL FILE OUT`.

MODEL is a name on the Hugging Face Hub or a folder; OUT gets the tuned model, whole, as a server loads it.
Checked with torch 2.13, transformers 5.23, trl 1.16 and peft 0.21.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def examples(file: Path) -> list[dict[str, Any]]:
    """The examples as trl takes them: question and answer apart, so that the loss counts the answer alone.

    Paths of images start at the file's folder.
    """
    found = []
    for line in file.read_text("utf-8").splitlines():
        example = json.loads(line)
        question, answer = example["messages"]
        images = [str(file.parent / name) for name in example["images"]]
        found.append({"prompt": [question], "completion": [answer], "images": images})
    return found


def settings(argv: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("model")
    options.add_argument("file", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--epochs", type=float, default=3)
    options.add_argument("--steps", type=int, default=-1, help="optimizer steps, in place of epochs")
    options.add_argument("--rank", type=int, default=16)
    options.add_argument("--rate", type=float, default=2e-4)
    options.add_argument("--cpu", action="store_true", help="train on the CPU, in float32")
    return options.parse_args(argv)


def train(given: argparse.Namespace) -> None:
    """Train, merge, save."""
    import torch
    from peft import LoraConfig
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from trl import SFTConfig, SFTTrainer

    from datasets import Dataset, Image, List

    data = Dataset.from_list(examples(given.file)).cast_column("images", List(Image(mode="RGB")))
    kind = torch.float32 if given.cpu else torch.bfloat16
    model = AutoModelForImageTextToText.from_pretrained(
        given.model, dtype=kind, device_map=None if given.cpu else "auto", attn_implementation="eager"
    )
    processor = AutoProcessor.from_pretrained(given.model)
    trainer = SFTTrainer(
        model=model,
        processing_class=processor,
        train_dataset=data,
        peft_config=LoraConfig(
            r=given.rank, lora_alpha=given.rank, lora_dropout=0.05, target_modules="all-linear"
        ),
        args=SFTConfig(
            output_dir=str(given.out.with_name(f"{given.out.name}-steps")),
            num_train_epochs=given.epochs,
            max_steps=given.steps,
            learning_rate=given.rate,
            per_device_train_batch_size=1,
            gradient_accumulation_steps=4,
            gradient_checkpointing=not given.cpu,
            max_length=None,  # a cut example would lose parts of an image
            use_cpu=given.cpu,
            bf16=not given.cpu,
            logging_steps=1,
            save_strategy="no",
            report_to="none",
            seed=0,
        ),
    )
    trainer.train()
    trainer.model.merge_and_unload().save_pretrained(given.out)
    processor.save_pretrained(given.out)


if __name__ == "__main__":
    train(settings())
