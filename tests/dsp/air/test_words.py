"""What simulated aircraft say is what others read in it."""

from __future__ import annotations

import numpy as np
import pyModeS
import pytest
from numpy.typing import NDArray

from dsp.air.words import LONG, SHARES, Fleet, Floats, cpr, fleet, frames, longitude_zones
from receiver.decode.parity import remainder
from receiver.sources.scene import encode


def some(df: int, n: int = 400) -> tuple[list[bytes], Fleet, NDArray[np.int64], Floats]:
    """Frames of one format from ten aircraft within a minute."""
    rng = np.random.default_rng(5)
    aircraft = fleet(rng, 10, rng.integers(0x100000, 0xEFFFFF, 10))
    who, time_s = rng.integers(0, 10, n), np.sort(rng.uniform(0, 60, n))
    return frames(rng, aircraft, who, np.full(n, df), time_s), aircraft, who, time_s


@pytest.mark.parametrize("df", SHARES)
def test_each_frame_has_its_format_its_length_and_its_address(df: int) -> None:
    sent, aircraft, who, _ = some(df)
    for frame, k in zip(sent, who, strict=True):
        assert frame[0] >> 3 == df
        assert len(frame) == (14 if df in LONG else 7)
        icao = int.from_bytes(frame[1:4], "big") if df in (11, 17) else remainder(frame)
        assert icao == aircraft.icao[k]
        if df in (11, 17):
            assert remainder(frame) == 0


def test_positions_are_coded_as_the_scenes_encoder_does_it() -> None:
    rng = np.random.default_rng(2)
    latitude, longitude = rng.uniform(-70, 70, 500), rng.uniform(-180, 180, 500)
    odd = rng.integers(0, 2, 500)
    y, x = cpr(latitude, longitude, odd)
    for k in range(500):
        me = encode.airborne_position(latitude[k], longitude[k], bool(odd[k]), 10_000.0)
        assert (me >> 17 & 0x1FFFF, me & 0x1FFFF) == (y[k], x[k])
    assert longitude_zones(np.array([0.0, 10.5, 48.2, 60.1])).tolist() == [59, 58, 39, 29]


def test_squitters_tell_where_aircraft_are_and_what_they_are_called() -> None:
    sent, aircraft, who, time_s = some(17)
    seen = set()
    for frame, k, at in zip(sent, who, time_s, strict=True):
        told = pyModeS.decode(frame.hex(), reference=(48.0, 11.0))
        kind = told["typecode"]
        seen.add(kind)
        if kind == 11:
            north = aircraft.speed_kt[k] * np.cos(np.radians(aircraft.track_deg[k]))
            assert told["latitude"] == pytest.approx(aircraft.latitude[k] + north * at / 3600 / 60, abs=1e-3)
            assert told["altitude"] == pytest.approx(aircraft.altitude_ft[k] + aircraft.climb_fpm[k] * at / 60, abs=13)
        elif kind == 19:
            assert told["groundspeed"] == pytest.approx(aircraft.speed_kt[k], abs=3)
            turn = (told["track"] - aircraft.track_deg[k] + 180) % 360 - 180
            assert abs(turn) < 2
            assert told["vertical_rate"] == pytest.approx(aircraft.climb_fpm[k], abs=65)
        elif kind == 4:
            assert len(told["callsign"].rstrip("_ ")) == 7
    assert seen == {4, 11, 19, 29, 31}
