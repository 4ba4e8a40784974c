"""The watch: which rules are in force, and how an alert is worded."""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from config.base import Section, setting


class WatchSettings(Section):
    """`[watch]`"""

    enabled: bool = setting(True, "Watch", "Look for what the rules describe.", "true or false")
    rules_file: Path | None = setting(
        None, "Rules", "TOML file with your own rules; a rule of the same name replaces a default one.", "a path"
    )
    default_rules: bool = setting(
        True, "Default rules", "Emergencies, drones, orbits, GPS loss. Off: only your own.", "true or false"
    )
    language: Literal["en", "es"] = setting("en", "Language", "Of the sentence in an alert.", '"en" or "es"')
    time_zone: str = setting("UTC", "Time zone", "Of the times in that sentence.", 'such as "America/Mexico_City"')
    picture_theme: Literal["light", "dark"] = setting(
        "light", "Picture", "Of the card that goes along with an alert.", '"light" or "dark"'
    )
    state_file: Path = setting(
        Path("~/.local/share/squitter/watch.json"),
        "State",
        "Where open alerts are remembered, so that a restart repeats none.",
        "a path",
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"no time zone is called {name!r}; expected a name such as America/Mexico_City") from None
        return name
