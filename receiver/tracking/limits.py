"""What the tracker is told about its station, and the limits of what it believes and keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Station:
    """Where the receiver is: WGS 84, degrees.

    Attributes
    ----------
    ground
        Latitude and longitude by which positions on the ground are resolved; None: the same.
    """

    latitude_deg: float
    longitude_deg: float
    ground: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class TrackingLimits:
    """Every number that a setting can change.

    Attributes
    ----------
    departed_after_s
        An aircraft not heard for so long has left.
    newcomer_departed_after_s
        The same for an aircraft heard once only.
    max_range_nmi
        Positions farther from the station are refused (when the station is known). Line of sight at 45,000 ft is 260.
    max_aircraft
        Aircraft kept at a time; past it, the one not heard for longest goes.
    max_newcomers
        Of these, how many may have been heard only once. Past it, an unknown address has to be heard twice before it
        counts: the air can carry 8,300 made-up addresses a second.
    max_acquaintances
        Addresses remembered as heard once but not believed, 190 bytes each: four seconds of the air full of inventions.
    """

    departed_after_s: float = 300.0
    newcomer_departed_after_s: float = 60.0
    max_range_nmi: float = 360.0
    max_aircraft: int = 2000
    max_newcomers: int = 500
    max_acquaintances: int = 32_768
