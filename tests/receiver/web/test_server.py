"""The page's files, its stream of events, its base map, and the server's life."""

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

from receiver.atlas import Atlas, Box, base_map
from receiver.errors import SquitterError
from receiver.web import server
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
