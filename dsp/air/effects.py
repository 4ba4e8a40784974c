"""What real air has and a textbook has not: each effect a switch of its own, and what it makes of each aircraft.

Whatever is switched, the same random numbers are drawn: an air with one more effect is otherwise the same air.

Limits are those of ICAO Annex 10 volume IV, 3.1.1.6 and 3.1.2.2 where it has any (reply carrier 1090 ± 1 MHz for Mode S,
± 3 MHz for Mode A/C; pulses 0.5 ± 0.05 µs, pulses of one reply within 2 dB), and somewhat beyond for edges and jitter,
because transponders age. No standard asks for a steady phase.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dsp.air.signals import INDEPENDENT, STEADY, TRANSMITTER, WALK, Signals

CHARACTER = np.dtype([*TRANSMITTER, ("drift_hz", np.float32), ("fading_s", np.float32), ("fading_rad", np.float32)])
"""What stays with an aircraft: a transmitter, and how its level swings."""

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Effects:
    """Which effects an air has; as constructed, none.

    Attributes
    ----------
    carrier_hz
        Carriers lie within ± this, normally distributed with σ = 0.4 of it; None: σ = 90 kHz, within ± 300 kHz.
    walk_share, walk_rad
        Share of aircraft whose phase walks from pulse to pulse, and between which σ (rad a pulse).
    independent_share
        Share of aircraft whose pulses have phases of their own.
    chirp_hz
        At a pulse's begin the carrier is off by anything within ± this.
    drift_hz
        Within ± this a carrier drifts in 120 µs.
    droop_db
        Up to this much weaker are pulses at the end of a long frame.
    edges_s
        Rise and fall times (10–90 %), from and to; each its own.
    width_s
        Width of a pulse, from and to.
    jitter_s
        Up to ± this each edge is early or late; some transmitters are better.
    echo_share, echo_s, echo_db
        Share of aircraft that are received over a second path, its delay and its power against the first.
    fading_db
        Standard deviation of a frame's level: half of its variance swings slowly, half is each frame's own.
    mode_ac_per_s, mode_ac_carrier_hz
        Mode A/C replies, and how far their carriers spread (evenly, ±).
    dme_pairs_per_s
        DME pairs.
    tilt_db, high_edge
        Of the tuner's passband: slope over the band, and where its upper half ends (share of the sample rate).
    dc
        Offset of I and, negated, of Q; 1 = full scale.
    noise_dbfs
        In 2.4 MHz: what the gain makes of the noise. −36 is 1.4 steps of 8 bits, −47 is 0.4 steps (gain too low), −20
        takes everything above 20 dB to the converter's ends (gain too high).
    """

    carrier_hz: float | None = None
    walk_share: float = 0.0
    walk_rad: Range = (0.3, 1.2)
    independent_share: float = 0.0
    chirp_hz: float = 0.0
    drift_hz: float = 0.0
    droop_db: float = 0.0
    edges_s: Range = (75e-9, 75e-9)
    width_s: Range = (500e-9, 500e-9)
    jitter_s: float = 0.0
    echo_share: float = 0.0
    echo_s: Range = (1e-7, 8e-7)
    echo_db: Range = (-15.0, -6.0)
    fading_db: float = 0.0
    mode_ac_per_s: float = 0.0
    mode_ac_carrier_hz: float = 3e6
    dme_pairs_per_s: float = 0.0
    tilt_db: float = 0.0
    high_edge: float = 0.48
    dc: float = 0.0
    noise_dbfs: float = -36.0

    def with_(self, **changes: object) -> Effects:
        """The same with some switched otherwise."""
        return replace(self, **changes)  # type: ignore[arg-type]


NONE = Effects()

SINGLE: dict[str, Effects] = {
    "none": NONE,
    "carriers": Effects(carrier_hz=1e6),
    "phase-walk": Effects(walk_share=1.0),
    "phase-independent": Effects(independent_share=1.0),
    "chirp": Effects(chirp_hz=500e3),
    "drift": Effects(drift_hz=100e3),
    "droop": Effects(droop_db=2.0),
    "edges": Effects(edges_s=(50e-9, 150e-9)),
    "width": Effects(width_s=(450e-9, 550e-9)),
    "jitter": Effects(jitter_s=50e-9),
    "echoes": Effects(echo_share=1.0),
    "fading": Effects(fading_db=3.0),
    "mode-ac": Effects(mode_ac_per_s=5000.0),
    "dme": Effects(dme_pairs_per_s=1000.0),
    "passband": Effects(tilt_db=4.0, high_edge=0.42),
    "dc": Effects(dc=0.02),
    "low-gain": Effects(noise_dbfs=-47.0),
    "high-gain": Effects(noise_dbfs=-20.0),
}
"""Each effect alone, at the strength that `ALL` has it or, where that is for some aircraft only, for everybody."""

TAME = Effects(
    walk_share=0.06,
    independent_share=0.06,
    chirp_hz=300e3,
    drift_hz=40e3,
    droop_db=2.0,
    edges_s=(50e-9, 150e-9),
    width_s=(450e-9, 550e-9),
    jitter_s=50e-9,
    echo_share=0.5,
    fading_db=2.0,
    mode_ac_per_s=1.0,
    dme_pairs_per_s=100.0,
    tilt_db=3.0,
    high_edge=0.45,
    dc=0.004,
)
"""Everything but carriers that are far off. Mode A/C comes at a density's rate, whatever number is here.

