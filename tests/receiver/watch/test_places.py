"""Patterns in several places, joined by transits, are one finding; and approaches that end in a climb are told with their place."""

from __future__ import annotations

import json

import pytest

from config.rules import Rule
from receiver.watch import Watch
from receiver.watch.world import Aerodrome
from tests.receiver.watch.air import sighting
from tests.receiver.watch.scenarios import EVERY_S, START, Plane, flown, told
from tests.receiver.watch.worlds import SmallAtlas, SmallRegistry

LAPS = [(240.0, 1.5)] * 4


def surveyor(transit_s: float) -> Plane:
    """A drone that circles in three places."""
    legs = [(600.0, 0.0), *LAPS, (transit_s, 0.0), *LAPS, (transit_s, 0.0), *LAPS, (900.0, 0.0)]
    return Plane("ae4bd8", 19.0, -100.9, 70.0, legs)


@pytest.mark.parametrize("transit_s", [400.0, 1500.0])
@pytest.mark.parametrize("restarts", [[], [START + 2200.0, START + 4000.0]])
def test_three_places_on_one_flight_are_one_finding_with_one_push(transit_s: float, restarts: list[float]) -> None:
    alerts = [alert for alert in told(flown([surveyor(transit_s)]), restarts) if alert.id.startswith("notable-")]
    assert sum(bool(alert.notify) for alert in alerts) == 1
    told_last = [alert.text for alert in alerts if alert.pattern is not None][-1]
    assert "; 3 places on this flight, since 02:5" in told_last
    first = next(alert for alert in alerts if alert.pattern is not None)
    assert "places" not in first.text


def test_one_place_is_none_of_several() -> None:
    plane = Plane("ae4bd8", 19.0, -100.4, 70.0, [(600.0, 0.0), *LAPS, *LAPS, (900.0, 0.0)])
    assert not any("places" in alert.text for alert in told(flown([plane])))


class OneAerodrome(SmallAtlas):
    """An aerodrome at sea level, below everybody."""

    def aerodrome(self, latitude_deg: float, longitude_deg: float) -> Aerodrome | None:
        return Aerodrome("Toluca", 2.0, 0.0)


def test_a_go_around_is_told_with_its_aerodrome_and_is_over_soon() -> None:
    rule = Rule.model_validate({"name": "again", "when": {"went_around": True}})
    watch = Watch([rule], None, SmallRegistry(), OneAerodrome())
    alerts = []
    for k in range(200):
        if k == 45:
            watch = Watch(
                [rule], None, SmallRegistry(), OneAerodrome(), state=json.loads(json.dumps(watch.state(True)))
            )
        now = START + EVERY_S * k
        height = 2500.0 - 60.0 * k if k <= 35 else min(3000.0, 400.0 + 100.0 * (k - 35))
        alerts += watch.update(
            sighting(
                "0d1234", now, callsign="AMX1", category="A3", latitude_deg=19.3 + 1e-3 * k, longitude_deg=-99.5,
                altitude_baro_ft=height, ground_speed_kt=140.0, track_deg=0.0, on_ground=False,
            )
        )  # fmt: skip
        alerts += watch.expire(now + 1.0)
    assert [alert.state for alert in alerts] == ["raised", "ended"]
    assert alerts[0].clause == "went around at Toluca"
    assert "; went around at Toluca" in alerts[0].text
