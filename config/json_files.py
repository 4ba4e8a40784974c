"""Files for tar1090 and whatever else reads readsb's or dump1090's directory."""

from __future__ import annotations

from pathlib import Path

from config.base import Section, setting


class JsonFilesSettings(Section):
    """`[json_files]`"""

    dir: Path | None = setting(
        None,
        "Directory",
        "Where aircraft.json, receiver.json, stats.json and history_0.json … are written, best on a RAM disk "
        "(/run/squitter). Unset: no files are written.",
        "a path",
    )
    interval_s: float = setting(
        1.0, "Interval", "Seconds between two writes of aircraft.json.", "1–60 seconds", ge=1, le=60
    )
    history_files: int = setting(
        120,
        "History files",
        "Number of history_N.json files; one is written every `history_interval_s`.",
        "0–1000",
        ge=0,
        le=1000,
    )
    history_interval_s: float = setting(
        30.0, "History interval", "Seconds between two history files.", "5–600 seconds", ge=5, le=600
    )
