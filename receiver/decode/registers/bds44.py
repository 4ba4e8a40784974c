"""BDS 4,4: meteorological routine air report.

    bits  1– 4  source of the figures, 0–6
          5–23  wind: valid, speed 1 kt, direction 180/256°
         24–34  static air temperature, 0.25 °C, two's complement
         35–46  static pressure: valid, 1 hPa
         47–49  turbulence: valid, 0–3
         50–56  humidity: valid, 100/64 %

Source: ICAO Doc 9871, table for BDS 4,4; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds44

from receiver.record import record


@record
class MeteorologicalReport:
    """None: not said."""

    wind_speed_kt: int | None
    wind_direction_deg: float | None
    static_air_temperature_c: float | None
    static_pressure_hpa: int | None
    turbulence: int | None
    humidity_percent: float | None

    bds = "4,4"


def fits_bds44(mb: int) -> bool:
    """Whether the 56 bits can be this register."""
    return bds44.is_bds44(mb)


def decode_bds44(mb: int) -> MeteorologicalReport:
    """Read the register; 56 bits that fit it."""
    raw = bds44.decode_bds44(mb)
    return MeteorologicalReport(
        wind_speed_kt=raw.get("wind_speed"),
        wind_direction_deg=raw.get("wind_direction"),
        static_air_temperature_c=raw.get("static_air_temperature"),
        static_pressure_hpa=raw.get("static_pressure"),
        turbulence=raw.get("turbulence"),
        humidity_percent=raw.get("humidity"),
    )
