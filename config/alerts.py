"""The log of past alerts."""

from __future__ import annotations

from pathlib import Path

from config.base import Section, setting


class AlertLogSettings(Section):
    """`[alerts]`"""

    enabled: bool = setting(True, "Alert log", "Keep past alerts on disk, for `squitter alerts`.", "true or false")
    dir: Path = setting(Path("~/.local/share/squitter/alerts"), "Directory", "One folder an alert.", "a path")
    keep: int = setting(500, "Alerts kept", "Past it the oldest are deleted.", "1–100000", ge=1, le=100_000)
    max_size_mb: int = setting(
        500, "Most space", "Past it the oldest are deleted.", "1–1000000 megabytes", ge=1, le=1_000_000
    )
    frames: bool = setting(
        True, "Frames", "Keep what the aircraft sent with its alert, so that it can be replayed.", "true or false"
    )
    frames_memory_mb: int = setting(
        32,
        "Memory for frames",
        "What every aircraft has sent is kept so long in memory, in case of an alert; past it the longest silent go.",
        "1–4096 megabytes",
        ge=1,
        le=4096,
    )
