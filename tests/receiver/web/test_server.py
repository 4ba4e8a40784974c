"""The page's files, its stream of events, its base map, and the server's life."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import json
import re
from pathlib import Path

import aiohttp
import pytest

from receiver.atlas import base_map_file
from receiver.errors import SquitterError
from receiver.web import server
from receiver.web.maps import Maps
from receiver.web.routes.page import PAGE, page_files
from receiver.web.server import WebSink
from tests.receiver.atlas.archives import POLYGON, vector_tile, write
from tests.receiver.network import connection
from tests.receiver.web.airs import DRONE, START_S, Events, FakeAlert, air, serving, web_sink


def raw(auto: bool = True) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(auto_decompress=auto)


async def test_the_page_is_at_the_root() -> None:
    async with serving(web_sink()) as url, raw() as client, client.get(url) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "<title>Squitter" in await answer.text()


async def test_a_file_is_sent_packed_once_and_then_not_again() -> None:
    async with serving(web_sink()) as url, raw() as client:
        async with client.get(url + "static/main.js", headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            tag = answer.headers["ETag"]
        async with client.get(url + "static/main.js", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        async with client.get(url + "static/main.js", headers={"Accept-Encoding": "identity"}) as answer:
            assert "Content-Encoding" not in answer.headers


async def test_the_whole_page_weighs_less_than_200_kb_packed_without_the_base_map() -> None:
    files = page_files()
    weight = sum(len(d.packed or d.body) for name, d in files.items() if not name.startswith("leaflet/images"))
    assert weight < 200_000


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
            async with asyncio.timeout(300):
                second = 0
                while not sink.statistics()["slow_pages"]:
                    second += 1
                    sink.second(air(START_S + second, count=200))
                    assert (await events.next("air"))["now"]
            assert sink.statistics()["pages"] == 1


async def test_the_base_map_is_sent_in_ranges_and_no_other_file_is(tmp_path: Path) -> None:
    region = tmp_path / "region.pmtiles"
    write(region, {(0, 0, 0): vector_tile({"earth": [(POLYGON, [[(0, 0), (9, 0), (9, 9)]], {})]})}, (-1, -1, 1, 1))
    sink = web_sink(base_map=base_map_file(), map_file=region)
    async with serving(sink) as url, raw(auto=False) as client:
        async with client.get(url + "api/now", headers={"Accept-Encoding": "identity"}) as answer:
            maps = json.loads(await answer.read())["hello"]["station"]["maps"]
        assert {name: one["max_zoom"] for name, one in maps.items()} == {"base": 8, "region": 0}
        for name, path in (("base", base_map_file()), ("region", region)):
            size = path.stat().st_size
            async with client.get(url + maps[name]["address"], headers={"Range": "bytes=0-126"}) as answer:
                assert answer.status == 206
                assert answer.headers["Content-Range"] == f"bytes 0-126/{size}"
                assert await answer.read() == path.read_bytes()[:127]
            for bad in (
                "bytes=0-",
                "bytes=-5",
                f"bytes=0-{2**40}",
                f"bytes={size}-{size + 9}",
                "bytes=9-1",
                "lines=1-2",
            ):
                async with client.get(url + maps[name]["address"], headers={"Range": bad}) as answer:
                    assert answer.status == 416, bad
            async with client.get(url + maps[name]["address"]) as answer:
                assert answer.status == 416
        async with client.get(url + "map/other.pmtiles", headers={"Range": "bytes=0-9"}) as answer:
            assert answer.status == 404


def test_a_map_file_that_is_none_is_named_and_the_map_does_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "region.pmtiles"
    path.write_bytes(b"<html>not found</html>" * 20)
    maps = Maps({"base": base_map_file(), "region": path})
    assert list(maps.told()) == ["base"]
    assert f"the map file {path} cannot be used: it does not begin as a PMTiles archive does" in caplog.text


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
    with pytest.raises(SquitterError, match=r"lacks leaflet/leaflet\.js"):
        page_files(tmp_path)


def test_the_packed_page_is_the_page() -> None:
    for name, document in page_files().items():
        if document.packed is not None:
            assert gzip.decompress(document.packed) == document.body, name


def test_the_sink_is_called_web() -> None:
    assert WebSink.name == "web"
