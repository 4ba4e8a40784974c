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
WIDE = 100  # characters; a narrower terminal does without these:
SPARED = frozenset({"track", "ft/min", "dBFS", "msgs"})


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
        room = max(3, self._console.size.height - FIXED_LINES - len(notes)) if most is None else most
        ordered = sorted(objects, key=lambda aircraft: _order(aircraft, self._sort))
        shown = ordered[:room]
        table = Table(expand=True, box=None, pad_edge=False, header_style="bold", title=None)
        table.add_column("call sign", min_width=8, no_wrap=True)
        table.add_column("address", min_width=7, no_wrap=True)
        table.add_column("type", min_width=4, no_wrap=True)
        spared = SPARED if self._console.size.width < WIDE else frozenset()
        for name in NUMBERS:
            if name not in spared:
                table.add_column(name, justify="right", no_wrap=True)
        table.add_column("what and where", ratio=1, no_wrap=True, overflow="ellipsis")
        for aircraft in shown:
            table.add_row(*_row(aircraft, spared), style=_style(aircraft))
        head = Text(self._title, style="bold")
        head.append("  ")
        head.append_text(summary(objects, statistics))
        parts: list[RenderableType] = [head, Text(), table]
        if len(ordered) > room:
            parts.append(Text(f"… and {len(ordered) - room} more", style="dim"))
        if not ordered:
            parts.append(Text("no aircraft yet", style="dim"))
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
    cells = [
        str(aircraft.get("flight", "")).strip(),
        aircraft.get("hex"),
        aircraft.get("t"),
        *(cell for name, cell in zip(NUMBERS, numbers, strict=True) if name not in spared),
        " · ".join(str(word) for word in what if word),
    ]
    return [Text(plain(cell)) for cell in cells]


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


def _order(aircraft: Mapping[str, Any], sort: str) -> tuple[Any, ...]:
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
    return (not _is_emergency(aircraft), not watched, key, aircraft.get("hex", ""))
