"""From frames to messages: the envelope is checked before the content is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from receiver.decode.formats.df00 import decode_df00
from receiver.decode.formats.df04 import decode_df04
from receiver.decode.formats.df05 import decode_df05
from receiver.decode.formats.df11 import HIGHEST_INTERROGATOR, decode_df11
from receiver.decode.formats.df16 import decode_df16
from receiver.decode.formats.df17 import address_type_df18, decode_df17
from receiver.decode.formats.df20 import decode_df20
from receiver.decode.message import AddressType, Message
from receiver.decode.parity import remainder
from receiver.wire.frame import Frame

# Length in bytes by downlink format. Those that are missing are not in use; 24 has the first two bits only.
_LENGTH = {0: 7, 4: 7, 5: 7, 11: 7, 16: 14, 17: 14, 18: 14, 19: 14, 20: 14, 21: 14, 24: 14}
_ADDRESS_PARITY: dict[int, Callable[[Frame, str], Message]] = {
    0: decode_df00,
    4: decode_df04,
    5: decode_df05,
    16: decode_df16,
    20: decode_df20,
    21: decode_df20,
}
_REMOTE = frozenset({"network", "mlat"})
_NO_ADDRESS = frozenset({0, 0xFFFFFF})


@dataclass(slots=True)
class DecoderStatistics:
    """`messages` by downlink format; `rejected` by name of the reason; `remote`: of all of these, those that were received
    by somebody else (`messages`, and the rest by name of the reason)."""

    messages: Counter[int] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    remote: Counter[str] = field(default_factory=Counter)


class Decoder:
    """Decodes frames, one at a time and each for itself; only the counters remember anything."""

    def __init__(self) -> None:
        self.statistics = DecoderStatistics()

    def decode(self, frame: Frame) -> Message | None:
        """The message in a frame, or None when there is none to be had; `statistics.rejected` then says why.

        Reasons: `mode_ac` (two bytes: a Mode A/C reply has no address), `length`, `unused_format`, `parity` (the
        parity of a DF11, 17 or 18 is wrong: the source let it through), `interrogator` (a DF11's overlay is no
        interrogator's code), `address` (all zeros or all ones), `military` (DF19: its content is not public),
        `comm_d` (DF24), `management` (DF18 from a ground station about itself).
        """
        message = _read(frame)
        if frame.found in _REMOTE:
            self.statistics.remote[message if isinstance(message, str) else "messages"] += 1
        if isinstance(message, str):
            self.statistics.rejected[message] += 1
            return None
        self.statistics.messages[frame.data[0] >> 3] += 1
        return message


def _read(frame: Frame) -> Message | str:
    """The message, or the name of the reason why there is none."""
    data = frame.data
    if len(data) == 2:
        return "mode_ac"
    df = frame.df if data else None
    if df is None or len(data) != _LENGTH.get(df, len(data)):
        return "length"
    if df not in _LENGTH:
        return "unused_format"
    if df == 19:
        return "military"
    if df == 24:
        return "comm_d"
    left = remainder(data)
    if df in _ADDRESS_PARITY:
        return "address" if left in _NO_ADDRESS else _ADDRESS_PARITY[df](frame, f"{left:06x}")
    address = int.from_bytes(data[1:4], "big")
    if df == 11:
        if left > 0x7F:
            return "parity"
        if left > HIGHEST_INTERROGATOR:
            return "interrogator"
        return "address" if address in _NO_ADDRESS else decode_df11(frame, data[1:4].hex(), left)
    if left:
        return "parity"
    if address in _NO_ADDRESS:
        return "address"
    address_type = AddressType.ADSB_ICAO if df == 17 else address_type_df18(data)
    return "management" if address_type is None else decode_df17(frame, address_type)
