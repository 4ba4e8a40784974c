"""What is believed of aircraft, and for how long."""

from __future__ import annotations

from config.base import Section, setting


class TrackingSettings(Section):
    """`[tracking]`"""

    departed_after_s: float = setting(
        300.0,
        "Departure timeout",
        "Seconds without a message after which an aircraft has departed.",
        "10–3600 seconds",
        ge=10,
        le=3600,
    )
    max_range_nmi: float = setting(
        360.0,
        "Maximum range",
        "Positions farther from the published location are rejected.",
        "10–1000 nautical miles",
        ge=10,
        le=1000,
    )
    max_aircraft: int = setting(
        2000,
        "Maximum aircraft",
        "Aircraft tracked at a time; when exceeded, the one silent for longest is dropped.",
        "10–20000",
        ge=10,
        le=20_000,
    )
