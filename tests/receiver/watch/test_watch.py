"""The life of an alert, over sightings and over real frames."""

from __future__ import annotations

import json
import math
import random
import re

import pytest

from benchmarks.flights.pen import KT, Pen
from config.rules import Rule, load_rules
from config.watch import WatchSettings
from receiver.watch import DEFAULT_RULES, Alert, Watch
from receiver.watch.memory import VERSION
from receiver.watch.world import Fact
from tests.receiver.watch.air import Flight, heard, sighting
from tests.receiver.watch.worlds import Q9, VALLE_DE_BRAVO, SmallAtlas, SmallRegistry

START = 1_755_657_600.0  # 2025-08-20 02:40:00 UTC


def default_watch(registry: SmallRegistry | None = None, **more: object) -> Watch:
    return Watch(load_rules(DEFAULT_RULES).rule, registry=registry, atlas=SmallAtlas(), **more)  # type: ignore[arg-type]


def one_rule(**settings: object) -> Watch:
    return Watch([Rule.model_validate({"name": "it", **settings})])


def moments(pen: Pen, every_s: float) -> list[tuple[float, float, float, float, float, float]]:
    """What a pen wrote, thinned, with times from START."""
    out: list[tuple[float, float, float, float, float, float]] = []
    for fix in pen.fixes:
        t = START + fix.time_s - 1.6e9
        if not out or t - out[-1][0] >= every_s:
            assert fix.altitude_ft is not None
            assert fix.ground_speed_kt is not None
            assert fix.track_deg is not None
            out.append((t, fix.latitude_deg, fix.longitude_deg, fix.altitude_ft, fix.ground_speed_kt, fix.track_deg))
    return out


RADIUS_KM, SPEED_KT, LAPS = 10.0, 175.0, 15.6
LAP_S = 2 * math.pi * RADIUS_KM / (SPEED_KT * KT)


def drone(icao: str, callsign: str, category: str = "A3") -> tuple[Flight, float]:
    """In from the Pacific, three hours of laps west-south-west of Valle de Bravo, and out; and when the laps began."""
    centre_north, centre_east = -5.0, -14.0  # km from the town: WSW
    lat = VALLE_DE_BRAVO[0] + (centre_north - 200 * math.cos(math.radians(45))) / 111.195
    scale = 111.195 * math.cos(math.radians(19.2))
    lon = VALLE_DE_BRAVO[1] + (centre_east - RADIUS_KM / math.sqrt(2) - 200 * math.sin(math.radians(45))) / scale
    pen = Pen(random.Random(1), lat + RADIUS_KM / math.sqrt(2) / 111.195, lon, 45.0, SPEED_KT, 19000.0)
    pen.leg(200)
    began = START + pen.t - 1.6e9
    pen.turn(360 * LAPS, RADIUS_KM)
    pen.leg(150)
    return Flight(icao, callsign, category, moments(pen, 4.0)), began


def ordinary(count: int, hours: float) -> list[Flight]:
    """Airliners and light aircraft of one or two turns, spread over the time."""
    flights = []
    rng = random.Random(9)
    for k in range(count):
        pen = Pen(rng, 19.3 + rng.uniform(-1, 1), -99.5 + rng.uniform(-1.5, 1.5), rng.uniform(0, 360), 250.0, 15000.0)
        pen.leg(rng.uniform(40, 90))
        pen.turn(rng.choice((-360, -90, 90, 150, 360)), 5.0)
        pen.leg(rng.uniform(40, 90))
        begin = rng.uniform(0, hours * 3600 - 1500)
        flown = [(t + begin, *rest) for t, *rest in moments(pen, 6.0)]
        flights.append(Flight(f"0d{0x100 + k:04x}", f"AMX{100 + k}", "A3", flown))  # type: ignore[arg-type]
    return flights


def watched(watch: Watch, flights: list[Flight]) -> list[Alert]:
    """Everything that the watch says, with the life after the last frame."""
    out: list[Alert] = []
    now = next_expire = 0.0
    for one in heard(flights):
        now = one.now
        out += watch.update(one)
        if now >= next_expire:
            out += watch.expire(now)
            next_expire = now + 10
    for _ in range(200):
        now += 10
        out += watch.expire(now)
    return out


@pytest.fixture(scope="module")
def seed() -> tuple[list[Alert], float]:
    """TROY701 among forty ordinary flights, through the real decoder and tracker."""
    flight, began = drone("ae4bd8", "TROY701")
    registry = SmallRegistry({"ae4bd8": Q9})
    return watched(default_watch(registry), [flight, *ordinary(40, 3.8)]), began


