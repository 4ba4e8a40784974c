from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from receiver.atlas import Atlas, Box, base_map
from receiver.errors import SquitterError
from receiver.watch.trail import TrailPoint
from receiver.web import server
from receiver.web.alerts import Alerts
from receiver.web.routes.page import PAGE, page_files
from receiver.web.server import WebSink
from tests.receiver.network import connection
from tests.receiver.web.airs import DRONE, START_S, Events, FakeAlert, air, serving, web_sink

BASE_MAP = {"land": {"type": "FeatureCollection", "features": []}, "places": [["Valle de Bravo", 19.2, -100.1, 7]]}


def small_base_map(box: Any, tolerance_deg: float, places: int) -> bytes:
    return json.dumps({**BASE_MAP, "box": box}).encode()


def raw(auto: bool = True) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(auto_decompress=auto)


async def test_the_page_is_at_the_root() -> None:
    async with serving(web_sink()) as url, raw() as client, client.get(url) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "<title>Squitter" in await answer.text()


async def test_every_answer_forbids_what_is_not_from_here() -> None:
    async with serving(web_sink()) as url, raw() as client:
        for path in ("", "static/main.js", "data/receiver.json", "nothing/here", "healthz"):
            async with client.get(url + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["Server"] == "squitter"
                assert "Access-Control-Allow-Origin" not in answer.headers


async def test_only_a_chosen_tile_server_may_be_asked_for_pictures() -> None:
    sink = web_sink(tiles_url="https://{s}.tile.example.org/{z}/{x}/{y}.png", tiles_attribution="© <b>x</b>")
    async with serving(sink) as url, raw() as client, client.get(url) as answer:
        assert "img-src 'self' data: https://*.tile.example.org;" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", ""])
async def test_a_foreign_name_is_refused_because_it_may_be_rebound(host: str) -> None:
    sink = web_sink()
    sink.second(air(START_S))
    async with serving(sink) as url, raw() as client:
        for path in ("", "data/aircraft.json", "api/stream"):
            async with client.get(url + path, headers={"Host": host}) as answer:
                assert answer.status == 421
                assert "hex" not in await answer.text()


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:1", "[::1]:8080", "192.168.1.7", "LOCALHOST", "map.lan"])
async def test_addresses_and_allowed_names_are_answered(host: str) -> None:
    sink = web_sink(allowed_hosts=["map.lan"])
    async with serving(sink) as url, raw() as client, client.get(url, headers={"Host": host}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_nothing_can_be_written(method: str) -> None:
    async with serving(web_sink()) as url, raw() as client:
        for path in ("", "data/aircraft.json", "api/alerts", "api/stream"):
            async with client.request(method, url + path) as answer:
                assert answer.status == 405


async def test_a_page_of_somebody_else_may_not_ask() -> None:
    async with serving(web_sink()) as url, raw() as client:
        async with client.get(url + "api/alerts", headers={"Sec-Fetch-Site": "cross-site"}) as answer:
            assert answer.status == 403
        async with client.get(url, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
            assert answer.status == 200, "a link to the map is all right"


async def test_with_a_token_nobody_reads_without_it() -> None:
    token = "correct-horse-battery"
    sink = web_sink(token=token)
    sink.second(air(START_S))
    async with serving(sink) as url:
        async with raw() as client:
            for path in ("", "data/aircraft.json", "api/stream", "static/main.js", "?token=wrong"):
                async with client.get(url + path) as answer:
                    assert answer.status == 401
            async with client.get(url + "data/aircraft.json", headers={"Authorization": f"Bearer {token}"}) as answer:
                assert answer.status == 200
            async with client.get(url + "healthz") as answer:
                assert answer.status == 200
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            async with browser.get(url + "?token=" + token, allow_redirects=False) as answer:
                assert answer.status == 303
                assert answer.headers["Location"] == "./"
                cookie = answer.headers["Set-Cookie"]
                assert "HttpOnly" in cookie
                assert "SameSite=Lax" in cookie
                assert token not in cookie
            async with browser.get(url) as answer:
                assert answer.status == 200


@pytest.mark.parametrize(
    "path", ["static/../server.py", "static/..%2fserver.py", "static//etc/passwd", "static/leaflet"]
)
async def test_no_file_outside_the_page_is_served(path: str) -> None:
    async with serving(web_sink()) as url, raw() as client, client.get(URL(url + path, encoded=True)) as a:
        assert a.status == 404


async def test_a_file_is_sent_packed_once_and_then_not_again() -> None:
    async with serving(web_sink()) as url, raw() as client:
        async with client.get(url + "static/main.js", headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            tag = answer.headers["ETag"]
        async with client.get(url + "static/main.js", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        async with client.get(url + "static/main.js", headers={"Accept-Encoding": "identity"}) as answer:
            assert "Content-Encoding" not in answer.headers


async def test_the_whole_page_weighs_less_than_150_kb_packed_without_the_base_map() -> None:
    files = page_files()
    weight = sum(len(d.packed or d.body) for name, d in files.items() if not name.startswith("leaflet/images"))
    assert weight < 150_000


async def test_a_new_page_is_told_everything_and_then_what_changes() -> None:
    sink = web_sink()
    sink.second(air(START_S))
    sink.alert(FakeAlert(), b"\x89PNG")
    async with serving(sink) as url, raw(auto=False) as client, client.get(url + "api/stream") as answer:
        events = Events(answer)
        hello = await events.next("hello")
        assert hello["station"]["name"] == "home"
        assert hello["station"]["view"] == {"lat": 19.2, "lon": -100.1, "zoom": 8}
        assert hello["alerts"][0]["picture"] == "api/alerts/drone-ae4bd7-20251125T084000/picture"
        first = await events.next("air")
        assert first["full"]
        assert {one["hex"] for one in first["aircraft"]} == set(air(START_S).objects)
        sink.second(air(START_S + 1, count=4))
        then = await events.next("air")
        assert "full" not in then
        assert then["gone"] == ["0d0004"]
        drone = next(one for one in then["aircraft"] if one["hex"] == DRONE)
        assert "lat" in drone
        assert "flight" not in drone, "what has not changed is not sent again"


async def test_the_stream_is_gzipped_only_for_whom_it_suits() -> None:
    sink = web_sink()
    sink.second(air(START_S))
    async with serving(sink) as url, raw(auto=False) as client:
        async with client.get(url + "api/stream", headers={"Accept-Encoding": "identity"}) as answer:
            assert "Content-Encoding" not in answer.headers
            assert (await Events(answer).next("air"))["full"]
        async with client.get(url + "api/stream", headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert (await Events(answer).next("air"))["full"]


async def test_one_page_more_than_allowed_is_refused_until_another_goes() -> None:
    sink = web_sink(max_clients=2)
    async with serving(sink) as url, raw(auto=False) as client:
        first, second = await client.get(url + "api/stream"), await client.get(url + "api/stream")
        await Events(first).next("hello")
        await Events(second).next("hello")
        async with client.get(url + "api/stream") as answer:
            assert answer.status == 503
        assert sink.statistics()["pages"] == 2
        first.close()
        async with asyncio.timeout(30):
            while sink.statistics()["pages"] > 1:  # each question lets the server's side go on
                async with client.get(url + "healthz"):
                    pass
        async with client.get(url + "api/stream") as answer:
            assert answer.status == 200
        second.close()


async def test_a_page_that_does_not_read_is_cut_off_and_costs_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BROADCAST_PAUSE_S", 0.0)
    sink = web_sink()
    sink.second(air(START_S))
    async with serving(sink) as url, raw(auto=False) as client, contextlib.AsyncExitStack() as stack:
        host, port = url.removeprefix("http://").strip("/").split(":")
        _, writer = await stack.enter_async_context(connection(host, int(port), limit=1024))
        writer.write(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with client.get(url + "api/stream") as answer:
            events = Events(answer)
            await events.next("air")
            async with asyncio.timeout(30):
                second = 0
                while not sink.statistics()["slow_pages"]:
                    second += 1
                    sink.second(air(START_S + second, count=200))
                    assert (await events.next("air"))["now"]
            assert sink.statistics()["pages"] == 1


@pytest.mark.parametrize(
    "request_",
    [
        b"\x1a\x32" * 500 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"b" * 40_000 + b"\r\n\r\n",
        b"GET /api/aircraft/%00%ff%2e%2e/trail HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/alerts/..%2f..%2fx/picture HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/playback?at=%F0%9F%92%A9&hex=%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/basemap/-170/80/1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: squitter=\xff\xfe\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\nx",
        b"HEAD /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET //evil.example/?token=x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
@pytest.mark.parametrize("token", [None, "correct-horse-battery"])
async def test_what_is_no_proper_request_does_no_harm(
    request_: bytes, token: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    sink = web_sink(token=token)
    sink.second(air(START_S))
    async with serving(sink) as url:
        host, port = url.removeprefix("http://").strip("/").split(":")
        async with connection(host, int(port)) as (reader, writer):
            writer.write(request_)
            writer.write_eof()
            async with asyncio.timeout(30):
                answer = await reader.read(400)
        assert not answer.startswith(b"HTTP/1.1 5"), answer
        assert b"Location: //" not in answer
        async with raw() as client, client.get(url + "healthz") as alive:
            assert alive.status == 200
    assert not [record for record in caplog.records if record.exc_info and record.levelname == "ERROR"]


async def test_the_place_of_the_antenna_cannot_be_computed_from_what_is_told() -> None:
    sink = web_sink()
    sink.second(air(START_S, max_distance_nmi=123.456))
    async with serving(sink) as url, raw() as client:
        for path in ("metrics", "data/stats.json"):
            async with client.get(url + path) as answer:
                text = await answer.text()
                assert "123.456" not in text
                assert str(round(123.456 * 1852)) not in text
                assert "228641" not in text
        async with client.get(url + "data/aircraft.json") as answer:
            text = await answer.text()
            drone = next(one for one in json.loads(text)["aircraft"] if one["hex"] == DRONE)
        assert "12.345" not in text
        assert drone["r_dst"] == pytest.approx(6.0, abs=0.1), "from the rounded place"
        async with client.get(url + "data/receiver.json") as answer:
            told = await answer.json()
            assert (told["lat"], told["lon"]) == (19.2, -100.1)
            assert "19.1951" not in await answer.text()


async def test_without_a_published_place_no_distance_is_told() -> None:
    sink = web_sink(station={"latitude": 19.1951, "longitude": -100.1331, "location_accuracy": -1})
    sink.second(air(START_S))
    async with serving(sink) as url, raw() as client, client.get(url + "data/aircraft.json") as answer:
        assert "r_dst" not in await answer.text()


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


async def test_the_base_map_is_made_once_and_in_cells() -> None:
    asked = []

    def make(box: Any, tolerance_deg: float, places: int) -> bytes:
        asked.append(box)
        return small_base_map(box, tolerance_deg, places)

    async with serving(web_sink(base_map=make)) as url, raw() as client:
        for _ in range(2):
            async with client.get(url + "api/basemap") as answer:
                assert (await answer.json())["places"] == BASE_MAP["places"]
            async with client.get(url + "api/basemap/-110/10") as answer:
                assert (await answer.json())["box"] == [-110, 10, -100, 20]
        assert len(asked) == 2
        for bad in ("-105/10", "180/0", "0/90", "999/0"):
            async with client.get(url + f"api/basemap/{bad}") as answer:
                assert answer.status == 404


async def test_what_opening_the_map_loads_weighs_less_than_600_kb() -> None:
    """Page, world, and the four densest cells that a first view may touch (central Europe), as they are sent."""
    atlas = Atlas()

    def real(box: Any, tolerance_deg: float, places: int) -> bytes:
        return base_map(atlas, None if box is None else Box(*box), tolerance_deg, places)

    weight = sum(len(d.packed or d.body) for name, d in page_files().items() if "images/" not in name)
    async with serving(web_sink(base_map=real)) as url, raw(auto=False) as client:
        for path in ("", "/0/40", "/10/40", "/0/50", "/10/50"):
            async with client.get(f"{url}api/basemap{path}", headers={"Accept-Encoding": "gzip"}) as answer:
                body = await answer.read()
                assert json.loads(gzip.decompress(body))["land"]
                weight += len(body)
    assert weight < 600_000, weight


def test_the_colours_of_altitude_only_grow_lighter() -> None:
    source = (PAGE / "format.js").read_text()
    stops = [[int(n) for n in m] for m in re.findall(r"\[(\d+), \[(\d+), (\d+), (\d+)\]\]", source)]
    assert len(stops) == 6

    def lightness(rgb: list[int]) -> float:
        """CIE L*, from sRGB."""
        linear = [((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
        return float(116 * (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]) ** (1 / 3) - 16)

    levels = [lightness(stop[1:]) for stop in stops]
    assert all(b - a > 4 for a, b in itertools.pairwise(levels)), levels
    assert [stop[0] for stop in stops] == sorted(stop[0] for stop in stops)


async def test_a_map_for_everybody_without_a_token_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(web_sink(host="0.0.0.0", open=True)) as url:
        assert url.startswith("http://127.0.0.1:")
    assert "every machine that can reach" in caplog.text
    caplog.clear()
    async with serving(web_sink()):
        pass
    assert "everybody" not in caplog.text


async def test_a_map_for_other_devices_makes_a_token_and_shows_links_that_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    sink = web_sink(host="0.0.0.0", token_file=tmp_path / "token")
    async with serving(sink) as url:
        token = (tmp_path / "token").read_text().strip()
        assert f"?token={token}" in caplog.text
        async with raw() as client:
            for link in (url, url + "data/receiver.json"):
                async with client.get(link) as answer:
                    assert answer.status == 401
        for link in sink.links:
            jar = aiohttp.CookieJar(unsafe=True)
            async with aiohttp.ClientSession(cookie_jar=jar) as browser, browser.get(link) as answer:
                assert answer.status == 200
                assert "<title>" in await answer.text()


async def test_the_owners_own_token_does_not_get_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    async with serving(web_sink(host="0.0.0.0", token="correct-horse-battery")):
        pass
    assert "map on" in caplog.text
    assert "horse" not in caplog.text


async def test_a_taken_port_is_named() -> None:
    async with serving(web_sink()) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        with pytest.raises(SquitterError, match=f"cannot listen on 127.0.0.1 port {port}"):
            async with serving(web_sink(port=port)):
                pass


async def test_when_it_is_off_nothing_listens_and_nothing_is_kept() -> None:
    sink = web_sink(enabled=False)
    sink.second(air(START_S))
    sink.alert(FakeAlert(), None)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sink.run(), 0.05)
    assert sink.url is None
    assert sink.statistics() == {}


def test_a_page_without_leaflet_says_so(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("x")
    with pytest.raises(SquitterError, match="lacks Leaflet"):
        page_files(tmp_path)


def test_the_packed_page_is_the_page() -> None:
    for name, document in page_files().items():
        if document.packed is not None:
            assert gzip.decompress(document.packed) == document.body, name


def test_the_sink_is_called_web() -> None:
    assert WebSink.name == "web"
