"""Which output counts: one rule for what is done, what is scored and what is read."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.schema.response import Failure
from medbench.schema.run import Output
from medbench.store.jsonl import Journal, write_records
from medbench.store.outputs import OutputIndex
from medbench.store.runs import OUTPUTS

Key = tuple[str, int]


def _output(case: str, replicate: int = 0, text: str = "", failure: str = "") -> Output:
    """An output with a text, or with a failure, which is final if its kind ends in '!'."""
    kind = failure.rstrip("!")
    return Output(
        case_id=case,
        case_digest="",
        replicate=replicate,
        text=text or None,
        failure=Failure(kind=kind, reason="r", final=failure.endswith("!")) if failure else None,
    )


LINES = st.lists(
    st.builds(
        lambda case, replicate, what, number: _output(case, replicate, **{what[0]: f"{number}{what[1]}"}),
        st.sampled_from("abc"),
        st.integers(0, 3),
        st.sampled_from([("text", ""), ("failure", ""), ("failure", "!")]),
        st.integers(0, 99),
    ),
    max_size=30,
)


def _by_hand(lines: Sequence[Output]) -> dict[Key, Output]:
    """The first text; else the first final failure; else the last failure."""
    found = {}
    for key in dict.fromkeys((line.case_id, line.replicate) for line in lines):
        mine = [line for line in lines if (line.case_id, line.replicate) == key]
        texts = [line for line in mine if line.text is not None]
        final = [line for line in mine if line.failure and line.failure.final]
        found[key] = (texts or final or mine[-1:])[0]
    return found


@given(LINES, st.integers(0, 30))
def test_the_rule(lines: list[Output], begun: int) -> None:
    """However it was written, read at once or noted while it is written: the same outputs count."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_records(folder / OUTPUTS, lines[:begun])
        noted = OutputIndex(folder)
        with Journal(folder / OUTPUTS) as journal:
            for line in lines[begun:]:
                offset = (folder / OUTPUTS).stat().st_size
                journal.append(line)
                noted.add(line, offset)
        expected = _by_hand(lines)
        for index in (noted, OutputIndex(folder)):
            assert {(one.case_id, one.replicate): one for one in index.outputs()} == expected
            kinds: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
            for (case, replicate), output in expected.items():
                assert index.output(case, replicate) == output
                if output.failure:
                    kinds[output.failure.final][output.failure.kind] += 1
                assert index.is_done(case, replicate) == (output.text is not None or output.failure.final)  # type: ignore[union-attr]
            assert index.final_failures == kinds[True]
            assert index.open_failures == kinds[False]
            assert index.texts == sum(one.text is not None for one in expected.values())
            with_text = sorted(key for key, one in expected.items() if one.text is not None)
            assert sorted((case, n) for case in index.cases() for n in index.replicates(case)) == with_text
            assert index.count == len(expected)
            index.keep_numbers()
            assert (index.final_failures, index.open_failures) == (kinds[True], kinds[False])
            assert (index.count, index.texts) == (len(expected), len(with_text))
            assert not [*index.cases()]
            index.refresh()
            assert sorted((case, n) for case in index.cases() for n in index.replicates(case)) == with_text
            assert index.texts == len(with_text)


def test_texts_come_as_written_and_failures_after_them(tmp_path: Path) -> None:
    """Readers of the responses file go through it once, which rests on this order."""
    lines = [
        _output("a", failure="x"),
        _output("c", text="1"),
        _output("b", text="2"),
        _output("a", failure="y"),
    ]
    write_records(tmp_path / OUTPUTS, [*lines, _output("d", failure="z!"), _output("e", text="3")])
    assert [output.case_id for output in OutputIndex(tmp_path).outputs()] == ["c", "b", "e", "a", "d"]


def test_who_reads_the_outputs_in_order_holds_no_index(tmp_path: Path) -> None:
    """Of many cases their names would be most of what scoring holds."""
    write_records(tmp_path / OUTPUTS, [_output(case, text=case) for case in "abc"])
    index = OutputIndex(tmp_path)
    outputs, held = index.outputs(), weakref.ref(index)
    assert next(outputs).case_id == "a"
    del index
    assert held() is None
    assert [output.case_id for output in outputs] == ["b", "c"]


def test_only_what_is_wanted_is_counted(tmp_path: Path) -> None:
    """Cases and replicates outside of what is asked for are neither done nor open."""
    lines = [_output(case, number, text="t") for case in "ab" for number in range(3)]
    write_records(tmp_path / OUTPUTS, lines)
    index = OutputIndex(tmp_path, cases=frozenset("a"), replicates=2)
    assert index.texts == 2
    assert not index.is_done("b", 0)
    assert not index.is_done("a", 2)
    index.add(_output("b", text="t"), 0)
    assert index.texts == 2


def test_what_was_written_meanwhile_is_seen_after_a_refresh(tmp_path: Path) -> None:
    """An index made before the folder is locked catches up under the lock, and reads only if it must."""
    index = OutputIndex(tmp_path)
    assert (index.texts, list(index.outputs())) == (0, [])
    write_records(tmp_path / OUTPUTS, [_output("a", text="t")])
    assert index.texts == 0
    index.refresh()
    assert index.texts == 1
    with pytest.raises(KeyError):
        index.output("a", 1)


def test_a_file_that_has_not_changed_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh of an unchanged file reads nothing."""
    write_records(tmp_path / OUTPUTS, [_output("a", text="t")])
    index = OutputIndex(tmp_path)
    monkeypatch.delattr("medbench.store.outputs.read_with_offsets")
    index.refresh()
    assert index.texts == 1
