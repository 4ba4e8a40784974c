"""What happens between the aircraft's antennas and the samples: two ways to have it.

`PlainChannel` is quick and clean, for demonstrations and most tests. `RealChannel` has what a scenario's `[air]` asks for.
Both are told what is transmitted, in order of time, and asked for samples.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from config.scenario import Scenario
from dsp.air.densities import dme_pairs, mode_ac_replies
from dsp.air.drawing import Air
from dsp.air.effects import Effects, characters, fading, give
from dsp.air.modulator import Emissions, Modulator, Receiver
from dsp.air.signals import MODE_AC, MODE_S, PHASE_KINDS, Signals, blank, joined, mode_s
from dsp.air.truth import Overlaps
from dsp.air.tuner import REFERENCE_HZ, Tuner
from dsp.samples import SampleFormat
from receiver.sources.scene.chance import mixed, normal, uniform
from receiver.sources.scene.traffic import Transmission

LEVEL_MOST_DBFS = 3.0
MODE_AC_FLEET = 100  # aircraft that answer other radars
WALKING_RAD = 0.8  # σ of an aircraft that is said to walk


class Sent(NamedTuple):
    """A frame that begins in a block: seconds after sample 0, bytes, and how it is received; `more`: in real air."""

    time_s: float
    data: bytes
    level_dbfs: float
    carrier_offset_hz: float
    more: dict[str, Any]


class Channel(Protocol):
    """Transmissions in, samples out."""

    before_s: float
    """A block has parts of what begins so long before its first sample …"""
    after_s: float
    """… or begins so long after its last; so far ahead it must have been told."""

    def tell(self, piece: list[Transmission]) -> None:
        """What is transmitted next, in order of time."""

    def block(self, first: int, n: int) -> tuple[NDArray[np.generic], list[Sent]]:
        """Samples, and the frames that begin in them. Blocks are asked for in order."""


class PlainChannel:
    """Rectangular pulses through an even passband; steady carriers that wander a little."""

    def __init__(
        self, scenario: Scenario, start_s: float, sample_rate_hz: float, sample_format: SampleFormat, seed: int
    ) -> None:
        radio = scenario.radio
        receiver = Receiver(
            noise_dbfs=radio.noise_dbfs + 10 * math.log10(sample_rate_hz / REFERENCE_HZ),
            dc_i=radio.dc[0],
            dc_q=radio.dc[1],
            iq_gain_db=radio.iq_gain_db,
            iq_phase_deg=radio.iq_phase_deg,
        )
        self._modulator = Modulator(sample_rate_hz, sample_format, receiver, seed=seed)
        self._rate_hz = sample_rate_hz
        self._start_s = start_s
        self._jitter_s = radio.jitter_ns * 1e-9
        self._around = Emissions.of([], [])
        self.before_s, self.after_s = self._modulator.before_s, self._modulator.after_s

    def tell(self, piece: list[Transmission]) -> None:
        """What is transmitted next."""
        wander = [60e3 if uniform(sent.chance, 6) < 0.03 else 3e3 for sent in piece]
        more = Emissions.of(
            [sent.time_s - self._start_s for sent in piece],
            [sent.data for sent in piece],
            level_dbfs=np.array([min(sent.level_dbfs, LEVEL_MOST_DBFS) for sent in piece]),
            carrier_offset_hz=np.array([sent.carrier_offset_hz for sent in piece]),
            phase_rad=np.array([2 * math.pi * uniform(sent.chance, 7) for sent in piece]),
            wander_hz=np.array([w * normal(sent.chance, 8) for w, sent in zip(wander, piece, strict=True)]),
            jitter_s=self._jitter_s,
            seed=np.array([sent.chance for sent in piece], np.uint64),
        )
        self._around = Emissions.joined([self._around, more])

    def block(self, first: int, n: int) -> tuple[NDArray[np.generic], list[Sent]]:
        """Samples, and the frames that begin in them."""
        begin_s, end_s = first / self._rate_hz, (first + n) / self._rate_hz
        self._around = around = self._around[self._around.start_s >= begin_s - self.before_s]
        here = around[(around.start_s >= begin_s) & (around.start_s < end_s)]
        sent = [
            Sent(at, bytes(row[: bits // 8]), level, carrier, {})
            for at, row, bits, level, carrier in zip(
                here.start_s.tolist(),
                here.data,
                here.n_bits.tolist(),
                here.level_dbfs.tolist(),
                here.carrier_offset_hz.tolist(),
                strict=True,
            )
        ]
        return self._modulator.block(around, first, n), sent


class RealChannel:
    """Transmitters, paths, other signals and a tuner as `[air]` has them."""

    def __init__(
        self, scenario: Scenario, start_s: float, sample_rate_hz: float, sample_format: SampleFormat, seed: int
    ) -> None:
        self.effects = effects_of(scenario)
        radio = scenario.radio
        tuner = Tuner(
            noise_dbfs=self.effects.noise_dbfs,
            low_edge=scenario.air.passband_bottom,
            high_edge=scenario.air.passband_top,
            tilt_db=scenario.air.passband_tilt_db,
            dc_i=radio.dc[0],
            dc_q=radio.dc[1],
            iq_gain_db=radio.iq_gain_db,
            iq_phase_deg=radio.iq_phase_deg,
        )
        self._air = Air(sample_rate_hz, sample_format, tuner, seed=seed)
        self._rate_hz = sample_rate_hz
        self._start_s = start_s
        self._scenario = scenario
        self._gain_db = scenario.air.gain_db
        self._phases = {int(flight.icao, 16): flight.phase for flight in scenario.aircraft if flight.phase is not None}
        self._senders: dict[int, NDArray[np.void]] = {}
        self._around = blank(0)
        self._second = math.floor(start_s) - 1  # other signals are known to its begin, in the scene's time
        self.before_s = self._air.before_s
        self.after_s = self._air.after_s + self.before_s  # what overlaps a frame is told with it

    def tell(self, piece: list[Transmission]) -> None:
        """What is transmitted next."""
        self._around = joined([self._around, self._signals(piece)])

    def block(self, first: int, n: int) -> tuple[NDArray[np.generic], list[Sent]]:
        """Samples, and the frames that begin in them."""
        begin_s, end_s = first / self._rate_hz, (first + n) / self._rate_hz
        self._others(end_s + self.after_s + self._start_s)
        start = self._around["start_s"]
        self._around = around = self._around[start >= begin_s - 2 * self.before_s]
        start = around["start_s"]
        rows = np.flatnonzero((start >= begin_s) & (start < end_s) & (around["kind"] == MODE_S))
        overlaps = Overlaps(around)
        return self._air.block(around, first, n), [_sent(around, int(row), overlaps) for row in rows]

    def _signals(self, piece: list[Transmission]) -> Signals:
        senders = list(dict.fromkeys(sent.icao for sent in piece))
        number = {icao: k for k, icao in enumerate(senders)}
        who = np.array([number[sent.icao] for sent in piece], np.intp)
        rows = np.concatenate([self._sender(icao) for icao in senders])
        start_s = np.array([sent.time_s for sent in piece])
        signals = mode_s(start_s, [sent.data for sent in piece], seed=[sent.chance for sent in piece])
        give(signals, rows, who)
        # Chance is each transmission's own, so that it does not matter where the scene was begun
        own = np.array([normal(sent.chance, 12) for sent in piece])
        level = np.array([min(sent.level_dbfs, LEVEL_MOST_DBFS) for sent in piece])
        signals["level_dbfs"] = level + self._gain_db + fading(self.effects, rows, who, start_s, own)
        signals["carrier_hz"] = [sent.carrier_offset_hz for sent in piece]
        signals["phase_rad"] = [2 * math.pi * uniform(sent.chance, 7) for sent in piece]
        signals["echo_phase_rad"] = [2 * math.pi * uniform(sent.chance, 13) for sent in piece]
        signals["start_s"] -= self._start_s
        return signals

    def _sender(self, icao: int) -> NDArray[np.void]:
        """The transmitter and the path of one aircraft."""
        if icao not in self._senders:
            key = mixed(mixed(self._scenario.seed, icao), 11)
            row = characters(self.effects, np.random.default_rng(key), 1)
            phase = self._phases.get(icao)
            if phase is not None:
                row["phase_kind"] = PHASE_KINDS.index(phase)
                row["phase_step_rad"] = WALKING_RAD if phase == "walk" else 0.0
            self._senders[icao] = row
        return self._senders[icao]

    def _others(self, until_s: float) -> None:
        """Add Mode A/C replies and DME pairs, second by second of the scene."""
        air, seed = self._scenario.air, self._scenario.seed
        while self._second < until_s:
            begin, end, part = float(self._second), self._second + 1.0, max(self._second, 0)
            self._second += 1
            if begin < 0:
                continue
            more = [
                mode_ac_replies(self.effects, air.mode_ac_per_s, begin, end, MODE_AC_FLEET, seed, part=part),
                dme_pairs(self.effects, begin, end, seed, part=part),
            ]
            for signals in more:
                signals["start_s"] -= self._start_s
            self._around = joined([self._around, *more])


def effects_of(scenario: Scenario) -> Effects:
    """What a scenario's `[air]` and `[radio]` ask for."""
    air = scenario.air
    jitter_s = air.edge_jitter_ns * 1e-9
    if "edge_jitter_ns" not in air.model_fields_set:
        jitter_s = math.sqrt(3.0) * scenario.radio.jitter_ns * 1e-9  # evenly between ± this: the same σ
    return Effects(
        carrier_hz=None if air.carriers_khz is None else 1e3 * air.carriers_khz,
        walk_share=air.phase_walk_share,
        walk_rad=air.phase_walk_rad,
        independent_share=air.phase_independent_share,
        chirp_hz=1e3 * air.chirp_khz,
        drift_hz=1e3 * air.drift_khz,
        droop_db=air.droop_db,
        edges_s=_over(air.edges_ns, 1e9),
        width_s=_over(air.width_ns, 1e9),
        jitter_s=jitter_s,
        echo_share=air.echo_share,
        echo_s=_over(air.echo_us, 1e6),
        echo_db=air.echo_db,
        fading_db=air.fast_fading_db,
        mode_ac_per_s=air.mode_ac_per_s,
        mode_ac_carrier_hz=1e3 * air.mode_ac_carriers_khz,
        dme_pairs_per_s=air.dme_pairs_per_s,
        tilt_db=air.passband_tilt_db,
        high_edge=air.passband_top,
        noise_dbfs=scenario.radio.noise_dbfs + air.gain_db,
    )


def _over(pair: tuple[float, float], by: float) -> tuple[float, float]:
    return pair[0] / by, pair[1] / by


def _sent(signals: Signals, row: int, overlaps: Overlaps) -> Sent:
    signal = signals[row]
    kinds = signals["kind"][overlaps.of(row)]
    more: dict[str, Any] = {
        "phase": PHASE_KINDS[signal["phase_kind"]],
        "overlaps": {
            "mode_s": int(np.sum(kinds == MODE_S)),
            "mode_ac": int(np.sum(kinds == MODE_AC)),
            "dme": int(np.sum(kinds > MODE_AC)),
        },
    }
    if np.isfinite(signal["echo_db"]):
        more |= {"echo_db": round(float(signal["echo_db"]), 1), "echo_us": round(1e6 * float(signal["echo_s"]), 3)}
    return Sent(
        float(signal["start_s"]),
        signal["data"][: signal["n_bits"] // 8].tobytes(),
        float(signal["level_dbfs"]),
        float(signal["carrier_hz"]),
        more,
    )
