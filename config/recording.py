"""Recordings of the signal: where they go, and how much of the disk they may take."""

from __future__ import annotations

from pathlib import Path

from config.base import Section, setting


class RecordingSettings(Section):
    """`[recording]`"""

    dir: Path = setting(
        Path("~/.local/share/squitter/recordings"),
        "Folder",
        "Where the last seconds are saved on a command or an alert.",
        "a path",
    )
    last_s: float = setting(
        0.0,
        "Seconds kept",
        "So much of the signal is kept in memory to be saved when something happens; 10 s take 48 MB at 2.4 MS/s. "
        "0: nothing is kept.",
        "0–120 seconds",
        ge=0,
        le=120,
    )
    on_alert: bool = setting(False, "Save at alerts", "Save what is kept whenever an alert is raised.", "true or false")
    max_size_mb: int = setting(
        2000,
        "Most in the folder",
        "Nothing more is saved once the recordings in the folder take so many megabytes. None is ever deleted.",
        "1–1000000 MB",
        ge=1,
        le=1_000_000,
    )
    free_mb: int = setting(
        500,
        "Left free",
        "Every recording stops before the disk has less than so many megabytes left.",
        "0–1000000 MB",
        ge=0,
        le=1_000_000,
    )
