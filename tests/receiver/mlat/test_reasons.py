from __future__ import annotations

import string

import pytest

from receiver.mlat.reasons import SENTENCES, listed, sentence

FACTS = {"stations": "a, b and c", "others": "d", "count": 2, "baseline_km": 1.0, "fixes": 2}


@pytest.mark.parametrize("reason", SENTENCES)
def test_every_reason_is_a_sentence_with_nothing_left_to_fill_in(reason: str) -> None:
    said = sentence(reason, **FACTS)
    assert "{" not in said
    fields = {name for _, name, _, _ in string.Formatter().parse(SENTENCES[reason]) if name}
    assert fields <= set(FACTS)


def test_names_in_a_row() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "no station", "a", "a and b", "a, b and c",
    ]  # fmt: skip