def test_the_seed_gives_one_alert_that_is_raised_once_and_ended_once(seed: tuple[list[Alert], float]) -> None:
    alerts, began = seed
    assert {alert.icao for alert in alerts} == {"ae4bd8"}
    assert len({alert.id for alert in alerts}) == 1
    states = [alert.state for alert in alerts]
    assert states.count("raised") == 1
    assert states[0] == "raised"
    assert states.count("ended") == 1
    assert states[-1] == "ended"
    assert 5 <= len(states) <= 30
    orbiting = next(alert for alert in alerts if alert.rule == "orbiting-notable")
    assert orbiting.updated_s - began <= 2.3 * LAP_S
    pushes = [alert for alert in alerts if alert.notify]
    assert pushes == [orbiting]
    assert orbiting.notify == ("phone",)


def test_the_seeds_sentence_says_what_where_how_long_and_why(seed: tuple[list[Alert], float]) -> None:
    alerts, began = seed
    last = [alert for alert in alerts if alert.state == "updated"][-1]
    found = re.fullmatch(
        r"TROY701, MQ-9 of US Customs and Border Protection \(aircraft database; call-sign prefix TROY\), "
        r"orbiting for (\d) h (\d+) min \(since (\d\d):(\d\d) UTC\), (\d+) laps of (\d+) km diameter, "
        r"(\d+) km (\w+) of Valle de Bravo, Estado de México, Mexico; entered Mexico (\d\d):(\d\d) UTC",
        last.text,
    )
    assert found is not None, last.text
    hours, minutes, since_h, since_m, laps, diameter, distance, point, entered_h, entered_m = found.groups()
    assert int(hours) * 60 + int(minutes) == pytest.approx((last.updated_s - began) / 60, abs=4)
    assert int(laps) == pytest.approx((last.updated_s - began) / LAP_S, abs=1)
    assert int(diameter) == 20
    assert int(since_h) * 60 + int(since_m) == pytest.approx((began % 86_400) / 60, abs=4)
    assert int(distance) == pytest.approx(math.hypot(5, 14), abs=3)
    assert point in ("WSW", "W")
    moment = int(entered_h) * 60 + int(entered_m)
    assert 2 * 60 + 40 < moment < 2 * 60 + 40 + 40
    assert last.pattern is not None
    assert last.pattern.hand == "right"
    assert last.clause.startswith("pattern orbit (from the track) and ")


def test_the_seed_ends_when_the_orbit_is_left_and_says_so_in_the_past(seed: tuple[list[Alert], float]) -> None:
    alerts, began = seed
    ended = alerts[-1]
    assert ended.ended_s is not None
    assert ended.ended_s == pytest.approx(began + LAPS * LAP_S, abs=0.5 * LAP_S)
    found = re.search(r"orbited for (\d) h (\d+) min \(\d\d:\d\d–\d\d:\d\d UTC\), ", ended.text)
    assert found is not None
    assert int(found[1]) * 60 + int(found[2]) == pytest.approx(LAPS * LAP_S / 60, abs=5)
    assert "15 laps of 20 km diameter" in ended.text


@pytest.mark.parametrize(
    ("icao", "callsign", "category", "database"),
    [
        ("ae4bd8", "", "A3", {}),
        ("a1b2c3", "TROY701", "A3", {}),
        ("a1b2c3", "", "A3", {"a1b2c3": Q9}),
        ("a1b2c3", "XX1", "B6", {}),
    ],
    ids=["address", "call sign", "type", "category"],
)
def test_address_call_sign_type_and_category_are_each_enough(
    icao: str, callsign: str, category: str, database: dict[str, list[Fact]]
) -> None:
    flight, _ = drone(icao, callsign, category)
    flight.moments = [m for m in flight.moments if m[0] < START + 8000]
    alerts = watched(default_watch(SmallRegistry(database)), [flight])
    assert sum(bool(alert.notify) for alert in alerts) == 1
    assert {alert.rule for alert in alerts} == {"drone", "orbiting-notable"}


def test_an_unknown_aircraft_that_orbits_is_written_down_and_not_pushed() -> None:
    flight, _ = drone("0d1234", "")
    flight.moments = [m for m in flight.moments if m[0] < START + 8000]
    alerts = watched(default_watch(SmallRegistry()), [flight])
    assert {alert.rule for alert in alerts} == {"orbiting"}
    assert not any(alert.notify for alert in alerts)
    assert alerts[0].severity == "info"
    assert alerts[0].text.startswith(
        "Aircraft 0d1234, unknown aircraft registered in Mexico (address block; no database"
    )


