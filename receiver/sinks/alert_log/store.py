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

from receiver.atomic_file import replace_file, sync_folder
from receiver.errors import SquitterError
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
        """Every state, oldest first: `payload` as it was told, `callsign` and `category` of then. What a power cut or
        a stranger has damaged is left out (see `damaged`), and what a killed process has written twice is there once."""
        out: list[dict[str, Any]] = []
        for state in self._states()[0]:
            if not out or state["payload"] != out[-1]["payload"]:
                out.append(state)
        return out

    def damaged(self) -> int:
        """How many lines of its states cannot be used."""
        return self._states()[1]

    def _states(self) -> tuple[list[dict[str, Any]], int]:
        lines, damaged = _lines(self.folder / "states.jsonl")
        good = [line for line in lines if isinstance(line, dict) and is_payload(line.get("payload"))]
        return good, damaged + len(lines) - len(good)

    def context(self) -> dict[str, Any]:
        """What the watch was run with. Raises SquitterError: it is missing or damaged."""
        path = self.folder / "context.json"
        try:
            loaded = json.loads(path.read_bytes())
            if not isinstance(loaded, dict) or not isinstance(loaded.get("rules"), list):
                raise ValueError("no rules in it")
        except (OSError, ValueError, RecursionError) as error:
            raise SquitterError(f"{path}: cannot be used ({error}); the alert cannot be run again") from None
        return loaded

    def trail(self) -> list[list[Any]]:
        """Where it had been: [UTC s, latitude, longitude, feet or null, unheard]; nothing when that is damaged."""
        try:
            loaded = json.loads((self.folder / "trail.json").read_bytes())
        except (OSError, ValueError, RecursionError):
            return []
        whole = isinstance(loaded, list) and all(
            isinstance(point, list)
            and len(point) == 5
            and are_numbers(point[:3])
            and (point[3] is None or are_numbers(point[3:4]))
            for point in loaded
        )
        return loaded if whole else []

    def picture(self) -> bytes | None:
        """The card."""
        path = self.folder / "picture.png"
        try:
            return path.read_bytes()
        except OSError:
            return None

    def frames(self) -> Iterator[Frame]:
        """What the aircraft sent, as far as it was kept; damaged lines are left out."""
        for line in _lines(self.folder / "frames.jsonl")[0]:
            frame = frame_of(line)
            if frame is not None:
                yield frame


_TEXTS = ("rule", "title", "clause", "severity", "text")


def is_payload(payload: object) -> bool:
    """Whether this is an alert as one is told."""
    if not isinstance(payload, dict) or not isinstance(payload.get("id"), str):
        return False
    facts = payload.get("facts", [])
    return (
        payload.get("state") in ("raised", "updated", "ended")
        and all(isinstance(payload.get(key), str) for key in _TEXTS)
        and are_numbers([payload.get("raised_at"), payload.get("updated_at")])
        and (payload.get("ended_at") is None or are_numbers([payload["ended_at"]]))
        and isinstance(facts, list)
        and all(isinstance(fact, dict) and {"name", "value", "source"} <= fact.keys() for fact in facts)
        and isinstance(payload.get("pattern", {}), dict)
        and isinstance(payload.get("hex", ""), str)
    )


def are_numbers(values: Iterable[object]) -> bool:
    """Whether all of them are numbers that a calendar or a globe has."""
    return all(isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e12 for v in values)


