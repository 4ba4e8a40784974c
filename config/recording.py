"""Recordings of the signal: where they go, and how much of the disk they may take."""

from __future__ import annotations

from pathlib import Path

from config.base import Section, setting


class RecordingSettings(Section):
    """`[recording]`"""

    dir: Path = setting(
        Path("~/.local/share/squitter/recordings"),
        "Directory",
        "Where the buffered signal is saved on a command or an alert.",
        "a path",
    )
    last_s: float = setting(
        0.0,
        "Buffer length",
        "Seconds of signal buffered in memory, to be saved on a command or an alert; 10 s take 48 MB at 2.4 MS/s. "
        "0: no buffer.",
        "0–120 seconds",
        ge=0,
        le=120,
    )
    on_alert: bool = setting(
        False, "Save on alerts", "Save the buffered signal whenever an alert is raised.", "true or false"
    )
    max_size_mb: int = setting(
        2000,
        "Maximum size",
        "No further recording is saved once the recordings in the directory reach this size. None is deleted.",
        "1–1000000 MB",
        ge=1,
        le=1_000_000,
    )
    free_mb: int = setting(
        500,
        "Minimum free space",
        "A recording stops before the disk has less than this left.",
        "0–1000000 MB",
        ge=0,
        le=1_000_000,
    )
