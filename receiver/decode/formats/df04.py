"""DF4: surveillance, altitude reply.

    bits  1– 5  4
          6– 8  FS: flight status
          9–13  DR: downlink request
         14–19  UM: utility message
         20–32  AC: altitude code
         33–56  AP: parity, overlaid with the address

Source: ICAO Annex 10 vol. IV, 3.1.2.6.5; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from receiver.decode.altitude import altitude_from_code_13
from receiver.decode.formats.status import FlightStatus, flight_status
from receiver.decode.message import AddressType, Message
from receiver.record import record
from receiver.wire.frame import Frame


@record
class AltitudeReply(Message):
    """`altitude_ft` is None when the code is 0 or no valid code."""

    status: FlightStatus | None
    altitude_ft: int | None


def decode_df04(frame: Frame, icao: str) -> AltitudeReply:
    """Read a frame of seven bytes."""
    data = frame.data
    return AltitudeReply(
        frame=frame,
        icao=icao,
        address_type=AddressType.MODE_S,
        status=flight_status(data),
        altitude_ft=altitude_from_code_13((data[2] & 0x1F) << 8 | data[3]),
    )
