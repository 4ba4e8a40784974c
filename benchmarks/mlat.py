"""How well aircraft that broadcast no position are located: a scene with several stations and its truth, through grouping, decoder, tracker and
multilateration, as in a hub.

    python -m benchmarks.mlat [--scene six-stations] [--start 600] [--seconds 600] [--sync 10] [--hostile NAME]

`--sync` limits the aircraft whose broadcast positions may match clocks. `--hostile` makes a station of the scene send ghosts, displaced positions
and wrong times from a minute on. CPU time is the process's, of multilateration alone. Ends with status 1 when a published position is wrong by
more than 5 km or ten times what was stated.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.air.modulator import Emissions, Modulator
from dsp.air.sky import receiver_at, sweep
from dsp.demodulator import Demodulator
from dsp.samples import SampleBlock, SampleFormat
from receiver.decode import Decoder
from receiver.decode.message import AddressType
from receiver.fleet.grouping import Grouper, Receptions
from receiver.fleet.heard import TICKS_HZ
from receiver.mlat.ellipsoid import axes, to_degrees, to_place
from receiver.mlat.multilateration import Multilateration
from receiver.sources.scene import open_scene
from receiver.sources.scene.stations import Stations
from receiver.sources.scene.stations.sky import EVERYBODY
from receiver.tracking import Tracker
from receiver.tracking.sighting import Slot
from receiver.wire.frame import Frame

SCENES = Path(__file__).parent.parent / "receiver" / "scenes"
SETTLED_S = 60.0
BASELINE_KM = 40.0
PEER = "dump1090-mutability"
HOSTILE = """
[stations.hostile]
from_s = {from_s}
ghosts = 3
displaced = 3
shifted_share = 0.3
shift_us = [1, 100]
replay_share = 0.02
"""


class Result(NamedTuple):
    """One published position against the truth."""

    t: float
    icao: str
    off_m: float
    stated_m: float
    outside_km: float  # of the stations' hull; negative inside


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--scene", default="six-stations")
    parser.add_argument("--start", type=float, default=600.0)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--sync", type=int, default=10)
    parser.add_argument("--hostile", default=None)
    parser.add_argument("--timing", action="store_true", help="the demodulator's arrival times as well")
    arguments = parser.parse_args()
    if arguments.timing:
        _timing()
    with tempfile.TemporaryDirectory() as folder:
        scene = arguments.scene
        if arguments.hostile:
            scene = str(_hostile(scene, arguments.hostile, arguments.start + 60.0, Path(folder)))
        run = Run(open_scene(scene).stations, arguments.sync)
        run.through(arguments.start, arguments.start + arguments.seconds)
    return run.report(arguments.hostile)


class Run:
    """A scene through a hub's middle."""

    def __init__(self, stations: Stations, sync: int) -> None:
        self.stations = stations
        self.names = list(stations.names)
        self.mlat = Multilateration()
        self.decoder, self.tracker = Decoder(), Tracker()
        self.grouper = Grouper()
        self.sync = sync
        self.syncing: set[str] = set()
        places = []
        for name, place in zip(self.names, stations.places_m, strict=True):
            self.mlat.set_station(name, *to_degrees(np.array(place)))
            places.append(np.array(place))
        self.middle = np.mean(places, axis=0)
        latitude, longitude, _ = to_degrees(self.middle)
        self.axes = axes(latitude, longitude)
        self.corners = _hull(np.array([(self.axes @ (place - self.middle))[:2] for place in places]))
        self.results: list[Result] = []
        self.pair_errors: list[float] = []
        self.heard: dict[str, set[int]] = defaultdict(set)
        self.fixed: dict[str, set[int]] = defaultdict(set)
        self.located_cpu_s = self.cpu_s = 0.0
        self.located = self.groups = 0
        self.truth: dict[tuple[bytes, int], NDArray[np.float64]] = {}

    def through(self, begin: float, end: float) -> None:
        """The scene from one moment to another, s."""
        second = begin
        for chunk in self.stations.chunks(begin, end):
            heard = chunk.heard
            utc = heard.start_utc_ns / 1e9
            data = np.zeros((len(heard), 16), np.uint8)
            data[:, :14] = heard.data
            data[heard.n_bytes == 7, 7:] = 0
            n = len(heard)
            rows = Receptions(
                station=heard.station.astype(np.int32),
                clock=heard.epoch.astype(np.int32),
                ticks=np.rint((heard.ticks + heard.fraction) * (TICKS_HZ / 12e6)).astype(np.int64),
                time_s=utc + heard.arrived_s,
                moved_s=np.zeros(n),
                uncertainty_s=np.zeros(n),
                level_dbfs=heard.level_dbfs.astype(np.float32),
                is_clean=np.ones(n, np.bool_),
                address=np.zeros(n, np.uint32),
                data=data,
                n_bytes=heard.n_bytes.astype(np.uint8),
            )
            self.grouper.add(rows)
            sky = chunk.sky
            for row in np.flatnonzero(sky.only == EVERYBODY).tolist():
                size = int(sky.n_bytes[row])
                self.truth[sky.data[row, :size].tobytes(), int(sky.time_s[row] * 1e3)] = sky.place_m[row]
            groups = self.grouper.take(utc + heard.arrived_s[-1] - 1.0 if n else utc)
            for transmission in groups.transmissions(self.names):
                self._one(transmission, utc, begin)
                t = transmission.time_s - utc
                if t >= second + 1.0:
                    second += 1.0
                    self.tracker.expire(transmission.time_s)
                    if second > begin + SETTLED_S:
                        self._pairs(t)
            old = sky.time_s[-1] * 1e3 - 15e3
            for key in [key for key in self.truth if key[1] < old]:
                del self.truth[key]

    def _one(self, transmission, utc: float, begin: float) -> None:  # type: ignore[no-untyped-def]
        message = self.decoder.decode(Frame(transmission.data, transmission.time_s, found="network", source="fleet"))
        sighting = None if message is None else self.tracker.update(message)
        if sighting is None:
            return
        t = transmission.time_s - utc
        position = sighting.values[Slot.POSITION]
        broadcasts = position is not None and position.source is AddressType.ADSB_ICAO
        if broadcasts and position.time_s == sighting.now and sighting.icao not in self.syncing:
            if len(self.syncing) >= self.sync:
                return
            self.syncing.add(sighting.icao)
        settled = t > begin + SETTLED_S
        if settled and not broadcasts and len(transmission.receptions) >= 4:
            self.heard[sighting.icao].add(int(t))
        before, published = self.mlat.counts["located"], None
        began_s = time.process_time()
        published = self.mlat.take(transmission, sighting)
        took_s = time.process_time() - began_s
        if settled:
            self.cpu_s += took_s
            self.groups += 1
            if self.mlat.counts["located"] > before:
                self.located += 1
                self.located_cpu_s += took_s
        if published is None:
            return
        self.fixed[sighting.icao].add(int(t))
        place = self._true(transmission.data, t)
        if place is None:
            return
        local = self.axes @ (place - self.middle)
        east_north_up = axes(published.latitude_deg, published.longitude_deg) @ (
            to_place(published.latitude_deg, published.longitude_deg, published.height_m) - place
        )
        self.results.append(
            Result(
                t, sighting.icao, float(np.hypot(*east_north_up[:2])), published.error_m,
                _outside(self.corners, local[:2]) / 1000.0,
            )
        )  # fmt: skip

    def _true(self, data: bytes, t: float) -> NDArray[np.float64] | None:
        """Where it was sent: it arrived at most 2 ms later."""
        ms = int(t * 1e3)
        return next((self.truth[data, at] for at in (ms, ms - 1, ms - 2) if (data, at) in self.truth), None)

    def _pairs(self, t: float) -> None:
        """Every matched pair's offset against the truth now."""
        clocks = self.mlat.clocks
        read = {}
        for number, name in enumerate(self.names):
            ticks, fraction, _ = self.stations.clocks[number].read([t])
            tick = round((int(ticks[0]) + float(fraction[0])) * TICKS_HZ / 12e6)
            index = clocks._numbers.get(name)
            if index is not None:
                read[name] = clocks.reading(index, tick)
        for pair in clocks.quality():
            if pair.first in read and pair.second in read:
                offset = clocks.offset(pair.first, pair.second, read[pair.first])
                if offset is not None:
                    self.pair_errors.append(offset - (read[pair.second] - read[pair.first]))

    def report(self, hostile: str | None) -> int:
        """The table; 1 when something was published that must not be."""
        events = [event for event in self.mlat.clocks.events if event.kind in ("jump", "erratic", "restart")]
        for event in events[:30]:
            print(f"clock: {event.kind} {','.join(event.stations)} {event.by_s * 1e6:+.2f} µs")
        errors = np.array(self.pair_errors)
        steady = errors[np.abs(errors) < 1e-6]
        one = np.array([(r.off_m, r.stated_m, r.outside_km) for r in self.results]).reshape(-1, 3)
        inside, outside = one[one[:, 2] <= 0], one[(one[:, 2] > 0.5 * BASELINE_KM) & (one[:, 2] <= 1.5 * BASELINE_KM)]
        wrong = int(((one[:, 0] > 5000) | (one[:, 0] > 10 * one[:, 1])).sum())
        seconds = sum(map(len, self.heard.values()))
        found = sum(len(self.heard[icao] & self.fixed[icao]) for icao in self.heard)
        table = {
            "hostile station": hostile,
            "aircraft that match clocks": len(self.syncing),
            "pair clock error, ns rms": round(float(np.sqrt(np.mean(steady**2))) * 1e9, 1) if len(steady) else None,
            "pair clock error, ns 99 %": round(float(np.quantile(np.abs(steady), 0.99)) * 1e9) if len(steady) else None,
            "pairs read before a jump was noticed": [len(errors) - len(steady), len(errors)],
            "positions published": len(one),
            "inside: median, 95 %, most (m)": _three(inside[:, 0]),
            "outside by one baseline: median, 95 %, most (m)": _three(outside[:, 0]),
            "stated 95 % radius holds": round(float(np.mean(one[:, 0] <= one[:, 1])), 4) if len(one) else None,
            "off against the stated radius, most": round(float(np.max(one[:, 0] / one[:, 1])), 2) if len(one) else None,
            "seconds with a fix of those received by four": round(found / max(seconds, 1), 4),
            "wrong by 5 km or ten times the stated": wrong,
            "contradicted aircraft": sum(1 for icao in self.mlat.checks._aircraft if self.mlat.contradiction(icao)),
            "µs a located group, groups a second": [
                round(self.located_cpu_s / max(self.located, 1) * 1e6), round(self.located / max(self.located_cpu_s, 1e-9))
            ],
            "µs a group of any kind": round(self.cpu_s / max(self.groups, 1) * 1e6),
            "became of": dict(self.mlat.counts.most_common()),
        }  # fmt: skip
        print(json.dumps(table, indent=1, ensure_ascii=False))
        return 1 if wrong else 0