def test_a_restart_in_the_middle_repeats_nothing() -> None:
    flight, began = drone("ae4bd8", "TROY701")
    registry = SmallRegistry({"ae4bd8": Q9})
    sightings = list(heard([flight]))
    half = began + 6 * LAP_S
    first = default_watch(registry)
    before = [a for s in sightings if s.now < half for a in first.update(s)]
    state = json.loads(json.dumps(first.state()))
    second = default_watch(registry, state=state)
    after = [a for s in sightings if s.now >= half + 30 for a in second.update(s)]
    assert {a.id for a in before} == {a.id for a in after}
    assert [a.state for a in before].count("raised") == 1
    assert "raised" not in {a.state for a in after}
    assert sum(bool(a.notify) for a in before + after) == 1
    assert after[-1].state == "ended"
    assert "15 laps of 20 km diameter" in after[-1].text
    assert "entered Mexico" in after[-1].text


def test_a_replay_gives_the_same_alerts_again() -> None:
    flight, _ = drone("ae4bd8", "TROY701")
    flight.moments = flight.moments[:1500]
    sightings = list(heard([flight]))
    runs = [[a.payload() for s in sightings for a in watch.update(s)] for watch in (default_watch(), default_watch())]
    assert runs[0] == runs[1]
    assert runs[0]


def test_an_emergency_must_be_held_for_ten_seconds() -> None:
    watch = default_watch()
    assert watch.update(sighting("abcdef", 100.0, squawk="7700")) == []
    assert watch.update(sighting("abcdef", 104.0, squawk="7000")) == []
    assert watch.update(sighting("abcdef", 112.0, squawk="7700")) == []
    (alert,) = watch.update(sighting("abcdef", 123.0, squawk="7700"))
    assert alert.state == "raised"
    assert alert.severity == "critical"
    assert alert.clause == "squawk 7700"
    assert "squawking 7700 (emergency)" in alert.text


def test_a_push_is_not_repeated_within_the_cooldown_and_is_after_it() -> None:
    watch = one_rule(when={"squawk": ["7700"]}, notify=["phone"], cooldown_s=1000, linger_s=60)
    pushed = []
    for t in range(0, 4000, 10):
        squawk = "7700" if t % 400 < 100 else "1000"
        pushed += [t for a in watch.update(sighting("abcdef", float(t), squawk=squawk)) if a.notify]
    assert pushed == [0, 1200, 2400, 3600]


def test_a_short_gap_ends_nothing_and_a_long_one_does() -> None:
    watch = one_rule(when={"callsign": ["X*"]}, linger_s=100)
    states = [a.state for a in watch.update(sighting("abcdef", 0.0, callsign="X1"))]
    states += [a.state for a in watch.expire(500.0)]
    assert states == ["raised"]
    states += [a.state for a in watch.update(sighting("abcdef", 510.0, callsign="X1"))]
    states += [a.state for a in watch.expire(510.0 + 701.0)]
    assert states == ["raised", "ended"]
    assert watch.open_alerts() == []


def test_an_unconfirmed_aircraft_never_gives_an_alert() -> None:
    watch = one_rule(when={"callsign": ["X*"]})
    assert watch.update(sighting("abcdef", 0.0, callsign="X1", confirmed=False)) == []


def test_gps_loss_of_three_aircraft_is_one_alert_and_of_two_none() -> None:
    watch = default_watch()
    alerts = []
    for t in range(0, 2400, 5):
        for k, icao in enumerate(("a00001", "a00002", "a00003", "a00004")):
            lost = 300 + 60 * k <= t < 1200 and k < 3
            one = sighting(
                icao, float(t), latitude_deg=40.0 + k, longitude_deg=5.0, ground_speed_kt=400.0,
                nac_p=0 if lost else 9,
            )  # fmt: skip
            alerts += watch.update(one)
        alerts += watch.expire(float(t))
        if t < 450:
            assert alerts == []
    for t in range(2400, 4000, 10):
        alerts += watch.expire(float(t))
    assert alerts[0].state == "raised"
    assert alerts[-1].state == "ended"
    assert len({a.id for a in alerts}) == 1
    assert alerts[0].icao == ""
    assert alerts[0].text == "3 aircraft have lost GPS within ten minutes: a00001, a00002, a00003"
    assert [bool(a.notify) for a in alerts].count(True) == 1


