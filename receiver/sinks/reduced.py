"""A stream of frames that tells an aggregator the same with fewer of them, as readsb's `beast_reduce_plus_out` does.

Of each aircraft, each kind of message goes on when none has for a while: what moves (positions, velocities, altitudes, squawks)
every interval, the rest every fourth. The two halves of a position are two kinds. What says something new of an emergency always goes on.

Source: readsb, README.md (BeastReduce output) and `net_io.c` (`sendUUID`).
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from receiver.decode.parity import remainder
from receiver.wire.beast import ESCAPE
from receiver.wire.frame import Frame

SLOW = 4  # times the interval
FORGET_S = 60.0
_WITH_ADDRESS = frozenset({11, 17, 18})
_MOVING_DF = frozenset({0, 4, 5, 16, 20, 21})
_MOVING_TYPE_CODES = frozenset({*range(5, 23)})
_EMERGENCY_TYPE_CODE = 28
UUID_MARK = 0xE4


class Reducer:
    """Which frames go on.

    Parameters
    ----------
    interval_s
        Between two messages of one kind of one aircraft.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._due_s: dict[tuple[int, int], float] = {}
        self._emergencies: dict[int, bytes] = {}
        self._swept_s = 0.0

    def kept(self, frames: Iterable[Frame]) -> list[Frame]:
        """Those that go on, in order."""
        return [frame for frame in frames if self._goes_on(frame)]

    def _goes_on(self, frame: Frame) -> bool:
        data, now = frame.data, frame.time_s
        if len(data) < 7:
            return False
        df = frame.df
        address = int.from_bytes(data[1:4], "big") if df in _WITH_ADDRESS else remainder(data)
        kind, every = df << 8, SLOW
        if df in (17, 18):
            type_code = data[4] >> 3
            kind |= type_code << 2
            if type_code in _MOVING_TYPE_CODES:
                every = 1
                if type_code != 19:
                    kind |= 1 + (data[6] >> 2 & 1)
            elif type_code == _EMERGENCY_TYPE_CODE and self._emergencies.get(address) != data:
                self._emergencies[address] = data
                self._due_s[address, kind] = now + SLOW * self._interval_s
                return True
        elif df in _MOVING_DF:
            every = 1
        key = address, kind
        due_s = self._due_s.get(key)
        # also when the clock was set back
        if due_s is not None and due_s - every * self._interval_s <= now < due_s:
            return False
        self._due_s[key] = now + every * self._interval_s
        if abs(now - self._swept_s) > FORGET_S:
            self._sweep(now)
        return True

    def _sweep(self, now: float) -> None:
        self._swept_s = now
        self._due_s = {key: due_s for key, due_s in self._due_s.items() if abs(now - due_s) <= FORGET_S}
        heard = {address for address, _ in self._due_s}
        self._emergencies = {address: data for address, data in self._emergencies.items() if address in heard}


def uuid_bytes(uuid: UUID) -> bytes:
    """Which station it is, once at the beginning: 36 characters."""
    return bytes((ESCAPE, UUID_MARK)) + str(uuid).encode()


def receiver_id_of(uuid: UUID) -> int:
    """The 64 bits that go before frames: the first half of the UUID."""
    return uuid.int >> 64
