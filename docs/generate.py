"""Reference pages that are rendered from the code: settings, command help, payloads of MQTT, HTTP addresses, findings of
`squitter doctor`, decisions."""

from __future__ import annotations

import argparse
import ast
import importlib
import json
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from config.settings import Settings
from receiver.cli import COMMANDS
from receiver.cli.examples import epilog

DOCS = Path(__file__).parent
DOCTOR = DOCS.parent / "receiver" / "doctor"
VERDICTS = {"problem": "problem", "warning": "warning", "note": "note", "good": "good"}
DECISIONS = """# Decisions

Why things are as they are: context, options with figures, choice, consequences.

```{toctree}
:glob:
:maxdepth: 1

../decisions/*
```
"""


def write_reference(folder: Path) -> None:
    """Write every page below `folder`; a page that has not changed is left alone."""
    folder.mkdir(exist_ok=True)
    pages = {
        "settings.md": settings_page(),
        "command-help.md": help_page(),
        "payloads.md": payloads_page(),
        "http.md": http_page(),
        "doctor-findings.md": findings_page(),
        "decisions.md": DECISIONS,
    }
    for name, text in pages.items():
        page = folder / name
        if not page.exists() or page.read_text() != text:
            page.write_text(text)


def settings_page() -> str:
    """All settings, one table per section, from the pydantic models."""
    lines = ["# Settings reference", "", "All settings with their defaults. Rendered from the code.", ""]
    for name, field in Settings.model_fields.items():
        section = _model(field.annotation)
        if section is None:
            continue
        lines += [f"## `[{name}]`", "", *_table(section)]
        for inner_name, inner in section.model_fields.items():
            table = _model(inner.annotation)
            if table is not None:
                lines += [f"### `[[{name}.{inner_name}]]`", "", inner.description or "", "", *_table(table)]
    return "\n".join(lines) + "\n"


def _table(section: type[BaseModel]) -> list[str]:
    rows = ["| setting | default | expected | meaning |", "|---|---|---|---|"]
    for name, field in section.model_fields.items():
        if _model(field.annotation) is not None:
            continue
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        cells = (f"`{name}`", _default(field), str(extra.get("expected", "")), f"{field.title}. {field.description}")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return [*rows, ""]


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None:
        return "unset"
    if isinstance(field.default, str | Path):
        return f"`{json.dumps(str(field.default))}`"
    return f"`{json.dumps(field.default)}`"


def _model(annotation: Any) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def payloads_page() -> str:
    """Channels and payload fields of `asyncapi.yaml`, which tests hold to what is published."""
    described = yaml.safe_load((DOCS / "asyncapi.yaml").read_text())
    lines = ["# MQTT payloads", "", "Rendered from `asyncapi.yaml` (AsyncAPI 3).", ""]
    lines += ["| topic | meaning |", "|---|---|"]
    for channel in described["channels"].values():
        meaning = " ".join((channel.get("description") or channel.get("title") or "").split())
        lines.append(f"| `{channel['address']}` | {meaning} |")
    schemas = described.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        properties = schema.get("properties")
        if not properties:
            continue
        lines += ["", f"## {name}", "", " ".join((schema.get("description") or "").split()), ""]
        lines += ["| key | type | meaning |", "|---|---|---|"]
        for key, value in properties.items():
            kind = value.get("type") or value.get("$ref", "").rsplit("/", 1)[-1] or "any"
            kind = " or ".join(kind) if isinstance(kind, list) else kind
            meaning = " ".join(str(value.get("description", "")).split()).replace("|", "\\|")
            lines.append(f"| `{key}` | {kind} | {meaning} |")
    return "\n".join(lines) + "\n"


def help_page() -> str:
    """What `--help` of every command shows."""
    lines = [
        "# Command help",
        "",
        "What `--help` shows. Rendered from the code; [commands](../commands.md) explains it.",
        "",
    ]
    for name, does in COMMANDS.items():
        parser = argparse.ArgumentParser(
            prog=f"squitter {name}",
            description=does[0].upper() + does[1:] + ".",
            epilog=epilog(name),
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100),
        )
        importlib.import_module(f"receiver.cli.{name.replace('-', '_')}").add_arguments(parser)
        lines += [f"## squitter {name}", "", "```text", parser.format_help().rstrip(), "```", ""]
        for actions in (one for one in parser._actions if isinstance(one, argparse._SubParsersAction)):
            for action, inner in actions.choices.items():
                lines += [f"### squitter {name} {action}", "", "```text", inner.format_help().rstrip(), "```", ""]
    return "\n".join(lines) + "\n"


def http_page() -> str:
    """Addresses of `openapi.yaml`, which tests hold to what the server answers."""
    described = yaml.safe_load((DOCS / "openapi.yaml").read_text())
    lines = [
        "# HTTP addresses",
        "",
        "Rendered from `openapi.yaml` (OpenAPI 3.1).",
        "",
        described["info"]["description"],
        "",
    ]
    lines += ["| address | answers | type | errors |", "|---|---|---|---|"]
    for address, methods in described["paths"].items():
        responses = methods["get"]["responses"]
        kind = next(iter(responses["200"]["content"]))
        errors = ", ".join(status for status in responses if status != "200")
        lines.append(f"| `{address}` | {methods['get']['summary']} | `{kind}` | {errors} |")
    return "\n".join(lines) + "\n"


def findings_page() -> str:
    """Every finding of `squitter doctor`: its code, how bad it is, its sentence and its remedy."""
    lines = ["# Findings of `squitter doctor`", "", "Rendered from the code. `…` stands for what was found.", ""]
    lines += ["| code | severity | meaning | remedy |", "|---|---|---|---|"]
    for code, severity, meaning, remedy in sorted(set(findings())):
        cells = (f"`{code}`", severity, meaning, remedy)
        lines.append("| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def findings() -> list[tuple[str, str, str, str]]:
    """Code, severity, sentence and remedy of each finding whose code stands in the source."""
    found = []
    for path in sorted(DOCTOR.glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in VERDICTS:
                given = [*call.args, *(keyword.value for keyword in call.keywords)]
                if given and isinstance(given[0], ast.Constant):
                    meaning, remedy = [*map(_words, given[1:3]), "", ""][:2]
                    found.append((str(given[0].value), VERDICTS[call.func.id], meaning, remedy))
    return found


def _words(node: ast.expr) -> str:
    """The text of a string in the source, with an ellipsis for each value."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return _words(node.left) + _words(node.right)
    return "…"
