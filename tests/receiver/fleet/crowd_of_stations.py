"""What the stations of a scene publish, message by message, for tests and benchmarks of the hub."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from receiver.fleet.heard import Record, address_of, encode
from receiver.sources.scene.stations import Stations

Message = tuple[float, str, str, bytes]


def published(
    stations: Stations, begin_s: float, end_s: float, latency_s: float = 0.1, wrong_s: float = 0.05
) -> Iterator[Message]:
    """When each message arrives (UTC s), from whom, about whom (hex), and its payload; oldest first.

    Parameters
    ----------
    wrong_s
        What each station says of UTC is off by up to so much, as NTP leaves it.
    """
    names = stations.names
    off_s = [wrong_s * (2.0 * ((n * 0.37) % 1.0) - 1.0) for n in range(len(names))]
    waiting: dict[tuple[int, int], list[tuple[float, Record, int]]] = {}
    due: list[tuple[float, tuple[int, int]]] = []
    addresses: dict[bytes, int | None] = {}

    def flush(now: float) -> Iterator[Message]:
        while due and due[0][0] <= now:
            at, key = due.pop(0)
            rows = waiting.pop(key, None)
            if rows is None:
                continue
            by_clock = defaultdict(list)
            for when, record, epoch in rows:
                by_clock[epoch].append((when, record))
            for epoch, told in by_clock.items():
                first_s, first = told[0]
                anchor_s = first_s - first.ticks / 120e6 + off_s[key[0]]
                payload = encode(epoch, anchor_s, 0.1, [record for _, record in told][:250])
                yield at + latency_s, names[key[0]], f"{key[1]:06x}", payload

    for heard in stations.receptions(begin_s, end_s):
        utc_s = heard.start_utc_ns / 1e9 + heard.arrived_s
        ticks = heard.ticks * 10 + np.rint(heard.fraction * 10).astype(np.int64)
        frames = heard.frames()
        for station, at, tick, level, data, epoch in zip(
            heard.station.tolist(), utc_s.tolist(), ticks.tolist(), heard.level_dbfs.tolist(), frames,
            heard.epoch.tolist(), strict=True,
        ):  # fmt: skip
            yield from flush(at)
            if data not in addresses:
                addresses[data] = address_of(data)
                if len(addresses) > 100_000:
                    addresses.clear()
                    addresses[data] = address_of(data)
            address = addresses[data]
            if address is None:
                continue
            key = station, address
            if key not in waiting:
                waiting[key] = []
                due.append((at + 1.0, key))
            waiting[key].append((at, Record(data, tick, min(level, 0.0), True), epoch))
    yield from flush(float("inf"))
