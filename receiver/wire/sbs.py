"""SBS (BaseStation) text: what an aircraft said, in 22 comma-separated fields.

`MSG,type,1,1,HEX,1,date,time,date,time,callsign,alt,gs,track,lat,lon,vrate,squawk,alert,emergency,spi,ground`
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

IDENTIFICATION, SURFACE, AIRBORNE, VELOCITY, ALTITUDE, SQUAWK, AIR_AIR, ALL_CALL = range(1, 9)


@dataclass(frozen=True, slots=True)
class SbsMessage:
    """One line. None: the message did not say."""

    transmission_type: int
    icao: str
    time_s: float
    callsign: str | None = None
    altitude_ft: int | None = None
    ground_speed_kt: float | None = None
    track_deg: float | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    vertical_rate_fpm: int | None = None
    squawk: str | None = None
    alert: bool | None = None
    emergency: bool | None = None
    spi: bool | None = None
    on_ground: bool | None = None


def format_sbs(message: SbsMessage) -> str:
    """The line, without its CRLF. A call sign's characters that would break the line are left out."""
    at = datetime.fromtimestamp(round(message.time_s, 3), UTC)
    day, clock = at.strftime("%Y/%m/%d"), at.strftime("%H:%M:%S.") + f"{at.microsecond // 1000:03d}"
    callsign = "".join(c for c in message.callsign or "" if c.isalnum() or c == " ").strip()
    return ",".join(
        (
            "MSG", str(message.transmission_type), "1", "1", message.icao.upper(), "1", day, clock, day, clock,
            callsign,
            _number(message.altitude_ft), _number(message.ground_speed_kt, 1), _number(message.track_deg, 1),
            _number(message.latitude_deg, 5), _number(message.longitude_deg, 5), _number(message.vertical_rate_fpm),
            message.squawk or "", _flag(message.alert), _flag(message.emergency), _flag(message.spi),
            _flag(message.on_ground),
        )
    )  # fmt: skip


def _number(value: float | None, decimals: int = 0) -> str:
    return "" if value is None else f"{value:.{decimals}f}"


def _flag(value: bool | None) -> str:
    return "" if value is None else "-1" if value else "0"