def _three(values: NDArray[np.float64]) -> list[int] | None:
    if not len(values):
        return None
    return [round(float(value)) for value in (np.median(values), np.quantile(values, 0.95), values.max())]


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners of the convex hull, counter-clockwise."""
    ordered = sorted(map(tuple, points.tolist()))

    def half(walk: list[tuple[float, float]]) -> list[tuple[float, float]]:
        out: list[tuple[float, float]] = []
        for x, y in walk:
            while len(out) > 1 and (
                (out[-1][0] - out[-2][0]) * (y - out[-2][1]) <= (out[-1][1] - out[-2][1]) * (x - out[-2][0])
            ):
                out.pop()
            out.append((x, y))
        return out[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def _outside(corners: NDArray[np.float64], point: NDArray[np.float64]) -> float:
    """How far a point is from a convex hull, m; −1 inside."""
    ends = np.roll(corners, -1, axis=0)
    along = ends - corners
    away = point - corners
    if np.all(along[:, 0] * away[:, 1] - along[:, 1] * away[:, 0] >= 0):
        return -1.0
    share = np.clip((away * along).sum(axis=1) / (along**2).sum(axis=1), 0, 1)
    return float(np.linalg.norm(away - share[:, None] * along, axis=1).min())


def _hostile(scene: str, name: str, from_s: float, folder: Path) -> Path:
    """The scene with one hostile station."""
    text = (SCENES / f"{scene}.toml").read_text()
    lies = HOSTILE.format(from_s=from_s)
    pattern = rf'(\[\[stations\]\]\nname = "{re.escape(name)}"\n(?:(?!\n\[).*\n)*?)(?=\n\[)'
    changed, count = re.subn(pattern, lambda match: match.group(1) + lies, text)
    if count != 1:
        raise SystemExit(f"--hostile: got {name}, expected a station of {scene}")
    path = folder / "hostile.toml"
    path.write_text(changed)
    return path


def _timing() -> None:
    """σ of the demodulator's arrival times against exact truth, whole samples of 2.4 MHz beside it."""
    levels, each, rate = np.array([10.0, 15.0, 20.0, 25.0]), 250, 2.4e6
    emissions = sweep(levels, each)
    n = int((emissions.start_s[-1] + 1e-3) * rate)
    iq = Modulator(rate, SampleFormat.CU8, receiver_at(rate)).block(emissions, 0, n)
    demodulator = Demodulator(rate, SampleFormat.CU8)
    batches = [demodulator.feed(SampleBlock(iq, 0)), demodulator.flush()]
    start = np.concatenate([batch.sample for batch in batches]) / rate
    data = np.concatenate([batch.data for batch in batches])
    which = np.clip(np.searchsorted(emissions.start_s, start - 20e-6), 0, len(emissions) - 1)
    off = start - emissions.start_s[which]
    right = (np.abs(off) < 3e-6) & (data == emissions.data[which]).all(axis=1)
    for level in levels:
        rows = right & (np.repeat(levels, each)[which] == level)
        whole = np.round(start[rows] * rate) / rate - emissions.start_s[which[rows]]
        print(
            f"arrival times at {level:.0f} dB: σ {np.std(off[rows]) * 1e9:.1f} ns, mean {np.mean(off[rows]) * 1e9:+.1f} ns, "
            f"of {rows.sum()} frames; whole samples: σ {np.std(whole) * 1e9:.0f} ns"
        )
    if shutil.which(PEER):
        _peer_timing(emissions, np.repeat(levels, each), iq)


def _peer_timing(emissions: Emissions, level_of: NDArray[np.float64], iq: NDArray[np.uint8]) -> None:
    """The same of another program's counters; where they begin is its own affair."""
    with tempfile.NamedTemporaryFile(suffix=".cu8") as file:
        np.concatenate([iq, np.full(1_200_000, 127, np.uint8)]).tofile(file.name)
        command = [PEER, "--ifile", file.name, "--raw", "--mlat", "--oversample", "--phase-enhance"]
        lines = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.split()
    found = [(int(line[1:13], 16) / 12e6, bytes.fromhex(line[13:41])) for line in lines if len(line) == 42]
    row_of = {data.tobytes(): row for row, data in enumerate(emissions.data)}
    known = [(at - emissions.start_s[row_of[data]], row_of[data]) for at, data in found if data in row_of]
    off, row = np.array([one[0] for one in known]), np.array([one[1] for one in known])
    near = np.abs(off - np.median(off)) < 5e-6
    for level in np.unique(level_of):
        rows = near & (level_of[row] == level)
        print(f"{PEER} at {level:.0f} dB: σ {np.std(off[rows]) * 1e9:.0f} ns, of {rows.sum()} frames")


if __name__ == "__main__":
    sys.exit(main())
