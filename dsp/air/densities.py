"""Air as dense as it is over the country, near a town and at a hub, with what is true about it beside.

Aircraft are spread evenly over the distance out to where a pulse is `FAINTEST_DB` above the noise; each keeps its
address, altitude, squawk, level, transmitter and path. Signals start at random and overlap as it happens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.air.effects import ALL, NONE, Effects, characters, fading, give
from dsp.air.signals import MODE_AC, Signals, dme, joined, mode_ac, mode_s
from dsp.air.truth import Truth, truth_of
from dsp.air.tuner import Tuner
from dsp.air.words import SHARES, fleet, frames

FAINTEST_DB, STRONGEST_DB = 6.0, 36.0
DME_CHANNELS_HZ = (-1e6, 0.0, 1e6)


@dataclass(frozen=True, slots=True)
class Density:
    """How much is on the air.

    Attributes
    ----------
    mode_s_per_s, mode_ac_per_s
        Mode S frames and Mode A/C replies.
    aircraft
        How many send the frames; as many more answer in Mode A/C only.
    """

    mode_s_per_s: float
    mode_ac_per_s: float
    aircraft: int


DENSITIES = {
    "rural": Density(100.0, 300.0, 20),
    "suburban": Density(600.0, 4000.0, 60),
    "hub": Density(1500.0, 15_000.0, 120),
}


def air(
    density: Density,
    seconds: float,
    seed: int,
    effects: Effects = ALL,
    *,
    snr_db: tuple[float, float] = (FAINTEST_DB, STRONGEST_DB),
) -> tuple[Signals, Truth]:
    """Signals of `seconds`, and the truth about its Mode S frames.

    Parameters
    ----------
    seed
        Another one is other traffic of the same density.
    effects
        What it has; Mode A/C replies come at the density's rate when there are any.
    snr_db
        Of the most distant and (at most) of the nearest aircraft.
    """
    rng = np.random.default_rng((seed, 1))
    n, count = round(seconds * density.mode_s_per_s), density.aircraft
    aircraft = fleet(np.random.default_rng((seed, 2)), count, addresses(seed, count))
    snr = levels_db(rng, count, snr_db)
    who = rng.integers(0, count, n)
    start_s = np.sort(rng.uniform(0.0, max(seconds - 140e-6, 0.0), n))
    formats = rng.choice(list(SHARES), n, p=list(SHARES.values()))
    sent = called(rng, frames(rng, aircraft, who, formats, start_s))
    phase, seeds = rng.uniform(0, 2 * math.pi, (2, n)), rng.integers(0, 2**63, n)
    near = 2e3 * rng.normal(size=n)
    fleet_rows = characters(effects, np.random.default_rng((seed, 3)), count)
    replies = mode_s(start_s, sent, who=who, seed=seeds, phase_rad=phase[0], echo_phase_rad=phase[1])
    give(replies, fleet_rows, who)
    replies["carrier_hz"] += near
    replies["level_dbfs"] = (
        effects.noise_dbfs + snr[who] + fading(effects, fleet_rows, who, start_s, rng.normal(size=n))
    )
    parts = [replies]
    if effects.mode_ac_per_s > 0.0:
        parts.append(mode_ac_replies(effects, density.mode_ac_per_s, 0.0, seconds, count, seed, snr_db=snr_db))
    if effects.dme_pairs_per_s > 0.0:
        parts.append(dme_pairs(effects, 0.0, seconds, seed))
    signals = joined(parts)
    return signals, truth_of(signals, aircraft.icao, effects.noise_dbfs)


def sweep(
    snr_db: NDArray[np.float64],
    *,
    df: int = 17,
    spacing_s: float = 4e-4,
    seed: int = 1,
    aircraft: int = 40,
    **columns: object,
) -> tuple[Signals, Truth]:
    """Frames of one format apart from each other, one at each level, in order; steady carriers within ±300 kHz.

    `columns`: of the signals, given otherwise; one value, or one for each level. All-call replies answer interrogators
    as in `air`.
    """
    rng = np.random.default_rng((seed, 8))
    n = len(snr_db)
    flying = fleet(rng, aircraft, addresses(seed, aircraft))
    who = rng.integers(0, aircraft, n)
    start_s = (np.arange(n) + rng.uniform(0.1, 0.6, n)) * spacing_s
    sent = called(rng, frames(rng, flying, who, np.full(n, df), start_s))
    given = {
        "carrier_hz": characters(NONE, rng, n)["carrier_hz"],
        "phase_rad": rng.uniform(0, 2 * math.pi, n),
        "seed": rng.integers(0, 2**63, n),
        "jitter_s": 20e-9,
        **columns,
    }
    signals = mode_s(start_s, sent, who=who, level_dbfs=NONE.noise_dbfs + np.asarray(snr_db), **given)
    return signals, truth_of(signals, flying.icao, NONE.noise_dbfs)


def addresses(seed: int, n: int) -> NDArray[np.int64]:
    """Random addresses, all different."""
    return np.random.default_rng((seed, 9)).choice(0xE00000, n, replace=False) + 0x100000


def mode_ac_replies(
    effects: Effects,
    per_s: float,
    begin_s: float,
    end_s: float,
    fleet: int,
    seed: int,
    *,
    part: int = 0,
    snr_db: tuple[float, float] = (FAINTEST_DB, STRONGEST_DB),
) -> Signals:
    """Replies to other radars' Mode A and Mode C interrogations, begin_s ≤ start < end_s.

    Half of the aircraft's replies are its squawk, half its altitude; three in a thousand have an SPI pulse. `part`
    numbers stretches of one air: the fleet stays, everything else is drawn anew.
    """
    own = np.random.default_rng((seed, 4))
    rows = characters(effects, own, fleet, mode_ac=True)
    snr = levels_db(own, fleet, snr_db)
    codes = own.integers(0, 1 << 13, (2, fleet)) & ~np.int64(1 << 6)  # the X pulse is not sent
    rng = np.random.default_rng((seed, 5, part))
    n = rng.poisson(per_s * (end_s - begin_s))
    start_s = np.sort(rng.uniform(begin_s, end_s, n))
    who, which = rng.integers(0, fleet, n), rng.integers(0, 2, n)
    phase = rng.uniform(0, 2 * math.pi, (2, n))
    level = effects.noise_dbfs + snr[who] + fading(effects, rows, who, start_s, rng.normal(size=n))
    spi = rng.random(n) < 0.003
    replies = mode_ac(start_s, codes[which, who], seed=rng.integers(0, 2**63, n))
    give(replies, rows, who)
    replies["data"][:, 2] |= np.where(spi, 1 << 6, 0).astype(np.uint8)
    replies["level_dbfs"] = level
    replies["phase_rad"], replies["echo_phase_rad"] = phase
    replies["carrier_hz"] += (3e3 * rng.normal(size=n)).astype(np.float32)
    assert np.all(replies["kind"] == MODE_AC)
    return replies


def dme_pairs(effects: Effects, begin_s: float, end_s: float, seed: int, *, part: int = 0) -> Signals:
    """Pairs of three DME stations near 1090 MHz, begin_s ≤ start < end_s."""
    own = np.random.default_rng((seed, 6))
    snr = own.uniform(5.0, 25.0, len(DME_CHANNELS_HZ))
    rng = np.random.default_rng((seed, 7, part))
    n = rng.poisson(effects.dme_pairs_per_s * (end_s - begin_s))
    start_s = np.sort(rng.uniform(begin_s, end_s, n))
    who = rng.integers(0, len(DME_CHANNELS_HZ), n)
    return dme(
        start_s,
        12,
        level_dbfs=effects.noise_dbfs + snr[who],
        carrier_hz=np.array(DME_CHANNELS_HZ)[who] + 5e3 * rng.normal(size=n),
        phase_rad=rng.uniform(0, 2 * math.pi, n),
        phase_kind=2,
        seed=rng.integers(0, 2**63, n),
    )


def levels_db(rng: np.random.Generator, n: int, snr_db: tuple[float, float]) -> NDArray[np.float64]:
    """Levels of aircraft spread evenly over the distance, in random order."""
    distance = (np.arange(n) + 0.5) / max(n, 1)
    return rng.permutation(np.minimum(snr_db[0] - 20 * np.log10(distance), snr_db[1]))


def tuner_of(effects: Effects) -> Tuner:
    """The tuner that an air's effects ask for."""
    return Tuner(
        noise_dbfs=effects.noise_dbfs,
        tilt_db=effects.tilt_db,
        high_edge=effects.high_edge,
        dc_i=effects.dc,
        dc_q=-effects.dc,
    )


def called(rng: np.random.Generator, sent: list[bytes]) -> list[bytes]:
    """Turn four of ten all-call replies into answers to one of five interrogators."""
    codes = rng.integers(1, 80, 5)
    is_answer, which = rng.random(len(sent)) < 0.4, rng.integers(0, 5, len(sent))
    return [
        frame[:-1] + bytes([frame[-1] ^ int(codes[k])]) if frame[0] >> 3 == 11 and answer else frame
        for frame, answer, k in zip(sent, is_answer.tolist(), which.tolist(), strict=True)
    ]
