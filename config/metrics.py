"""Numbers for Prometheus in a file; over HTTP they are at /metrics of the map."""

from __future__ import annotations

from pathlib import Path

from config.base import Section, setting


class MetricsSettings(Section):
    """`[metrics]`"""

    textfile: Path | None = setting(
        None,
        "Text file",
        "Written for node_exporter's textfile collector; the name must end in .prom. Unset: not written.",
        "a path",
    )
    interval_s: float = setting(15.0, "Interval", "Seconds between two writes.", "1–300", ge=1, le=300)
