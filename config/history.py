"""What is remembered of past flights, and for how long."""

from __future__ import annotations

from pathlib import Path

from config.base import Section, setting


class HistorySettings(Section):
    """`[history]`"""

    enabled: bool = setting(
        True, "History", "Save tracks to disk, for the map's time slider and `squitter history`.", "true or false"
    )
    dir: Path = setting(
        Path("~/.local/share/squitter/{station}/history"), "Directory", "One SQLite file per day.", "a path"
    )
    commit_s: float = setting(
        300.0,
        "Commit interval",
        "Seconds between two writes; a power failure loses at most this much. Short intervals wear out SD cards.",
        "1–600 seconds",
        ge=1,
        le=600,
    )
    step_s: float = setting(
        5.0,
        "Minimum interval between points",
        "Minimum time between two saved positions of one aircraft.",
        "1–300 seconds",
        ge=1,
        le=300,
    )
    step_m: float = setting(
        50.0,
        "Minimum distance between points",
        "A position closer than this to the last saved one is not saved.",
        "0–10000 metres",
        ge=0,
        le=10_000,
    )
    max_age_days: int = setting(30, "Retention", "Days older than this are deleted.", "1–3650 days", ge=1, le=3650)
    max_size_mb: int = setting(
        2000, "Maximum size", "When exceeded, the oldest days are deleted.", "10–1000000 megabytes", ge=10, le=1_000_000
    )

    def directory(self) -> Path:
        """Where the files are, `~` resolved."""
        return self.dir.expanduser()
