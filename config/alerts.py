"""The log of past alerts: where it is written and how large it may become."""

from __future__ import annotations

from pathlib import Path

from config.base import Section, setting


class AlertLogSettings(Section):
    """`[alerts]`"""

    enabled: bool = setting(True, "Alert log", "Keep past alerts on disk, for `squitter alerts`.", "true or false")
    dir: Path = setting(
        Path("~/.local/share/squitter/{station}/alerts"), "Directory", "One folder per alert.", "a path"
    )
    keep: int = setting(
        500, "Maximum number of alerts", "When exceeded, the oldest are deleted.", "1–100000", ge=1, le=100_000
    )
    max_size_mb: int = setting(
        500, "Maximum size", "When exceeded, the oldest alerts are deleted.", "1–1000000 megabytes", ge=1, le=1_000_000
    )
    frames: bool = setting(
        True,
        "Frames",
        "Save the aircraft's recent frames with its alert, so that the alert can be replayed.",
        "true or false",
    )
    frames_memory_mb: int = setting(
        32,
        "Memory for frames",
        "Size of the memory buffer of recent frames of all aircraft. When full, frames of the aircraft silent for longest are dropped.",
        "1–4096 megabytes",
        ge=1,
        le=4096,
    )