The offset is half a step of 8 bits, as RTL-SDR dongles have it. Alone it costs some two points of recall; 0.01, as with a
zero-IF tuner, costs every program ten and would hide what the other effects do.
"""

ALL = TAME.with_(carrier_hz=1e6)
"""Everything at once."""


def characters(effects: Effects, rng: np.random.Generator, n: int, *, mode_ac: bool = False) -> NDArray[np.void]:
    """So many aircraft's transmitters and paths: rows of `CHARACTER`.

    Mode A/C transponders differ: their carriers spread further, and often their oscillators start anew with each pulse.
    """
    u = rng.random((n, 16))
    rows = np.zeros(n, CHARACTER)
    if mode_ac:
        rows["carrier_hz"] = effects.mode_ac_carrier_hz * (2 * u[:, 0] - 1)
    else:
        sigma, most = (90e3, 300e3) if effects.carrier_hz is None else (0.4 * effects.carrier_hz, effects.carrier_hz)
        normal = np.sqrt(-2 * np.log(1 - u[:, 0])) * np.cos(2 * math.pi * u[:, 1])
        rows["carrier_hz"] = np.clip(sigma * normal, -most, most)
    # Evenly spread over the fleet and not by chance: a share of 6 % is there among 40 aircraft
    place = (np.argsort(np.argsort(u[:, 2])) + 0.5) / n if n > 1 else u[:, 2]
    independent = effects.independent_share if not mode_ac else 0.5
    kind = np.where(place < independent, INDEPENDENT, STEADY)
    kind = np.where((place >= independent) & (place < independent + effects.walk_share), WALK, kind)
    rows["phase_kind"] = kind
    rows["phase_step_rad"] = np.where(kind == WALK, _between(effects.walk_rad, u[:, 3]), 0.0)
    rows["chirp_hz"] = effects.chirp_hz * (2 * u[:, 4] - 1)
    rows["chirp_s"] = _between((50e-9, 120e-9), u[:, 5])
    rows["drift_hz"] = effects.drift_hz * (2 * u[:, 6] - 1)
    rows["droop_db"] = effects.droop_db * u[:, 7]
    rows["rise_s"] = _between(effects.edges_s, u[:, 8])
    rows["fall_s"] = _between(effects.edges_s, u[:, 9])
    rows["width_s"] = _between(effects.width_s, u[:, 10])
    if mode_ac:
        rows["width_s"] = 0.45e-6 + 2 * (rows["width_s"] - 0.5e-6)  # the standard allows them twice as much
    rows["jitter_s"] = effects.jitter_s * u[:, 11]
    echo = (np.argsort(np.argsort(u[:, 12])) + 0.5) / n if n > 1 else u[:, 12]
    rows["echo_db"] = np.where(echo < effects.echo_share, _between(effects.echo_db, u[:, 13]), -np.inf)
    rows["echo_s"] = _between(effects.echo_s, u[:, 14])
    rows["fading_s"] = 0.5 * 16.0 ** u[:, 15]
    rows["fading_rad"] = 2 * math.pi * u[:, 1]
    return rows


def give(signals: Signals, characters: NDArray[np.void], who: NDArray[np.intp]) -> None:
    """Put each signal's transmitter in; `who`: which of `characters`."""
    for name in TRANSMITTER:
        signals[name[0]] = characters[name[0]][who]
    signals["drift_hz"] = characters["drift_hz"][who]


def fading(
    effects: Effects,
    characters: NDArray[np.void],
    who: NDArray[np.intp],
    start_s: NDArray[np.float64],
    own: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What each signal's level gains by fading, dB; `own`: normally distributed, one a signal."""
    swing = np.sin(2 * math.pi * start_s / characters["fading_s"][who] + characters["fading_rad"][who])
    gain: NDArray[np.float64] = effects.fading_db * (swing + own / math.sqrt(2.0))
    return gain


def _between(bounds: Range, u: NDArray[np.float64]) -> NDArray[np.float64]:
    return bounds[0] + (bounds[1] - bounds[0]) * u
