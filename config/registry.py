"""The aircraft database: where it lies, and where its lists come from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import field_validator

from config.base import Section, setting


class RegistrySettings(Section):
    """`[registry]`"""

    database: Path = setting(
        Path("~/.local/share/squitter/aircraft.sqlite"),
        "Aircraft database",
        "Written by `squitter db update`. Without it, only the address block and the call sign identify an aircraft.",
        "a path",
    )
    update: Literal["never", "weekly"] = setting(
        "never",
        "Update",
        '"weekly": while it runs, the service downloads the lists below once a week. "never": only `squitter db update` does.',
        "never or weekly",
    )
    tar1090_db: str = setting(
        "https://github.com/wiedehopf/tar1090-db/raw/refs/heads/csv/aircraft.csv.gz",
        "tar1090-db",
        "List of some 600,000 aircraft: registration, type, owner, military. It has no licence: it is downloaded, "
        'not included in the package. "": not used.',
        "an https address or a path",
    )
    plane_alert_db: str = setting(
        "https://raw.githubusercontent.com/sdr-enthusiasts/plane-alert-db/main/plane-alert-db.csv",
        "plane-alert-db",
        'List of some 17,000 notable aircraft, maintained by hand (ODbL 1.0). "": not used.',
        "an https address or a path",
    )
    max_size_mb: int = setting(64, "Maximum list size", "A larger list is refused.", "1–1000 MB", ge=1, le=1000)

    @field_validator("tar1090_db", "plane_alert_db")
    @classmethod
    def _https_or_path(cls, origin: str) -> str:
        if urlsplit(origin).scheme not in ("https", "file", ""):
            raise ValueError("expected an https address or a path")
        return origin
