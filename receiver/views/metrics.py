"""Numbers as Prometheus reads them. `docs/metrics.md` lists them beside readsb's names.

Source: Prometheus, text-based exposition format 0.0.4.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from receiver.decode.message import AddressType
from receiver.earth import METRES_PER_NMI
from receiver.process_numbers import PROCESS_METRICS
from receiver.tracking.position import Outcome
from receiver.views.metrics_of_outputs import metrics_of_outputs
from receiver.views.outlets import Air

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "squitter_"
# (name, kind, help, key in the statistics, factor): everything that is one number
_PLAIN: tuple[tuple[str, str, str, str, float], ...] = (
    ("uptime_seconds", "gauge", "Signal time since the start.", "uptime_s", 1.0),
    ("messages_total", "counter", "Messages accepted for an aircraft.", "messages", 1.0),
    ("aircraft", "gauge", "Aircraft in view.", "aircraft", 1.0),
    ("aircraft_with_position", "gauge", "Aircraft in view with a known position.", "aircraft_with_position", 1.0),
    ("aircraft_seen_total", "counter", "Aircraft received since the start.", "aircraft_seen", 1.0),
    (
        "aircraft_seen_once_total",
        "counter",
        "Aircraft that expired after a single message.",
        "aircraft_heard_once",
        1.0,
    ),
    (
        "distance_max_meters",
        "gauge",
        "Maximum distance of a position since the start.",
        "max_distance_nmi",
        METRES_PER_NMI,
    ),
    ("samples_processed_total", "counter", "Complex samples demodulated.", "samples_processed", 1.0),
    (
        "samples_dropped_total",
        "counter",
        "Samples received and dropped because a queue was full.",
        "samples_dropped",
        1.0,
    ),
    ("samples_lost_total", "counter", "Samples never received, by the clock.", "samples_lost", 1.0),
    ("samples_clipped_total", "counter", "Samples at the limits of the number format.", "clipped_samples", 1.0),
    ("receiver_restarts_total", "counter", "Restarts of the dongle.", "restarts", 1.0),
    ("preambles_total", "counter", "Places in the signal that resemble a preamble.", "candidates", 1.0),
    ("frames_strong_total", "counter", "Frames above -3 dBFS.", "strong", 1.0),
    ("signal_dbfs", "gauge", "Mean level of recent frames.", "signal_dbfs", 1.0),
    ("noise_dbfs", "gauge", "Noise floor.", "noise_dbfs", 1.0),
    ("gain_db", "gauge", "Tuner gain; absent when the tuner controls it.", "gain_db", 1.0),
    ("sample_rate_hertz", "gauge", "Complex samples per second.", "sample_rate_hz", 1.0),
    (
        "loop_gap_seconds",
        "gauge",
        "Longest gap between two turns of the event loop, last ten seconds.",
        "loop_gap_s",
        1.0,
    ),
    (
        "loop_busy_seconds",
        "gauge",
        "CPU time of the busiest turn of the event loop, last ten seconds.",
        "loop_busy_s",
        1.0,
    ),
    ("demodulator_load_ratio", "gauge", "Demodulation time per time of signal.", "load_share", 1.0),
)
_REJECTED = (
    *("mode_ac", "length", "unused_format", "parity", "interrogator", "address"),
    *("military", "comm_d", "management", "unconfirmed"),
)
# (name, label, help, key, known values of the label): counters that the statistics hold by some name. Known values are
# reported from the first scrape on: `rate()` of a series that begins at 1 misses its first event.
_BY_NAME: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("messages_decoded_total", "df", "Messages decoded, by downlink format.", "by_df",
     ("0", "4", "5", "11", "16", "17", "18", "20", "21")),
    ("messages_by_type_total", "type", "Messages accepted, by address type (`type` of aircraft.json).", "address_types",
     tuple(kind.value for kind in AddressType)),
    ("messages_rejected_total", "reason", "Frames and messages rejected, by reason.", "rejected", _REJECTED),
    ("frames_total", "found", "Frames from the demodulator, by how they were found.", "accepted",
     ("direct", "repaired", "beneath")),
    ("frames_refused_total", "reason", "Attempts of the demodulator that gave no frame, by reason.", "refused",
     ("unrepaired", "unbelieved", "doubtful", "implausible")),
    ("position_reports_total", "outcome", "Position reports, by outcome.", "positions",
     (*(outcome.value for outcome in Outcome), "outranked")),
)  # fmt: skip
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def prometheus_text(
    air: Air,
    sinks: Mapping[str, Mapping[str, float]] | None = None,
    process: Mapping[str, float] | None = None,
    *,
    version: str = "",
) -> str:
    """All metrics at one moment; unknown quantities are absent.

    Parameters
    ----------
    sinks
        What each sink reports of itself, by its name; None: as it stands in the statistics.
    process
        Values by the names of `receiver.process_numbers.PROCESS_METRICS`.
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
    inputs = statistics.get("inputs")
    if inputs is not None:
        _put(out, "input_bytes_total", "counter", "Bytes from other receivers.", [({}, inputs["bytes"])])
        _put(out, "input_copies_total", "counter", "Frames from other receivers dropped because the same had come before.",
             [({}, inputs["copies"])])  # fmt: skip
    for name, label, said, key, known in _BY_NAME:
        parts = statistics.get(key)
        if parts is not None:
            counts = {**dict.fromkeys(known, 0), **parts}
            _put(out, name, "counter", said, [({label: str(part)}, count) for part, count in sorted(counts.items())])
    state = statistics.get("receiver_state")
    if state is not None:
        _put(
            out, "receiver_up", "gauge", "1 while the source delivers samples or frames.", [({}, int(state == "open"))]
        )
    clock = statistics.get("clock")
    if clock is not None:
        _put(out, "clock_steps_total", "counter", "Steps of the system clock since the start.", [({}, clock["steps"])])
        if "synchronised" in clock:
            _put(out, "clock_synchronised", "gauge", "1 while the kernel reports its clock as synchronised.",
                 [({}, int(clock["synchronised"]))])  # fmt: skip
    _aircraft(out, air)
    for metric, samples in metrics_of_outputs(sinks if sinks is not None else statistics.get("sinks", {})).items():
        kind = "counter" if metric.name.endswith("_total") else "gauge"
        _put(out, metric.name, kind, metric.said, samples)
    for name, (kind, said) in PROCESS_METRICS.items():
        if process and name in process:
            _put(out, name, kind, said, [({}, process[name])], prefix="")
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
    for aircraft in air.objects.values():  # whose levels are those that may be published
        if "rssi" in aircraft:
            power += 10.0 ** (aircraft["rssi"] / 10.0)
            heard += 1
    _put(out, "aircraft_by_type", "gauge", "Aircraft in view, by address type (`type` of aircraft.json).",
         [({"type": kind}, count) for kind, count in sorted(kinds.items())])  # fmt: skip
    _put(out, "aircraft_by_adsb_version", "gauge", "Aircraft in view, by ADS-B version.",
         [({"version": number}, count) for number, count in sorted(versions.items())])  # fmt: skip
    _put(out, "aircraft_with_callsign", "gauge", "Aircraft in view with a known call sign.", [({}, identified)])
    _put(out, "aircraft_emergency", "gauge", "Aircraft in view that report an emergency.", [({}, emergencies)])
    if heard and power > 0.0:
        _put(out, "aircraft_rssi_dbfs", "gauge", "Mean power of the aircraft in view.",
             [({}, round(10.0 * math.log10(power / heard), 1))])  # fmt: skip


def _put(
    out: list[str],
    name: str,
    kind: str,
    said: str,
    samples: Iterable[tuple[Mapping[str, str], Any]],
    prefix: str = PREFIX,
) -> None:
    """One metric with its samples."""
    rows = [
        f"{prefix}{name}{_labels(labels)} {_number(value)}"
        for labels, value in samples
        if isinstance(value, int | float) and math.isfinite(value)
    ]
    if rows:
        out += (f"# HELP {prefix}{name} {said}", f"# TYPE {prefix}{name} {kind}", *rows)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{key}="{str(value).translate(_ESCAPES)}"' for key, value in labels.items()) + "}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(round(float(value), 6))
