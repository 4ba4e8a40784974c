from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.decode import Decoder
from receiver.decode.message import AddressType
from receiver.mlat.frames import Located, frames_of, type_code_of
from receiver.tracking import Tracker
from receiver.wire.counter import MLAT_COUNTER
from receiver.wire.frame import Frame


def located(latitude: float, longitude: float, error_m: float = 60.0, altitude: int | None = 21_000) -> Located:
    return Located("ae4bd8", 1000.0, latitude, longitude, 6600.0, altitude, error_m, 195.4, 211.0, -640.0, 5, 30)


@given(st.floats(-88, 88), st.floats(-180, 180), st.one_of(st.none(), st.integers(-900, 49_000)))
def test_frames_say_the_place_again(latitude: float, longitude: float, altitude: int | None) -> None:
    decoder, tracker = Decoder(), Tracker()
    sighting = None
    for frame in frames_of(located(latitude, longitude, altitude=altitude), (False, True)):
        assert frame.counter_12mhz == MLAT_COUNTER
        message = decoder.decode(frame)
        assert message is not None
        assert message.address_type is AddressType.MLAT
        sighting = tracker.update(message) or sighting
    assert sighting is not None
    assert sighting.latitude_deg == pytest.approx(latitude, abs=2e-4)
    east = (sighting.longitude_deg - longitude + 180.0) % 360.0 - 180.0  # type: ignore[operator]
    assert abs(east) < 0.01
    if altitude is not None:
        assert sighting.altitude_baro_ft == pytest.approx(altitude, abs=13)
    assert sighting.ground_speed_kt == pytest.approx(195.4, abs=1.0)
    assert sighting.track_deg == pytest.approx(211.0, abs=0.4)
    assert sighting.vertical_rate_baro_fpm == -640


@pytest.mark.parametrize(("error_m", "rc_m"), [(20.0, 185.2), (150.0, 370.4), (400.0, 926.0), (3000.0, 14_816.0)])
def test_the_uncertainty_becomes_a_radius_of_containment(error_m: float, rc_m: float) -> None:
    decoder, tracker = Decoder(), Tracker()
    for frame in frames_of(located(51.0, 4.0, error_m), (False, True)):
        message = decoder.decode(frame)
        assert message is not None
        tracker.update(message)
    sighting = tracker.get("ae4bd8", 1000.0)
    assert sighting is not None
    assert sighting.rc_m == pytest.approx(rc_m)


def test_the_radius_never_ends() -> None:
    assert type_code_of(1e9) == 17


def test_what_is_not_known_is_not_said() -> None:
    one = located(51.0, 4.0, altitude=None)._replace(ground_speed_kt=None, track_deg=None, climb_fpm=None)
    assert len(frames_of(one, (True,))) == 1
    frames: list[Frame] = frames_of(located(51.0, 4.0)._replace(climb_fpm=None), (False, True))
    assert len(frames) == 3
