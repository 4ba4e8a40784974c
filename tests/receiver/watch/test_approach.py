"""The closest approach, foretold."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from config.rules import Rule
from receiver.watch import Alert, Watch
from receiver.watch.approach import agree, foretell
from receiver.watch.patterns.steps import offset_km
from tests.receiver.watch.air import sighting

HOME = (48.137, 11.575)
KM_PER_DEG = 111.195
RULE = {
    "name": "overhead", "linger_s": 30, "notify": ["phone"],
    "when": {"will_pass": {"latitude": HOME[0], "longitude": HOME[1], "radius_km": 2, "name": "home"}},
}  # fmt: skip


@given(st.floats(1, 20), st.floats(0, 360), st.floats(-5, 5), st.floats(60, 500))
def test_it_is_where_flying_on_leads(ahead_km: float, track: float, beside_km: float, speed_kt: float) -> None:
    way = math.radians(track)
    east = -ahead_km * math.sin(way) + beside_km * math.cos(way)
    north = -ahead_km * math.cos(way) - beside_km * math.sin(way)
    here = (HOME[0] + north / KM_PER_DEG, HOME[1] + east / KM_PER_DEG / math.cos(math.radians(HOME[0])))
    told = foretell(0.0, HOME, here, speed_kt, track, 3000.0, -500.0)
    assert told is not None
    true_east, true_north = offset_km(*HOME, *here)  # on the plane that the arithmetic uses
    assert abs(math.hypot(true_east, true_north) - math.hypot(ahead_km, beside_km)) < 0.1
    assert abs(told.distance_km - abs(beside_km)) < 0.15
    assert abs(told.at_s - ahead_km / (speed_kt * 0.000514444)) < 1.0
    assert foretell(0.0, HOME, here, speed_kt, track + 180.0, None, None) is None


def test_two_in_a_row_must_agree() -> None:
    here = (HOME[0] - 0.1, HOME[1])
    first = foretell(0.0, HOME, here, 120.0, 0.0, None, None)
    again = foretell(5.0, HOME, (here[0] + 5 * 120 * 0.000514444 / KM_PER_DEG, here[1]), 120.0, 0.0, None, None)
    turned = foretell(5.0, HOME, here, 120.0, 14.0, None, None)
    late = foretell(50.0, HOME, here, 120.0, 0.0, None, None)
    assert first is not None
    assert again is not None
    assert turned is not None
    assert late is not None
    assert agree(first, again)
    assert not agree(None, again)
    assert not agree(first, turned)
    assert not agree(first, late)


def flight(turn_deg_s: float, beside_km: float = 0.8) -> list[Alert]:
    watch = Watch([Rule.model_validate(RULE)])
    out: list[Alert] = []
    scale = KM_PER_DEG * math.cos(math.radians(HOME[0]))
    north, east, track, t = -25.0, beside_km, 0.0, 0.0
    while t < 700.0:
        out += watch.update(
            sighting(
                "abcdef", 1000.0 + t, callsign="D-EABC", latitude_deg=HOME[0] + north / KM_PER_DEG,
                longitude_deg=HOME[1] + east / scale, ground_speed_kt=150.0, track_deg=track % 360.0,
                altitude_baro_ft=2300, on_ground=False,
            )
        )  # fmt: skip
        t += 2.0
        track += 2.0 * turn_deg_s
        north += 2.0 * 150.0 * 0.000514444 * math.cos(math.radians(track))
        east += 2.0 * 150.0 * 0.000514444 * math.sin(math.radians(track))
    return out


def test_who_flies_towards_home_is_told_once_and_at_most_five_minutes_ahead() -> None:
    alerts = flight(0.0)
    (raised,) = [alert for alert in alerts if alert.state == "raised"]
    passing_s = 1000.0 + 25.0 / (150.0 * 0.000514444)
    assert 280.0 <= passing_s - raised.updated_s <= 300.0
    assert raised.text.startswith("D-EABC, will pass 0.8 km from home in 5 min at 2,300 ft") or (
        "will pass 0.8 km from home in 5 min at 2,300 ft" in raised.text
    )
    assert raised.notify == ("phone",)
    assert raised.clause == "will pass within 2 km of home"
    assert alerts[-1].state == "ended"


def test_who_turns_or_passes_far_off_is_not_told() -> None:
    assert flight(3.0) == []
    assert flight(0.0, beside_km=4.0) == []
