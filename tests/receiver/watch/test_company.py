"""Who flies together, and who only passes."""

from __future__ import annotations

import math

import pytest

from config.rules import Rule
from receiver.watch import Alert, Watch
from receiver.watch.company import Company, Present
from tests.receiver.watch.air import sighting
from tests.receiver.watch.worlds import SmallAtlas, SmallRegistry

START = 1_755_657_600.0
KM_PER_DEG = 111.195


def at(
    t: float, east_km: float, north_km: float, track_deg: float = 90.0, speed_kt: float = 300.0, altitude_ft: float = 20_000.0
) -> Present:  # fmt: skip
    """Where an aircraft is at a time that was at (east, north) at START, and flies straight on."""
    way, angle = speed_kt * 0.000514444 * t, math.radians(track_deg)
    latitude = 19.0 + (north_km + way * math.cos(angle)) / KM_PER_DEG
    longitude = -100.0 + (east_km + way * math.sin(angle)) / (KM_PER_DEG * math.cos(math.radians(19.0)))
    return Present(START + t, START + t, latitude, longitude, altitude_ft, track_deg, speed_kt, False)


def flown(
    *others: tuple[float, float, float, float, float], seconds: int = 600, field_ft: float | None = None
) -> Company:
    """One flies east, the others as told: east, north, track, speed, altitude; each is received in its own second of five."""
    company = Company()
    for t in range(0, seconds, 5):
        company.take("aaaaaa", at(t, 0.0, 0.0))
        for k, (east, north, *how) in enumerate(others):
            company.take(f"bbbbb{k}", at(t + (k + 1) % 5, east, north, *how))
        company.look(START + t + 5, lambda lat, lon: field_ft)
    return company


def test_two_that_fly_side_by_side_fly_together() -> None:
    assert flown((0.3, -0.8, 90.0, 300.0, 20_200.0)).group() == (("aaaaaa", "bbbbb0"), None)


def test_a_group_is_everybody_who_is_near_somebody_of_it() -> None:
    chain = flown(*((0.0, 1.5 * (k + 1), 91.0, 300.0, 20_000.0) for k in range(3)), seconds=300)
    assert chain.group()[0] == ("aaaaaa", "bbbbb0", "bbbbb1", "bbbbb2")


@pytest.mark.parametrize(
    "other",
    [
        (0.0, 0.5, 90.0, 300.0, 21_000.0),  # a thousand feet above on the same airway
        (0.0, 0.5, 270.0, 300.0, 20_000.0),  # the other way
        (0.0, 0.5, 90.0, 380.0, 20_000.0),  # overtakes
        (0.0, 4.0, 90.0, 300.0, 20_000.0),  # four kilometres beside
    ],
)
def test_who_only_passes_does_not(other: tuple[float, float, float, float, float]) -> None:
    assert flown(other).group() == ((), None)


def test_nor_do_those_on_parallel_approaches() -> None:
    assert flown((0.0, 1.0, 90.0, 300.0, 20_000.0), field_ft=16_000.0).group() == ((), None)


def test_not_before_two_minutes_and_not_after_they_have_parted() -> None:
    beside = (0.0, 1.0, 90.0, 300.0, 20_000.0)
    assert flown(beside, seconds=100).group() == ((), None)
    company = flown(beside)
    for t in range(600, 700, 5):
        company.take("aaaaaa", at(t, 0.0, 0.0))
        company.look(START + t, lambda lat, lon: None)
    assert company.group() == ((), None)


def test_who_was_apart_before_has_met() -> None:
    company = Company()
    for t in range(0, 1500, 5):
        company.take("aaaaaa", at(t, 0.0, 0.0))
        company.take("bbbbbb", at(t, 0.0, max(1.0, 40.0 - t / 15.0)))
        company.look(START + t, lambda lat, lon: None)
    members, met_s = company.group()
    assert members == ("aaaaaa", "bbbbbb")
    assert met_s == pytest.approx(START + 570.0, abs=5.0)  # 2 km and less


def alerts(when: dict[str, int], aircraft: int, minutes: float = 10.0, step_km: float = 1.2) -> list[Alert]:
    watch = Watch([Rule.model_validate({"name": "it", "when": when})], None, SmallRegistry(), SmallAtlas())
    out: list[Alert] = []
    for t in range(0, int(60 * minutes), 5):
        for k in range(aircraft):
            here = at(t, 0.0, step_km * k)
            out += watch.update(
                sighting(
                    f"ae10{k:02x}", START + t, latitude_deg=here.latitude_deg, longitude_deg=here.longitude_deg,
                    altitude_baro_ft=20_000, ground_speed_kt=300.0, track_deg=90.0, on_ground=False,
                )
            )  # fmt: skip
        out += watch.expire(START + t + 1)
    for t in range(int(60 * minutes), int(60 * minutes) + 900, 5):
        out += watch.expire(START + t)
    return out


def test_a_formation_is_one_alert_with_its_members_and_where() -> None:
    raised, *_, ended = alerts({"formation_aircraft": 3}, 4)
    assert raised.state == "raised"
    assert raised.text.startswith("4 aircraft fly together, ")
    assert raised.text.endswith(": ae1000, ae1001, ae1002, ae1003")
    assert "Valle de Bravo" in raised.text
    assert ended.state == "ended"
    assert ended.text.startswith("4 aircraft flew together")
    assert alerts({"formation_aircraft": 5}, 4) == []


def test_military_aircraft_at_once_are_counted_wherever_they_are() -> None:
    raised = alerts({"military_aircraft": 3}, 4, step_km=30.0)
    assert raised[0].brief == "4 military aircraft in the air at once: ae1000, ae1001, ae1002"
    assert raised[-1].text == "4 military aircraft were in the air at once: ae1000, ae1001, ae1002, ae1003"
    assert alerts({"military_aircraft": 5}, 4, step_km=30.0) == []
