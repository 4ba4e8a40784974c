"""The commented example file, written from the models: `python -m config.example` renews `squitter.example.toml`."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from config.settings import Settings

EXAMPLE = Path(__file__).with_name("squitter.example.toml")
WIDTH = 110
_HEAD = """\
# Squitter's settings. Every line that begins with "#" and has a "=" is a setting at its default: remove the "#" to change it.
# Looked for in ./squitter.toml, ~/.config/squitter/squitter.toml and /etc/squitter/squitter.toml, or given with --config.
# An environment variable SQUITTER_<SECTION>__<KEY> wins over the file, the command line (--set section.key=value) over both.
# In paths, ~ is the home folder and {station} the station's name; a relative path is relative to this file's folder.
# `squitter config check` names every mistake; `squitter config show` prints what is in force.
"""


def example() -> str:
    """The whole file: every setting with its title, what it does, what may be written, and its default."""
    parts = [_HEAD.rstrip()]
    for section, field in Settings.model_fields.items():
        item = _item_model(field)
        if item is not None:
            parts.append(f"\n# {field.title}: {field.description}" + _table(section, item, array=True))
            continue
        model = field.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        parts.append(_table(section, model))
    return "\n".join(parts) + "\n"


def _table(name: str, model: type[BaseModel], array: bool = False) -> str:
    lines = [f"\n#[[{name}]]" if array else f"\n[{name}]"]
    inner: list[str] = []
    for key, field in model.model_fields.items():
        item = _item_model(field)
        if item is not None:
            inner.append(f"\n# {field.title}: {field.description}" + _table(f"{name}.{key}", item, array=True))
            continue
        lines += _comment(field)
        lines.append(f"#{field.alias or key} = {_value(field)}")
    return "\n".join([*lines, *inner])


def _item_model(field: FieldInfo) -> type[BaseModel] | None:
    """The model of the tables in a list of tables; None for everything else."""
    if get_origin(field.annotation) in (list, tuple):
        for part in get_args(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                return part
    return None


def _comment(field: FieldInfo) -> list[str]:
    extra = field.json_schema_extra
    expected = str(extra["expected"]) if isinstance(extra, dict) and "expected" in extra else ""
    text = f"{field.title}. {field.description}" + (f" [{expected}]" if expected else "")
    return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="#   ")


def _value(field: FieldInfo) -> str:
    """The default as TOML; a setting without one says so."""
    value: Any = field.default
    if field.default_factory is not None:
        value = field.default_factory()  # type: ignore[call-arg]
    if value is None or value is PydanticUndefined:
        return "# not set"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return json.dumps(value, default=str, ensure_ascii=False)


if __name__ == "__main__":
    EXAMPLE.write_text(example())
