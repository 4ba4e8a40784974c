"""What is believed of aircraft, and for how long."""

from __future__ import annotations

from config.base import Section, setting


class TrackingSettings(Section):
    """`[tracking]`"""

    departed_after_s: float = setting(
        300.0,
        "Departed after",
        "An aircraft that is not heard for so long has left.",
        "10–3600 seconds",
        ge=10,
        le=3600,
    )
    max_range_nmi: float = setting(
        360.0,
        "Greatest range",
        "Positions farther from the station are not believed.",
        "10–1000 nautical miles",
        ge=10,
        le=1000,
    )
    max_aircraft: int = setting(
        2000,
        "Most aircraft",
        "Kept at a time; past it, the one not heard for longest goes.",
        "10–20000",
        ge=10,
        le=20_000,
    )
