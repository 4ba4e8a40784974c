"""The receiver's health over time: a row of numbers every ten seconds for an hour, every five minutes for a day, every
hour for three months. The last are kept in a file."""

from __future__ import annotations

import gzip
import json
import logging
import math
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from receiver.atomic_file import replace_file
from receiver.views.outlets import Air
from receiver.web.host import Host

log = logging.getLogger(__name__)

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
    "cpu_percent",
    "temperature_c",
)
ROW_S = 10.0
DAY_ROW_S = 300.0
MONTHS_ROW_S = 3600.0
MONTHS_S = 92 * 86_400.0
MOST_FILE = 4 * 1024 * 1024
EFFORTS = {"lean": 1.0, "normal": 2.0, "thorough": 3.0}

Row = list[float | None]


class Health:
    """Rows in the order of `COLUMNS`; None is what the receiver does not say.

    Parameters
    ----------
    path
        Keeps the rows of months; None: they are forgotten at the end.
    host
        Tells how busy the machine is.
    """

    def __init__(self, path: Path | None = None, host: Host | None = None) -> None:
        self.months: deque[Row] = deque(maxlen=int(MONTHS_S / MONTHS_ROW_S))
        self._hour: list[Row] = []  # rows of the hour that is not over yet
        self._path = None if path is None else path.expanduser()
        self._host = host or Host()
        self.is_unsaved = False
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
            self._hour.clear()
        row = self._row(air)
        self.hour.append(row)
        self._open.append(row)
        first = self._open[0][0] or 0.0
        if air.now - first >= DAY_ROW_S - 1.5 * ROW_S:
            self.day.append(mean(self._open))
            self._open.clear()
        self._hour.append(row)
        if (self._hour[0][0] or 0.0) // MONTHS_ROW_S < air.now // MONTHS_ROW_S:
            self._end_hour()
        return row

    def _end_hour(self) -> None:
        """Keep the mean of the hour that is over, unless months know it: a recording is played again."""
        over = mean(self._hour)
        self._hour.clear()
        if not self.months or (over[0] or 0.0) > (self.months[-1][0] or 0.0):
            self.months.append(over)
            self.is_unsaved = True

    def load(self) -> None:
        """Read the rows of months. It blocks; a file that is none is named in the log, and made anew."""
        if self._path is None or not self._path.exists():
            return
        try:
            with gzip.open(self._path) as file:
                kept = json.loads(file.read(MOST_FILE))
            columns, rows = kept["columns"], kept["rows"]
            order = [columns.index(name) if name in columns else None for name in COLUMNS]
            for row in rows:
                values = [None if k is None or row[k] is None else float(row[k]) for k in order]
                if values[0] is not None and all(v is None or math.isfinite(v) for v in values):
                    self.months.append(values)
        except (OSError, EOFError, ValueError, TypeError, KeyError, IndexError) as error:
            log.warning("The receiver's months cannot be read and start again: file=%s reason=%s", self._path, error)
            self.months.clear()

    def save(self) -> None:
        """Write the rows of months: some 100 bytes each, compressed. It blocks."""
        if self._path is None or not self.is_unsaved:
            return
        self.is_unsaved = False
        body = json.dumps({"columns": COLUMNS, "rows": list(self.months)}, separators=(",", ":")).encode()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, gzip.compress(body, 6, mtime=0), durable=False)
        except OSError as error:
            log.warning("the receiver's months cannot be kept in %s: %s", self._path, error.strerror)

    def told(self) -> dict[str, Any]:
        """Both series, as the page takes them."""
        day = [*self.day, mean(self._open)] if self._open else list(self.day)
        return {"columns": COLUMNS, "hour": list(self.hour), "day": day}

    def told_months(self) -> dict[str, Any]:
        """The rows of months, the last hour not yet among them."""
        return {"columns": COLUMNS, "rows": list(self.months)}

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
            self._host.cpu_percent(),
            self._host.temperature_c(),
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
