"""Numbers as Prometheus reads them. `docs/metrics.md` lists them beside readsb's names.

Source: Prometheus, text-based exposition format 0.0.4.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from receiver.earth import METRES_PER_NMI
from receiver.views.outlets import Air

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "squitter_"
# (name, kind, help, key in the statistics, factor): everything that is one number
_PLAIN: tuple[tuple[str, str, str, str, float], ...] = (
    ("uptime_seconds", "gauge", "Signal time since the start.", "uptime_s", 1.0),
    ("messages_total", "counter", "Messages that counted towards an aircraft.", "messages", 1.0),
    ("aircraft", "gauge", "Aircraft in view.", "aircraft", 1.0),
    ("aircraft_with_position", "gauge", "Aircraft in view whose position is known.", "aircraft_with_position", 1.0),
    ("aircraft_seen_total", "counter", "Aircraft that came into view.", "aircraft_seen", 1.0),
    ("aircraft_heard_once_total", "counter", "Aircraft that left after one message.", "aircraft_heard_once", 1.0),
    ("distance_max_meters", "gauge", "Farthest position since the start.", "max_distance_nmi", METRES_PER_NMI),
    ("samples_processed_total", "counter", "Complex samples demodulated.", "samples_processed", 1.0),
    ("samples_dropped_total", "counter", "Samples that came and could not be kept.", "samples_dropped", 1.0),
    ("samples_lost_total", "counter", "Samples that never came, by the clock.", "samples_lost", 1.0),
    ("samples_clipped_total", "counter", "Samples at the ends of the number format.", "clipped_samples", 1.0),
    ("receiver_restarts_total", "counter", "Times that the dongle was started again.", "restarts", 1.0),
    ("preambles_total", "counter", "Places in the signal that looked like a preamble.", "candidates", 1.0),
    ("strong_signals_total", "counter", "Frames above -3 dBFS.", "strong", 1.0),
    ("signal_dbfs", "gauge", "Mean level of the last frames.", "signal_dbfs", 1.0),
    ("noise_dbfs", "gauge", "Noise floor.", "noise_dbfs", 1.0),
    ("gain_db", "gauge", "Tuner gain; absent when the tuner chooses.", "gain_db", 1.0),
    ("sample_rate_hertz", "gauge", "Complex samples a second.", "sample_rate_hz", 1.0),
    ("loop_gap_seconds", "gauge", "Longest gap between two turns of the loop, last ten seconds.", "loop_gap_s", 1.0),
    ("loop_busy_seconds", "gauge", "Processor time of the busiest turn, last ten seconds.", "loop_busy_s", 1.0),
    ("demodulator_load_ratio", "gauge", "Time that demodulating takes per time of signal.", "load_share", 1.0),
)
# (name, label, help, key): counters that the statistics hold by some name
_BY_NAME: tuple[tuple[str, str, str, str], ...] = (
    ("decoded_total", "df", "Frames decoded, by downlink format.", "by_df"),
    ("messages_by_type_total", "type", "Messages that counted, by who speaks (aircraft.json's type).", "address_types"),
    ("rejected_total", "reason", "Frames and messages that did not count.", "rejected"),
    ("frames_total", "found", "Frames from the demodulator, by how they were found.", "accepted"),
    ("refused_total", "reason", "Tries of the demodulator that gave no frame.", "refused"),
    ("positions_total", "outcome", "Position reports, by what became of them.", "positions"),
)
_NOT_A_NAME = re.compile(r"[^a-zA-Z0-9_]")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def prometheus_text(air: Air, sinks: Mapping[str, Mapping[str, float]] | None = None, *, version: str = "") -> str:
    """All metrics at one moment; what is not known is left out.

    Parameters
    ----------
    sinks
        What each sink says of itself, by its name; None: as it stands in the statistics.
    version
        The software's.
    """
    statistics = air.statistics
    out: list[str] = []
    if version:
        _put(out, "build_info", "gauge", "Always 1; the version is in the label.", [({"version": version}, 1)])
    _put(out, "signal_time_seconds", "gauge", "UTC by the signal's clock.", [({}, round(air.now, 3))])
    for name, kind, said, key, factor in _PLAIN:
        value = statistics.get(key)
        if value is not None:
            _put(out, name, kind, said, [({}, value * factor)])
    for name, label, said, key in _BY_NAME:
        parts = statistics.get(key)
        if parts:
            _put(out, name, "counter", said, [({label: str(part)}, count) for part, count in sorted(parts.items())])
    state = statistics.get("receiver_state")
    if state is not None:
        _put(out, "receiver_up", "gauge", "1 while the source delivers.", [({"state": state}, int(state == "open"))])
    clock = statistics.get("clock")
    if clock is not None:
        _put(out, "clock_steps_total", "counter", "Times that the system's clock was set.", [({}, clock["steps"])])
        if "synchronised" in clock:
            _put(out, "clock_synchronised", "gauge", "1 while the kernel holds its clock for synchronised.",
                 [({}, int(clock["synchronised"]))])  # fmt: skip
    _aircraft(out, air)
    for name, value in sorted(_of_sinks(sinks if sinks is not None else statistics.get("sinks", {})).items()):
        kind = "counter" if name.endswith("_total") else "gauge"
        _put(out, name, kind, "What an output says of itself.", value)
    return "\n".join(out) + "\n"


def _aircraft(out: list[str], air: Air) -> None:
    """What is counted from the aircraft themselves."""
    kinds: Counter[str] = Counter()
    versions: Counter[str] = Counter()
    emergencies = identified = 0
    power, heard = 0.0, 0
    for sighting in air.sightings.values():
        kinds[sighting.address_type.value] += 1
        if sighting.adsb_version is not None:
            versions[str(sighting.adsb_version)] += 1
        emergencies += sighting.emergency not in (None, "none")
        identified += sighting.callsign is not None
    for aircraft in air.objects.values():  # whose levels are those that may be told
        if "rssi" in aircraft:
            power += 10.0 ** (aircraft["rssi"] / 10.0)
            heard += 1
    _put(out, "aircraft_by_type", "gauge", "Aircraft in view, by who speaks for them.",
         [({"type": kind}, count) for kind, count in sorted(kinds.items())])  # fmt: skip
    _put(out, "aircraft_by_adsb_version", "gauge", "Aircraft in view, by version of ADS-B.",
         [({"version": number}, count) for number, count in sorted(versions.items())])  # fmt: skip
    _put(out, "aircraft_with_callsign", "gauge", "Aircraft in view whose call sign is known.", [({}, identified)])
    _put(out, "aircraft_emergency", "gauge", "Aircraft in view that declare an emergency.", [({}, emergencies)])
    if heard and power > 0.0:
        _put(out, "aircraft_rssi_dbfs", "gauge", "Mean power of the aircraft in view.",
             [({}, round(10.0 * math.log10(power / heard), 1))])  # fmt: skip


def _of_sinks(sinks: Mapping[str, Mapping[str, float]]) -> dict[str, list[tuple[dict[str, str], float]]]:
    out: dict[str, list[tuple[dict[str, str], float]]] = {}
    for sink, values in sinks.items():
        for key, value in values.items():
            name = "output_" + _NOT_A_NAME.sub("_", key)
            out.setdefault(name, []).append(({"output": sink}, value))
    return out


def _put(out: list[str], name: str, kind: str, said: str, samples: Iterable[tuple[Mapping[str, str], Any]]) -> None:
    """One metric with its samples."""
    rows = [
        f"{PREFIX}{name}{_labels(labels)} {_number(value)}"
        for labels, value in samples
        if isinstance(value, int | float) and math.isfinite(value)
    ]
    if rows:
        out += (f"# HELP {PREFIX}{name} {said}", f"# TYPE {PREFIX}{name} {kind}", *rows)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{key}="{str(value).translate(_ESCAPES)}"' for key, value in labels.items()) + "}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(round(float(value), 6))
