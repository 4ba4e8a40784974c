"""Aircraft as a table in a terminal, redrawn in place: what `squitter top`, `demo` and `replay` show.

Everything in the table may have come by radio: it is put in as plain text, without rich's markup and without control
characters.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

SORTS = ("messages", "altitude", "distance", "callsign", "seen")
EMERGENCY_SQUAWKS = frozenset({"7500", "7600", "7700"})
FIXED_LINES = 6  # header, footer and borders around the rows
NUMBERS = ("alt ft", "kt", "track", "ft/min", "nmi", "squawk", "dBFS", "msgs", "seen")
SPARED = (
    (100, frozenset({"track", "ft/min", "dBFS", "msgs"})),
    (74, frozenset({"what and where"})),
    (62, frozenset({"address"})),
    (52, frozenset({"type"})),
    (44, frozenset({"squawk"})),
)
"""What a terminal narrower than so many characters does without: a number that is cut is a wrong number."""
DETAILS = (("r", "registration"), ("desc", "model"), ("ownOp", "operator"), ("year", "built"), ("category", "category"))


def plain(value: object) -> str:
    """Text without control characters and escape sequences; "–" for what is not known."""
    if value is None or value == "":
        return "–"
    return "".join(c if c.isprintable() else "�" for c in str(value))


class LiveTable:
    """A table that is redrawn with each `update`; a context manager, which gives the terminal back at its end.

    Parameters
    ----------
    title
        What stands over the table.
    console
        Where to; default: standard output. Where that is no terminal, `update` draws nothing; a summary line is
        printed each minute of signal time instead, and the notes when they have changed.
    sort
        One of `SORTS`. Watched aircraft and emergencies come first whatever it says.
    line_every_s
        Summary lines are at least so far apart in real time: minutes of signal may pass in seconds.
    """

    def __init__(
        self,
        title: str = "Squitter",
        console: Console | None = None,
        sort: str = "messages",
        line_every_s: float = 10.0,
    ) -> None:
        self._console = console or Console(file=sys.stdout)
        self._title = title
        self._sort = sort
        self._live: Live | None = None
        self._minute = -1
        self._line_every_s = line_every_s
        self._line_s = -math.inf
        self._noted: tuple[str, ...] = ()
        self._reversed = False
        self._selected: str | None = None
        self._opened = False
        self._shown: list[str] = []
        self._page = 1
        self._last: tuple[Sequence[Mapping[str, Any]], Mapping[str, Any], Sequence[str]] = ((), {}, ())

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live = Live(console=self._console, screen=False, auto_refresh=False, transient=False)
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)
            self._live = None

    def update(
        self, objects: Sequence[Mapping[str, Any]], statistics: Mapping[str, Any], notes: Sequence[str] = ()
    ) -> None:
        """Draw.

        Parameters
        ----------
        objects
            Aircraft, as aircraft.json writes them.
        statistics
            The payload of the `stats` topic; `now`, `messages_per_s` and `signal_dbfs` are shown where present.
        notes
            Lines under the table: where the map is, what to subscribe to, the newest alert.
        """
        if self._live is not None:
            self._last = (objects, statistics, notes)
            self._live.update(self.render(objects, statistics, notes), refresh=True)
            return
        now = statistics.get("now")
        minute = int(now // 60) if isinstance(now, int | float) else self._minute + 1
        at_s = time.monotonic()
        if minute == self._minute or at_s - self._line_s < self._line_every_s:
            return
        self._minute, self._line_s = minute, at_s
        self._console.print(summary(objects, statistics), soft_wrap=True)
        for note in notes:
            if note not in self._noted:
                self._console.print(Text(plain(note)), soft_wrap=True)
        self._noted = tuple(notes)

    def press(self, key: str) -> None:
        """Select with "up", "down", "page up", "page down", "home", "end"; "enter" shows or hides details, "escape" lets go;
        "s" sorts by the next thing, "r" the other way round. Draws again."""
        here = self._shown.index(self._selected) if self._selected in self._shown else -1
        steps = {"up": -1, "down": 1, "page up": -self._page, "page down": self._page, "home": -(10**9), "end": 10**9}
        if key in steps and self._shown:
            self._selected = self._shown[
                max(0, min(len(self._shown) - 1, max(here, 0) + steps[key] if here >= 0 else 0))
            ]
        elif key == "enter":
            self._opened = not self._opened
        elif key == "escape":
            self._selected, self._opened = None, False
        elif key == "s":
            self._sort = SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)]
        elif key == "r":
            self._reversed = not self._reversed
        if self._live is not None:
            self._live.update(self.render(*self._last), refresh=True)

    def print_once(
        self, objects: Sequence[Mapping[str, Any]], statistics: Mapping[str, Any], notes: Sequence[str] = ()
    ) -> None:
        """Print all of the table, terminal or not."""
        self._console.print(self.render(objects, statistics, notes, len(objects)))

    def render(
        self,
        objects: Sequence[Mapping[str, Any]],
        statistics: Mapping[str, Any],
        notes: Sequence[str] = (),
        most: int | None = None,
    ) -> RenderableType:
        """What `update` draws: at most so many aircraft, or as many as the terminal has lines for."""
        width = self._console.size.width
        lines = sum(-(-max(1, len(note)) // width) for note in notes)  # a long note is folded
        opened = next((a for a in objects if self._opened and a.get("hex") == self._selected), None)
        details = [] if opened is None else _details(opened)
        room = max(3, self._console.size.height - FIXED_LINES - lines - len(details)) if most is None else most
        ordered = sorted(objects, key=lambda aircraft: _order(aircraft, self._sort, self._reversed))
        self._shown = [str(aircraft.get("hex", "")) for aircraft in ordered]
        self._page = room
        here = self._shown.index(self._selected) if self._selected in self._shown else 0
        first = max(0, min(len(ordered) - room, here - room // 2)) if most is None else 0
        shown = ordered[first : first + room]
        table = Table(expand=True, box=None, pad_edge=False, header_style="bold", title=None)
        spared = frozenset().union(*(names for below, names in SPARED if width < below))
        rows = [_row(aircraft, spared) for aircraft in shown]
        names = [name for name in ("call sign", "address", "type", *NUMBERS, "what and where") if name not in spared]
        for index, name in enumerate(names):
            if name == "what and where":
                table.add_column(name, ratio=1, no_wrap=True, overflow="ellipsis")
                continue
            needs = max((len(row[index]) for row in rows), default=0)
            least = {"call sign": 8, "address": 7, "type": 4}.get(name, 3)
            table.add_column(
                name, justify="right" if name in NUMBERS else "left", no_wrap=True, min_width=max(least, needs)
            )
        for aircraft, row in zip(shown, rows, strict=True):
            chosen = aircraft.get("hex") == self._selected
            table.add_row(*row, style=f"{_style(aircraft)} reverse".strip() if chosen else _style(aircraft))
        head = Text(self._title, style="bold")
        head.append("  ")
        head.append_text(summary(objects, statistics))
        parts: list[RenderableType] = [head, Text(), table]
        if len(ordered) > room:
            words = (
                f"{first + 1}–{first + len(shown)} of {len(ordered)}"
                if self._selected
                else f"… and {len(ordered) - room} more"
            )
            parts.append(Text(words, style="dim"))
        if not ordered:
            parts.append(Text("no aircraft yet", style="dim"))
        parts += [Text(plain(line), style="bold") for line in details]
        parts += [Text(), *(Text(plain(note), overflow="fold") for note in notes)]
        return Group(*parts)


def summary(objects: Sequence[Mapping[str, Any]], statistics: Mapping[str, Any]) -> Text:
    """One line: time, aircraft, on the map, messages per second."""
    parts = []
    now = statistics.get("now")
    if isinstance(now, int | float):
        parts.append(datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%SZ"))
    parts.append(f"{len(objects)} aircraft")
    parts.append(f"{sum('lat' in aircraft for aircraft in objects)} with position")
    rate = statistics.get("messages_per_s")
    if isinstance(rate, int | float):
        parts.append(f"{rate:.0f} messages/s")
    signal = statistics.get("signal_dbfs")
    if isinstance(signal, int | float):
        parts.append(f"signal {signal:.1f} dBFS")
    return Text(" · ".join(parts))


def _row(aircraft: Mapping[str, Any], spared: Set[str]) -> list[Text]:
    own = aircraft.get("squitter") or {}
    altitude = aircraft.get("alt_baro", aircraft.get("alt_geom"))
    what = [own.get("pattern"), aircraft.get("ownOp"), own.get("place") or own.get("over"), own.get("country")]
    numbers = (
        f"{altitude:,}" if isinstance(altitude, int) else altitude,
        _number(aircraft.get("gs"), 0),
        _number(aircraft.get("track"), 0, "°"),
        _number(aircraft.get("baro_rate", aircraft.get("geom_rate")), 0),
        _number(aircraft.get("r_dst"), 1),
        aircraft.get("squawk"),
        _number(aircraft.get("rssi"), 1),
        aircraft.get("messages"),
        _number(aircraft.get("seen"), 0, " s"),
    )
    cells = {
        "call sign": str(aircraft.get("flight", "")).strip(),
        "address": aircraft.get("hex"),
        "type": aircraft.get("t"),
        **dict(zip(NUMBERS, numbers, strict=True)),
        "what and where": " · ".join(str(word) for word in what if word),
    }
    return [Text(plain(cell)) for name, cell in cells.items() if name not in spared]


def _details(aircraft: Mapping[str, Any]) -> list[str]:
    """What the table has no room for, a line or two."""
    own = aircraft.get("squitter") or {}
    known = [f"{words} {aircraft[key]}" for key, words in DETAILS if aircraft.get(key)]
    where = [str(own[key]) for key in ("country", "place", "over", "pattern") if own.get(key)]
    place = (
        f"{aircraft['lat']:.4f}, {aircraft['lon']:.4f}" if "lat" in aircraft and "lon" in aircraft else "no position"
    )
    head = f"{str(aircraft.get('flight', '')).strip() or '–'} {aircraft.get('hex', '')}: {' · '.join(known) or 'not in the database'}"
    return [head, f"{place} · {' · '.join(where)}".rstrip(" ·")]


def _number(value: object, digits: int, unit: str = "") -> str | None:
    return f"{value:.{digits}f}{unit}" if isinstance(value, int | float) else None


def _is_emergency(aircraft: Mapping[str, Any]) -> bool:
    return aircraft.get("emergency", "none") != "none" or aircraft.get("squawk") in EMERGENCY_SQUAWKS


def _style(aircraft: Mapping[str, Any]) -> str:
    if _is_emergency(aircraft):
        return "bold red"
    if (aircraft.get("squitter") or {}).get("watch"):
        return "bold yellow"
    return "dim" if aircraft.get("seen", 0) > 30 else ""


def _order(aircraft: Mapping[str, Any], sort: str, is_reversed: bool = False) -> tuple[Any, ...]:
    watched = bool((aircraft.get("squitter") or {}).get("watch"))
    altitude = aircraft.get("alt_baro", aircraft.get("alt_geom"))
    height = 0 if altitude == "ground" else altitude
    key: Any = {
        "messages": -aircraft.get("messages", 0),
        "altitude": -height if isinstance(height, int | float) else float("inf"),
        "distance": aircraft.get("r_dst", float("inf")),
        "callsign": str(aircraft.get("flight", "")).strip() or "~",
        "seen": aircraft.get("seen", 0),
    }[sort]
    if is_reversed:
        key = tuple(-ord(c) for c in key) if isinstance(key, str) else -key
    return (not _is_emergency(aircraft), not watched, key, aircraft.get("hex", ""))
