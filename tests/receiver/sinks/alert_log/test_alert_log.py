"""The alert log: what is kept, how much of it, and that it replays to the same alert."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.flights.pen import Pen
from config.alerts import AlertLogSettings
from config.rules import load_rules
from config.watch import WatchSettings
from receiver.errors import SquitterError
from receiver.pipeline.feeds import frame_feed
from receiver.pipeline.hub import Hub
from receiver.sinks.alert_log import AlertLog, Store, read_bundle, write_bundle
from receiver.sinks.alert_log import sink as sink_module
from receiver.sinks.alert_log import store as store_module
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
    folder: Path,
    atlas: Atlas | None = None,
    draw: Callable[[Any], bytes] = lambda alert: b"\x89PNG",
    finish_s: float = 60.0,
    **settings: Any,
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
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(finish_s):
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


def told(alert_id: str, text: str = "x") -> dict[str, Any]:
    """A state as the log has it."""
    payload = {
        "id": alert_id, "rule": "r", "title": "t", "clause": "c", "severity": "info", "state": "raised", "text": text,
        "raised_at": START, "updated_at": START,
    }  # fmt: skip
    return {"payload": payload}


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
    store.add("a", told("a"), {"rules": []}, [], None, [])
    with (tmp_path / "a" / "states.jsonl").open("a") as stream:
        stream.write('{"payload": {"n": 2')
    entry = store.get("a")
    assert entry is not None
    assert entry.states() == [told("a")]
    assert entry.damaged() == 1
    store.add("a", told("a", "later"), {"rules": []}, [], None, [])
    assert entry.states() == [told("a"), told("a", "later")], "the torn line takes nothing along"


def test_a_full_disk_stops_nothing_and_is_written_when_it_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sink_module, "RETRY_S", (0.01, 0.01))
    full = 5
    fsync = os.fsync

    def sometimes(descriptor: int) -> None:
        nonlocal full
        full -= 1
        if full >= 0:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(store_module.os, "fsync", sometimes)
    log, alerts = live(tmp_path / "alerts")
    assert log.statistics()["alert_log_failures_total"] >= 1
    assert sum(len(alert.states()) for alert in Store(tmp_path / "alerts").alerts()) == len(alerts)
    assert sum("cannot be written down" in record.message for record in caplog.records) == 1
    whole = [state["frames_whole"] for alert in Store(tmp_path / "alerts").alerts() for state in alert.states()]
    assert all(whole)


def test_a_disk_that_never_takes_anything_keeps_everything_waiting(tmp_path: Path) -> None:
    (tmp_path / "alerts").write_text("a file where a folder should be")
    log, alerts = live(tmp_path / "alerts", finish_s=0.1)
    assert alerts
    assert log.statistics()["alert_log_waiting"] >= len(alerts)
    assert log.statistics()["alert_log_failures_total"] >= 1


def test_a_failed_write_leaves_no_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Store(tmp_path).add("a", told("a"), {"rules": []}, [], None, spoken("abcdef", 5))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage", [b"{", b"\xff\xfe\n", b"[1, 2]\n", b'{"payload": 7}\n', b'{"payload": {"id": "a"}}\n']
)
def test_damaged_lines_are_named_and_the_others_told(tmp_path: Path, damage: bytes) -> None:
    store = Store(tmp_path)
    store.add("a", told("a"), {"rules": []}, [], None, spoken("abcdef", 3))
    for name in ("states.jsonl", "frames.jsonl"):
        path = tmp_path / "a" / name
        path.write_bytes(damage + path.read_bytes() if damage.endswith(b"\n") else path.read_bytes() + damage)
    (tmp_path / "a" / "trail.json").write_bytes(damage)
    (tmp_path / "a" / "context.json").write_bytes(damage)
    entry = store.get("a")
    assert entry is not None
    assert entry.states() == [told("a")]
    assert entry.damaged() == 1
    assert len(list(entry.frames())) == 3
    assert entry.trail() == []
    with pytest.raises(SquitterError, match=r"context\.json"):
        entry.context()


def test_what_a_killed_process_has_written_twice_is_told_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for text in ("raised", "raised", "updated"):
        store.add("a", told("a", text), {"rules": []}, [], None, [])
    entry = store.get("a")
    assert entry is not None
    assert entry.states() == [told("a", "raised"), told("a", "updated")]


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
    stretch = memory.since(0xABCDEF, None)
    data, whole = memory.read(stretch)
    back = list(unpack(data))
    assert whole
    assert [(b.data, b.time_s, b.signal_dbfs, b.corrected_bits, b.found) for b in back] == [
        (s.data, s.time_s, s.signal_dbfs, s.corrected_bits, s.found) for s in sent
    ]
    assert memory.read(memory.since(0xABCDEF, stretch)) == (b"", True)
    assert [frame_of(json.loads(json.dumps(frame_line(b)))) for b in back] == [
        replace(s, source="alert log") for s in sent
    ]


def test_the_longest_silent_go_first_and_the_budget_holds() -> None:
    memory = FrameMemory(50_000)
    for k in range(40):
        for one in spoken(f"a000{k:02x}", 100, START + 100 * k):
            memory.add(one)
            assert memory.used <= 50_000
    assert memory.read(memory.since(0xA00000, None)) == (b"", False)
    data, whole = memory.read(memory.since(0xA00027, None))
    assert whole
    assert len(list(unpack(data))) == 100


def test_one_alone_loses_its_oldest_frames_and_says_so() -> None:
    memory = FrameMemory(20_000)
    for one in spoken("abcdef", 3000):
        memory.add(one)
    data, whole = memory.read(memory.since(0xABCDEF, None))
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
    for _ in range(2):
        memory.add(frame("abcdef", identification("A"), START))
    memory.forget(START + 3000)
    assert memory.read(memory.since(0xABCDEF, None))[0]
    memory.forget(START + 4000)
    assert memory.used == 0


def test_an_open_alerts_frames_are_never_evicted() -> None:
    memory = FrameMemory(50_000)
    for one in spoken("abcdef", 50):
        memory.add(one)
    memory.pin(0xABCDEF)
    first = memory.since(0xABCDEF, None)
    for k in range(100):
        for one in spoken(f"a000{k:02x}", 100, START + 100 * k):
            memory.add(one)
            assert memory.used <= 50_000
    data, whole = memory.read(first)
    assert (len(list(unpack(data))), whole) == (50, True)
    memory.unpin(0xABCDEF)
    for k in range(100):
        for one in spoken(f"a001{k:02x}", 100, START + 20_000 + 100 * k):
            memory.add(one)
    assert memory.read(first) == (b"", False)


def test_a_history_after_an_eviction_is_not_whole_and_an_old_stretch_does_not_point_into_it() -> None:
    memory = FrameMemory(20_000)
    for one in spoken("abcdef", 50):
        memory.add(one)
    before = memory.since(0xABCDEF, None)
    for k in range(20):
        for one in spoken(f"a000{k:02x}", 100, START + 100 + k):
            memory.add(one)
    assert memory.read(before) == (b"", False)
    for one in spoken("abcdef", 50, START + 300):
        memory.add(one)
    after = memory.since(0xABCDEF, before)
    data, whole = memory.read(after)
    assert (len(list(unpack(data))), whole) == (50, False)


def test_inventions_evict_nobody() -> None:
    memory = FrameMemory(50_000)
    for one in spoken("abcdef", 100):
        memory.add(one)
    for k in range(30_000):
        memory.add(frame(f"{0x100000 + k:06x}", velocity(200, 10), START + 100 + k / 8000))
    data, whole = memory.read(memory.since(0xABCDEF, None))
    assert (len(list(unpack(data))), whole) == (100, True)
    assert memory.used < 10_000


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(1, 40), st.sampled_from(["add", "pin", "since"])), max_size=80)
)
def test_it_never_claims_more_than_there_is(steps: list[tuple[int, int, str]]) -> None:
    memory = FrameMemory(6_000)
    sent: dict[int, int] = {}
    told: dict[int, Any] = {}
    got: dict[int, int] = {}
    all_whole: dict[int, bool] = {}
    now = START
    for who, count, what in steps:
        address = 0xA00000 + who
        if what == "add":
            for one in spoken(f"{address:06x}", count, now):
                memory.add(one)
            sent[address] = sent.get(address, 0) + count
            now += count
        elif what == "pin":
            memory.pin(address)
        else:
            stretch = memory.since(address, told.get(address))
            data, whole = memory.read(stretch)
            told[address] = stretch
            got[address] = got.get(address, 0) + len(list(unpack(data)))
            all_whole[address] = all_whole.get(address, True) and whole
            if all_whole[address]:
                assert got[address] == sent.get(address, 0)