class Store:
    """The folder of all alerts."""

    def __init__(self, folder: Path, keep: int = 500, max_bytes: int = 500_000_000) -> None:
        self.folder = folder
        self._keep = keep
        self._max_bytes = max_bytes
        self._sizes: dict[str, int] | None = None  # of all alerts, the one told last comes last; None: not looked yet

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
        """Write down a state. Raises OSError: nothing of it is there then."""
        if not _ID.fullmatch(alert_id):
            return
        folder = self.folder / alert_id
        is_new = not folder.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._add(folder, state, context, trail, picture, frames)
        except OSError:
            if is_new:  # no empty rooms
                shutil.rmtree(folder, ignore_errors=True)
            raise
        if is_new:
            sync_folder(self.folder)
        self._weigh(alert_id)

    @staticmethod
    def _add(
        folder: Path,
        state: Mapping[str, Any],
        context: Mapping[str, Any],
        trail: Sequence[Sequence[Any]],
        picture: bytes | None,
        frames: Iterable[Frame],
    ) -> None:
        if not (folder / "context.json").exists():
            replace_file(folder / "context.json", json.dumps(context, ensure_ascii=False).encode(), durable=False)
        if trail:
            replace_file(folder / "trail.json", json.dumps(trail, separators=(",", ":")).encode(), durable=False)
        if picture is not None:
            replace_file(folder / "picture.png", picture, durable=False)
        path = folder / "frames.jsonl"
        before = path.stat().st_size if path.exists() else 0
        if before < MAX_FRAME_BYTES:
            lines = "".join(json.dumps(frame_line(frame), separators=(",", ":")) + "\n" for frame in frames)
            if lines:
                _append(path, lines.encode())
        try:
            _append(
                folder / "states.jsonl", json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            )
        except OSError:
            with contextlib.suppress(OSError):  # it is tried again, with the same frames
                os.truncate(path, before)
            raise

    def add_picture(self, alert_id: str, picture: bytes) -> None:
        """Keep its card. Raises OSError."""
        if _ID.fullmatch(alert_id) and (self.folder / alert_id).is_dir():
            replace_file(self.folder / alert_id / "picture.png", picture, durable=False)
            self._weigh(alert_id)

    def _weigh(self, alert_id: str) -> None:
        if self._sizes is not None:
            self._sizes.pop(alert_id, None)
            self._sizes[alert_id] = _size(self.folder / alert_id)

    def tidy(self) -> int:
        """Delete the oldest alerts past the limits; how many went. Looks at all of them the first time only."""
        if self._sizes is None:
            self._sizes = {alert.id: _size(alert.folder) for alert in self.alerts()}
        total, gone = sum(self._sizes.values()), 0
        while len(self._sizes) > 1 and (len(self._sizes) > self._keep or total > self._max_bytes):
            oldest = next(iter(self._sizes))
            shutil.rmtree(self.folder / oldest, ignore_errors=True)
            total -= self._sizes.pop(oldest)
            gone += 1
        return gone


def _size(folder: Path) -> int:
    total = 0
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            total += file.stat().st_size
    return total


def _append(path: Path, content: bytes) -> None:
    """Add whole lines to a file, for good; one that was torn is ended first. Raises OSError: nothing was added."""
    with path.open("ab+") as stream:
        size = stream.seek(0, 2)
        if size:
            stream.seek(size - 1)
            if stream.read(1) != b"\n":
                content = b"\n" + content
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                os.truncate(path, size)
            raise


def frame_line(frame: Frame) -> list[Any]:
    """A frame as `frames.jsonl` has it. Times are exact: a replay must not differ in the last digit."""
    signal = None if frame.signal_dbfs is None else round(frame.signal_dbfs, 1)
    return [frame.time_s, frame.data.hex(), signal, frame.corrected_bits, frame.found]


def frame_of(line: object) -> Frame | None:
    """The frame of such a line; None when it is damaged."""
    try:
        if not isinstance(line, list):
            return None
        time_s, data, signal, corrected, found = line
        return Frame(
            bytes.fromhex(data), float(time_s), signal_dbfs=None if signal is None else float(signal),
            corrected_bits=int(corrected), found=str(found), source="alert log",
        )  # fmt: skip
    except (ValueError, TypeError):
        return None


def _lines(path: Path) -> tuple[list[Any], int]:
    """What the lines of a file hold, and how many of them hold nothing that can be read."""
    try:
        content = path.read_bytes()
    except OSError:
        return [], 0
    good: list[Any] = []
    damaged = 0
    for line in content.split(b"\n"):
        if not line:
            continue
        try:
            good.append(json.loads(line))
        except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
            damaged += 1
    return good, damaged
