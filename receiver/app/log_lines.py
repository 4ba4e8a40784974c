"""How log lines are written: for a person, for the journal of systemd, or as JSON.

A message is one sentence, then `key=value` pairs. `json` gives those pairs as values of their own.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from datetime import datetime
from typing import Any

from config.log import LogSettings

# syslog's severities. Source: sd-daemon(3).
_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_PAIRS = re.compile(r"(?:^|\s)((?:[a-z][a-z0-9_]*=(?:\"[^\"]*\"|\S*)(?:\s+|$))+)\Z")
_PAIR = re.compile(r"([a-z][a-z0-9_]*)=(\"[^\"]*\"|\S*)")


def to_the_journal() -> bool:
    """Whether standard error is systemd's journal, which stamps each line itself.

    `JOURNAL_STREAM` names the device and inode of the journal's socket; a service that redirects its standard error inherits
    the variable, too, so both are compared. Source: systemd.exec(5).
    """
    named = os.environ.get("JOURNAL_STREAM", "")
    try:
        here = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{here.st_dev}:{here.st_ino}"


def set_up_logging(settings: LogSettings) -> None:
    """Write one line per event on standard error, in the format of `[log]`."""
    handler = logging.StreamHandler()
    if settings.format == "json":
        handler.setFormatter(JsonLines())
    elif settings.format == "auto" and to_the_journal():
        handler.setFormatter(JournalLines())
    else:
        handler.setFormatter(TextLines())
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    # a client of our own broker that vanished: asyncio says so once per packet, and there is nothing to be done about it
    logging.getLogger("asyncio").addFilter(lambda record: "socket.send() raised" not in record.getMessage())


def stamp(record: logging.LogRecord) -> str:
    """Local time with its offset from UTC, ISO 8601, to the millisecond."""
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


class TextLines(logging.Formatter):
    """`2026-01-31T13:00:00.123+01:00 INFO receiver.app.service: Shutting down`"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 logging's name
        return stamp(record)


class JournalLines(logging.Formatter):
    """`<6>receiver.app.service: Shutting down`; each line of a traceback with the priority of the event."""

    def __init__(self) -> None:
        super().__init__("%(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        priority = _PRIORITY.get(record.levelno, 6)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


class JsonLines(logging.Formatter):
    """One JSON object per line: `time`, `level`, `logger`, `message`, and `values` and `exception` where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        sentence, values = split_values(record.getMessage())
        out: dict[str, Any] = {
            "time": stamp(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": sentence,
        }
        if values:
            out["values"] = values
        if record.exc_info:
            out["exception"] = self.formatException(record.exc_info)
        return json.dumps(out, ensure_ascii=False)


def split_values(message: str) -> tuple[str, dict[str, str]]:
    """The sentence without its `key=value` tail, and the pairs of that tail as text."""
    tail = _PAIRS.search(message)
    if tail is None:
        return message, {}
    values = {key: value.strip('"') for key, value in _PAIR.findall(tail[1])}
    return message[: tail.start(1)].rstrip(" :;"), values
