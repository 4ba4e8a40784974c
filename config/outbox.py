"""Where alerts wait until everybody has them."""

from __future__ import annotations

from pathlib import Path

from config.base import Section, setting


class OutboxSettings(Section):
    """`[outbox]`"""

    file: Path = setting(
        Path("~/.local/share/squitter/{station}/outbox.sqlite3"),
        "File",
        "Where alerts, events and messages wait until the broker, the channels and the alert log have them.",
        "a path",
    )
    max_size_mb: float = setting(
        8.0,
        "Most space",
        "Of each receiver (the broker, a channel, the alert log); past it the oldest of the least severe go.",
        "0.1–100 MB",
        ge=0.1,
        le=100,
    )
