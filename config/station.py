"""The station: its name and its location."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from config.base import Section, setting


class StationSettings(Section):
    """`[station]`"""

    name: str = setting(
        "home",
        "Name",
        "Part of every MQTT topic and shown to people. Each station needs its own.",
        "1–32 of a–z, A–Z, 0–9, - and _",
        pattern=r"^[A-Za-z0-9_-]{1,32}$",
    )
    latitude: float | None = setting(
        None,
        "Latitude",
        "Degrees north. Required for distances and for aircraft on the ground.",
        "-90–90 degrees",
        ge=-90,
        le=90,
    )
    longitude: float | None = setting(None, "Longitude", "Degrees east.", "-180–180 degrees", ge=-180, le=180)
    altitude_m: float | None = setting(
        None, "Altitude", "Height of the antenna above sea level.", "-500–9000 metres", ge=-500, le=9000
    )
    location_accuracy: int = setting(
        1,
        "Accuracy of the published location",
        "Decimals of a degree that are published: 0 is about 100 km, 1 about 10 km, 2 about 1 km.",
        "0–6 decimals, or -1 for no location at all",
        ge=-1,
        le=6,
    )

    signal_levels: Literal["adjusted", "measured", "none"] = setting(
        "adjusted",
        "Published signal levels of aircraft",
        "adjusted: as they would be at the published location. measured: as they are; a model of one day's levels leads to "
        "the antenna within about 1 km. none: not published.",
        '"adjusted", "measured" or "none"',
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together: give both or none")
        return self

    def published_location(self) -> tuple[float, float] | None:
        """Latitude and longitude as they may be told, rounded; None when there is nothing to tell."""
        if self.latitude is None or self.longitude is None or self.location_accuracy < 0:
            return None
        digits = self.location_accuracy
        return round(self.latitude, digits), round(self.longitude, digits)

    def working_location(self) -> tuple[float, float] | None:
        """The place from which is decided what is too far: no finer than what is published, or the decisions would tell it."""
        if self.latitude is None or self.longitude is None:
            return None
        digits = max(0, self.location_accuracy)
        return round(self.latitude, digits), round(self.longitude, digits)

    def ground_location(self) -> tuple[float, float] | None:
        """The place by which positions on the ground are told from those 90 nmi away: one decimal, or what is published."""
        if self.latitude is None or self.longitude is None:
            return None
        digits = max(1, self.location_accuracy)
        return round(self.latitude, digits), round(self.longitude, digits)
