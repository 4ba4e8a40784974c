"""BDS 4,5: meteorological hazard report.

    bits  1–15  turbulence, wind shear, microburst, icing, wake vortex: valid and 0–3 each
         16–26  static air temperature: valid, 0.25 °C, two's complement
         27–38  static pressure: valid, 1 hPa
         39–51  radio height: valid, 16 ft
         52–56  reserved, 0

Source: ICAO Doc 9871, table for BDS 4,5; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds45

from receiver.record import record


@record
class HazardReport:
    """Levels are 0 nil, 1 light, 2 moderate, 3 severe. None: not said."""

    turbulence: int | None
    wind_shear: int | None
    microburst: int | None
    icing: int | None
    wake_vortex: int | None
    static_air_temperature_c: float | None
    static_pressure_hpa: int | None
    radio_height_ft: int | None

    bds = "4,5"


def fits_bds45(mb: int) -> bool:
    """Whether the 56 bits can be this register."""
    return bds45.is_bds45(mb)


def decode_bds45(mb: int) -> HazardReport:
    """Read the register; 56 bits that fit it."""
    raw = bds45.decode_bds45(mb)
    return HazardReport(
        turbulence=raw.get("turbulence"),
        wind_shear=raw.get("wind_shear"),
        microburst=raw.get("microburst"),
        icing=raw.get("icing"),
        wake_vortex=raw.get("wake_vortex"),
        static_air_temperature_c=raw.get("static_air_temperature"),
        static_pressure_hpa=raw.get("static_pressure"),
        radio_height_ft=raw.get("radio_height"),
    )
