"""Logging to standard error."""

from __future__ import annotations

from typing import Literal

from config.base import Section, setting


class LogSettings(Section):
    """`[log]`"""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "Level", "Minimum severity of the log lines written.", '"debug", "info", "warning" or "error"'
    )
