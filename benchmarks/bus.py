"""What publishing costs, how late it is, and what a flood or a dead broker does to it: `python -m benchmarks.bus`.

Against a real mosquitto on the loopback. CPU is this process's own; what making the sightings costs is measured without
a sink and taken off. Latency is from handing a sighting to the sink until another process, subscribed, has it, by the machine's clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from config.mqtt import MqttSettings
from config.station import StationSettings
from receiver.decode.message import AddressType
from receiver.outbox import Outbox
from receiver.sinks.mqtt import MqttSink
from receiver.tracking import Position, Sighting, Tracker, Value
from receiver.tracking.sighting import Slot
from receiver.views.aircraft_object import aircraft_object
from receiver.views.outlets import Air, Sink
from tests.mosquitto import Mosquitto, retained, running_mosquitto
from tests.receiver.watch.air import frame, identification

SUBSCRIBER = """
import sys, time
import paho.mqtt.client as paho
def tell(client, userdata, message):
    sys.stdout.buffer.write(b"%.6f %s\\n" % (time.time(), message.payload))
client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
client.on_message = tell
client.on_connect = lambda client, *_: client.subscribe("squitter/home/aircraft/+")
client.on_subscribe = lambda *_: (sys.stdout.buffer.write(b"ready\\n"), sys.stdout.flush())
client.connect("127.0.0.1", int(sys.argv[1]))
import signal
signal.signal(signal.SIGTERM, lambda *_: client.disconnect())
client.loop_forever()
"""
CHANGES = frozenset({"latitude_deg", "longitude_deg", "position"})


def sink_for(port: int, directory: Path, *, quick: bool = False) -> MqttSink:
    settings = MqttSettings(port=port)
    station = StationSettings(latitude=19.3, longitude=-99.2)
    outbox = Outbox(directory / "outbox.sqlite3")
    return MqttSink(settings, station, dict, outbox=outbox, backoff_s=(0.1, 1.0) if quick else (1.0, 60.0))


class Traffic:
    """Aircraft that fly on, as sightings: what a tracker would give, without its cost."""

    def __init__(self, count: int) -> None:
        now = time.time()
        self.sightings = [self._first(i, now) for i in range(count)]

    def _first(self, i: int, now: float) -> Sighting:
        values: list[Value[object] | None] = [None] * len(Slot)

        def put(slot: Slot, value: object) -> None:
            values[slot] = Value(value, now, AddressType.ADSB_ICAO, "0,5")

        put(Slot.CALLSIGN, f"TEST{i:04d}")
        put(Slot.CATEGORY, "A3")
        put(Slot.SQUAWK, "1200")
        put(Slot.ALTITUDE_BARO, 30_000 + 25 * i)
        put(Slot.GROUND_SPEED, 440.0)
        put(Slot.TRACK, float(i % 360))
        put(Slot.RATE_BARO, 0)
        put(Slot.POSITION, Position(19.0 + i / 500, -99.0, 8, 186.0, False, 20.0, 90.0, None))
        return Sighting(
            icao=f"{0xA00000 + i:06x}", now=now, changed=CHANGES, events=(), address_type=AddressType.ADSB_ICAO,
            confirmed=True, messages=10, rssi_dbfs=-20.0, first_seen_s=now, last_seen_s=now, last_position=None,
            comm_b=None, values=tuple(values),
        )  # fmt: skip

    def fly(self, i: int, now: float) -> Sighting:
        """The next sighting of one aircraft, 230 m/s further on."""
        before = self.sightings[i]
        old = before.values[Slot.POSITION]
        assert old is not None
        position = old.value._replace(latitude_deg=old.value.latitude_deg + 0.0021 * (now - before.now))
        values = list(before.values)
        values[Slot.POSITION] = Value(position, now, AddressType.ADSB_ICAO, "0,5")
        after = replace(before, now=now, last_seen_s=now, messages=before.messages + 1, values=tuple(values))
        self.sightings[i] = after
        return after

    def air(self, now: float, *, objects: bool) -> Air:
        """All of them."""
        by_icao = {sighting.icao: sighting for sighting in self.sightings}
        made = {icao: aircraft_object(sighting, now) for icao, sighting in by_icao.items()} if objects else {}
        return Air(now, by_icao, made, {"messages_per_s": 2000.0, "noise_dbfs": -32.0})


async def feed(sinks: Iterable[Sink], aircraft: int, messages_per_s: int, seconds: float) -> tuple[float, int]:
    """Messages evenly in real time, in bursts of 20 ms, and a second's picture every second; CPU (s) and messages."""
    traffic = Traffic(aircraft)
    cpu_s = time.process_time()
    began_s = second_s = time.time()
    sent = 0
    while (now := time.time()) - began_s < seconds:
        due = int((now - began_s) * messages_per_s)
        for n in range(sent, due):
            sighting = traffic.fly(n % aircraft, time.time())
            for sink in sinks:
                sink.sighting(sighting)
        sent = max(sent, due)
        if now - second_s >= 1.0:
            second_s += 1.0
            air = traffic.air(now, objects=True)
            for sink in sinks:
                sink.second(air)
        await asyncio.sleep(0.02)
    return time.process_time() - cpu_s, sent


