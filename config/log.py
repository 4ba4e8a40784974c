"""What the service says on standard error."""

from __future__ import annotations

from typing import Literal

from config.base import Section, setting


class LogSettings(Section):
    """`[log]`"""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "Level", "The least important kind of line that is written.", '"debug", "info", "warning" or "error"'
    )
