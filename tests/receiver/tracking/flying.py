"""Messages of made-up aircraft, through the real decoder into a tracker."""

from __future__ import annotations

from typing import Any

from receiver.decode import Decoder
from receiver.tracking import Sighting, Station, Tracker, TrackingLimits
from receiver.tracking.cpr import longitude_zones
from receiver.wire.frame import Frame
from tests.receiver.decode.frames import frame

NOW = 1_700_000_000.0
ICAO = 0x4840D6
HERE = Station(52.0, 4.5)


def encode(latitude: float, longitude: float, odd: bool, surface: bool = False) -> tuple[int, int]:
    """CPR as the aircraft does it: 17 bits each of latitude and longitude."""
    span = 90.0 if surface else 360.0
    step = span / (60 - odd)
    y = int((latitude % step) / step * 131072 + 0.5)
    # the zones are counted at the latitude that the receiver will find
    found = step * (y / 131072 + latitude // step)
    wide = span / max(longitude_zones(found) - odd, 1)
    x = int((longitude % wide) / wide * 131072 + 0.5)
    return y & 0x1FFFF, x & 0x1FFFF


class Sky:
    """A tracker and what it is told. Times are seconds after `NOW`."""

    def __init__(self, station: Station | None = HERE, limits: TrackingLimits | None = None) -> None:
        self.tracker = Tracker(station, limits)
        self.decoder = Decoder()

    def hear(self, data: bytes, at: float, found: str = "direct", corrected: int = 0) -> Sighting | None:
        """One frame."""
        message = self.decoder.decode(Frame(data, NOW + at, signal_dbfs=-20.0, found=found, corrected_bits=corrected))
        return None if message is None else self.tracker.update(message)

    def squit(self, me: int, at: float, icao: int = ICAO, first: int = 0x8D, found: str = "direct") -> Sighting:
        """An extended squitter, which must count."""
        data = frame(bytes((first,)) + icao.to_bytes(3, "big") + me.to_bytes(7, "big")).data
        sighting = self.hear(data, at, found, int(found == "repaired"))
        assert sighting is not None
        return sighting

    def reply(self, head: str, at: float, mb: int | None = None, icao: int = ICAO) -> Sighting | None:
        """A reply to a radar: the first four bytes as hex, and a register."""
        content = bytes.fromhex(head) + (b"" if mb is None else mb.to_bytes(7, "big"))
        return self.hear(frame(content, icao).data, at)

    def place(
        self,
        latitude: float,
        longitude: float,
        at: float,
        odd: bool,
        icao: int = ICAO,
        altitude_25ft: int = 1440,
        type_code: int = 11,
        first: int = 0x8D,
        found: str = "direct",
        supplement_b: bool = False,
    ) -> Sighting:
        """An airborne position, by default at 35,000 ft."""
        y, x = encode(latitude, longitude, odd)
        code = (altitude_25ft >> 4) << 5 | 0x10 | altitude_25ft & 0xF
        me = type_code << 51 | int(supplement_b) << 48 | code << 36 | int(odd) << 34 | y << 17 | x
        return self.squit(me, at, icao, first, found)

    def taxi(self, latitude: float, longitude: float, at: float, odd: bool, movement: int = 20, icao: int = ICAO) -> Sighting:  # fmt: skip
        """A surface position, by default at 5.5 kt to the east."""
        y, x = encode(latitude, longitude, odd, surface=True)
        return self.squit(7 << 51 | movement << 44 | 1 << 43 | 32 << 36 | int(odd) << 34 | y << 17 | x, at, icao)

    def pair(self, latitude: float, longitude: float, at: float, icao: int = ICAO, **more: Any) -> Sighting:
        """Both halves of an airborne position, half a second apart."""
        self.place(latitude, longitude, at, False, icao, **more)
        return self.place(latitude, longitude, at + 0.5, True, icao, **more)


def velocity(east_kt: int, north_kt: int, rate_64fpm: int = 0, subtype: int = 1, nac_v: int = 2) -> int:
    """An airborne velocity over ground with a barometric climb."""
    return (
        19 << 51
        | subtype << 48
        | nac_v << 43
        | int(east_kt < 0) << 42
        | abs(east_kt) + 1 << 32
        | int(north_kt < 0) << 31
        | abs(north_kt) + 1 << 21
        | 1 << 20
        | int(rate_64fpm < 0) << 19
        | abs(rate_64fpm) + 1 << 10
    )


IDENTITY = 0x202CC371C32CE0  # KLM1023


def status(version: int, nac_p: int = 9, supplement_a: bool = False, surface: bool = False, supplement_c: bool = False) -> int:  # fmt: skip
    """An operational status with SIL 3."""
    return (
        31 << 51
        | int(surface) << 48
        | int(supplement_c) << 36
        | version << 13
        | int(supplement_a) << 12
        | nac_p << 8
        | 2 << 6
        | 3 << 4
        | 1 << 3
    )
