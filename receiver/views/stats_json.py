"""`stats.json`: what was counted in the last minute, five, fifteen, and since the start, under readsb's keys.

Source: readsb, `generateStatsJson` and `appendStatsJson` (the code; its README names some keys otherwise).
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from receiver.decode.message import AddressType
from receiver.earth import METRES_PER_NMI
from receiver.views.outlets import Air

STEP_S = 10.0  # readsb's, too: windows begin at tens of seconds
WINDOWS = {"last1min": 60.0, "last5min": 300.0, "last15min": 900.0}
_DEMOD_MS = "_demod_ms"
_CPU = ("demod", "reader", "background", "aircraft_json", "globe_json", "binCraft", "trace_json", "heatmap_and_state",
        "api_workers", "api_update", "remove_stale")  # fmt: skip

Statistics = Mapping[str, Any]


class StatsWindows:
    """Remembers the counters as they were, every ten seconds for fifteen minutes."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, Statistics]] = deque()
        self._latest: tuple[float, Statistics] | None = None
        self._start_s = 0.0
        self._types: Counter[str] = Counter()
        self._demod_ms = 0.0  # the share of each second, summed

    def add(self, air: Air) -> None:
        """Take in the counters of one moment. To be called once a second; a step back of the clock starts anew."""
        if self._latest is None:
            self._start_s = air.now - max(0.0, float(air.statistics.get("uptime_s", 0.0)))
            if air.now - self._start_s < STEP_S:
                self._marks.append((self._start_s, {}))
        elif air.now < self._latest[0]:
            self._marks.clear()
            self._start_s = min(self._start_s, air.now)
        else:
            self._demod_ms += 1000.0 * air.statistics.get("load_share", 0.0) * (air.now - self._latest[0])
        statistics: Statistics = {**air.statistics, _DEMOD_MS: self._demod_ms}
        self._types = Counter(sighting.address_type.value for sighting in air.sightings.values())
        self._latest = (air.now, statistics)
        if not self._marks or air.now - self._marks[-1][0] >= STEP_S:
            self._marks.append((air.now, statistics))
            while air.now - self._marks[0][0] > WINDOWS["last15min"] + STEP_S:
                self._marks.popleft()

    def object(self) -> dict[str, Any]:
        """The content of `stats.json`; empty windows before anything was added."""
        if self._latest is None:
            return {}
        now, statistics = self._latest
        out: dict[str, Any] = {"now": round(now, 1)}
        if "gain_db" in statistics:
            out["gain_db"] = statistics["gain_db"]
        aircraft, placed = statistics.get("aircraft"), statistics.get("aircraft_with_position")
        if aircraft is not None and placed is not None:
            out["aircraft_with_pos"], out["aircraft_without_pos"] = placed, aircraft - placed
        out["aircraft_count_by_type"] = {kind.value: self._types[kind.value] for kind in AddressType}
        start_s, before = self._marks[-1]
        out["latest"] = _window(start_s, now, before, statistics)
        for name, length_s in WINDOWS.items():
            # the oldest mark that is not older than the window; half a step may be missing or too much
            start_s, before = next(mark for mark in self._marks if now - mark[0] <= length_s + STEP_S / 2)
            out[name] = _window(start_s, now, before, statistics)
        out["total"] = _window(self._start_s, now, {}, statistics)
        return out


def _bytes_out(statistics: Statistics) -> int:
    """What the network outputs have sent."""
    said = statistics.get("sinks", {}).get("network", {})
    return int(sum(count for name, count in said.items() if name.endswith("_bytes_total")))


