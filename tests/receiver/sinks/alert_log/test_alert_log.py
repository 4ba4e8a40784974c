"""The alert log: what is kept, how much of it, and that it replays to the same alert."""

from __future__ import annotations

import asyncio
import json
import os
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.pattern_tracks import Pen
from config.alerts import AlertLogSettings
from config.rules import load_rules
from config.watch import WatchSettings
from receiver.errors import SquitterError
from receiver.pipeline.feeds import frame_feed
from receiver.pipeline.hub import Hub
from receiver.sinks.alert_log import AlertLog, Store, read_bundle, write_bundle
from receiver.sinks.alert_log.frame_memory import FrameMemory, unpack
from receiver.sinks.alert_log.store import frame_line, frame_of
from receiver.tracking import Tracker
from receiver.watch import DEFAULT_RULES, Watch
from receiver.watch.replay import replay_alert
from receiver.watch.world import Atlas
from receiver.wire.frame import Frame
from tests.receiver.watch.air import Flight, frame, identification, velocity
from tests.receiver.watch.test_watch import START, moments
from tests.receiver.watch.worlds import Q9, SmallAtlas, SmallRegistry


def flights() -> list[Flight]:
    """TROY701 orbits for an hour; two others pass by and give alerts of their own."""
    pen = Pen(random.Random(1), 19.0, -100.6, 45.0, 175.0, 19000.0)
    pen.leg(40)
    pen.turn(360 * 5.5, 6.0)
    pen.leg(60)
    one = Flight("ae4bd8", "TROY701", "A3", moments(pen, 4.0))
    others = []
    for k, callsign in enumerate(("AMX1", "FORTE10")):
        pen = Pen(random.Random(k), 19.4, -99.9, 200.0, 300.0, 30000.0)
        pen.leg(100)
        others.append(Flight(f"0d000{k}", callsign, "A3", [(t + 700 * k, *m) for t, *m in moments(pen, 4.0)]))  # type: ignore[misc]
    return [one, *others]


def live(
    folder: Path, atlas: Atlas | None = None, draw: Callable[[Any], bytes] = lambda alert: b"\x89PNG", **settings: Any
) -> tuple[AlertLog, list[Any]]:
    """The flights through the real hub, with the log as its sink; the log and every alert."""
    watch = Watch(load_rules(DEFAULT_RULES).rule, WatchSettings(), SmallRegistry({"ae4bd8": Q9}), atlas or SmallAtlas())
    log = AlertLog(
        AlertLogSettings.model_validate({"dir": folder, **settings}), {**watch.context(), "software": "test"}
    )
    alerts: list[Any] = []

    def told(alert: Any) -> None:
        alerts.append(alert)
        log.alert(alert, draw(alert) if alert.picture else None)

    hub = Hub(Tracker(), watch, sinks=[log], on_alert=told)
    frames = sorted((f for flight in flights() for f in flight.frames()), key=lambda f: f.time_s)

    async def main() -> None:
        task = asyncio.create_task(log.run())
        for heard in frame_feed("test", [frames]):
            hub.hear(heard)
        hub.wind_down()
        await log.finish()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    return log, alerts


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    folder = tmp_path_factory.mktemp("alerts")
    _, alerts = live(folder)
    return folder, alerts


def test_every_state_of_every_alert_is_kept_as_it_was_told(logged: tuple[Path, list[Any]]) -> None:
    folder, alerts = logged
    store = Store(folder)
    assert {alert.id for alert in store.alerts()} == {alert.id for alert in alerts}
    assert len(store.alerts()) == 2
    for entry in store.alerts():
        told = [json.dumps(alert.payload(), ensure_ascii=False) for alert in alerts if alert.id == entry.id]
        kept = [json.dumps(state["payload"], ensure_ascii=False) for state in entry.states()]
        assert kept == told
        assert kept


def test_an_alert_replays_to_itself_byte_for_byte_though_the_others_are_missing(
    logged: tuple[Path, list[Any]], tmp_path: Path
) -> None:
    folder, alerts = logged
    orbiting = next(alert for alert in alerts if alert.rule == "orbiting-notable")
    entry = Store(folder).get(orbiting.id)
    assert entry is not None
    path = tmp_path / "troy.zip"
    write_bundle(entry, path, {"track.kml": "<kml/>"})
    (tmp_path / "unpacked").mkdir()
    bundle = read_bundle(path, tmp_path / "unpacked")
    again = replay_alert(bundle.states(), bundle.frames(), bundle.context(), SmallAtlas())
    told = [json.dumps(alert.payload(), ensure_ascii=False) for alert in alerts if alert.id == orbiting.id]
    assert [json.dumps(alert.payload(), ensure_ascii=False) for alert in again] == told
    assert len(told) >= 4
    assert again[-1].trail == [alert for alert in alerts if alert.id == orbiting.id][-1].trail
    write_bundle(bundle, tmp_path / "second.zip", {"track.kml": "<kml/>"})
    assert (tmp_path / "second.zip").read_bytes() == path.read_bytes()


def test_a_bundle_tells_no_signal_levels(logged: tuple[Path, list[Any]], tmp_path: Path) -> None:
    folder, _ = logged
    entry = Store(folder).alerts()[0]
    assert all(one.signal_dbfs == -12.0 for one in entry.frames())
    path = tmp_path / "a.zip"
    write_bundle(entry, path)
    (tmp_path / "x").mkdir()
    assert {one.signal_dbfs for one in read_bundle(path, tmp_path / "x").frames()} == {None}
    assert b"frames.beast" in path.read_bytes()


