"""What the addresses for other programs and for the page answer."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from receiver.watch.trail import TrailPoint
from receiver.web.alerts import Alerts
from tests.receiver.web.airs import DRONE, START_S, Events, FakeAlert, air, serving, web_sink


def raw(auto: bool = True) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(auto_decompress=auto)


async def test_before_the_first_second_json_says_that_there_is_nothing_yet() -> None:
    async with serving(web_sink()) as url, raw() as client:
        for path in ("data/aircraft.json", "data/stats.json", "metrics", "api/aircraft/ae4bd7"):
            async with client.get(url + path) as answer:
                assert answer.status == 503
        async with client.get(url + "healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "starting\n")


async def test_history_files_are_there_as_tar1090_wants_them() -> None:
    sink = web_sink()
    for k in range(0, 100, 10):
        sink.second(air(START_S + k))
    async with serving(sink) as url, raw() as client:
        async with client.get(url + "data/receiver.json") as answer:
            assert (await answer.json())["history"] == 4
        times = []
        for number in range(4):
            async with client.get(url + f"data/history_{number}.json") as answer:
                told = await answer.json()
                times.append(told["now"] - START_S)
                assert len(told["aircraft"]) == 5
                assert all(one.get("r_dst") != 12.345 for one in told["aircraft"]), "as discreet as the rest"
        assert times == [0, 30, 60, 90]
        async with client.get(url + "data/history_2.json", headers={"Accept-Encoding": "identity"}) as answer:
            assert "Content-Encoding" not in answer.headers
            assert (await answer.json())["now"] == START_S + 60
        for absent in ("4", "999", "x", "-1", "1e1"):
            async with client.get(url + f"data/history_{absent}.json") as answer:
                assert answer.status == 404


async def test_metrics_and_stats_are_served() -> None:
    sink = web_sink()
    sink.second(air(START_S))
    async with serving(sink) as url, raw() as client:
        async with client.get(url + "metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain")
            assert "squitter_aircraft" in await answer.text()
        async with client.get(url + "data/stats.json") as answer:
            assert "last1min" in await answer.json()


async def test_each_value_of_an_aircraft_comes_with_its_age_and_who_said_it() -> None:
    sink = web_sink()
    old, new = air(START_S), air(START_S + 7)
    sink.second(type(old)(new.now, old.sightings, old.objects, new.statistics))
    async with serving(sink) as url, raw() as client:
        async with client.get(url + f"api/aircraft/{DRONE}") as answer:
            values = (await answer.json())["values"]
        assert values["alt_baro"] == {"age": 7.0, "by": "adsb_icao", "register": "0,5"}
        assert values["lat"] == values["lon"]
        assert "ias" not in values
        for bad in ("ffffff", "AE4BD7", "../x", "ae4bd7%00"):
            async with client.get(url + f"api/aircraft/{bad}") as answer:
                assert answer.status == 404


async def test_an_alert_has_picture_and_track() -> None:
    sink = web_sink()
    sink.second(air(START_S))
    sink.alert(FakeAlert(), b"\x89PNG picture")
    sink.alert(FakeAlert(state="updated"), None)
    async with serving(sink) as url, raw() as client:
        async with client.get(url + "api/alerts") as answer:
            (alert,) = await answer.json()
            assert alert["state"] == "updated"
            assert alert["aircraft"]["hex"] == DRONE
        async with client.get(url + alert["picture"]) as answer:
            assert answer.content_type == "image/png"
            assert await answer.read() == b"\x89PNG picture"
        async with client.get(url + f"api/alerts/{alert['id']}/track") as answer:
            track = await answer.json()
            assert len(track) == 100
            assert track[0][3] is None
        async with client.get(url + "api/alerts/other/picture") as answer:
            assert answer.status == 404


async def test_an_alert_of_before_a_restart_is_shown_with_picture_and_track() -> None:
    sink = web_sink()
    old, later = FakeAlert(), FakeAlert(id="drone-ae4bd7-20251125T090000")
    for alert in (old, later):
        sink.remember(alert.payload(), alert.trail, b"\x89PNG picture")
    async with serving(sink) as url, raw() as client:
        async with client.get(url + "api/alerts") as answer:
            alerts = await answer.json()
            assert [alert["id"] for alert in alerts] == [old.id, later.id]
        async with client.get(url + alerts[0]["picture"]) as answer:
            assert await answer.read() == b"\x89PNG picture"
        async with client.get(url + f"api/alerts/{old.id}/track") as answer:
            assert len(await answer.json()) == 100
        async with raw(auto=False) as plain, plain.get(url + "api/stream") as answer:
            hello = await Events(answer).next("hello")
            assert [alert["id"] for alert in hello["alerts"]] == [old.id, later.id]


def test_an_open_alert_goes_on_where_it_was_before_the_restart() -> None:
    alerts = Alerts()
    alert = FakeAlert()
    before = [TrailPoint(START_S - 1000 + k, 19.0, -100.0, 5000.0) for k in range(500)]
    alerts.remember(alert.payload(), before, b"\x89PNG old")
    alerts.take(FakeAlert(state="updated"), None, None)
    alerts.take(FakeAlert(state="updated"), None, None)
    track = alerts.track(alert.id)
    assert track is not None
    assert [point[0] for point in track] == [START_S - 1000 + k for k in range(400)] + [
        START_S - 600 + k for k in range(0, 600, 6)
    ]
    assert alerts.picture(alert.id) == b"\x89PNG old"
    alerts.remember(alert.payload(), before, None)  # older than what has been told since
    assert [payload["state"] for payload in alerts.told()] == ["updated"]


async def test_the_slider_shows_the_past_and_the_whole_trail_of_one() -> None:
    sink = web_sink()
    for second in range(0, 1200, 5):
        sink.second(air(START_S + second))
    async with serving(sink) as url, raw() as client:
        async with client.get(url + "api/playback") as answer:
            start, end = await answer.json()
            assert (start, end) == (START_S, START_S + 1195)
        async with client.get(url + f"api/playback?at={START_S + 600}&hex={DRONE}") as answer:
            past = await answer.json()
        drone = next(one for one in past["aircraft"] if one["hex"] == DRONE)
        then = air(START_S + 600).objects[DRONE]
        assert drone["lat"] == pytest.approx(then["lat"], abs=1e-4)
        assert drone["flight"] == "TROY701 "
        assert past["trails"][DRONE][-1][0] == START_S + 600
        for bad in ("x", "nan", "-1", "1e300"):
            async with client.get(url + f"api/playback?at={bad}") as answer:
                assert answer.status == 400


async def test_what_memory_has_forgotten_is_asked_of_the_history() -> None:
    class Stored:
        def span(self) -> tuple[float, float]:
            return START_S - 86_400, START_S

        def at(self, time_s: float, *, trail_s: float = 0, stale_s: float = 60) -> Any:
            class Picture:
                now = time_s
                aircraft = [{"hex": "abcdef", "lat": 19.0, "lon": -100.0}]  # noqa: RUF012
                trails: dict[str, Any] = {}  # noqa: RUF012

            return Picture()

        def tracks(self, start_s: float, end_s: float, *, icao: str | None = None) -> Any:
            raise AssertionError("nobody asked for a whole trail")

    sink = web_sink(history=Stored())
    sink.second(air(START_S))
    async with serving(sink) as url, raw() as client:
        async with client.get(url + "api/playback") as answer:
            assert await answer.json() == [START_S - 86_400, START_S]
        async with client.get(url + f"api/playback?at={START_S - 3600}") as answer:
            assert [one["hex"] for one in (await answer.json())["aircraft"]] == ["abcdef"]