def _window(start_s: float, end_s: float, before: Statistics, after: Statistics) -> dict[str, Any]:
    """One window: the difference of two states of the counters, and the levels of the later one."""

    def grown(key: str) -> int:
        return max(0, int(after.get(key, 0)) - int(before.get(key, 0)))

    def grown_part(key: str, part: str) -> int:
        return max(0, int(after.get(key, {}).get(part, 0)) - int(before.get(key, {}).get(part, 0)))

    def grown_sum(key: str, *but: str) -> int:
        return sum(grown_part(key, part) for part in after.get(key, {}) if part not in but)

    out: dict[str, Any] = {"start": round(start_s, 1), "end": round(end_s, 1)}
    accepted = after.get("accepted")
    remote = {name: grown_part("remote", name) for name in after.get("remote", {})}
    unconfirmed = grown_part("rejected", "unconfirmed")
    # both, always: programs look for the one that they know
    if "samples_processed" in after:
        local: dict[str, Any] = {
            "samples_processed": grown("samples_processed"),
            "samples_dropped": grown("samples_dropped"),
            "samples_lost": grown("samples_lost"),
            "modeac": 0,
            "modes": grown("candidates"),
            "bad": sum(grown_part("refused", name) for name in ("unrepaired", "doubtful", "implausible")),
            "unknown_icao": grown_part("refused", "unbelieved"),
            # by number of corrected bits in readsb: none, and some
            "accepted": [grown_part("accepted", "direct") + grown_part("accepted", "beneath"),
                         grown_part("accepted", "repaired")] if accepted is not None else [0, 0],
            "strong_signals": grown("strong"),
        }  # fmt: skip
        for key, name in (("signal_dbfs", "signal"), ("noise_dbfs", "noise")):
            level = after.get(key)
            if level is not None and math.isfinite(level):
                local[name] = min(0.0, level)
        if "signal" in local:
            local["peak_signal"] = local["signal"]
        gain_db = after.get("gain_db")
        if gain_db is not None and math.isfinite(gain_db):
            local["gain_db"] = gain_db
        unconfirmed = 0  # the demodulator counts its own
    else:
        local = dict.fromkeys(("samples_processed", "samples_dropped", "samples_lost", "modeac", "modes", "bad"), 0)
        local |= {"unknown_icao": 0, "accepted": [0, 0], "strong_signals": 0}
    out["local"] = local
    bad = sum(count for name, count in remote.items() if name not in ("messages", "mode_ac"))
    messages = remote.get("messages", 0)
    out["remote"] = {
        "modeac": remote.get("mode_ac", 0),
        "modes": messages + bad,
        "basestation": 0,
        "bad": bad,
        "unknown_icao": unconfirmed,
        "accepted": [max(0, messages - unconfirmed), 0],
        "bytes_in": grown_part("inputs", "bytes"),
        "bytes_out": max(0, _bytes_out(after) - _bytes_out(before)),
    }
    positions = {name: grown_part("positions", name) for name in after.get("positions", {})}
    out["cpr"] = {
        "surface": grown_part("position_reports", "surface"),
        "airborne": grown_part("position_reports", "airborne"),
        "global_ok": positions.get("global", 0) + positions.get("replaced", 0),
        "global_bad": positions.get("out_of_range", 0) + positions.get("quarantined", 0),
        "global_range": positions.get("out_of_range", 0),
        "global_speed": positions.get("quarantined", 0),
        "global_skipped": positions.get("waiting", 0),
        "local_ok": positions.get("local", 0),
        "local_aircraft_relative": positions.get("local", 0),
        "local_receiver_relative": 0,
        "local_skipped": 0,
        "local_range": 0,
        "local_speed": 0,
        "filtered": positions.get("outranked", 0),
    }
    out["altitude_suppressed"] = grown_part("contradicted", "altitude_baro_ft")
    # graphs1090 adds these up and wants all of them
    out["cpu"] = dict.fromkeys(_CPU, 0)
    out["cpu"]["demod"] = grown(_DEMOD_MS)
    spent, spent_before = after.get("cpu_s", {}), before.get("cpu_s", {})
    out["cpu"]["background"] = round(1000 * max(0.0, spent.get("loop", 0.0) - spent_before.get("loop", 0.0)))
    out["tracks"] = {"all": grown("aircraft_seen"), "single_message": grown("aircraft_heard_once")}
    out["messages"] = out["messages_valid"] = grown("messages")
    out["position_count_total"] = sum(positions.get(name, 0) for name in ("global", "local", "replaced"))
    out["position_count_by_type"] = {kind.value: grown_part("positions_by_type", kind.value) for kind in AddressType}
    if "max_distance_nmi" in after:
        out["max_distance"] = round(after["max_distance_nmi"] * METRES_PER_NMI)
    return out