def test_only_the_aircraft_of_the_alert_is_in_its_frames(logged: tuple[Path, list[Any]]) -> None:
    folder, _ = logged
    for entry in Store(folder).alerts():
        address = entry.id.split("-")[1]
        frames = list(entry.frames())
        assert len(frames) > 100
        assert {one.data[1:4].hex() for one in frames} == {address}


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=3)
    for k in range(5):
        store.add(f"a{k}", {"payload": {}}, {"rules": []}, [], None, [])
        (tmp_path / f"a{k}" / "states.jsonl").touch()
        stamp = (1_000_000_000 + k) * 10**9
        os.utime(tmp_path / f"a{k}" / "states.jsonl", ns=(stamp, stamp))
    assert store.tidy() == 2
    assert [alert.id for alert in store.alerts()] == ["a2", "a3", "a4"]


def test_the_largest_go_when_they_take_too_much(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=100, max_bytes=25_000)
    for k in range(4):
        store.add(f"a{k}", {"payload": {}}, {"rules": []}, [], b"x" * 10_000, [])
    assert store.tidy() == 2


@pytest.mark.parametrize("name", ["../x", "", "a/b", "a.b", "x" * 200, "ä"])
def test_no_id_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path / "alerts")
    store.add(name, {"payload": {}}, {}, [], b"x", [])
    assert store.get(name) is None
    assert list(tmp_path.rglob("*")) == []


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("a", {"payload": {"n": 1}}, {"rules": []}, [], None, [])
    with (tmp_path / "a" / "states.jsonl").open("a") as stream:
        stream.write('{"payload": {"n": 2')
    entry = store.get("a")
    assert entry is not None
    assert entry.states() == [{"payload": {"n": 1}}]


def test_a_full_disk_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "alerts").write_text("a file where a folder should be")
    log, alerts = live(tmp_path / "alerts")
    assert alerts
    assert log.statistics()["alert_log_failures_total"] == len(alerts)


def test_frames_off_keeps_the_states_only(tmp_path: Path) -> None:
    live(tmp_path, frames=False)
    entry = Store(tmp_path).alerts()[0]
    assert list(entry.frames()) == []
    assert entry.states()


@pytest.mark.parametrize("content", [b"no zip", None])
def test_what_is_no_bundle_is_refused_in_a_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.zip"
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("../evil", "x")
    else:
        path.write_bytes(content)
    (tmp_path / "out").mkdir()
    with pytest.raises(SquitterError, match="not an alert bundle"):
        read_bundle(path, tmp_path / "out")
    assert not (tmp_path / "evil").exists()


# --- frames in memory -----------------------------------------------------------------------------------------------


def spoken(icao: str, count: int, start_s: float = START) -> Sequence[Frame]:
    return [frame(icao, velocity(200, 10), start_s + k) for k in range(count)]


def test_frames_come_back_as_they_were() -> None:
    memory = FrameMemory(1_000_000)
    sent = [
        Frame(one.data, one.time_s + 0.123456789, signal_dbfs=-3.5 if k % 2 else None, corrected_bits=k % 3,
              found=("direct", "repaired", "beneath", "network")[k % 4])
        for k, one in enumerate(spoken("abcdef", 20))
    ]  # fmt: skip
    for one in sent:
        memory.add(one)
    data, end, whole = memory.since(0xABCDEF, 0)
    back = list(unpack(data))
    assert whole
    assert [(b.data, b.time_s, b.signal_dbfs, b.corrected_bits, b.found) for b in back] == [
        (s.data, s.time_s, s.signal_dbfs, s.corrected_bits, s.found) for s in sent
    ]
    assert memory.since(0xABCDEF, end)[0] == b""
    assert [frame_of(json.loads(json.dumps(frame_line(b)))).time_s for b in back] == [s.time_s for s in sent]


def test_the_longest_silent_go_first_and_the_budget_holds() -> None:
    memory = FrameMemory(50_000)
    for k in range(40):
        for one in spoken(f"a000{k:02x}", 100, START + 100 * k):
            memory.add(one)
            assert memory.used <= 50_000
    assert memory.since(0xA00000, 0)[0] == b""
    data, _, whole = memory.since(0xA00027, 0)
    assert whole
    assert len(list(unpack(data))) == 100


def test_one_alone_loses_its_oldest_frames_and_says_so() -> None:
    memory = FrameMemory(20_000)
    for one in spoken("abcdef", 3000):
        memory.add(one)
    data, _, whole = memory.since(0xABCDEF, 0)
    frames = list(unpack(data))
    assert not whole
    assert frames[-1].time_s == START + 2999
    assert memory.used <= 20_000


def test_noise_that_looks_like_replies_is_not_kept() -> None:
    memory = FrameMemory(1_000_000)
    rng = random.Random(1)
    for _ in range(2000):
        memory.add(Frame(bytes([0x20]) + rng.randbytes(6), START))
        memory.add(Frame(rng.randbytes(2), START))
    assert memory.used == 0


def test_the_silent_are_forgotten() -> None:
    memory = FrameMemory(1_000_000)
    memory.add(frame("abcdef", identification("A"), START))
    memory.forget(START + 3000)
    assert memory.since(0xABCDEF, 0)[0]
    memory.forget(START + 4000)
    assert memory.used == 0
