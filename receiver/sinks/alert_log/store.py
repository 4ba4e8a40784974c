"""Past alerts on disk: one folder an alert, named by its id. Blocking: for a worker thread and for the command line.

states.jsonl   every state as it was told, one a line
context.json   rules, language and the rest that the watch was run with
trail.json     where the aircraft had been, at the last state
picture.png    the last card
frames.jsonl   what the aircraft sent, one frame a line: [UTC s, hex, dBFS or null, corrected bits, how found]
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from receiver.atomic_file import replace_file
from receiver.wire.frame import Frame

_ID = re.compile(r"[A-Za-z0-9_-]{1,150}")
MAX_FRAME_BYTES = 64_000_000  # of one alert


@dataclass(frozen=True, slots=True)
class LoggedAlert:
    """One past alert."""

    folder: Path

    @property
    def id(self) -> str:
        """Its id."""
        return self.folder.name

    def states(self) -> list[dict[str, Any]]:
        """Every state, oldest first: `payload` as it was told, `callsign` and `category` of then. A line that a power
        cut has torn is left out."""
        return [json.loads(line) for line in _lines(self.folder / "states.jsonl")]

    def context(self) -> dict[str, Any]:
        """What the watch was run with."""
        loaded: dict[str, Any] = json.loads((self.folder / "context.json").read_bytes())
        return loaded

    def trail(self) -> list[list[Any]]:
        """Where it had been: [UTC s, latitude, longitude, feet or null, unheard]."""
        try:
            loaded: list[list[Any]] = json.loads((self.folder / "trail.json").read_bytes())
        except (OSError, ValueError):
            return []
        return loaded

    def picture(self) -> bytes | None:
        """The card."""
        path = self.folder / "picture.png"
        return path.read_bytes() if path.is_file() else None

    def frames(self) -> Iterator[Frame]:
        """What the aircraft sent, as far as it was kept."""
        return (frame_of(json.loads(line)) for line in _lines(self.folder / "frames.jsonl"))


class Store:
    """The folder of all alerts."""

    def __init__(self, folder: Path, keep: int = 500, max_bytes: int = 500_000_000) -> None:
        self.folder = folder
        self._keep = keep
        self._max_bytes = max_bytes

    def alerts(self) -> list[LoggedAlert]:
        """The alerts, the one told last comes last."""
        if not self.folder.is_dir():
            return []
        found = []
        for path in self.folder.iterdir():
            if _ID.fullmatch(path.name):
                with contextlib.suppress(OSError):
                    found.append(((path / "states.jsonl").stat().st_mtime_ns, path.name, path))
        return [LoggedAlert(path) for _, _, path in sorted(found)]

    def get(self, alert_id: str) -> LoggedAlert | None:
        """One alert; None when it is not there."""
        if not _ID.fullmatch(alert_id) or not (self.folder / alert_id / "states.jsonl").is_file():
            return None
        return LoggedAlert(self.folder / alert_id)

    def add(
        self,
        alert_id: str,
        state: Mapping[str, Any],
        context: Mapping[str, Any],
        trail: Sequence[Sequence[Any]],
        picture: bytes | None,
        frames: Iterable[Frame],
    ) -> None:
        """Write down a state. Raises OSError."""
        if not _ID.fullmatch(alert_id):
            return
        folder = self.folder / alert_id
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "context.json").exists():
            replace_file(folder / "context.json", json.dumps(context, ensure_ascii=False).encode(), durable=False)
        path = folder / "frames.jsonl"
        if not path.exists() or path.stat().st_size < MAX_FRAME_BYTES:
            lines = "".join(json.dumps(frame_line(frame), separators=(",", ":")) + "\n" for frame in frames)
            if lines:
                with path.open("a", encoding="utf-8") as stream:
                    stream.write(lines)
        if trail:
            replace_file(folder / "trail.json", json.dumps(trail, separators=(",", ":")).encode(), durable=False)
        if picture is not None:
            replace_file(folder / "picture.png", picture, durable=False)
        with (folder / "states.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(state, ensure_ascii=False, separators=(",", ":")) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def tidy(self) -> int:
        """Delete the oldest alerts past the limits; how many went."""
        alerts = self.alerts()
        sizes = [sum(file.stat().st_size for file in alert.folder.iterdir()) for alert in alerts]
        total, gone = sum(sizes), 0
        while alerts and (len(alerts) > self._keep or total > self._max_bytes) and len(alerts) > 1:
            shutil.rmtree(alerts.pop(0).folder, ignore_errors=True)
            total -= sizes.pop(0)
            gone += 1
        return gone


def frame_line(frame: Frame) -> list[Any]:
    """A frame as `frames.jsonl` has it. Times are exact: a replay must not differ in the last digit."""
    signal = None if frame.signal_dbfs is None else round(frame.signal_dbfs, 1)
    return [frame.time_s, frame.data.hex(), signal, frame.corrected_bits, frame.found]


def frame_of(line: Sequence[Any]) -> Frame:
    """The frame of such a line."""
    time_s, data, signal, corrected, found = line
    return Frame(
        bytes.fromhex(data), float(time_s), signal_dbfs=signal, corrected_bits=int(corrected), found=str(found),
        source="alert log",
    )  # fmt: skip


def _lines(path: Path) -> list[str]:
    """Whole lines of a file; none when it is not there."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return []
    return [line for line in text.split("\n")[:-1] if line.startswith(("{", "[")) and line.endswith(("}", "]"))]
