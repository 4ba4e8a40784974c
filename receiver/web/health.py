"""The receiver's health over time: a row of numbers every ten seconds for an hour, every five minutes for a day."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from receiver.views.outlets import Air

COLUMNS = (
    "t",
    "messages_per_s",
    "aircraft",
    "aircraft_with_position",
    "signal_dbfs",
    "noise_dbfs",
    "gain_db",
    "lost_percent",
    "load_percent",
    "effort",
    "queue",
)
ROW_S = 10.0
DAY_ROW_S = 300.0
EFFORTS = {"lean": 1.0, "normal": 2.0, "thorough": 3.0}

Row = list[float | None]


class Health:
    """Rows in the order of `COLUMNS`; None is what the receiver does not say."""

    def __init__(self) -> None:
        self.hour: deque[Row] = deque(maxlen=int(3600 / ROW_S))
        self.day: deque[Row] = deque(maxlen=int(86_400 / DAY_ROW_S))
        self._lost = 0.0
        self._processed = 0.0
        self._open: list[Row] = []

    def second(self, air: Air) -> Row | None:
        """Take a second; the new row when ten seconds have passed."""
        if self.hour and 0 <= air.now - (self.hour[-1][0] or 0.0) < ROW_S:
            return None
        if self.hour and air.now < (self.hour[-1][0] or 0.0):  # the signal's clock has gone back
            self.hour.clear()
            self.day.clear()
            self._open.clear()
        row = self._row(air)
        self.hour.append(row)
        self._open.append(row)
        first = self._open[0][0] or 0.0
        if air.now - first >= DAY_ROW_S - 1.5 * ROW_S:
            self.day.append(mean(self._open))
            self._open.clear()
        return row

    def told(self) -> dict[str, Any]:
        """Both series, as the page takes them."""
        day = [*self.day, mean(self._open)] if self._open else list(self.day)
        return {"columns": COLUMNS, "hour": list(self.hour), "day": day}

    def _row(self, air: Air) -> Row:
        said = air.statistics
        objects = air.objects.values()
        return [
            round(air.now, 1),
            number(said, "messages_per_s"),
            number(said, "aircraft", float(len(air.objects))),
            number(said, "aircraft_with_position", float(sum("lat" in aircraft for aircraft in objects))),
            number(said, "signal_dbfs"),
            number(said, "noise_dbfs"),
            number(said, "gain_db"),
            self._lost_percent(said),
            percent(number(said, "load_share")),
            effort(said.get("effort")),
            queued(said.get("sinks")),
        ]

    def _lost_percent(self, said: Mapping[str, Any]) -> float | None:
        """Share of the samples since the last row that did not arrive or were not worked off."""
        processed = number(said, "samples_processed")
        if processed is None:
            return None
        lost = (number(said, "samples_lost") or 0.0) + (number(said, "samples_dropped") or 0.0)
        new_lost, new = lost - self._lost, processed - self._processed
        self._lost, self._processed = lost, processed
        if new_lost < 0 or new < 0:  # the counters have begun anew
            return None
        return round(100 * new_lost / (new + new_lost), 4) if new + new_lost > 0 else 0.0


def number(said: Mapping[str, Any], key: str, otherwise: float | None = None) -> float | None:
    """A number out of the statistics, rounded; `otherwise` when there is none."""
    value = said.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
        return round(float(value), 3)
    return otherwise


def queued(sinks: Any) -> float | None:
    """What waits in the queues of all outputs; None when none of them says."""
    if not isinstance(sinks, Mapping):
        return None
    waiting = [value for sink in sinks.values() for key, value in sink.items() if "queue" in key or "pending" in key]
    return float(sum(waiting)) if waiting else None


def percent(share: float | None) -> float | None:
    """A share of 1 in per cent."""
    return None if share is None else round(100 * share, 1)


def effort(said: Any) -> float | None:
    """The demodulator's effort as a number: 1 lean, 2 normal, 3 thorough."""
    if isinstance(said, str):
        return EFFORTS.get(said)
    return round(float(said), 2) if isinstance(said, int | float) else None


def mean(rows: list[Row]) -> Row:
    """The mean of each column of what is known, at the time of the first row."""
    out: Row = [rows[0][0]]
    for column in range(1, len(COLUMNS)):
        known = [value for row in rows if (value := row[column]) is not None]
        out.append(round(sum(known) / len(known), 4) if known else None)
    return out
