"""The payload of the `stats` topic: what has been counted, what the rates are, what is wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from receiver.clock import ClockState
from receiver.decode.decoder import DecoderStatistics
from receiver.pipeline.heard import Reception
from receiver.sources.dongle.live import ReceiverHealth
from receiver.tracking.statistics import TrackerStatistics

RATE_WINDOW_S = 10.0


class Rates:
    """Messages a second over the last ten seconds of signal."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()

    def per_second(self, now: float, count: int) -> float:
        """Tell the counter's value at `now`; the result is its mean growth per second since some ten seconds ago."""
        counts = self._counts
        if counts and now < counts[-1][0]:
            counts.clear()
        counts.append((now, count))
        while len(counts) > 2 and now - counts[1][0] >= RATE_WINDOW_S:
            counts.popleft()
        seconds = now - counts[0][0]
        return (count - counts[0][1]) / seconds if seconds > 0 else 0.0


class Silence:
    """How long nothing has come from the receiver, by the signal's clock: neither samples nor messages."""

    def __init__(self) -> None:
        self._counts: tuple[int, int] | None = None
        self._since_s = 0.0

    def seconds(self, now: float, messages: int, reception: Reception | None) -> float:
        """Tell how many messages there have been at `now`."""
        demodulator = None if reception is None else reception.demodulator
        counts = (messages, 0 if demodulator is None else demodulator.samples_processed)
        if counts != self._counts or now < self._since_s:
            self._counts, self._since_s = counts, now
        return now - self._since_s


def statistics_payload(
    now: float,
    started_s: float,
    per_second: float,
    reception: Reception | None,
    decoder: DecoderStatistics,
    tracker: TrackerStatistics,
    aircraft: int,
    with_position: int,
    sinks: Mapping[str, Mapping[str, float]],
    notes: Iterable[str] = (),
    listed: int | None = None,
    beside: ReceiverHealth | None = None,
) -> dict[str, Any]:
    """The statistics as they are published. A quantity that is not known is left out; counters run since the start.

    Parameters
    ----------
    now, started_s
        UTC (s) by the signal's clock.
    per_second
        Messages a second.
    aircraft, with_position
        Aircraft in view, and those of them whose position is known now.
    sinks
        What each sink says of itself (queue lengths, drops), by its name.
    notes
        What the owner should read: the newest steps of gain and effort.
    listed
        Aircraft in the aircraft database, 0 without one.
    beside
        What the ports say that take frames beside the source; None without any.
    """
    rejected = decoder.rejected + tracker.rejected
    out: dict[str, Any] = {
        "now": round(now, 3),
        "uptime_s": round(now - started_s, 1),
        "messages": sum(tracker.messages.values()),
        "messages_per_s": round(per_second, 1),
        "by_df": {str(df): count for df, count in sorted(decoder.messages.items())},
        "address_types": dict(sorted(tracker.messages.items())),
        "rejected": dict(sorted(rejected.items())),
        "remote": dict(sorted(decoder.remote.items())),
        "positions": dict(sorted(tracker.positions.items())),
        "positions_by_type": dict(sorted(tracker.positions_by_type.items())),
        "position_reports": dict(sorted(tracker.reports.items())),
        "contradicted": dict(sorted(tracker.contradicted.items())),
        "aircraft": aircraft,
        "aircraft_with_position": with_position,
        "aircraft_seen": tracker.aircraft_seen,
        "aircraft_heard_once": tracker.aircraft_heard_once,
    }
    if listed is not None:
        out["aircraft_listed"] = listed
    if tracker.max_distance_nmi is not None:
        out["max_distance_nmi"] = round(tracker.max_distance_nmi, 1)
    if reception is not None:
        out.update(_hearing(reception))
    inputs = {
        "bytes": (0 if reception is None else reception.bytes_in) + (0 if beside is None else beside.bytes_in),
        "copies": (0 if reception is None else reception.copies) + (0 if beside is None else beside.copies),
    }
    if inputs["bytes"]:
        out["inputs"] = inputs
    if told := list(notes):
        out["notes"] = told
    out["sinks"] = {name: dict(values) for name, values in sinks.items() if values}
    return out


def _clock(clock: ClockState) -> dict[str, Any]:
    out: dict[str, Any] = {"steps": clock.steps}
    if clock.synchronised is not None:
        out["synchronised"] = clock.synchronised
    if clock.last_step_s is not None and clock.last_step_at_s is not None:
        out |= {"last_step_s": round(clock.last_step_s, 1), "last_step_at": round(clock.last_step_at_s, 1)}
    return out


def _hearing(reception: Reception) -> dict[str, Any]:
    """What the source and the demodulator say."""
    out: dict[str, Any] = {"source": reception.source, "receiver_state": reception.state}
    if reception.clock is not None:
        out["clock"] = _clock(reception.clock)
    if reception.text:
        out["receiver_text"] = reception.text
    if reception.stations is not None:
        out["stations"] = [dict(station) for station in reception.stations]
    if reception.gain_db is not None:
        out["gain_db"] = round(reception.gain_db, 1)
    if reception.sample_rate_hz is not None:
        out["sample_rate_hz"] = round(reception.sample_rate_hz)
        out["samples_lost"] = reception.samples_lost
        out["samples_dropped"] = reception.samples_dropped
        out["restarts"] = reception.restarts
    if reception.load is not None:
        out["load_share"] = round(reception.load, 3)
    if reception.cpu_s is not None:
        out["cpu_s"] = {what: round(seconds, 2) for what, seconds in reception.cpu_s.items()}
    counted = reception.demodulator
    if counted is None:
        return out
    out |= {
        "effort": counted.effort,
        "samples_processed": counted.samples_processed,
        "candidates": counted.candidates,
        "frames": counted.accepted,
        "accepted": {
            "direct": counted.accepted - counted.repaired - counted.beneath,
            "repaired": counted.repaired,
            "beneath": counted.beneath,
        },
        "refused": {
            "unrepaired": counted.unrepaired,
            "unbelieved": counted.unbelieved,
            "doubtful": counted.doubtful,
            "implausible": counted.implausible,
        },
        "strong": counted.strong,
        "clipped_samples": counted.clipped_samples,
    }
    if counted.noise_dbfs is not None:
        out["noise_dbfs"] = round(counted.noise_dbfs, 1)
    if counted.signal_dbfs is not None:
        out["signal_dbfs"] = round(counted.signal_dbfs, 1)
    return out
