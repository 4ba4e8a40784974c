"""What others may do to the map's server: it goes on answering. Limits are set so far away that only room can be the reason."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import logging
import threading
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from config.station import StationSettings
from config.web import WebSettings
from receiver.web import connections, failures, guard
from receiver.web.connections import source_of
from receiver.web.failures import Failures
from receiver.web.radio import Radio
from receiver.web.server import WebSink
from receiver.web.work import Work
from tests.receiver.web.airs import START_S, Events, FakeAlert, air, serving, web_sink

TOKEN = "correct-horse-battery"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("READING_S", "ANSWERING_S", "IDLE_S"):
        monkeypatch.setattr(connections, name, 3600.0)
    monkeypatch.setattr(guard, "ANSWERING_S", 3600.0)


@contextlib.asynccontextmanager
async def held(url: str, count: int, text: bytes = b"", source: str = "127.0.0.1") -> AsyncIterator[list[Stream]]:
    """So many connections that have sent something and are kept open."""
    host, port = url.removeprefix("http://").strip("/").split(":")
    streams = [await asyncio.open_connection(host, int(port), local_addr=(source, 0)) for _ in range(count)]
    try:
        for _, writer in streams:
            writer.write(text)
        yield streams
    finally:
        for _, writer in streams:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for _, writer in streams), return_exceptions=True)


async def get(url: str, **options: Any) -> tuple[int, bytes]:
    """Status and body, over a connection of its own."""
    async with asyncio.timeout(30), aiohttp.ClientSession() as client, client.get(url, **options) as answer:
        return answer.status, await answer.read()


@contextlib.asynccontextmanager
async def following(url: str) -> AsyncIterator[Events]:
    """The events of a new page."""
    async with aiohttp.ClientSession(auto_decompress=False) as client, client.get(url + "api/stream") as answer:
        yield Events(answer)


async def first_line(stream: Stream) -> bytes:
    async with asyncio.timeout(30):
        return await stream[0].readline()


@pytest.mark.parametrize("count", [130, 400])
@pytest.mark.parametrize("text", [b"", b"GET / HTTP/1.1\r\nHost: loc", b"GET / HTTP/1.1\r\nX: y\r\n"])
async def test_half_requests_take_no_room_from_whole_ones(count: int, text: bytes) -> None:
    sink = web_sink()
    sink.second(air(START_S))
    async with serving(sink) as url, held(url, count, text):
        for path in ("healthz", "", "data/aircraft.json"):
            assert (await get(url + path))[0] == 200


async def test_half_requests_of_one_address_cut_off_nobody_of_another() -> None:
    sink = web_sink()
    async with serving(sink) as url, held(url, 1, source="127.0.0.2") as [quiet], held(url, 400):
        quiet[1].write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in await first_line(quiet)


async def test_a_half_request_ends_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "READING_S", 0.01)
    monkeypatch.setattr(connections, "SWEEP_S", 0.01)
    async with serving(web_sink()) as url, held(url, 1, b"GET / HTTP/1.1\r\n") as [stream]:
        with contextlib.suppress(ConnectionError):
            assert await first_line(stream) == b""


async def test_when_every_connection_is_in_use_the_health_check_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("receiver.web.server.SPARE_CONNECTIONS", 0)
    sink = web_sink(max_clients=8)
    sink.second(air(START_S))
    follow = b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with serving(sink) as url, held(url, 6, follow) as streams:
        for stream in streams:
            assert b"200" in await first_line(stream)
        async with held(url, 40, b"GET / HTTP/1.1\r\nHo"):
            assert (await get(url + "healthz")) == (200, b"ok\n")
            assert (await get(url))[0] == 503
        assert sink.statistics()["pages"] == 6, "those who were there first stay"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
@pytest.mark.parametrize("token", [None, TOKEN])
async def test_no_body_is_read_nor_inflated(method: str, coding: str, token: str | None) -> None:
    bomb = gzip.compress(bytes(20_000_000)) if coding == "gzip" else zlib.compress(bytes(20_000_000))
    head = f"{method} / HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: {coding}\r\nContent-Length: 9999999\r\n\r\n"
    sink = web_sink(token=token)
    async with serving(sink) as url, held(url, 4, head.encode() + bomb[:10_000]) as streams:
        for stream in streams:  # answered though the body is not there yet, and may never be
            with contextlib.suppress(ConnectionError):
                assert await first_line(stream) in (
                    b"HTTP/1.1 405 Method Not Allowed\r\n",
                    b"HTTP/1.1 413 Request Entity Too Large\r\n",
                )
        assert (await get(url + "healthz"))[0] == 200


async def test_work_past_the_queue_is_refused() -> None:
    work = Work("test", threads=1, most_waiting=1)
    go = threading.Event()
    jobs = [asyncio.create_task(work.do(go.wait, 60)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(aiohttp.web.HTTPServiceUnavailable):
        await work.do(go.wait, 60)
    go.set()
    assert await asyncio.gather(*jobs) == [True, True]
    work.close()


async def test_many_alerts_at_once_throw_no_page_out() -> None:
    sink = web_sink()
    sink.second(air(START_S, 300))
    async with serving(sink) as url, following(url) as events:
        await events.next("hello")
        for number in range(150):
            sink.alert(FakeAlert(id=f"drone-{number}"), None)
        for number in range(150):
            assert (await events.next("alert"))["id"] == f"drone-{number}"
        assert sink.statistics()["slow_pages"] == 0


async def test_a_page_that_joins_is_told_the_same_as_one_that_follows() -> None:
    sink = web_sink()
    sink.second(air(START_S))
    async with serving(sink) as url, following(url) as events:
        hello, full = await events.next("hello"), await events.next("air")
        now = json.loads((await get(url + "api/now"))[1])
        assert now["hello"] == hello
        assert now["air"] == full
        sink.alert(FakeAlert(), None)
        assert json.loads((await get(url + "api/now"))[1])["number"] > now["number"]


async def test_something_is_said_when_there_is_nothing_to_say() -> None:
    sink = web_sink()
    async with serving(sink) as url, following(url) as events:
        assert await events.next("pulse") == {"radio": None}


async def test_wrong_tokens_are_logged_and_soon_not_looked_at(caplog: pytest.LogCaptureFixture) -> None:
    sink = web_sink(token=TOKEN)
    async with serving(sink) as url:
        statuses = await asyncio.gather(*(get(f"{url}?token=guess-{k}") for k in range(failures.MOST)))
        assert {status for status, _ in statuses} == {401}
        assert (await get(f"{url}?token={TOKEN}"))[0] == 429, "a right one would tell which it is"
        assert (await get(url, headers={"Authorization": f"Bearer {TOKEN}"}))[0] == 429
        cookie = {"Cookie": f"squitter={sink._guard._cookie}"}
        assert (await get(url, headers=cookie))[0] == 200, "who is in stays in"
        assert (await get(url + "healthz"))[0] == 200
    said = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert [line for line in said if "address=127.0.0.1" in line] == said
    assert len(said) == 2, "not one line an attempt"
    assert "guess" not in "".join(said)


def test_failures_are_forgotten_and_bounded() -> None:
    now = [0.0]
    counted = Failures(lambda: now[0])
    for _ in range(failures.MOST):
        assert not counted.waits("10.0.0.1")
        counted.add("10.0.0.1")
    assert counted.waits("10.0.0.1")
    assert not counted.waits("10.0.0.2")
    now[0] += failures.WITHIN_S
    assert not counted.waits("10.0.0.1")
    for k in range(5000):
        counted.add(str(k))
    assert len(counted._counts) <= failures.SOURCES


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, ""),
        ("@unix", "@unix"),
    ],
)
def test_limits_count_whom_an_address_belongs_to(address: str | None, source: str) -> None:
    assert source_of(address) == source


async def test_health_follows_the_radio_and_neither_the_clock_nor_the_link() -> None:
    now = [0.0]
    sink = WebSink(WebSettings(enabled=True, port=0), StationSettings(), clock=lambda: now[0])
    async with serving(sink) as url:
        assert await get(url + "healthz") == (200, b"starting\n")
        now[0] = 121.0
        assert (await get(url + "healthz"))[0] == 503, "a source that was never there is none"
        sink.second(air(START_S))
        assert await get(url + "healthz") == (200, b"ok\n")
        for later in range(130):  # time goes on, and nothing comes
            now[0] += 1.0
            dead = air(START_S + later, samples_processed=0, receiver_state="absent", receiver_text="no dongle")
            sink.second(dead)
        assert await get(url + "healthz") == (503, b"no signal for 130 s\n")
        async with following(url) as events:
            await events.next("air")
            now[0] += 1.0
            sink.second(dead)
            radio = (await events.next("air"))["radio"]
            assert radio == {"silent_s": 131, "heard": True, "state": "absent", "text": "no dongle"}
        sink.second(air(START_S + 300, samples_processed=5))
        assert (await get(url + "healthz"))[0] == 200


async def test_messages_alone_are_signal_too() -> None:
    now = [0.0]
    radio = Radio(lambda: now[0])
    frames = air(START_S)
    del frames.statistics["samples_processed"]  # type: ignore[attr-defined]
    radio.second(frames)
    assert radio.heard
    now[0] = 50.0
    assert radio.silent_s() == 50.0
    radio.second(frames)
    assert radio.silent_s() == 50.0, "the same messages again are no news"


async def test_the_map_may_be_embedded_where_the_settings_say() -> None:
    origin = "http://homeassistant.local:8123"
    sink = web_sink(frame_ancestors=[origin])
    async with serving(sink) as url, aiohttp.ClientSession() as client, client.get(url) as answer:
        assert f"frame-ancestors {origin}" in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers
    async with serving(web_sink()) as url, aiohttp.ClientSession() as client, client.get(url) as answer:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
    for wrong in ("*", "homeassistant.local", "http://a b", "http://x; script-src *", "javascript:"):
        with pytest.raises(ValueError, match="is no origin"):
            web_sink(frame_ancestors=[wrong])
