"""DF20: Comm-B, altitude reply; DF21: Comm-B, identity reply. As DF4 and DF5, with a register in bits 33–88.

Nothing in the reply says which register it is: the radar that asked knows. The tracker, which
knows the aircraft, decides (receiver/tracking/comm_b.py).

Source: ICAO Annex 10 vol. IV, 3.1.2.6.6 and 3.1.2.6.8; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from receiver.decode.altitude import altitude_from_code_13
from receiver.decode.formats.status import FlightStatus, flight_status
from receiver.decode.message import AddressType, Message
from receiver.decode.squawk import squawk_from_code
from receiver.record import record
from receiver.wire.frame import Frame


@record
class CommBReply(Message):
    """`altitude_ft` is set in DF20, `squawk` in DF21. `mb`: the register's 56 bits, 0 when the reply is empty."""

    status: FlightStatus | None
    altitude_ft: int | None
    squawk: str | None
    mb: int


def decode_df20(frame: Frame, icao: str) -> CommBReply:
    """Read a frame of fourteen bytes."""
    data = frame.data
    code = (data[2] & 0x1F) << 8 | data[3]
    is_altitude = data[0] >> 3 == 20
    return CommBReply(
        frame=frame,
        icao=icao,
        address_type=AddressType.MODE_S,
        status=flight_status(data),
        altitude_ft=altitude_from_code_13(code) if is_altitude else None,
        squawk=None if is_altitude else squawk_from_code(code),
        mb=int.from_bytes(data[4:11], "big"),
    )
