"""The words of docs/style.md in text that people scan: no phrase that was replaced comes back.

Read are the README, the documentation (not the decisions, which keep the words of their day), the settings, command help, log
lines, error messages, metric help and the page. Prose of docstrings and comments is not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# phrase -> what docs/style.md says instead
PHRASES = {
    r"\btells? (?:the bus|mqtt|the broker|nobody|everybody)\b": "publishes",
    r"\b(?:on|to|from|over) the bus\b": "over MQTT, the broker",
    r"\bmade[- ]up\b": "simulated",
    r"\bby itself\b": "automatically",
    r"\bfor ever\b": "indefinitely",
    r"\b(?:comes?|brings?|bring|take|taken) along\b": "built-in, bundled",
    r"\banew\b": "again, from scratch",
    r"\b[Ee]verybody\b": "all clients, everyone",
    r"\bnobody is told\b": "nothing is published",
    r"\bleft out\b": "unset, absent, omitted",
    r"\bby custom\b": "by convention",
    r"\bpast it\b": "beyond this limit",
    r"\b(?:for|in) so long\b": "the quantity's name",
    r"\btold to stop\b": "shutting down",
    r"\bhas been borne out\b": "confirmed",
}
_BAD = {re.compile(pattern, re.IGNORECASE): instead for pattern, instead in PHRASES.items()}


def pages() -> list[Path]:
    docs = [path for path in sorted((ROOT / "docs").rglob("*.md")) if not {"decisions", "reference"} & set(path.parts)]
    scanned = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "SECURITY.md",
        ROOT / "config/squitter.example.toml",
    ]
    page = sorted((ROOT / "receiver/web/page").glob("*.html"))
    return [*scanned, *(path for path in docs if path.name not in ("style.md", "stability.md")), *page]


def texts_of_code() -> Iterator[tuple[str, str]]:
    """Every string that a person may read: all literals but docstrings."""
    for folder in ("config", "receiver", "dsp"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text())
            prose = {
                id(node.body[0].value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and node.body
                and isinstance(node.body[0], ast.Expr)
            }
            prose |= {
                id(node.value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            }
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and " " in node.value
                    and id(node) not in prose
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def complaints(where: str, text: str) -> list[str]:
    return [
        f"{where}: {found[0]!r}; write {instead} (docs/style.md)"
        for pattern, instead in _BAD.items()
        for found in pattern.finditer(text)
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_replaced_phrase_in_what_is_read(page: Path) -> None:
    lines = page.read_text().splitlines()
    assert [said for n, line in enumerate(lines, 1) for said in complaints(f"line {n}", line)] == []


def test_no_replaced_phrase_in_what_the_program_says() -> None:
    assert [said for where, text in texts_of_code() for said in complaints(where, text)] == []


def test_a_replaced_phrase_would_be_found() -> None:
    assert complaints("x", "Hear aircraft and tell the bus") != []
    assert complaints("x", "retrying for ever") != []
    assert complaints("x", "the alert is raised again") == []
