"""Export cases to train a model on, apart from what models are measured by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

from medbench.api.arguments import check_word, split_names
from medbench.api.benchmarks import open_benchmark
from medbench.api.frames import Rows
from medbench.api.result import RecordResult
from medbench.report.blocks import Paragraph
from medbench.schema.training import Chat
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from medbench.api.benchmarks import BenchmarkName
    from medbench.report.blocks import Block
    from medbench.schema.training import Training


class ChatResult(RecordResult):
    """A file of training examples. `record` is what lies beside it; its frame has a row for each case."""

    record: Training

    def __init__(self, path: Path, record: Training) -> None:
        super().__init__(record)
        self.path = path
        """The file."""

    def __len__(self) -> int:
        return len(self.record.cases)

    def __repr__(self) -> str:
        return f"<ChatResult {self.path}: {counted(len(self), 'example')}>"

    def _rows(self) -> Rows:
        rows = [{"case": case_id, "digest": digest} for case_id, digest in self.record.cases.items()]
        return Rows({"case": str, "digest": str}, rows)

    @property
    def notes(self) -> list[str]:
        """Sentences that say what was written, apart from what, and what was refused."""
        from medbench.steps.training.examples import refused_in_words

        names = ", ".join(one.name for one in self.record.apart_from) or "nothing"
        lines = [f"Wrote {self.path}: {counted(len(self), 'example')}, apart from {names}."]
        if self.record.refused:
            refused = counted(sum(self.record.refused.values()), "case")
            lines.append(f"Refused {refused}: {refused_in_words(self.record.refused)}.")
        return lines

    def _blocks(self) -> Iterator[Block]:
        yield from map(Paragraph, self.notes)


def export_chat(
    benchmark: BenchmarkName,
    chat: Chat,
    out: str | Path,
    *,
    prompt: str = "comprehensive",
    apart_from: str | Iterable[BenchmarkName] | None = None,
    training_set: bool = False,
    images_at: str | None = None,
) -> ChatResult:
    """Write a benchmark's pool as training examples, and refuse each case that is too like a measured one.

    Args:
        benchmark: The benchmark: its name, its folder, or itself.
        chat: Format: 'hf' for the messages of Hugging Face, 'vertex' for tuning on Vertex AI.
        out: The file. Images go to 'NAME-images' beside it, a record of both to 'NAME.record.json'.
        prompt: Prompt of the examples: name or TOML file.
        apart_from: Benchmarks that no example may be like, beside this one: one or several names; None for
            all that are found beside it, in the working folder and on medbench.toml's shelf.
        training_set: Export its cases instead: it is not for measuring.
        images_at: Folder in Cloud Storage where the images will lie, 'gs://…'; for Vertex AI.

    Raises:
        UsageError: A name leads to nothing, or this may not or cannot be exported.
        InputError: No case is left, or a benchmark was changed; nothing was written.
        StoreError: The disk refuses.
    """
    from medbench.prompts.prompt import load_prompt
    from medbench.steps.reading.beside import benchmarks_beside
    from medbench.steps.training.examples import TrainingPlan, export_training

    check_word("chat", chat, get_args(Chat))
    source = open_benchmark(benchmark)
    if apart_from is None:
        apart = benchmarks_beside(source)
    elif isinstance(apart_from, str):
        apart = [open_benchmark(name) for name in split_names(apart_from)]
    else:
        apart = [open_benchmark(one) for one in apart_from]
    plan = TrainingPlan(source, training_set, apart, chat, load_prompt("findings", prompt), images_at)
    path = Path(out)
    return ChatResult(path, export_training(plan, path))
