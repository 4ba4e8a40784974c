"""What is usual here is learned over weeks, told when it is broken, and forgotten."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest

from config.rules import Rule
from config.watch import WatchSettings
from receiver.watch import Alert, Watch
from receiver.watch.memory import keep_usual, usual_of
from receiver.watch.usual import DAY_S, FORGET_DAYS, Usual, spot_of
from receiver.watch.world import Fact
from tests.receiver.watch.air import sighting
from tests.receiver.watch.worlds import SmallAtlas, SmallRegistry

DAY0 = 1_755_648_000.0  # midnight
HOME = (19.2, -100.1)


def learned(days: int, height_ft: float = 5000.0, kind: str = "light", every: int = 1) -> Usual:
    """Somebody passes on every so many days, all in one band."""
    usual = Usual()
    for day in range(days):
        usual.begin(DAY0 + day * DAY_S)
        if day % every == 0:
            usual.seen(spot_of(*HOME, height_ft, kind), DAY0 + day * DAY_S)
    return usual


def odd(usual: Usual, day: int, height_ft: float, kind: str = "light", least: int = 30) -> tuple[str, int] | None:
    now = DAY0 + day * DAY_S
    usual.begin(now)
    found = usual.odd(spot_of(*HOME, height_ft, kind), least, now, now + 900.0)
    return None if found is None else (found.what, found.days)


def test_nobody_was_so_low_here_in_forty_days() -> None:
    assert odd(learned(40), 40, 2000.0) == ("height", 40)


def test_nothing_is_unusual_before_so_many_days_are_learned() -> None:
    assert odd(learned(29), 29, 2000.0) is None


def test_what_cannot_be_received_here_is_not_unusual() -> None:
    """The band above is empty, too, or nearly so."""
    assert odd(Usual(first_day=int(DAY0 // DAY_S)), 40, 2000.0) is None
    assert odd(learned(40, every=3), 40, 2000.0) is None


def test_who_flew_there_a_week_ago_makes_it_usual() -> None:
    usual = learned(40)
    usual.seen(spot_of(HOME[0] + 0.2, HOME[1], 2500.0, "airliner"), DAY0 + 33 * DAY_S)
    assert odd(usual, 40, 2000.0) is None
    assert odd(usual, 40, 2000.0, least=7) == ("height", 7)


def test_a_helicopter_where_there_are_only_others() -> None:
    assert odd(learned(40), 40, 5000.0, "helicopter") == ("helicopter", 40)
    assert odd(learned(40), 40, 5000.0, "airliner") is None  # these come and go


def test_it_forgets() -> None:
    usual = learned(40)
    usual.begin(DAY0 + (40 + FORGET_DAYS) * DAY_S)
    assert usual.days == {}


def test_it_outlives_being_written_down_to_the_bit() -> None:
    rng = random.Random(1)
    usual = Usual()
    for day in range(0, 100, 3):
        usual.begin(DAY0 + day * DAY_S)
        for _ in range(50):
            spot = spot_of(rng.uniform(-90, 90), rng.uniform(-180, 180), rng.uniform(0, 4e4), "light")
            usual.seen(spot, DAY0 + day * DAY_S)
    assert usual_of(keep_usual(usual)) == usual


@pytest.mark.parametrize("damage", ["{", "00000", "c-pO~0000000"])
def test_a_damaged_memory_is_refused(damage: str) -> None:
    kept = keep_usual(learned(3))
    kept.days = damage
    with pytest.raises(ValueError, match=r"packed|base85"):
        usual_of(kept)


def watch(when: dict[str, Any], state: dict[str, Any] | None = None, zone: str = "UTC") -> Watch:
    facts = {"ae4bd8": [Fact("drone", "yes", "list"), Fact("type", "Q9", "list")]}
    rule = Rule.model_validate({"name": "it", "when": when})
    return Watch([rule], WatchSettings(time_zone=zone), SmallRegistry(facts), SmallAtlas(), state=state)


def visit(one: Watch, icao: str, at_s: float, **known: Any) -> list[Alert]:
    out = []
    for t in range(0, 60, 5):
        here = {
            "latitude_deg": HOME[0] + 1e-4 * t,
            "longitude_deg": HOME[1],
            "altitude_baro_ft": 5000,
            "on_ground": False,
        }
        out += one.update(sighting(icao, at_s + t, ground_speed_kt=120.0, track_deg=0.0, **{**here, **known}))
        out += one.expire(at_s + t + 1)
    for t in range(60, 4200, 60):
        out += one.expire(at_s + t)
    return out


def raised(alerts: list[Alert]) -> list[str]:
    return [alert.clause for alert in alerts if alert.state == "raised"]


def test_who_is_back_after_a_month_and_nobody_else() -> None:
    one = watch({"back_after_days": 30, "drone": True})
    assert not visit(one, "ae4bd8", DAY0)
    assert not visit(one, "ae4bd8", DAY0 + 29 * DAY_S)
    alerts = visit(one, "ae4bd8", DAY0 + 72 * DAY_S)
    assert raised(alerts) == ["drone (list) and back after 43 days"]
    assert "; back after 43 days" in alerts[0].text
    assert list(one.state()["usual"]["heard"]) == ["ae4bd8"]
    visit(one, "0d0001", DAY0 + 73 * DAY_S)
    assert list(one.state()["usual"]["heard"]) == ["ae4bd8"]  # nobody asks


def test_a_rule_about_everybody_remembers_everybody() -> None:
    one = watch({"back_after_days": 30})
    visit(one, "0d0001", DAY0)
    assert raised(visit(one, "0d0001", DAY0 + 31 * DAY_S)) == ["back after 31 days"]


def test_the_first_of_its_type_when_enough_was_seen() -> None:
    one = watch({"first_of_type": True})
    assert not visit(one, "ae4bd8", DAY0)
    other = watch({"first_of_type": True})
    visit(other, "0d0001", DAY0)
    alerts = visit(other, "ae4bd8", DAY0 + 20 * DAY_S)
    assert raised(alerts) == ["first Q9 received here"]
    assert "; first Q9 received here" in alerts[0].text
    assert not visit(other, "ae4bd8", DAY0 + 21 * DAY_S)


def test_the_third_night_within_a_week_is_told_on_the_third() -> None:
    one = watch({"nights_above": 2})
    nights = [DAY0 + day * DAY_S + hour * 3600.0 for day, hour in ((0, 21), (1, 2), (3, 12), (4, 23), (6, 5))]
    told = [raised(visit(one, "ae4bd8", at)) for at in nights]
    assert told == [[], [], [], [], ["here on 3 nights of the last seven"]]


def test_a_night_is_that_of_the_place() -> None:
    one = watch({"nights_above": 1}, zone="America/Mexico_City")
    midday = [DAY0 + day * DAY_S + 18 * 3600.0 for day in range(3)]
    assert [raised(visit(one, "ae4bd8", at)) for at in midday] == [[], [], []]
    evening = [DAY0 + (4 + day) * DAY_S + 3 * 3600.0 for day in range(2)]
    assert [raised(visit(one, "ae4bd8", at)) for at in evening] == [[], ["here on 2 nights of the last seven"]]


def test_unusual_here_is_told_once_and_is_the_same_after_a_restart_at_any_visit() -> None:
    def flights() -> list[tuple[str, float, dict[str, Any]]]:
        usual = [(f"0d{day:04x}", DAY0 + day * DAY_S, {"altitude_baro_ft": 6000}) for day in range(42)]
        return [
            *usual,
            ("0dffff", DAY0 + 41.5 * DAY_S, {"altitude_baro_ft": 2100}),
            ("0dfffe", DAY0 + 41.8 * DAY_S, {}),
        ]

    told = []
    for restart in (None, 10, 41, 42):
        one = watch({"unusual_days": 30})
        out: list[Alert] = []
        for k, (icao, at, known) in enumerate(flights()):
            if k == restart:
                one = watch({"unusual_days": 30}, json.loads(json.dumps(one.state())))
            out += visit(one, icao, at, **known)
        told.append([json.dumps(alert.payload()) for alert in out])
    assert all(a == b for a, b in itertools.pairwise(told))
    first = json.loads(told[0][0])
    assert first["clause"] == "nobody below 3000 ft here in 41 days (counted by this station)"
    assert first["text"].endswith("; nobody below 3,000 ft here in 41 days")
    assert {json.loads(text)["hex"] for text in told[0]} == {"0dffff"}
