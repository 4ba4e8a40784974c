"""DF11: all-call reply, and the acquisition squitter that every transponder sends once a second.

    bits  1– 5  11
          6– 8  CA: capability
          9–32  AA: the address
         33–56  PI: parity, overlaid with the code of the interrogator (0 in a squitter)

Source: ICAO Annex 10 vol. IV, 3.1.2.5.2.2 and 3.1.2.3.3.2 (overlay); bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from receiver.decode.message import AddressType, Message
from receiver.record import record
from receiver.wire.frame import Frame

# Code label 0 is an II code of 0–15, labels 1–4 hold the SI codes 1–63; 5–7 are not in use.
HIGHEST_INTERROGATOR = 0x4F


@record
class AllCallReply(Message):
    """`interrogator` is 0 in a squitter, else the code (0x01–0x4F) of the radar that asked. `on_ground` is None when
    the capability does not say."""

    capability: int
    interrogator: int
    on_ground: bool | None


_ON_GROUND = {4: True, 5: False}


def decode_df11(frame: Frame, icao: str, interrogator: int) -> AllCallReply:
    """Read a frame of seven bytes whose parity left `interrogator`."""
    capability = frame.data[0] & 0x7
    return AllCallReply(
        frame=frame,
        icao=icao,
        address_type=AddressType.MODE_S,
        capability=capability,
        interrogator=interrogator,
        on_ground=_ON_GROUND.get(capability),
    )
