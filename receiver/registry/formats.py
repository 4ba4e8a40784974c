"""Aircraft lists as others write them, row by row. A field that cannot be right is left out, and its row stays; a row
without an address is refused and counted.

tar1090-db
    `aircraft.csv.gz`: no header, semicolons (a backslash before one that belongs to the text): address; registration; type designator; flags; type in words; year; owner.
    Flags are digits: military, interesting, PIA, LADD, the first digit first. Also the shards of its `db` folder, JSON
    objects by the rest of the address: [registration, type, flags, words], null where nothing is known, in older ones an
    object of `r`, `t`, `f`, `desc` (`children` names further shards).
plane-alert-db
    `plane-alert-db.csv`: header with `$ICAO`, `$Registration`, `$Operator`, `$Type`, `$ICAO Type`, `#CMPG` (Mil, Gov,
    Pol, Civ), `$Tag 1` and two more, `Category`. A registration that nobody knows is "????".
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

MILITARY, INTERESTING, PIA, LADD = 1, 2, 4, 8
GROUPS = {"mil": "military", "gov": "government", "pol": "police", "civ": "civil"}
LONGEST_LINE = 4096
LONGEST_TEXT = 120

_ADDRESS = re.compile(r"[0-9A-Fa-f]{6}")
_REGISTRATION = re.compile(r"[A-Z0-9][A-Z0-9 .+/()-]{0,14}", re.IGNORECASE)
_TYPE = re.compile(r"[A-Z][A-Z0-9]{1,3}")
_YEAR = re.compile(r"(18|19|20)[0-9]{2}")
_UNKNOWN = "?- "  # what lists write where they know nothing
_FLAGS = re.compile(r"[01]{0,8}")


class BadRowError(ValueError):
    """A row that is refused; the message is the reason under which it is counted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One aircraft as one list has it; "" and 0 where it has nothing."""

    address: int
    registration: str = ""
    type: str = ""
    type_name: str = ""
    operator: str = ""
    year: int = 0
    flags: int = 0
    category: str = ""
    group: str = ""
    tags: tuple[str, ...] = ()


Item = Row | BadRowError
Reader = Callable[[Iterable[str]], Iterator[Item]]


def address(text: str) -> int:
    """24 bits from six hex digits."""
    if not _ADDRESS.fullmatch(text):
        raise BadRowError("not an address")
    value = int(text, 16)
    if value in (0, 0xFFFFFF):
        raise BadRowError("not an address")
    return value


def words(text: str) -> str:
    """Text for people: single spaces, no control characters, not too long; "" when it is none."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TEXT and text.isprintable() and text.strip(_UNKNOWN) else ""


def registration(text: str) -> str:
    """A registration or serial number; "" when it can be none ("????")."""
    text = text.strip()
    return text.upper() if _REGISTRATION.fullmatch(text) else ""


def type_designator(text: str) -> str:
    """An ICAO designator; lists also write words or dashes there, which are left out."""
    text = text.strip().upper()
    return text if _TYPE.fullmatch(text) else ""


def flags(text: str) -> int:
    """Bits from digits, the lowest first; 0 when they are none."""
    text = text.strip()
    return sum(1 << index for index, digit in enumerate(text[:4]) if digit == "1") if _FLAGS.fullmatch(text) else 0


def _some(row: Row, *texts: str) -> Row:
    """The row, if anything that was written in it can be right: one of another kind of list is refused."""
    written = any(text.strip(_UNKNOWN) for text in texts)
    if written and not (row.registration or row.type or row.type_name or row.operator or row.category):
        raise BadRowError("nothing in it can be right")
    return row


def tar1090_csv(lines: Iterable[str]) -> Iterator[Item]:
    """Rows of aircraft.csv."""
    for fields in _fields(lines, ";"):
        if isinstance(fields, BadRowError):
            yield fields
            continue
        try:
            if not 4 <= len(fields) <= 12:
                raise BadRowError("wrong number of fields")
            fields += [""] * (7 - len(fields))
            year = fields[5].strip()
            row = Row(
                address(fields[0]),
                registration(fields[1]),
                type_designator(fields[2]),
                words(fields[4]),
                words(fields[6]),
                int(year) if _YEAR.fullmatch(year) else 0,
                flags(fields[3]),
            )
            yield _some(row, fields[1], fields[4], fields[6])
        except BadRowError as error:
            yield error


def tar1090_shard(prefix: str, text: str) -> Iterator[Item]:
    """Rows of one shard of the `db` folder; the prefix is the file's name without its ending."""
    try:
        shard = json.loads(text)
    except (ValueError, RecursionError):
        yield BadRowError("not JSON")
        return
    if not isinstance(shard, dict):
        yield BadRowError("not JSON")
        return
    for rest, values in shard.items():
        if rest == "children":
            continue
        try:
            if isinstance(values, dict):
                values = [values.get(key) for key in ("r", "t", "f", "desc")]
            if not isinstance(values, list) or not all(isinstance(value, str | None) for value in values):
                raise BadRowError("wrong kind of fields")
            texts = [value if isinstance(value, str) else "" for value in values]  # null: nothing is known
            one, kind, bits, name = (*texts, "", "", "", "")[:4]
            row = Row(address(prefix + rest), registration(one), type_designator(kind), words(name), flags=flags(bits))
            yield _some(row, one, name)
        except BadRowError as error:
            yield error


def plane_alert(lines: Iterable[str]) -> Iterator[Item]:
    """Rows of plane-alert-db.csv; all are interesting, and military where its group says so."""
    rows = _fields(lines, ",")
    header = next(rows, None)
    if header is None or isinstance(header, BadRowError):
        yield BadRowError("no header")
        return
    names = [name.strip().lstrip("$#").lstrip("#$").casefold() for name in header]
    try:
        columns = [names.index(name) for name in ("icao", "registration", "operator", "type", "icao type", "cmpg")]
        category = names.index("category")
        tags = [names.index(name) for name in ("tag 1", "tag 2", "tag 3") if name in names]
    except ValueError:
        yield BadRowError("no header")
        return
    for fields in rows:
        if isinstance(fields, BadRowError):
            yield fields
            continue
        try:
            if len(fields) != len(names):
                raise BadRowError("wrong number of fields")
            icao, one, operator, name, kind, group = (fields[column] for column in columns)
            yield Row(
                address(icao.strip()),
                registration(one),
                type_designator(kind),
                words(name),
                words(operator),
                flags=INTERESTING | (MILITARY if group.strip().casefold() == "mil" else 0),
                category=words(fields[category]),
                group=GROUPS.get(group.strip().casefold(), ""),
                tags=tuple(tag for tag in (words(fields[column]) for column in tags) if tag),
            )
        except BadRowError as error:
            yield error


def _fields(lines: Iterable[str], delimiter: str) -> Iterator[list[str] | BadRowError]:
    """Fields line by line, so that one stray quote cannot swallow the rest of the file."""
    for line in lines:
        line = line.rstrip("\r\n")
        if not line:
            continue
        if len(line) > LONGEST_LINE or "\x00" in line:
            yield BadRowError("line too long or binary")
            continue
        try:
            if delimiter == ";":
                yield next(csv.reader([line], delimiter=";", quoting=csv.QUOTE_NONE, escapechar="\\"))
            else:
                yield next(csv.reader([line], strict=True))
        except (csv.Error, StopIteration):
            yield BadRowError("quotes that do not end")


FORMATS: dict[str, Reader] = {"tar1090-db": tar1090_csv, "plane-alert-db": plane_alert}
"""By name, as settings and command line write it."""
