"""Who may look, and what a request can and cannot do."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from tests.receiver.network import connection
from tests.receiver.web.airs import DRONE, START_S, air, serving, web_sink


def raw(auto: bool = True) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(auto_decompress=auto)


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


@pytest.mark.parametrize(("only_from", "status"), [(["172.30.32.2"], 403), (["10.0.0.0/8", "127.0.0.0/8"], 200)])
async def test_a_map_for_a_proxy_alone_answers_nobody_else(only_from: list[str], status: int) -> None:
    async with serving(web_sink(only_from=only_from)) as url, raw() as client:
        async with client.get(url) as answer:
            assert answer.status == status
        async with client.get(url + "healthz") as answer:
            assert answer.status == 200
