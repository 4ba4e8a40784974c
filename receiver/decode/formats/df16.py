"""DF16: long air-air surveillance. As DF0, with a message about ACAS between the altitude and the parity.

    bits 33–88  MV: when bits 33–40 are 0x30, the active resolution advisory of BDS 3,0
         89–112 AP: parity, overlaid with the address

Source: ICAO Annex 10 vol. IV, 3.1.2.8.3 and 4.3.8.4.2.4; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from receiver.decode.altitude import altitude_from_code_13
from receiver.decode.message import AddressType, Message
from receiver.decode.registers.bds30 import ResolutionAdvisory, decode_bds30, is_empty_bds30
from receiver.record import record
from receiver.wire.frame import Frame


@record
class AirAirLong(Message):
    """`advisory` is None when none is active."""

    on_ground: bool
    sensitivity_level: int
    altitude_ft: int | None
    advisory: ResolutionAdvisory | None


def decode_df16(frame: Frame, icao: str) -> AirAirLong:
    """Read a frame of fourteen bytes."""
    data = frame.data
    mv = int.from_bytes(data[4:11], "big")
    advisory = decode_bds30(mv) if data[4] == 0x30 and not is_empty_bds30(mv) else None
    return AirAirLong(
        frame=frame,
        icao=icao,
        address_type=AddressType.MODE_S,
        on_ground=bool(data[0] & 0x4),
        sensitivity_level=data[1] >> 5,
        altitude_ft=altitude_from_code_13((data[2] & 0x1F) << 8 | data[3]),
        advisory=advisory,
    )
