"""Reading settings: defaults < TOML file < environment < command line. Every mistake is told, with its place."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError

from config.environment import FALSE, OURS, PREFIX, TRUE, from_environment, variable_meant
from config.errors import ConfigError
from config.settings import Settings

SEARCHED = (Path("squitter.toml"), Path("~/.config/squitter/squitter.toml"), Path("/etc/squitter/squitter.toml"))
# Names of before, so that an old file is told the new one
RENAMED = {
    "recording.folder": "recording.dir",
    "recording.most_mb": "recording.max_size_mb",
    "registry.largest_mb": "registry.max_size_mb",
    "mqtt.spool_file": "outbox.file",
    "mqtt.spool_mb": "outbox.max_size_mb",
    "notify.spool_dir": "outbox.file",
    "notify.spool_messages": "outbox.max_size_mb",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and where each one comes from.

    Attributes
    ----------
    origins
        "receiver.gain" -> "line 12", "READSB_GAIN" or "--gain"; a key that is not there has its default.
    path
        The file that was read, or None.
    strangers
        Variables that begin as ours do and are nothing to us.
    """

    settings: Settings
    origins: dict[str, str]
    path: Path | None
    strangers: tuple[str, ...] = ()


def find_file() -> Path | None:
    """The first of `SEARCHED` that exists."""
    return next((path for path in (path.expanduser() for path in SEARCHED) if path.is_file()), None)


def load(
    path: Path | None, environ: Mapping[str, str] | None = None, options: Mapping[str, tuple[str, Any]] | None = None
) -> Loaded:
    """Read settings.

    Parameters
    ----------
    path
        TOML file, or None for none.
    environ
        Environment variables.
    options
        Command line: "receiver.gain" -> ("--gain", value).

    Raises
    ------
    ConfigError
        With one line a mistake.
    """
    values, origins = read_file(path) if path is not None else ({}, {})
    if path is not None:
        make_absolute(values, Settings, path.absolute().parent)
    mistakes: list[str] = []
    for key, name, text in from_environment(environ or {}):
        try:
            _put(values, key, _parse(key, text))
        except ValueError as error:
            mistakes.append(f"{key} ({name}): got {text!r}, {error}")
            continue
        origins[key] = name
    strangers: list[str] = []
    for name in sorted(environ or {}):
        if name.startswith(PREFIX) and "__" not in name and name not in OURS:
            meant = variable_meant(name, (environ or {})[name])
            if meant is None:
                strangers.append(name)
            else:
                mistakes.append(f"{name}: no such setting; did you mean {meant}? (two underscores after the section)")
    for key, (option, value) in (options or {}).items():
        _put(values, key, value)
        origins[key] = option
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        mistakes += [_explain(detail, values, origins, path) for detail in error.errors()]
        settings = None
    if settings is None or mistakes:
        raise ConfigError("\n".join(dict.fromkeys(mistakes)))
    return Loaded(settings, origins, path, tuple(strangers))


