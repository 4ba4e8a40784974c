"""The live table as a sink: for `demo` and `replay`, where aircraft are seen in the terminal that runs the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from receiver.cli.live_table import LiveTable
from receiver.sinks import Air, Sink
from receiver.watch import Alert

REDRAW_S = 0.5


class TableSink(Sink):
    """Draws at most twice a second, however fast the signal's seconds pass.

    Parameters
    ----------
    notes
        Lines under the table; asked for at each drawing.
    """

    name = "table"

    def __init__(self, table: LiveTable, notes: Callable[[], Sequence[str]] = tuple) -> None:
        self._table = table
        self._notes = notes
        self._drawn_s = float("-inf")
        self._alerts: dict[str, str] = {}

    def alert(self, alert: Alert, picture: bytes | None) -> None:
        """Show it under the table as long as it is open, the loud ones only."""
        self._alerts.pop(alert.id, None)
        if alert.state != "ended" and alert.severity != "info":
            self._alerts[alert.id] = alert.text

    def second(self, air: Air) -> None:
        """Draw, if it is time."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._drawn_s < REDRAW_S:
            return
        self._drawn_s = now_s
        self.draw(air)

    def draw(self, air: Air) -> None:
        """Draw now."""
        objects: list[dict[str, Any]] = list(air.objects.values())
        newest = [f"! {text}" for text in list(self._alerts.values())[-3:]]
        self._table.update(objects, air.statistics, [*newest, *self._notes()])
