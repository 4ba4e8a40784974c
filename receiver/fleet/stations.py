"""What the hub knows of each station: how it does, and how much is taken from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

AIRCRAFT_S = 60.0
SILENT_S = 15.0
RATE_S = 10.0
BURST_S = 3.0  # a station that was cut off sends what it has kept


@dataclass(slots=True)
class Station:
    """One station.

    Attributes
    ----------
    name, number
        Of the topic; of the arrays.
    heard_s
        When its last message came, UTC (s) by the hub's clock; None: none yet.
    messages, frames, late, refused, damaged
        Messages taken in, frames of them, those of them that came after their moment, messages and frames beyond the
        quota, messages that could not be read.
    shared
        Transmissions that it and another station received.
    transmissions
        All that it received, in time.
    online
        What the broker says of its connection; None: nothing.
    clock
        What it says of its clock, on its own topic.
    place
        Latitude, longitude (°), height (m, or None), when it shares them.
    """

    name: str
    number: int
    heard_s: float | None = None
    messages: int = 0
    frames: int = 0
    late: int = 0
    refused: int = 0
    damaged: int = 0
    shared: int = 0
    transmissions: int = 0
    online: bool | None = None
    clock: dict[str, Any] = field(default_factory=dict)
    place: tuple[float, float, float | None] | None = None
    addresses: dict[int, float] = field(default_factory=dict)
    _allowance: float = 0.0
    _allowed_s: float | None = None
    _counted: tuple[float, int] = (0.0, 0)
    frames_per_s: float = 0.0

    def admits(self, frames: int, now: float, per_s: int) -> bool:
        """Whether so many more frames are within its quota."""
        if self._allowed_s is None:
            self._allowance = per_s * BURST_S
        else:
            self._allowance = min(per_s * BURST_S, self._allowance + max(0.0, now - self._allowed_s) * per_s)
        self._allowed_s = now
        if frames > self._allowance:
            return False
        self._allowance -= frames
        return True

    def admits_address(self, address: int, now: float, most: int) -> bool:
        """Whether an aircraft is among the first so many of a minute."""
        addresses = self.addresses
        if address not in addresses and len(addresses) >= most:
            return False
        addresses[address] = now
        return True

    def second(self, now: float) -> None:
        """Once a second: forget aircraft, count the rate."""
        old = [address for address, at in self.addresses.items() if not 0.0 <= now - at <= AIRCRAFT_S]
        for address in old:
            del self.addresses[address]
        since_s, frames = self._counted
        if not 0.0 <= now - since_s < RATE_S:
            self.frames_per_s = (self.frames - frames) / RATE_S if since_s and now - since_s < 2 * RATE_S else 0.0
            self._counted = now, self.frames

    def is_silent(self, now: float) -> bool:
        """Whether nothing comes from it."""
        return self.heard_s is None or now - self.heard_s > SILENT_S
