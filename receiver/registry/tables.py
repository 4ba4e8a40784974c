"""The small tables in the package: address blocks, call signs, type designators, notable aircraft."""

from __future__ import annotations

import bisect
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class CallSign:
    """What a call sign's prefix tells."""

    prefix: str
    operator: str
    type: str | None
    military: bool


@dataclass(frozen=True, slots=True)
class TypeName:
    """What a type designator stands for, in a word or two, and whether nobody is on board."""

    name: str
    drone: bool


@dataclass(frozen=True, slots=True)
class Notable:
    """An aircraft known without any database."""

    type: str
    operator: str
    category: str


def _text(name: str) -> str:
    return resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8")


def _rows(name: str) -> Iterator[list[str]]:
    for line in _text(name).splitlines():
        if line and not line.startswith("#"):
            yield line.split(",")


class Blocks:
    """Ranges of addresses; where they overlap, the smaller part goes first."""

    def __init__(self, ranges: list[tuple[int, int, str]]) -> None:
        self._ranges = sorted(ranges, key=lambda block: (block[0], -block[1]))
        self._starts = [first for first, _, _ in self._ranges]

    def find(self, address: int) -> tuple[int, int, str] | None:
        """First, last and label of the range that an address lies in."""
        index = bisect.bisect_right(self._starts, address)
        for first, last, label in reversed(self._ranges[max(0, index - 12) : index]):
            if address <= last:
                return first, last, label
        return None


@cache
def countries() -> Blocks:
    """Address blocks by ISO 3166 code of the state that assigns them."""
    return Blocks([(int(first, 16), int(last, 16), code) for first, last, code in _rows("address_blocks.csv")])


@cache
def military() -> Blocks:
    """Address blocks of state aircraft; the label is how they are written."""
    return Blocks([(int(first, 16), int(last, 16), f"{first}-{last}") for first, last in _rows("military_blocks.csv")])


@cache
def call_signs() -> dict[str, CallSign]:
    """Call signs by prefix."""
    rows = tomllib.loads(_text("call_signs.toml"))["call_sign"]
    return {
        row["prefix"]: CallSign(row["prefix"], row["operator"], row.get("type"), row.get("military", False))
        for row in rows
    }


def call_sign(text: str) -> CallSign | None:
    """The row whose prefix fits best: letters and digits of the prefix, then digits only."""
    text = text.strip().upper()
    table = call_signs()
    for length in range(len(text), 2, -1):
        row = table.get(text[:length])
        if row is not None:
            rest = text[length:]
            return row if not rest or (rest.isascii() and rest.isdigit()) else None
    return None


@cache
def types() -> dict[str, TypeName]:
    """Names by type designator."""
    return {designator: TypeName(name, drone == "yes") for designator, name, drone in _rows("types.csv")}


@cache
def notable() -> dict[int, Notable]:
    """Notable aircraft by address."""
    return {int(icao, 16): Notable(kind, operator, what) for icao, kind, operator, what in _rows("notable.csv")}
