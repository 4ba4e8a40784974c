"""What is remembered of past flights, and for how long."""

from __future__ import annotations

from pathlib import Path

from config.base import Section, setting


class HistorySettings(Section):
    """`[history]`"""

    enabled: bool = setting(
        True, "Remember", "Keep tracks on disk, for the map's slider and `squitter history`.", "true or false"
    )
    dir: Path = setting(Path("~/.local/share/squitter/history"), "Directory", "One SQLite file a day.", "a path")
    commit_s: float = setting(
        45.0,
        "Commit interval",
        "Seconds of signal between two writes: so much is lost when the power fails. Short intervals wear out SD cards.",
        "1–600 seconds",
        ge=1,
        le=600,
    )
    step_s: float = setting(
        5.0, "Shortest step", "Positions of an aircraft are at least so far apart.", "1–300 seconds", ge=1, le=300
    )
    step_m: float = setting(
        50.0, "Shortest way", "An aircraft that has moved less is not noted again.", "0–10000 metres", ge=0, le=10_000
    )
    max_age_days: int = setting(30, "Longest memory", "Older days are deleted.", "1–3650 days", ge=1, le=3650)
    max_size_mb: int = setting(
        2000, "Most space", "Past it the oldest days are deleted.", "10–1000000 megabytes", ge=10, le=1_000_000
    )

    def directory(self) -> Path:
        """Where the files are, `~` resolved."""
        return self.dir.expanduser()
