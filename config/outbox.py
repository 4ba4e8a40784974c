"""The outbox: messages that wait for their receivers."""

from __future__ import annotations

from pathlib import Path

from config.base import Section, setting


class OutboxSettings(Section):
    """`[outbox]`"""

    file: Path = setting(
        Path("~/.local/share/squitter/{station}/outbox.sqlite3"),
        "Outbox file",
        "Holds alerts, events and messages until the broker, the channels and the alert log have accepted them.",
        "a path",
    )
    max_size_mb: float = setting(
        8.0,
        "Maximum size",
        "Per receiver (the broker, a channel, the alert log); when full, the oldest, least severe messages are dropped.",
        "0.1–100 MB",
        ge=0.1,
        le=100,
    )
