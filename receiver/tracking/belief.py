"""Which addresses are believed.

Parity proves a DF17 or DF18; in a DF11 it proves all but seven bits; in all other formats it *is* the address, so
that noise always has one. So an address counts once it has come in a clean DF17 or DF18, or in two clean DF11. Until
then it is an acquaintance: kept apart, bounded, never published.
"""

from __future__ import annotations

from receiver.decode.formats.df11 import AllCallReply
from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.message import Message
from receiver.tracking.precedence import apart
from receiver.wire.frame import ANY_RECEIVER, Frame

# Two all-call replies count together when they come so close; a squitter comes every second.
_ACQUAINTANCE_S = 60.0
# An interrogator's code is known while it has asked believed aircraft so lately.
_INTERROGATOR_S = 600.0


class Acquaintances:
    """Addresses heard once. Bounded: past the limit the oldest is forgotten."""

    __slots__ = ("_interrogators", "_limit", "_seen")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: dict[str, tuple[float, object]] = {}
        self._interrogators: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def heard_twice(self, icao: str, frame: Frame) -> bool:
        """Note that an address was heard; whether that was the second transmission within a minute (it is then
        forgotten here)."""
        seen, now = self._seen, frame.time_s
        clock = (frame.source, frame.receiver, frame.epoch) if frame.receiver or frame.epoch else frame.source
        before = seen.get(icao)
        if before is not None and 0.0 <= now - before[0] <= _ACQUAINTANCE_S:
            if not apart(before[0], now, before[1] == clock and frame.receiver != ANY_RECEIVER, frame.timed):
                return False  # perhaps a copy: the first one goes on waiting
            del seen[icao]
            return True
        seen.pop(icao, None)
        seen[icao] = now, clock
        if len(seen) > self._limit:
            del seen[next(iter(seen))]
        return False

    def expire(self, now: float) -> None:
        """Forget who was heard too long ago. The oldest come first."""
        seen = self._seen
        while seen:
            oldest = next(iter(seen))
            if 0.0 <= now - seen[oldest][0] <= _ACQUAINTANCE_S:
                return
            del seen[oldest]

    def note_interrogator(self, code: int, now: float) -> None:
        """A believed aircraft has answered this interrogator."""
        self._interrogators[code] = now

    def knows_interrogator(self, code: int, now: float) -> bool:
        """Whether believed aircraft have lately answered this interrogator; 0 is nobody's and always known."""
        if code == 0:
            return True
        last = self._interrogators.get(code)
        return last is not None and now - last <= _INTERROGATOR_S


def proves_itself(message: Message) -> bool:
    """Whether the frame is clean and its parity shows that its address is as sent."""
    return message.is_clean and (
        isinstance(message, ExtendedSquitter) or (isinstance(message, AllCallReply) and message.interrogator == 0)
    )
