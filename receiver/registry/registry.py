"""Who an address is: what the databases, the address itself and the call sign say, each with its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from receiver.registry import n_number, tables
from receiver.registry.database import Database
from receiver.registry.fact import Fact
from receiver.registry.formats import INTERESTING, MILITARY, Row

REMEMBERED = 4096
"""Aircraft whose facts are kept at hand; a busy sky has a few hundred at a time."""
LOOK_AGAIN = 1000
"""After so many questions the database file is checked for a new one (an update replaces it while the service runs)."""

BUILT_IN = "plane-alert-db"
DRONE_WORDS = frozenset({"uav", "drone", "rpas", "uas"})  # as lists write them
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_HEX = frozenset("0123456789abcdef")
_EMPTY_WORDS = frozenset(
    ("the", "of", "and", "for", "us", "usa", "united", "states", "department", "dept", "agency", "government", "gov")
)


class Registry:
    """Facts by address. `database`: the file of `squitter db update`; None or missing: the tables in the package only.

    One thread at a time.
    """

    def __init__(self, database: Path | None = None) -> None:
        self._database = None if database is None else Database(database)
        self._asked = 0
        self._identify = lru_cache(maxsize=REMEMBERED)(self._facts)
        self._fields = lru_cache(maxsize=REMEMBERED)(self._find_fields)
        self._look_again()

    def identify(self, icao: str, callsign: str | None, category: str | None) -> Sequence[Fact]:
        """Facts of an aircraft, the most trusted first; what disagrees is kept.

        Parameters
        ----------
        icao
            Six hex digits. An address that is no ICAO address ("~" before it) tells nothing.
        callsign
            As sent, or None.
        category
            As sent; said by the aircraft itself, so not repeated here.
        """
        self._count()
        return self._identify(icao.lower(), (callsign or "").strip().upper())

    def database(self, icao: str) -> Mapping[str, Any]:
        """The keys of the aircraft object: r, t, desc, ownOp, year, dbFlags; only those that are known."""
        self._count()
        return self._fields(icao.lower())

    def size(self) -> int:
        """Aircraft in the largest of the lists; 0 while there is no database."""
        return 0 if self._database is None else max((source.rows for source in self._database.sources()), default=0)

    def close(self) -> None:
        """Lets the database go."""
        if self._database is not None:
            self._database.close()

    def _count(self) -> None:
        self._asked += 1
        if self._asked >= LOOK_AGAIN:
            self._asked = 0
            self._look_again()

    def _look_again(self) -> None:
        if self._database is not None and self._database.refresh():
            self._identify.cache_clear()
            self._fields.cache_clear()

    def _rows(self, address: int) -> list[tuple[str, Row]]:
        rows = [] if self._database is None else self._database.rows(address)
        known = tables.notable().get(address)
        if known is not None and not any(name == BUILT_IN for name, _ in rows):
            built_in = Row(address, "", known.type, "", known.operator, 0, INTERESTING, known.category)
            rows.insert(0, (BUILT_IN, built_in))
        return rows

    def _facts(self, icao: str, callsign: str) -> tuple[Fact, ...]:
        address = _address(icao)
        facts: list[Fact] = []
        if address is not None:
            for name, row in self._rows(address):
                facts += _row_facts(row, f"aircraft database {name}")
            computed = n_number.registration(address)
            if computed is not None:
                facts.append(Fact("registration", computed, "computed from the address"))
        sign = tables.call_sign(callsign) if callsign else None
        if sign is not None:
            source = f"call-sign prefix {sign.prefix}"
            facts.append(Fact("operator", sign.operator, source))
            if sign.type:
                facts.append(Fact("type", sign.type, source))
            if sign.military:
                facts.append(Fact("military", "yes", source))
        if address is not None:
            block = tables.military().find(address)
            if block is not None:
                facts.append(Fact("military", "yes", f"address block {block[2]}"))
            country = tables.countries().find(address)
            if country is not None:
                facts.append(Fact("country", country[2], "address block"))
        return _settled(facts)

    def _find_fields(self, icao: str) -> Mapping[str, Any]:
        address = _address(icao)
        if address is None:
            return _NOTHING
        fields: dict[str, Any] = {}
        flags = 0
        # the general list first here: r, t and desc are what other programs show for the same aircraft
        for _, row in reversed(self._rows(address)):
            flags |= row.flags
            for key, value in (
                ("r", row.registration),
                ("t", row.type),
                ("desc", row.type_name),
                ("ownOp", row.operator),
                ("year", str(row.year) if row.year else ""),
            ):
                if value:
                    fields.setdefault(key, value)
        if tables.military().find(address) is not None:
            flags |= MILITARY
        if flags:
            fields["dbFlags"] = flags
        computed = n_number.registration(address)
        if computed is not None:
            fields.setdefault("r", computed)
        return MappingProxyType(fields)


def _address(icao: str) -> int | None:
    """The 24 bits; None for what is no ICAO address."""
    return int(icao, 16) if len(icao) == 6 and not set(icao) - _HEX else None


def _row_facts(row: Row, source: str) -> list[Fact]:
    facts = [
        Fact(name, value, source)
        for name, value in (("registration", row.registration), ("type", row.type), ("operator", row.operator))
        if value
    ]
    if row.type_name and row.type not in tables.types():
        facts.append(Fact("type_name", row.type_name, source))
    if row.flags & MILITARY:
        facts.append(Fact("military", "yes", source))
    if row.flags & INTERESTING:
        facts.append(Fact("notable", "yes", f"{source}, {row.category}" if row.category else source))
    if row.category:
        facts.append(Fact("list_category", row.category, source))
    if row.group:
        facts.append(Fact("list_group", row.group, source))
    facts += [Fact("list_tag", tag, source) for tag in row.tags]
    if row.category.casefold() in DRONE_WORDS or any(tag.casefold() in DRONE_WORDS for tag in row.tags):
        facts.append(Fact("drone", "yes", f"{source}, {row.category or row.tags[0]}"))
    return facts


def _settled(facts: list[Fact]) -> tuple[Fact, ...]:
    """In one spelling where they agree, and with a name for the most trusted type."""
    kept: list[Fact] = []
    for fact in facts:
        same = [other for other in kept if other.name == fact.name]
        if fact.name == "type_name" and same:
            continue
        agrees = _alike if fact.name == "operator" else _equal
        spelling = next((other.value for other in same if agrees(fact.value, other.value)), fact.value)
        kept.append(Fact(fact.name, spelling, fact.source))
    kind = next((fact for fact in kept if fact.name == "type"), None)
    if kind is not None and kind.value in tables.types():
        name = Fact("type_name", tables.types()[kind.value].name, kind.source)
        kept = [fact for fact in kept if fact.name != "type_name"]
        kept.insert(kept.index(kind) + 1, name)
    return tuple(kept)


def _equal(one: str, other: str) -> bool:
    """Whether two registrations or designators are the same but for dashes."""
    return "".join(filter(str.isalnum, one)).upper() == "".join(filter(str.isalnum, other)).upper()


def _alike(one: str, other: str) -> bool:
    """Whether two names of an operator say the same: all telling words of one are in the other."""
    a, b = (frozenset(word.strip(".,()").casefold() for word in text.split()) - _EMPTY_WORDS for text in (one, other))
    return a <= b or b <= a if a and b else _equal(one, other)