def cost_and_latency(aircraft: int, messages_per_s: int, seconds: float, directory: Path) -> None:
    """Verified: as many messages arrive as the rate allows, for every aircraft."""
    baseline_s, _ = asyncio.run(feed((), aircraft, messages_per_s, seconds))

    async def with_sink(port: int) -> tuple[float, int, float]:
        sink = sink_for(port, directory)
        task = asyncio.create_task(sink.run())
        await sink.finish()
        cpu_s, sent = await feed((sink,), aircraft, messages_per_s, seconds)
        ended_s = time.time()
        await sink.finish()
        assert sink.publisher.box.dropped == 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return cpu_s, sent, ended_s

    with running_mosquitto(directory) as broker:
        out = directory / "messages"
        with out.open("wb") as file:
            subscriber = subprocess.Popen([sys.executable, "-c", SUBSCRIBER, str(broker.port)], stdout=file)
            while not out.stat().st_size:
                time.sleep(0.05)
            cpu_s, sent, ended_s = asyncio.run(with_sink(broker.port))
            time.sleep(0.3)
            subscriber.terminate()
            subscriber.wait(10)
    latencies, told = [], {}
    for line in out.read_bytes().splitlines()[1:]:
        arrived, _, payload = line.partition(b" ")
        if payload:
            found = json.loads(payload)
            told[found["hex"]] = told.get(found["hex"], 0) + 1
            if float(arrived) < ended_s:  # what the rate has held back until the end is not late
                latencies.append(float(arrived) - found["now"])
    assert len(told) == aircraft
    assert min(told.values()) >= 0.8 * seconds
    assert max(told.values()) <= seconds + 2
    latencies.sort()
    p99 = latencies[math.ceil(0.99 * len(latencies)) - 1]
    print(
        f"{aircraft} aircraft, {sent / seconds:.0f} messages/s, {seconds:.0f} s: "
        f"{len(latencies) / seconds:.0f} publications/s, CPU {100 * (cpu_s - baseline_s) / seconds:.1f} % of a core "
        f"({1e6 * (cpu_s - baseline_s) / len(latencies):.0f} µs a publication; "
        f"making the sightings {100 * baseline_s / seconds:.1f} %)"
    )
    print(
        f"  latency: median {1000 * statistics.median(latencies):.0f} ms, 99 % {1000 * p99:.0f} ms, "
        f"longest {1000 * latencies[-1]:.0f} ms"
    )


def ghosts(count: int, directory: Path) -> None:
    """Addresses that differ, each heard once. Verified: the broker retains nothing but the station's own topics."""

    async def main(broker: Mosquitto) -> dict[str, bytes]:
        from receiver.decode.decoder import Decoder

        sink = sink_for(broker.port, directory)
        tracker, decoder = Tracker(), Decoder()
        task = asyncio.create_task(sink.run())
        await sink.finish()
        began_s = 1_760_000_000.0
        me = identification("GHOST")
        for i in range(count):
            now = began_s + i / 8000
            message = decoder.decode(frame(f"{i * 10_368_889 % 2**24:06x}", me, now))
            sighting = tracker.update(message) if message is not None else None
            if sighting is not None:
                sink.sighting(sighting)
            if i % 8000 == 7999:
                for departed in tracker.expire(now):
                    sink.departed(departed)
                known = {one.icao: one for one in tracker.aircraft(now)}
                sink.second(Air(now, known, {k: aircraft_object(v, now) for k, v in known.items()}, {}))
                await asyncio.sleep(0)
        await sink.finish()
        kept = await asyncio.to_thread(retained, broker.port, "#")
        print(
            f"{count} ghost addresses: {len([t for t in kept if '/aircraft/' in t])} topics, {len(sink._known)} known"
        )
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return kept

    with running_mosquitto(directory) as broker:
        kept = asyncio.run(main(broker))
    assert not [topic for topic in kept if "/aircraft/" in topic]


def rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def dead_broker(minutes: int, aircraft: int, directory: Path) -> None:
    """Ten minutes of signal, as fast as it goes, against a broker that has stopped answering."""

    async def main(broker: Mosquitto) -> None:
        sink = sink_for(broker.port, directory, quick=True)
        task = asyncio.create_task(sink.run())
        await sink.finish()
        broker.freeze()
        traffic = Traffic(aircraft)
        now = time.time()
        marks = []
        for second in range(60 * minutes):
            now += 1.0
            for i in range(aircraft):
                sink.sighting(traffic.fly(i, now))
            sink.second(traffic.air(now, objects=True))
            await asyncio.sleep(0)
            if second % 60 == 59:
                marks.append(rss_mb())
        print(f"{minutes} minutes of a dead broker, {aircraft} aircraft: RSS {marks[0]:.1f} → {marks[-1]:.1f} MB")
        assert marks[-1] - marks[0] < 10
        assert len(sink.publisher.pending) <= aircraft + 10
        broker.thaw()
        assert await sink.publisher.drain(30)
        kept = await asyncio.to_thread(retained, broker.port, "squitter/home/aircraft/+")
        assert len(kept) == aircraft
        assert {json.loads(payload)["now"] for payload in kept.values()} == {round(now, 3)}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with running_mosquitto(directory) as broker:
        asyncio.run(main(broker))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the real-time run")
    parser.add_argument("--ghosts", type=int, default=500_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        for i, job in enumerate(
            (
                lambda where: cost_and_latency(500, 2000, arguments.seconds, where),
                lambda where: dead_broker(10, 500, where),
                lambda where: ghosts(arguments.ghosts, where),
            )
        ):
            where = Path(directory) / str(i)
            where.mkdir()
            job(where)


if __name__ == "__main__":
    main()
