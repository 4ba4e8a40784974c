"""The documents are true: commands, settings and links that they name exist, and those that exist are named."""

from __future__ import annotations

import argparse
import importlib
import re
import runpy
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from receiver.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("benchmarks/**/*.md"),
    ]
)
# An own host name, path or tool of wherever this was written has no place here. Put together so as not to be one.
PRIVATE = ["/wo" + "rk/", "sub" + "agent", "pypi-" + "more", "/ro" + "ot/", "r-se" + "ed"]


def parser_of(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"squitter {name}")
    importlib.import_module(f"receiver.cli.{name.replace('-', '_')}").add_arguments(parser)
    return parser


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """Every long option of a command, and the names of what is below it."""
    found: set[str] = set()
    for action in parser._actions:
        found |= {option for option in action.option_strings if option.startswith("--") and option != "--help"}
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                found |= {name} | options_of(inner)
    return found


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_and_option_is_documented(name: str) -> None:
    text = (ROOT / "docs/commands.md").read_text()
    section = re.search(rf"^## squitter {re.escape(name)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, f"docs/commands.md has no heading `## squitter {name}`"
    missing = {
        option
        for option in options_of(parser_of(name))
        if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", section[1]) and option not in ("--config", "--set")
    }
    assert not missing, f"docs/commands.md, squitter {name}: {sorted(missing)}"


def test_no_command_is_documented_that_does_not_exist() -> None:
    named = re.findall(r"^## squitter (\S+)", (ROOT / "docs/commands.md").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_documents_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}"


def test_every_decision_has_a_status_and_a_date() -> None:
    for path in sorted((ROOT / "docs/decisions").glob("[0-9]*.md")):
        status = path.read_text().splitlines()[2]
        assert re.fullmatch(r"\*\*Status\.\*\* (Accepted|Replaced by \d{4}), \d{4}-\d\d-\d\d\.", status), (
            path.name,
            status,
        )


def test_the_index_of_decisions_is_as_they_are() -> None:
    names: dict[str, Any] = runpy.run_path(str(ROOT / "scripts/decisions_index.py"))
    index = (ROOT / "docs/decisions/README.md").read_text()
    assert index == names["index"](), "run `python scripts/decisions_index.py`"
    assert all(path.name in index for path in (ROOT / "docs/decisions").glob("[0-9]*.md")), "a number without a part"


def test_the_worked_example_of_a_sink_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n# (\S+)\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text(), re.M | re.S)
    (sink_path, sink), (test_path, test) = blocks
    module = types.ModuleType("receiver.sinks.busiest")
    exec(compile(sink, sink_path, "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names: dict[str, Any] = {}
    exec(compile(test, test_path, "exec"), names)
    names["test_the_most_at_once_is_kept_with_its_time"](tmp_path)


def test_every_document_can_be_reached_from_the_readme() -> None:
    seen, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in seen or not page.exists():
            continue
        seen.add(page)
        text = page.read_text()
        listed = [
            f"{line}.md"
            for tree in re.findall(r"```{toctree}(.*?)```", text, re.DOTALL)
            for line in tree.split()
            if not line.startswith(":")
        ]
        for target in re.findall(r"\]\(([^)#\s]+)", text) + listed:
            path = (page.parent / target).resolve()
            if path.is_dir():
                todo += path.glob("*.md")
            elif path.suffix == ".md":
                todo.append(path)
    pages = [
        page for page in [ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")] if page.parent.name != "reference"
    ]  # those are rendered
    lost = [str(page.relative_to(ROOT)) for page in pages if page not in seen]
    assert not lost, lost


def test_nothing_names_the_place_where_it_was_written() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in listed.decode().split("\0") if name]
    assert len(names) > 300
    for name in names:
        path = ROOT / name
        data = path.read_bytes() if path.is_file() else b""
        if b"\0" not in data:
            for word in PRIVATE:
                assert word.encode() not in data, f"{name}: {word}"
