"""What is true about a piece of a scene with several stations, as lines of JSON.

| line | keys |
|---|---|
| a transmission | `sent` (number), `t` (s), `frame`, `icao`, `lat`, `lon`, `height_m`, `alt_baro_ft`, `ecef_m`, `on_ground` |
| a clock, each second | `clock` (station), `t`, `ticks`, `fraction`, `epoch`, `ppm`, `lost_ticks`, `received` |
| a reception | `station`, `ticks`, `fraction`, `epoch`, `level_dbfs`, `snr_db`, `frame`, `t` (true arrival), `error_ns`, `sent`, `lie` |
| a frame in samples | `station`, `sample`, `t`, `level_dbfs`, `carrier_offset_hz`, `sent`, `frame` |

Times `t` are seconds after the scene's start.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import numpy as np

from receiver.sources.scene.stations.receptions import LIES, Receptions
from receiver.sources.scene.stations.samples import Heard
from receiver.sources.scene.stations.sky import EVERYBODY
from receiver.sources.scene.stations.stations import Chunk, Stations


def _line(values: dict[str, object]) -> str:
    return json.dumps(values, separators=(",", ":")) + "\n"


def sent_lines(stations: Stations, chunk: Chunk) -> Iterator[str]:
    """One line a transmission; what is invented was never sent."""
    sky = chunk.sky
    for k in np.flatnonzero(sky.only == EVERYBODY).tolist():
        yield _line(
            {
                "sent": chunk.first + k,
                "t": round(float(sky.time_s[k]), 10),
                "frame": sky.frame(k).hex().upper(),
                "icao": f"{int(stations.sky.icao[sky.who[k]]):06x}",
                "lat": round(float(sky.latitude[k]), 7),
                "lon": round(float(sky.longitude[k]), 7),
                "height_m": round(float(sky.height_m[k]), 2),
                "alt_baro_ft": round(float(sky.altitude_ft[k]), 1),
                "ecef_m": [round(x, 2) for x in sky.place_m[k].tolist()],
                "on_ground": bool(sky.on_ground[k]),
            }
        )


def clock_lines(stations: Stations, begin_s: float, end_s: float) -> Iterator[str]:
    """One line for each station and whole second, begin_s ≤ t < end_s."""
    seconds = np.arange(np.ceil(begin_s), end_s)
    for number, (name, clock) in enumerate(zip(stations.names, stations.clocks, strict=True)):
        reading = clock.read(seconds)
        rows = zip(
            seconds.tolist(), reading.ticks.tolist(), reading.fraction.tolist(), reading.epoch.tolist(),
            (1e6 * clock.frequency_error(seconds)).tolist(), clock.lost_ticks(seconds).tolist(),
            stations.is_received(number, seconds).tolist(), strict=True,
        )  # fmt: skip
        for t, ticks, fraction, epoch, ppm, lost, received in rows:
            yield _line(
                {
                    "clock": name, "t": t, "ticks": ticks, "fraction": round(fraction, 6), "epoch": epoch,
                    "ppm": round(ppm, 6), "lost_ticks": lost, "received": received,
                }
            )  # fmt: skip


def heard_lines(stations: Stations, heard: Receptions) -> Iterator[str]:
    """One line a reception."""
    rows = zip(
        heard.station.tolist(), heard.ticks.tolist(), heard.fraction.tolist(), heard.epoch.tolist(),
        heard.level_dbfs.tolist(), heard.snr_db.tolist(), heard.frames(), heard.arrived_s.tolist(),
        heard.error_s.tolist(), heard.sent.tolist(), heard.lie.tolist(), strict=True,
    )  # fmt: skip
    for station, ticks, fraction, epoch, level, snr, data, t, error, sent, lie in rows:
        line: dict[str, object] = {
            "station": stations.names[station], "ticks": ticks, "fraction": round(fraction, 6), "epoch": epoch,
            "level_dbfs": round(level, 2), "snr_db": round(snr, 2), "frame": data.hex().upper(), "t": round(t, 10),
            "error_ns": round(1e9 * error, 2), "sent": sent,
        }  # fmt: skip
        if lie:
            line["lie"] = LIES[lie]
        yield _line(line)


def sample_lines(name: str, heard: Iterable[Heard]) -> Iterator[str]:
    """One line a frame in a station's samples."""
    for one in heard:
        yield _line(
            {
                "station": name, "sample": round(one.sample, 5), "t": round(one.arrived_s, 10),
                "level_dbfs": round(one.level_dbfs, 2), "carrier_offset_hz": round(one.carrier_offset_hz),
                "sent": one.sent, "frame": one.data.hex().upper(),
            }
        )  # fmt: skip
