"""DF0: short air-air surveillance, an answer to another aircraft's ACAS.

    bits  1– 5  0
             6  VS: 1 on the ground
             7  CC: cross-link capability
          9–11  SL: sensitivity level of ACAS
         14–17  RI: reply information
         20–32  AC: altitude code
         33–56  AP: parity, overlaid with the address

Source: ICAO Annex 10 vol. IV, 3.1.2.8.2; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from receiver.decode.altitude import altitude_from_code_13
from receiver.decode.message import AddressType, Message
from receiver.record import record
from receiver.wire.frame import Frame


@record
class AirAir(Message):
    """`on_ground` as the transponder's switch says; True on some aircraft that fly, so it decides nothing alone."""

    on_ground: bool
    sensitivity_level: int
    altitude_ft: int | None


def decode_df00(frame: Frame, icao: str) -> AirAir:
    """Read a frame of seven bytes."""
    data = frame.data
    return AirAir(
        frame=frame,
        icao=icao,
        address_type=AddressType.MODE_S,
        on_ground=bool(data[0] & 0x4),
        sensitivity_level=data[1] >> 5,
        altitude_ft=altitude_from_code_13((data[2] & 0x1F) << 8 | data[3]),
    )
