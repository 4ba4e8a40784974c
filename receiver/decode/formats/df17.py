"""DF17: extended squitter of a transponder; DF18: of anything else.

    bits  1– 5  17 or 18
          6– 8  DF17, CA: capability; DF18, CF: who speaks
          9–32  AA: the address
         33–88  ME: a register, named by its type code (bits 33–37)
         89–112 PI: parity

CF 0: ADS-B, ICAO address. 1: ADS-B, other address. 2: TIS-B fine. 3: TIS-B coarse. 4: TIS-B and ADS-R management.
5: TIS-B fine, other address. 6: ADS-R. 7: reserved. With 2, 3 and 6, one bit of the register (IMF, its place differs
by type code) says whether the address is an ICAO address.

Source: ICAO Annex 10 vol. IV, 3.1.2.8.6 and 3.1.2.8.7; DO-260B 2.2.3.2.1.2 and Table 2-13 by way of SeRo Systems'
lib1090; places of the IMF bit by way of readsb.
"""

from __future__ import annotations

from collections.abc import Callable

from receiver.decode.bits import field, flag
from receiver.decode.message import AddressType, Message
from receiver.decode.registers.bds05 import AirbornePosition, decode_bds05
from receiver.decode.registers.bds06 import SurfacePosition, decode_bds06
from receiver.decode.registers.bds08 import Identification, decode_bds08
from receiver.decode.registers.bds09 import Velocity, decode_bds09, decode_tisb_velocity
from receiver.decode.registers.bds30 import ResolutionAdvisory
from receiver.decode.registers.bds61 import EmergencyStatus, decode_bds61
from receiver.decode.registers.bds62 import TargetState, decode_bds62
from receiver.decode.registers.bds65 import OperationalStatus, decode_bds65
from receiver.decode.registers.test_message import ModeACode, decode_test_message
from receiver.decode.registers.tisb_coarse import CoarsePosition, decode_tisb_coarse
from receiver.record import record
from receiver.wire.frame import Frame

Register = (
    AirbornePosition
    | SurfacePosition
    | Identification
    | Velocity
    | EmergencyStatus
    | ResolutionAdvisory
    | TargetState
    | OperationalStatus
    | CoarsePosition
    | ModeACode
)

_ADDRESS_TYPE = {
    0: AddressType.ADSB_ICAO_NT,
    1: AddressType.ADSB_OTHER,
    2: AddressType.TISB_ICAO,
    3: AddressType.TISB_ICAO,
    5: AddressType.TISB_OTHER,
    6: AddressType.ADSR_ICAO,
}
_WITH_IMF = {2: AddressType.TISB_TRACKFILE, 3: AddressType.TISB_TRACKFILE, 6: AddressType.ADSR_OTHER}
_TISB_FINE = frozenset({2, 5})
# type code -> bit of ME
_IMF_BIT = {
    0: 8,
    **dict.fromkeys(range(5, 9), 21),
    **dict.fromkeys((*range(9, 19), 20, 21, 22), 8),
    19: 9,
    28: 56,
    29: 51,
    31: 56,
}


@record
class ExtendedSquitter(Message):
    """`register` is None when the type code, or its subtype, is reserved or not read here. `type_code` is None in a
    coarse TIS-B message. `on_ground` comes from the capability: None when it does not say."""

    type_code: int | None
    on_ground: bool | None
    register: Register | None


def address_type_df18(data: bytes) -> AddressType | None:
    """Who speaks in a DF18; None when it is no aircraft (management, reserved)."""
    cf = data[0] & 0x7
    if cf in _WITH_IMF:
        me = int.from_bytes(data[4:11], "big")
        bit = 1 if cf == 3 else _IMF_BIT.get(field(me, 1, 5))
        if bit is not None and flag(me, bit):
            return _WITH_IMF[cf]
    return _ADDRESS_TYPE.get(cf)


_DECODERS: dict[int, Callable[[int], Register | None]] = {
    **dict.fromkeys(range(1, 5), decode_bds08),
    **dict.fromkeys(range(5, 9), decode_bds06),
    **dict.fromkeys((0, *range(9, 19), 20, 21, 22), decode_bds05),
    19: decode_bds09,
    23: decode_test_message,
    28: decode_bds61,
    29: decode_bds62,
    31: decode_bds65,
}
_ON_GROUND = {4: True, 5: False}


def decode_df17(frame: Frame, address_type: AddressType) -> ExtendedSquitter:
    """Read a frame of fourteen bytes whose parity is right."""
    data = frame.data
    me = int.from_bytes(data[4:11], "big")
    address = data[1:4].hex()
    is_df17 = data[0] >> 3 == 17
    cf = None if is_df17 else data[0] & 0x7
    register: Register | None
    if cf == 3:
        type_code = None
        register = decode_tisb_coarse(me)
    else:
        type_code = me >> 51
        if cf in _TISB_FINE and type_code == 19:
            register = decode_tisb_velocity(me)
        elif (decoder := _DECODERS.get(type_code)) is not None:
            register = decoder(me)
        else:
            register = None
    return ExtendedSquitter(
        frame=frame,
        icao=address if address_type.is_icao else f"~{address}",
        address_type=AddressType.MLAT if frame.found == "mlat" else address_type,
        type_code=type_code,
        on_ground=_ON_GROUND.get(data[0] & 0x7) if is_df17 else None,
        register=register,
    )
