"""Logging to standard error."""

from __future__ import annotations

from typing import Literal

from config.base import Section, setting


class LogSettings(Section):
    """`[log]`"""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "Level", "Minimum severity of the log lines written.", '"debug", "info", "warning" or "error"'
    )
    format: Literal["auto", "text", "json"] = setting(
        "auto",
        "Format",
        "Format of log lines: text with ISO time, JSON (one object per line), or auto: with syslog priorities and without "
        "time when written to systemd's journal, else text.",
        '"auto", "text" or "json"',
    )