def test_first_seen_is_true_once() -> None:
    watch = one_rule(when={"first_seen": True}, linger_s=0)
    assert [a.state for a in watch.update(sighting("abcdef", 0.0, callsign="A"))] == ["raised"]
    again = Watch([Rule.model_validate({"name": "it", "when": {"first_seen": True}})], state=watch.state())
    assert not any(a.state == "raised" for a in again.update(sighting("abcdef", 90_000.0, callsign="A")))


def test_spanish_is_spoken() -> None:
    flight, _ = drone("ae4bd8", "TROY701")
    flight.moments = [m for m in flight.moments if m[0] < START + 9000]
    settings = WatchSettings.model_validate({"language": "es", "time_zone": "America/Mexico_City"})
    watch = default_watch(SmallRegistry({"ae4bd8": Q9}), settings=settings)
    text = [a for s in heard([flight]) for a in watch.update(s)][-1].text
    assert re.search(
        r"MQ-9 de US Customs and Border Protection \(base de datos de aeronaves; prefijo de indicativo TROY\), "
        r"orbitando desde hace .* vueltas de 20 km de diámetro, \d+ km al (OSO|O) de Valle de Bravo, Estado de México, "
        r"México; entró en México a las \d\d:\d\d CST",
        text,
    ), text


def test_the_payload_is_json_and_its_id_fits_into_a_topic() -> None:
    watch = one_rule(when={"callsign": ["*"]})
    (alert,) = watch.update(sighting("~abcdef", 1_700_000_000.0, callsign="A#+/<b>"))
    payload = json.loads(json.dumps(alert.payload({"hex": "~abcdef"}, "squitter/home/alerts/x/picture")))
    assert re.fullmatch(r"[A-Za-z0-9_-]+", payload["id"])
    assert payload["state"] == "raised"
    assert payload["picture"].endswith("/picture")
    assert "ended_at" not in payload


def test_a_flood_of_aircraft_stays_bounded() -> None:
    watch = one_rule(when={"squawk": ["7700"]})
    for k in range(6000):
        watch.update(sighting(f"{k:06x}", 1000.0 + k / 100, callsign="A"))
    assert len(watch._aircraft) <= 5000


@pytest.mark.parametrize(
    "state",
    [{"version": 99}, {"version": VERSION, "open": [{}]}, {"version": VERSION, "open": 3},
     {"version": VERSION, "usual": {"heard": {"a": "x"}}}, {"version": VERSION, "pushed": [[1]]},
     {"version": VERSION, "open": [{"rule": "it", "group": "it", "icao": "a", "id": 1, "pattern": {"x": 1}}]}],
)  # fmt: skip
def test_a_state_that_makes_no_sense_is_forgotten(state: dict[str, object]) -> None:
    watch = Watch([Rule.model_validate({"name": "it", "when": {"callsign": ["X*"]}})], state=state)
    assert [alert.state for alert in watch.update(sighting("abcdef", 0.0, callsign="X1"))] == ["raised"]


def test_addresses_are_remembered_only_for_rules_that_ask() -> None:
    plain = one_rule(when={"squawk": ["7700"]})
    asking = one_rule(when={"not": {"any": [{"first_seen": True}, {"squawk": ["7700"]}]}})
    for watch in (plain, asking):
        watch.update(sighting("abcdef", 1000.4, callsign="A"))
    assert plain.state()["usual"]["heard"] == {}
    assert asking.state()["usual"]["heard"] == {"abcdef": 1000.4}


def test_the_revision_tells_when_the_state_is_worth_saving() -> None:
    watch = one_rule(when={"squawk": ["7700"]}, linger_s=0)
    watch.update(sighting("abcdef", 0.0, squawk="1000"))
    assert watch.revision == 0
    watch.update(sighting("abcdef", 10.0, squawk="7700"))
    raised = watch.revision
    assert raised == 1
    watch.update(sighting("abcdef", 30.0, squawk="1000"))
    assert watch.revision == 2


def test_police_that_circles_is_logged_and_pushed_to_nobody() -> None:
    """Though it is in the list of notable aircraft."""
    flight, _ = drone("0d1234", "")
    flight.moments = [m for m in flight.moments if m[0] < START + 8000]
    facts = [Fact("notable", "yes", "plane-alert-db, Police Forces"), Fact("operator", "Policía Federal", "database")]
    alerts = watched(default_watch(SmallRegistry({"0d1234": facts})), [flight])
    assert {(alert.rule, alert.notify) for alert in alerts} == {("orbiting", ())}
    alerts = watched(default_watch(SmallRegistry({"0d1234": facts[:1]})), [flight])
    assert any(alert.notify for alert in alerts)
