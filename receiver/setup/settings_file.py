"""A settings file out of answers: each setting with what it does, so that the owner can go on from there."""

from __future__ import annotations

import json
import textwrap
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.settings import Settings

WIDTH = 100
HEAD = """\
# Squitter's settings, as `squitter setup` has written them. Every other setting has its default:
# `squitter config show` prints what is in force, docs/configuration.md and the example file describe all of them.
# `squitter config check` names every mistake.
"""


def settings_text(values: dict[str, Any]) -> str:
    """The file.

    Parameters
    ----------
    values
        "web.enabled" -> True; a key without a dot is a list of tables ("feed").
    """
    tables: dict[str, dict[str, Any]] = {}
    lists: dict[str, list[dict[str, Any]]] = {}
    for key, value in values.items():
        section, dot, name = key.partition(".")
        if dot:
            tables.setdefault(section, {})[name] = value
        else:
            lists[section] = value
    out = [HEAD]
    out += [_table(f"[{section}]", section, chosen) for section, chosen in tables.items()]
    out += [_table(f"[[{section}]]", section, row) for section, rows in lists.items() for row in rows]
    return "".join(out)


def _table(heading: str, section: str, values: dict[str, Any]) -> str:
    fields = _model(Settings.model_fields[section]).model_fields
    return f"\n{heading}\n" + "".join(_setting(fields[name], name, value) for name, value in values.items())


def _model(field: FieldInfo) -> type[BaseModel]:
    for part in (field.annotation, *get_args(field.annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    raise TypeError(f"{field.title} is no table")


def _setting(field: FieldInfo, name: str, value: Any) -> str:
    text = f"{field.title}: {field.description}"
    comment = "".join(f"# {line}\n" for line in textwrap.wrap(text, WIDTH - 2))
    return f"{comment}{name} = {json.dumps(value, ensure_ascii=False)}\n"
