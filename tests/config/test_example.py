"""The example file is complete, current and good."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_origin

from config.example import EXAMPLE, example
from config.load import load
from config.settings import Settings


def test_the_committed_example_is_what_the_models_give() -> None:
    assert EXAMPLE.read_text() == example(), "run `python -m config.example` and commit the result"


def test_every_setting_of_every_section_is_in_the_example() -> None:
    text = EXAMPLE.read_text()
    for section, field in Settings.model_fields.items():
        if get_origin(field.annotation) is list:  # tables of a kind
            assert f"\n#[[{section}]]\n" in text
            continue
        body = text.partition(f"\n[{section}]\n")[2].partition("\n[")[0]
        assert body, section
        for key in field.annotation.model_fields:  # type: ignore[union-attr]
            assert re.search(rf"^#({key} = |\[\[{section}\.{key}\]\])", body + text, re.MULTILINE), f"{section}.{key}"


def test_the_example_can_be_loaded_and_changes_nothing() -> None:
    assert load(EXAMPLE).settings == Settings()


def test_uncommented_defaults_are_accepted(tmp_path: Path) -> None:
    """What a person gets who removes every `#` before a setting that has a default."""
    lines = []
    within_list = False
    for line in EXAMPLE.read_text().splitlines():
        within_list = line.startswith("#[[") or (within_list and not line.startswith("["))
        setting = re.match(r"^#([a-z_]+ = (?!# not set).+)$", line)
        if not within_list:
            lines.append(setting[1] if setting else line if line.startswith("[") else "")
    assert sum("=" in line for line in lines) > 20
    file = tmp_path / "squitter.toml"
    file.write_text("\n".join(lines))
    tomllib.loads(file.read_text())
    load(file)
