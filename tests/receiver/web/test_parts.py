"""The parts behind the map's server, without a server."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.earth import distance_nmi
from receiver.views.outlets import Air
from receiver.web import recent as recent_module
from receiver.web.ages import _KEYS, ages
from receiver.web.alerts import MAX_ALERTS, MAX_PICTURES, Alerts
from receiver.web.guard import host_of, is_address, own_names
from receiver.web.health import COLUMNS, Health
from receiver.web.outline import SLOT_S, Outline
from receiver.web.recent import Recent
from receiver.web.stream import compact, difference, event
from tests.receiver.web.airs import DRONE, START_S, VALLE, FakeAlert, air

aircraft_objects = st.dictionaries(
    st.sampled_from(["flight", "alt_baro", "gs", "lat", "seen", "seen_pos", "squitter"]), st.integers(0, 3), max_size=7
)
skies = st.dictionaries(st.sampled_from(["a", "b", "c"]), aircraft_objects, max_size=3)


def patched(
    old: dict[str, dict[str, Any]], changed: list[dict[str, Any]], gone: list[str]
) -> dict[str, dict[str, Any]]:
    """What page/store.js makes of a difference."""
    out = {icao: dict(one) for icao, one in old.items()}
    for news in changed:
        fresh = {**out.get(news["hex"], {}), **{key: value for key, value in news.items() if key != "-"}}
        for key in news.get("-", []):
            del fresh[key]
        out[news["hex"]] = fresh
    for icao in gone:
        del out[icao]
    return out


@given(skies, skies)
def test_a_difference_makes_the_new_sky_of_the_old_but_for_ages(old: Any, new: Any) -> None:
    old = {icao: {**one, "hex": icao} for icao, one in old.items()}
    new = {icao: {**one, "hex": icao} for icao, one in new.items()}
    made = patched(old, *difference(old, new))

    def timeless(sky: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {i: {k: v for k, v in one.items() if k not in ("seen", "seen_pos")} for i, one in sky.items()}

    assert timeless(made) == timeless(new)


def test_what_only_grows_older_is_not_sent() -> None:
    old = {"a": {"hex": "a", "seen": 1.0, "messages": 5}}
    assert difference(old, {"a": {"hex": "a", "seen": 2.0, "messages": 5}}) == ([], [])
    changed, _ = difference(old, {"a": {"hex": "a", "seen": 0.0, "messages": 6}})
    assert changed == [{"hex": "a", "seen": 0.0, "messages": 6}]


@given(st.text())
def test_an_event_is_one_event_whatever_the_text(text: str) -> None:
    data = event("air", {"flight": text}).decode("utf-8", "surrogatepass")
    assert data.count("\n\n") == 1
    assert [line.partition(": ")[0] for line in data.strip().split("\n")] == ["id", "event", "data"]
    assert "\r" not in data


def test_a_number_that_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        compact({"gs": math.nan})


def test_a_trail_is_thinned_evenly_and_keeps_its_end() -> None:
    recent = Recent(7200)
    for second in range(3600):
        recent.second(air(START_S + second, 1))
    trail = recent.trail(DRONE, limit=100)
    assert 90 <= len(trail) <= 102
    assert trail[-1][0] == START_S + 3596
    steps = [b[0] - a[0] for a, b in itertools.pairwise(trail)]  # type: ignore[operator]
    assert max(steps) <= 2 * min(steps[:-1])


def test_a_thinned_trail_still_tells_where_nothing_was_heard() -> None:
    recent = Recent(7200)
    for second in [*range(600), *range(1200, 1800)]:
        recent.second(air(START_S + second, 1))
    trail = recent.trail(DRONE, limit=20)
    assert [point[0] for point in trail if point[4]] == [min(p[0] for p in trail if p[0] >= START_S + 1200)]  # type: ignore[type-var,operator]


def test_memory_gives_up_the_oldest_when_there_are_too_many_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_module, "MAX_POINTS", 500)
    recent = Recent(1e9)
    for second in range(0, 4000, 5):
        recent.second(air(START_S + second, 4))
    assert recent._points <= 500
    assert recent.trail(DRONE)[-1][0] == START_S + 3995


def test_memory_begins_anew_when_the_signals_clock_goes_back() -> None:
    recent = Recent(7200)
    recent.second(air(START_S))
    recent.second(air(START_S - 86_400))
    assert recent.span() == (START_S - 86_400, START_S - 86_400)


def test_the_past_has_no_aircraft_that_had_not_come_or_had_gone() -> None:
    recent = Recent(7200)
    for second in range(0, 600, 5):
        recent.second(air(START_S + second, 3 if second < 300 else 1))
    assert {one["hex"] for one in recent.at(START_S + 200).told()["aircraft"]} == set(air(START_S, 3).objects)
    assert [one["hex"] for one in recent.at(START_S + 500).told()["aircraft"]] == [DRONE]
    assert recent.at(START_S - 10).told()["aircraft"] == []


def test_the_outline_consists_of_places_where_aircraft_were() -> None:
    outline = Outline(VALLE)
    places = set()
    for second in range(0, 1200, 11):
        now = air(START_S + second, 20)
        outline.second(now)
        places |= {(round(one["lat"], 3), round(one["lon"], 3)) for one in now.objects.values()}
    points = outline.points()
    assert len(points) == 36
    assert {tuple(point) for point in points} <= places
    far = max(distance_nmi(*VALLE, *place) for place in places)
    assert max(distance_nmi(*VALLE, *point) for point in points) == pytest.approx(far, rel=0.01)


def test_the_outline_forgets_after_a_day_and_needs_a_place() -> None:
    outline = Outline(VALLE)
    outline.second(air(START_S))
    empty = Air(START_S + 25 * SLOT_S, {}, {}, {})
    outline.second(empty)
    assert outline.points() == []
    nowhere = Outline(None)
    nowhere.second(air(START_S))
    assert nowhere.points() == []


def test_health_has_a_row_each_ten_seconds_and_a_mean_each_five_minutes() -> None:
    health = Health()
    for second in range(4000):
        health.second(air(START_S + second, 2))
    assert len(health.hour) == 360
    assert len(health.day) == 13
    told_ = health.told()
    assert told_["columns"] == COLUMNS
    row = dict(zip(COLUMNS, told_["hour"][-1], strict=True))
    assert row["lost_percent"] == 0.0
    assert row["load_percent"] == 21.0
    assert row["effort"] == 3.0
    assert row["queue"] is None


def test_lost_samples_are_a_share_of_those_since_the_last_row() -> None:
    health = Health()
    health.second(air(START_S, 1, samples_processed=0, samples_lost=0))
    health.second(air(START_S + 10, 1, samples_processed=900, samples_lost=60, samples_dropped=40))
    assert dict(zip(COLUMNS, health.hour[-1], strict=True))["lost_percent"] == 10.0
    health.second(air(START_S + 20, 1, samples_processed=10, samples_lost=0, samples_dropped=0))
    assert dict(zip(COLUMNS, health.hour[-1], strict=True))["lost_percent"] is None, "the counters began anew"


@pytest.mark.parametrize("nonsense", [None, "x", True, [], {}, 1e300])
def test_statistics_of_any_shape_give_a_row(nonsense: Any) -> None:
    said = dict.fromkeys(("messages_per_s", "gain_db", "samples_processed", "effort", "sinks", "load_share"), nonsense)
    row = Health().second(Air(START_S, {}, {}, said))
    assert row is not None
    assert len(row) == len(COLUMNS)
    compact(row)


def test_ages_cover_every_value_that_the_object_may_have() -> None:
    from receiver.views.aircraft_schema import AircraftObject

    keys = {field.alias or name for name, field in AircraftObject.model_fields.items()}
    aged = {key for group in _KEYS.values() for key in group}
    without = {
        "hex", "type", "r", "t", "desc", "ownOp", "year", "dbFlags", "calc_track", "seen_pos", "lastPosition", "mlat",
        "tisb", "messages", "seen", "rssi", "squitter",
    }  # fmt: skip
    assert aged == keys - without


def test_an_expired_value_has_no_age() -> None:
    one = air(START_S).sightings[DRONE]
    assert "alt_baro" in ages(one, START_S + 59)
    later = ages(one, START_S + 61)
    assert "alt_baro" not in later
    assert "flight" in later, "a call sign lives as long as the aircraft is heard"


def test_alerts_are_bounded_and_open_ones_outlive_ended_ones() -> None:
    alerts = Alerts()
    alerts.take(FakeAlert(id="open"), b"p", None)
    for k in range(MAX_ALERTS + 50):
        alerts.take(FakeAlert(id=f"a{k}", state="ended"), b"p", None)
    told_ = alerts.told()
    assert len(told_) == MAX_ALERTS
    assert told_[0]["id"] == "open"
    assert sum("picture" in alert for alert in told_) == MAX_PICTURES
    assert alerts.track("a0") is None
    assert alerts.picture("open") is None


@pytest.mark.parametrize(
    ("header", "host"),
    [("a.b:80", "a.b"), ("[::1]:80", "::1"), ("[::1]", "::1"), ("EXAMPLE.org.", "example.org"), ("", ""), (":80", "")],
)
def test_the_host_of_a_header(header: str, host: str) -> None:
    assert host_of(header) == host


@pytest.mark.parametrize("name", ["127.0.0.1.nip.io", "1", "0x7f000001", "localhost", "", "999.1.1.1", "127.1"])
def test_what_only_looks_like_an_address_is_none(name: str) -> None:
    assert not is_address(name)


def test_this_machines_names_have_no_empty_one() -> None:
    assert "localhost" in own_names()
    assert "" not in own_names()
