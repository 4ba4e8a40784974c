"""Aircraft for tests: as frames (a small ADS-B encoder, the inverse of the standard's tables) and as sightings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from receiver.decode.decoder import Decoder
from receiver.decode.message import AddressType
from receiver.decode.parity import remainder
from receiver.tracking import Position, Sighting, Tracker, Value
from receiver.tracking.sighting import Slot
from receiver.wire.frame import Frame

_LETTERS = "#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######"


def frame(icao: str, me: int, time_s: float) -> Frame:
    """A DF17 frame with a 56-bit message field."""
    body = (0x8D << 80 | int(icao, 16) << 56 | me).to_bytes(11, "big")
    parity = remainder(body + b"\0\0\0")
    return Frame(body + parity.to_bytes(3, "big"), time_s, signal_dbfs=-12.0, source="test")


def identification(callsign: str, category: str = "A3") -> int:
    """BDS 0,8."""
    bits = 0
    for letter in callsign.ljust(8):
        bits = bits << 6 | _LETTERS.index(letter)
    return ("DCBA".index(category[0]) + 1) << 51 | int(category[1]) << 48 | bits


def position(latitude_deg: float, longitude_deg: float, altitude_ft: float, odd: bool) -> int:
    """BDS 0,5, type code 11 (NIC 8)."""
    n = round((altitude_ft + 1000) / 25)
    altitude = (n >> 4) << 5 | 1 << 4 | n & 15
    i = int(odd)
    d_lat = 360 / (60 - i)
    yz = math.floor(131072 * (latitude_deg % d_lat) / d_lat + 0.5)
    r_lat = d_lat * (yz / 131072 + math.floor(latitude_deg / d_lat))
    zones = max(1, _zones(r_lat) - i)
    d_lon = 360 / zones
    xz = math.floor(131072 * (longitude_deg % d_lon) / d_lon + 0.5)
    return 11 << 51 | altitude << 36 | i << 34 | (yz % 131072) << 17 | xz % 131072


def _zones(latitude_deg: float) -> int:
    if abs(latitude_deg) >= 87:
        return 1 if abs(latitude_deg) > 87 else 2
    a = 1 - (1 - math.cos(math.pi / 30)) / math.cos(math.radians(latitude_deg)) ** 2
    return math.floor(2 * math.pi / math.acos(a))


def velocity(speed_kt: float, track_deg: float) -> int:
    """BDS 0,9, subtype 1 (over ground)."""
    east = round(speed_kt * math.sin(math.radians(track_deg)))
    north = round(speed_kt * math.cos(math.radians(track_deg)))
    ew = (1 if east < 0 else 0) << 10 | (abs(east) + 1)
    ns = (1 if north < 0 else 0) << 10 | (abs(north) + 1)
    return 19 << 51 | 1 << 48 | 2 << 43 | ew << 32 | ns << 21 | 1 << 10


@dataclass
class Flight:
    """A list of moments: time, latitude, longitude, altitude, speed, track."""

    icao: str
    callsign: str
    category: str = "A3"
    moments: list[tuple[float, float, float, float, float, float]] = field(default_factory=list)

    def frames(self) -> Iterator[Frame]:
        """A velocity and a position a moment, and every tenth time the call sign; even and odd in turn."""
        for k, (t, lat, lon, altitude, speed, track) in enumerate(self.moments):
            if k % 10 == 0 and self.callsign:
                yield frame(self.icao, identification(self.callsign, self.category), t - 0.3)
            yield frame(self.icao, velocity(speed, track), t - 0.1)
            yield frame(self.icao, position(lat, lon, altitude, bool(k % 2)), t)


def heard(flights: Iterable[Flight]) -> Iterator[Sighting]:
    """Frames of all flights in order of time through the real decoder and tracker."""
    decoder, tracker = Decoder(), Tracker()
    for one in sorted((f for flight in flights for f in flight.frames()), key=lambda f: f.time_s):
        message = decoder.decode(one)
        if message is not None:
            sighting = tracker.update(message)
            if sighting is not None:
                yield sighting


def sighting(icao: str, now: float, **known: Any) -> Sighting:
    """A picture of an aircraft with just these attributes: callsign, squawk, latitude_deg …"""
    values: list[Value[object] | None] = [None] * len(Slot)

    def put(slot: Slot, value: object) -> None:
        values[slot] = Value(value, now, AddressType.ADSB_ICAO, "0,5")

    names = {
        "callsign": Slot.CALLSIGN, "category": Slot.CATEGORY, "squawk": Slot.SQUAWK, "emergency": Slot.EMERGENCY,
        "altitude_baro_ft": Slot.ALTITUDE_BARO, "on_ground": Slot.ON_GROUND, "ground_speed_kt": Slot.GROUND_SPEED,
        "track_deg": Slot.TRACK,
    }  # fmt: skip
    for name, value in known.items():
        if name in names:
            put(names[name], value)
    if "latitude_deg" in known:
        put(
            Slot.POSITION,
            Position(
                latitude_deg=known["latitude_deg"],
                longitude_deg=known["longitude_deg"],
                nic=known.get("nic", 8),
                rc_m=185.2,
                is_surface=False,
                distance_nmi=None,
                bearing_deg=None,
                calc_track_deg=None,
            ),
        )
    if "nac_p" in known:
        from receiver.tracking.sighting import Quality

        put(Slot.QUALITY, Quality(version=2, nac_p=known["nac_p"]))
    return Sighting(
        icao=icao,
        now=now,
        changed=frozenset(known) - {"nic", "nac_p"},
        events=(),
        address_type=AddressType.ADSB_ICAO,
        confirmed=bool(known.get("confirmed", True)),
        messages=10,
        rssi_dbfs=-20.0,
        first_seen_s=now - 60,
        last_seen_s=now,
        last_position=values[Slot.POSITION],  # type: ignore[arg-type]
        comm_b=None,
        values=tuple(values),
    )