def read_file(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Values and origins ("line N") of a TOML file."""
    try:
        data = path.read_bytes()
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ConfigError(f"{path}: this is UTF-16 text; save it as UTF-8")
        text = data.decode("utf-8-sig")  # an editor of Windows begins it with a mark
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; `squitter config show` prints settings to start from") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    return values, {key: f"line {line}" for key, line in line_numbers(text).items()}


def make_absolute(values: Any, model: type[BaseModel], folder: Path) -> None:
    """Relative paths that stand in a file are relative to that file, wherever the program was started: a service is
    started in `/`."""
    if not isinstance(values, dict):
        return
    for key, value in values.items():
        field = model.model_fields.get(key)
        if field is None:
            continue
        kinds = _kinds(field.annotation)
        inner = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if inner is not None:
            for table in value if isinstance(value, list) else [value]:
                make_absolute(table, inner, folder)
        elif Path in kinds and isinstance(value, str) and value and not value.startswith("~"):
            values[key] = str(folder / value)


def _kinds(annotation: Any) -> list[Any]:
    """A type and all that it is made of."""
    return [annotation, *(kind for part in get_args(annotation) for kind in _kinds(part))]


_HEADER = re.compile(r"^\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*=")


def line_numbers(text: str) -> dict[str, int]:
    """Line of each dotted key and table of a TOML text that tomllib has accepted. tomllib does not tell.

    Keys inside inline tables have the line of the table; tables of arrays are numbered ("watch.rules.0.name").
    """
    lines: dict[str, int] = {}
    table = ""
    counts: dict[str, int] = {}
    closing: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if closing is not None:  # inside a multi-line string
            if closing in line:
                closing = None
            continue
        if header := _HEADER.match(line):
            table = _plain(header[1])
            if line.lstrip().startswith("[["):
                index = counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{index}"
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            name = _plain(key[1])
            lines.setdefault(f"{table}.{name}" if table else name, number)
            rest = line[key.end() :]
            for quotes in ('"""', "'''"):
                if rest.count(quotes) % 2:
                    closing = quotes
    return lines


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _field(key: str) -> tuple[type[BaseModel], Any]:
    """The model and field of a dotted key; KeyError when there is none."""
    model: type[BaseModel] = Settings
    *sections, last = key.split(".")
    for name in sections:
        inner = model.model_fields[name].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            raise KeyError(key)
        model = inner
    return model, model.model_fields[last]


def _parse(key: str, text: str) -> Any:
    """A text of the environment as the value that the field wants."""
    try:
        _, field = _field(key)
    except KeyError:
        return text
    if field.annotation is bool:
        if text.strip().lower() in TRUE | FALSE:
            return text.strip().lower() in TRUE
        raise ValueError("expected true or false")
    if not _takes_numbers(field.annotation) or key == "receiver.device":  # serial numbers are digits too
        return text
    try:
        return tomllib.loads(f"x = {text}")["x"] if re.fullmatch(r"[-+0-9.eE]+|\[.*\]", text.strip()) else text
    except tomllib.TOMLDecodeError:
        return text


def _takes_numbers(annotation: Any) -> bool:
    """Whether a number, or a list, is among the things that a field of this type accepts."""
    if annotation in (int, float) or get_origin(annotation) in (list, tuple):
        return True
    return any(_takes_numbers(part) for part in get_args(annotation))


def _put(values: dict[str, Any], key: str, value: Any) -> None:
    *sections, last = key.split(".")
    for name in sections:
        inner = values.get(name)
        if not isinstance(inner, dict):
            inner = values[name] = {}
        values = inner
    values[last] = value


def _explain(detail: Any, values: dict[str, Any], origins: dict[str, str], path: Path | None) -> str:
    """One line for one of pydantic's errors. The file is named for what stands in it, not for what came otherwise."""
    # The branches of a union are part of pydantic's location; they are no keys of ours.
    parts: list[str] = []
    value: Any = values
    for part in detail["loc"]:
        if (isinstance(value, dict) and part in value) or (isinstance(value, list) and part in range(len(value))):
            value = value[part]
        elif detail["type"] != "missing":
            break
        parts.append(str(part))
    key = ".".join(parts)
    origin = next((origins[name] for name in _ancestors(key) if name in origins), None)
    if origin is None:  # a table that is no setting: what is in it has come from somewhere
        origin = next((origins[name] for name in origins if name.startswith(f"{key}.")), None)
    place = f"{key} ({origin})" if origin else key or "settings"
    if path is not None and (origin is None or origin.startswith("line ")):
        place = f"{path}: {place}"
    if detail["type"] == "extra_forbidden":
        renamed = RENAMED.get(key)
        return f"{place}: " + (f"is called {renamed} now" if renamed else f"no such setting{_suggestion(parts)}")
    if detail["type"] == "value_error":
        return f"{place}: {detail['ctx']['error']}"
    shown = "(hidden)" if _is_secret(parts) else _shown(value)
    return f"{place}: got {shown}, expected {_expected(key, detail['msg'])}"


def _is_secret(parts: list[str]) -> bool:
    """Whether the value is nobody's business: its field is a secret, also within a list of tables."""
    annotation: Any = Settings
    for name in parts:
        models = [part for part in (annotation, *get_args(annotation)) if hasattr(part, "model_fields")]
        if name.isdigit():
            continue
        if not models or name not in models[0].model_fields:
            return False
        annotation = models[0].model_fields[name].annotation
    return SecretStr in (annotation, *get_args(annotation))


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else repr(value)
    # a line stays a line, whatever the value is made of
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if len(text) <= 60 else text[:57] + "…"


def _ancestors(key: str) -> list[str]:
    parts = key.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _expected(key: str, message: str) -> str:
    try:
        _, field = _field(key)
    except KeyError:
        return message[0].lower() + message[1:]
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "expected" in extra:
        return str(extra["expected"])
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
        return f"a table: [{key}] with its keys below"
    return message[0].lower() + message[1:]


def _suggestion(parts: list[str]) -> str:
    """What the unknown key was probably meant to be."""
    model: type[BaseModel] = Settings
    for name in parts[:-1]:
        inner = model.model_fields[name].annotation if name in model.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ""
        model = inner
    near = difflib.get_close_matches(parts[-1], model.model_fields, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {'.'.join([*parts[:-1], near[0]])}?"
    for section, field in Settings.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel) and parts[-1] in inner.model_fields:
            return f"; did you mean {section}.{parts[-1]}?"
    return f"; known here: {', '.join(model.model_fields)}"
