from __future__ import annotations

import contextlib
import io
import json
from argparse import Namespace
from pathlib import Path

import pytest
from rich.console import Console

from receiver.cli import top
from receiver.cli.live_table import LiveTable
from receiver.cli.top import Bus, from_map
from receiver.errors import SquitterError
from tests.mosquitto import Mosquitto
from tests.receiver.sinks.mqtt.bus import BASE, running, sink_for
from tests.receiver.web.airs import DRONE, START_S, FakeAlert, air, serving, web_sink


def run(coroutine: object) -> None:
    import asyncio

    asyncio.run(coroutine)  # type: ignore[arg-type]


def test_the_map_is_asked_for_aircraft_rate_and_open_alerts() -> None:
    async def main() -> None:
        sink = web_sink()
        sink.second(air(START_S))
        sink.alert(FakeAlert(), None)
        async with serving(sink) as url, contextlib.aclosing(from_map(url)) as screens:
            screen = await anext(screens)
        assert {one["hex"] for one in screen.objects} == set(air(START_S).objects)
        assert screen.statistics["messages_per_s"] > 0
        assert screen.statistics["now"] == START_S
        assert screen.notes[0].startswith("⚠ TROY701, MQ-9")

    run(main())


def test_a_map_with_a_token_is_told_it() -> None:
    async def main() -> None:
        sink = web_sink(token="correct-horse-battery")
        sink.second(air(START_S))
        async with serving(sink) as url:
            async with contextlib.aclosing(from_map(url, "correct-horse-battery")) as screens:
                assert (await anext(screens)).objects
            async with contextlib.aclosing(from_map(url, "wrong-horse-battery")) as screens:
                with pytest.raises(SquitterError, match="answers 401"):
                    await anext(screens)

    run(main())


def test_no_answer_at_first_is_an_error_and_later_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        sink = web_sink()
        sink.second(air(START_S))
        async with serving(sink) as url:
            screens = from_map(url)
            await anext(screens)
        screen = await anext(screens)
        assert screen.notes[0].startswith("no answer from")
        assert screen.objects, "what was known stays on the screen"
        await screens.aclose()
        async with contextlib.aclosing(from_map(url)) as fresh:
            with pytest.raises(SquitterError, match="is the service running"):
                await anext(fresh)

    run(main())


def test_the_bus_is_followed_with_tombstones_and_growing_ages() -> None:
    bus = Bus("squitter/home")
    bus.take("squitter/home/status", b"online", 100.0)
    bus.take("squitter/home/aircraft/ae4bd7", json.dumps(air(START_S).objects[DRONE]).encode(), 100.0)
    bus.take("squitter/home/stats", b'{"messages_per_s": 12.0}', 100.0)
    bus.take("squitter/home/alerts/x", json.dumps({"state": "raised", "text": "TROY701"}).encode(), 100.0)
    screen = bus.screen(103.0, "MQTT")
    assert screen.objects[0]["seen"] == pytest.approx(3.0, abs=0.1)
    assert screen.statistics == {"messages_per_s": 12.0}
    assert screen.notes == ["⚠ TROY701", "MQTT: squitter/home/# · receiver online"]
    bus.take("squitter/home/aircraft/ae4bd7", b"", 104.0)
    bus.take("squitter/home/alerts/x", b"", 104.0)
    assert bus.screen(104.0, "MQTT").objects == []


@pytest.mark.parametrize("payload", [b"{", b"[]", b"null", b"\xff\xfe", b'"x"'])
def test_what_is_no_object_is_passed_over(payload: bytes) -> None:
    bus = Bus("squitter/home")
    for level in ("aircraft/ae4bd7", "alerts/x", "stats", "nothing", "aircraft"):
        bus.take(f"squitter/home/{level}", payload, 1.0)
    assert bus.screen(1.0, "MQTT").objects == []


def test_over_a_real_broker_the_table_shows_what_the_sink_publishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import asyncio

    from config.settings import Settings

    broker = Mosquitto(tmp_path)
    broker.start()

    async def main() -> None:
        sink = sink_for(broker.port, tmp_path)
        settings = Settings.model_validate({"mqtt": {"port": broker.port}})
        async with running(sink), asyncio.timeout(20):
            second = 0
            async with contextlib.aclosing(top.from_mqtt(settings)) as screens:
                async for screen in screens:
                    second += 1
                    now = air(START_S + second)
                    sink.second(now)
                    if len(screen.objects) == len(now.objects):
                        break
        assert {one["hex"] for one in screen.objects} == set(air(START_S).objects)
        assert f"{BASE}/#" in screen.notes[-1]

    try:
        run(main())
    finally:
        broker.stop()


def test_once_prints_all_aircraft_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Console(file=io.StringIO(), width=150, height=10)
    monkeypatch.setattr(top, "LiveTable", lambda title, sort: LiveTable(title, out, sort))

    async def main() -> None:
        from config.settings import Settings

        sink = web_sink()
        sink.second(air(START_S, 40))
        async with serving(sink) as url:
            await top._show(Settings(), Namespace(url=url, mqtt=False, sort="callsign", once=True))

    run(main())
    assert isinstance(out.file, io.StringIO)
    assert out.file.getvalue().count("AMX") == 39


def test_with_neither_map_nor_broker_it_says_so() -> None:
    async def main() -> None:
        from config.settings import Settings

        settings = Settings.model_validate({"web": {"port": 1}, "mqtt": {"port": 1}})
        with pytest.raises(SquitterError, match="no map and no broker"):
            await top._show(settings, Namespace(url=None, mqtt=False, sort="seen", once=True))

    run(main())
