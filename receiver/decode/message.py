"""What every decoded message has: the frame it came in and the address it speaks for."""

from __future__ import annotations

from enum import Enum

from receiver.record import record
from receiver.wire.frame import Frame


class AddressType(Enum):
    """Who sent it and how far its address can be trusted. The values are aircraft.json's `type`."""

    ADSB_ICAO = "adsb_icao"  # DF17: a transponder's own position
    ADSB_ICAO_NT = "adsb_icao_nt"  # DF18, CF0: a device that is no transponder, with an ICAO address
    ADSR_ICAO = "adsr_icao"  # DF18, CF6: another link's ADS-B, sent again by a ground station
    TISB_ICAO = "tisb_icao"  # DF18, CF2 and CF3: a radar's opinion about an ICAO address
    MODE_S = "mode_s"  # replies to interrogators
    ADSB_OTHER = "adsb_other"  # DF18, CF1: an anonymous or made-up address
    ADSR_OTHER = "adsr_other"
    TISB_OTHER = "tisb_other"  # DF18, CF5
    TISB_TRACKFILE = "tisb_trackfile"  # a radar's track number, not an aircraft's address
    MLAT = "mlat"  # computed by somebody from the times at which several receivers took its replies

    # a member is itself only: its name need not be hashed each time it is looked up
    __hash__ = object.__hash__

    @property
    def is_icao(self) -> bool:
        """False when the address is no ICAO address (it is written with a `~`)."""
        return self not in _NON_ICAO

    @property
    def is_tisb(self) -> bool:
        """Whether a ground radar measured this rather than the aircraft."""
        return self in _TISB


TYPE_NAMES = {kind: kind.value for kind in AddressType}
"""The values, for whom asking an Enum for its `value` (half a microsecond) is too slow."""
_NON_ICAO = frozenset(
    {AddressType.ADSB_OTHER, AddressType.ADSR_OTHER, AddressType.TISB_OTHER, AddressType.TISB_TRACKFILE}
)
_TISB = frozenset({AddressType.TISB_ICAO, AddressType.TISB_OTHER, AddressType.TISB_TRACKFILE})


@record
class Message:
    """One frame, decoded.

    Attributes
    ----------
    frame
        The frame as it was heard.
    icao
        Six lower-case hex digits; `~` before them when the address is no ICAO address. For DF0, 4, 5, 16, 20 and 21 it
        is what the parity leaves, which is right only if every bit is: such an address counts for nothing until
        it has been heard in a frame whose parity proves itself.
    address_type
        Who speaks.
    """

    frame: Frame
    icao: str
    address_type: AddressType

    @property
    def df(self) -> int:
        """Downlink format, 0–24."""
        return self.frame.df

    @property
    def time_s(self) -> float:
        """UTC seconds by the signal's clock."""
        return self.frame.time_s

    @property
    def is_clean(self) -> bool:
        """Whether the frame came in as it was sent: nothing flipped, nothing dug out from beneath another frame."""
        return self.frame.corrected_bits == 0 and self.frame.found in _CLEAN


_CLEAN = frozenset({"direct", "network", "mlat"})
