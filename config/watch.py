"""The watch: which rules are in force, and how an alert is worded."""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from config.base import Section, setting


class WatchSettings(Section):
    """`[watch]`"""

    enabled: bool = setting(True, "Watch", "Evaluate the alert rules.", "true or false")
    rules_file: Path | None = setting(
        None, "Rules", "TOML file with your own rules; a rule with the name of a default rule replaces it.", "a path"
    )
    default_rules: bool = setting(
        True, "Default rules", "Emergencies, drones, orbits, GPS loss. Off: only your own rules.", "true or false"
    )
    language: Literal["en", "es"] = setting("en", "Language", "Language of alert texts.", '"en" or "es"')
    time_zone: str = setting(
        "UTC", "Time zone", "Time zone of the times in alert texts.", 'such as "America/Mexico_City"'
    )
    picture_theme: Literal["light", "dark"] = setting(
        "light", "Picture theme", "Theme of the picture attached to an alert.", '"light" or "dark"'
    )
    state_file: Path = setting(
        Path("~/.local/share/squitter/{station}/watch.json.gz"),
        "State",
        "Holds open alerts, so that a restart raises none of them again.",
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
