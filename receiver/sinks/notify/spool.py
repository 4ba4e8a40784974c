"""Messages that wait to be sent, on disk: a restart loses none and repeats none. Blocking: for a worker thread.

A message is a JSON file; its picture lies beside it. Whatever cannot be read is thrown away.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from receiver.atomic_file import replace_file

_NAME = re.compile(r"[0-9]{14}-[A-Za-z0-9_-]{1,200}\.json")


@dataclass(frozen=True, slots=True)
class Message:
    """One alert to one channel.

    Attributes
    ----------
    channel
        Its name in the settings.
    alert_id, title, text, severity
        Of the alert.
    time_s
        When the alert said so, UTC seconds by the signal's clock.
    payload
        The alert as JSON has it.
    """

    channel: str
    alert_id: str
    title: str
    text: str
    severity: str
    time_s: float
    payload: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of its file: sorts by time, the same for the same message."""
        return f"{round(self.time_s * 1000):014d}-{self.channel}-{re.sub(r'[^A-Za-z0-9_-]', '_', self.alert_id)[:120]}.json"


class Spool:
    """A folder of messages.

    Parameters
    ----------
    folder
        Made when it is needed.
    limit
        Most messages; past it the oldest go.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self._limit = limit

    def put(self, message: Message, picture: bytes | None) -> int:
        """Keep a message; how many old ones had to go for it. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / message.name
        if picture is not None:
            replace_file(path.with_suffix(".png"), picture)
        replace_file(path, json.dumps(asdict(message), ensure_ascii=False).encode())
        old = self._paths()[: -self._limit]
        for one in old:
            self._drop(one)
        return len(old)

    def load(self) -> list[Message]:
        """All messages, the oldest first."""
        messages = []
        for path in self._paths():
            try:
                messages.append(Message(**json.loads(path.read_bytes())))
            except (OSError, ValueError, TypeError):
                self._drop(path)
        return messages

    def picture(self, message: Message) -> Path | None:
        """The file with its picture."""
        path = (self.folder / message.name).with_suffix(".png")
        return path if path.is_file() else None

    def remove(self, message: Message) -> None:
        """It was sent, or is no news any more."""
        self._drop(self.folder / message.name)

    def _paths(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(path for path in self.folder.iterdir() if _NAME.fullmatch(path.name))

    @staticmethod
    def _drop(path: Path) -> None:
        for one in (path, path.with_suffix(".png")):
            with contextlib.suppress(OSError):
                one.unlink(missing_ok=True)
