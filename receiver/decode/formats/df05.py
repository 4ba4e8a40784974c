"""DF5: surveillance, identity reply. As DF4, with the Mode A code in bits 20–32.

Source: ICAO Annex 10 vol. IV, 3.1.2.6.7; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from receiver.decode.formats.status import FlightStatus, flight_status
from receiver.decode.message import AddressType, Message
from receiver.decode.squawk import squawk_from_code
from receiver.record import record
from receiver.wire.frame import Frame


@record
class IdentityReply(Message):
    """`squawk` is four octal digits."""

    status: FlightStatus | None
    squawk: str


def decode_df05(frame: Frame, icao: str) -> IdentityReply:
    """Read a frame of seven bytes."""
    data = frame.data
    return IdentityReply(
        frame=frame,
        icao=icao,
        address_type=AddressType.MODE_S,
        status=flight_status(data),
        squawk=squawk_from_code((data[2] & 0x1F) << 8 | data[3]),
    )
